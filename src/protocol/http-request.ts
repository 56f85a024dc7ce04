import type { HttpBindings } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';
import type { BodyReader } from './request-body.ts';

/** `app.request()` comes without a socket, and then without bindings. */
export type Environment = { Bindings: Partial<HttpBindings> };
export type HttpContext = HonoContext<Environment>;

/** The request target as it came over the wire: Hono's URL is normalised. */
export function requestTarget(
  request: Request,
  bindings: Partial<HttpBindings> | undefined,
): string {
  return bindings?.incoming?.url ?? request.url;
}

/**
 * A request as it came over the wire: what a signature is about. Whatever was decoded, normalised or
 * joined on the way in is of no use here.
 */
export interface WireRequest {
  readonly method: string;
  /** The target of the request line. */
  readonly target: string;
  /** Names and values in turn, one character for each byte, as Node gives them. */
  readonly rawHeaders: readonly string[];
}

/** The request as its signature is about it. */
export function wireRequest({ env, req }: HttpContext): WireRequest {
  return {
    method: env?.incoming?.method ?? req.method,
    target: requestTarget(req.raw, env),
    rawHeaders: env?.incoming?.rawHeaders ?? [...req.raw.headers].flat(),
  };
}

const noBody = new Uint8Array();

/** A request without either header has no body (RFC 9112, 6.3): nothing to wait for. */
export function readBody(
  { env, req }: HttpContext,
  bodies: BodyReader,
  bytesMax: number,
): Promise<Uint8Array> | Uint8Array {
  const incoming = env?.incoming;
  if (incoming === undefined) return bodies.readRequest(req.raw, bytesMax);
  const { headers } = incoming;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    return noBody;
  return bodies.read(incoming, bytesMax);
}
