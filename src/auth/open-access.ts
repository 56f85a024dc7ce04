import { findUsableCredentials } from '../repository/credentials.ts';
import type { Repository } from '../repository/repository.ts';
import { Authenticator } from './authenticator.ts';
import { CredentialCache } from './credential-cache.ts';
import { Credentials } from './credentials.ts';
import { defaultAuth, isLoopbackHost } from './loopback.ts';
import { SealingKeyError, SecretSealer } from './sealed-secrets.ts';

/** A start that would let in the wrong ones, or nobody. One line that says what to do. */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError';
}

/** What was set would let in the wrong ones, or nobody, whatever the database holds. */
export class AccessSettingsError extends AccessRefusedError {}

export interface AccessOptions {
  /** Without it, `off` on a loopback address and `sigv4` on any other. */
  readonly auth: 'off' | 'sigv4' | undefined;
  /** The address to listen on. */
  readonly host: string;
  /** As in {@link SecretSealer}. */
  readonly credentialsKey: string | undefined;
  /** Whether the store ends with the process, and every secret with it. */
  readonly isInMemory: boolean;
}

/** How to make a key for the credentials. Whoever can read it can open every secret in the database. */
export const KEY_ADVICE =
  'make a key that only you can read with "(umask 077; openssl rand -base64 32 > keyfold.key)" and set KEYFOLD_CREDENTIALS_KEY_FILE=keyfold.key';

/** The command has one name in an installed package, and another one in a clone. */
const CREATE = '"keyfold credentials create" (npx keyfold …, or npm run keyfold -- … in a clone)';

const advice = `${KEY_ADVICE}, then run ${CREATE}`;

/**
 * What seals the secrets of credentials, or undefined where requests aren't authenticated.
 *
 * @throws AccessSettingsError when the address must not be served like that.
 * @throws SealingKeyError when the key is none.
 */
export function chooseAccess(options: AccessOptions): SecretSealer | undefined {
  const { host, credentialsKey, isInMemory } = options;
  const isLocal = isLoopbackHost(host);
  const { auth = defaultAuth(host) } = options;
  if (auth === 'off') {
    if (isLocal) return undefined;
    throw new AccessSettingsError(
      `without authentication ${host} would let everybody who reaches it read and write everything: listen on 127.0.0.1, or set KEYFOLD_AUTH=sigv4, ${advice}`,
    );
  }
  if (credentialsKey !== undefined) return new SecretSealer(credentialsKey);
  if (isInMemory && isLocal) return SecretSealer.random();
  throw new AccessSettingsError(
    `requests to ${host} must be signed, and there is no key for the credentials: ${advice}${isLocal ? '' : ', or listen on 127.0.0.1'}`,
  );
}

/**
 * Makes the authenticator for the credentials in the store.
 *
 * @param now milliseconds since the epoch.
 * @throws AccessRefusedError when there are none for an address that isn't loopback, or the key
 *   doesn't open them.
 */
export async function openAuthenticator(
  repository: Repository,
  sealer: SecretSealer,
  host: string,
  now: number,
): Promise<Authenticator> {
  const row = await findUsableCredentials(repository.autocommit, now);
  if (row === undefined && !isLoopbackHost(host))
    throw new AccessRefusedError(
      `requests to ${host} must be signed, and the database has no credentials: run ${CREATE} with the same settings`,
    );
  try {
    if (row !== undefined) new Credentials(row, sealer);
  } catch (error) {
    if (!(error instanceof SealingKeyError)) throw error;
    throw new AccessRefusedError(
      `the credentials key ${error.message}; use the key that sealed them, or revoke them and make new ones`,
    );
  }
  return new Authenticator(new CredentialCache(repository, sealer));
}
