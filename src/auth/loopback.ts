import { ServiceError } from '../model/errors.ts';

/** Whether an address or host name to listen on can only be reached from this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'localhost' ||
    name === '::1' ||
    name === '[::1]' ||
    /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}

/** How requests are authenticated where nobody has said it: not at all, if only this machine can send any. */
export function defaultAuth(host: string): 'off' | 'sigv4' {
  return isLoopbackHost(host) ? 'off' : 'sigv4';
}

/** The headers that tell where a request comes from. */
export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send. */
  readonly fetchSite: string | undefined;
}

function refused(message: string): ServiceError {
  return new ServiceError('AccessDeniedException', message);
}

/**
 * Without authentication, whoever can make this machine send a request can do everything. Programs
 * on it may; pages that a browser on it shows may not. A page of another site is told by its Origin,
 * one that has pointed its own name at this machine (DNS rebinding) by the Host header.
 *
 * @param origins those that CORS lets in.
 * @throws ServiceError AccessDeniedException.
 */
export function checkLocalRequest(request: RequestOrigin, origins: ReadonlySet<string>): void {
  const { host, origin, fetchSite } = request;
  if (host !== undefined) {
    const name = URL.parse(`http://${host}`)?.hostname ?? '';
    if (!isLoopbackHost(name) && !name.endsWith('.localhost'))
      throw refused(
        'Without authentication Keyfold answers only requests for localhost: this one has another Host header.',
      );
  }
  const isForeign =
    origin === undefined
      ? fetchSite === 'cross-site' || fetchSite === 'same-site'
      : origin !== `http://${host}` && !origins.has(origin);
  if (isForeign)
    throw refused(
      'Without authentication Keyfold answers no pages of other sites: list their origin in KEYFOLD_CORS_ORIGINS to let them in.',
    );
}
