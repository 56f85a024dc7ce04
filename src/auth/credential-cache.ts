import { findCredentials } from '../repository/credentials.ts';
import type { Repository } from '../repository/repository.ts';
import { Credentials, isAccessKeyId } from './credentials.ts';
import type { SecretSealer } from './sealed-secrets.ts';

/** How long revoked credentials may still be good, in every process. */
export const REVOKED_MS_MAX = 5_000;
/** How long an access key id that nobody has isn't looked for again. */
const UNKNOWN_MS_MAX = 1_000;
const ENTRIES_MAX = 10_000;

interface Entry {
  readonly readAt: number;
  readonly credentials: Promise<Credentials | undefined>;
  isUnknown: boolean;
}

/** Finds credentials by their access key id, without reading the database for every request. */
export class CredentialCache {
  readonly #repository: Repository;
  readonly #sealer: SecretSealer;
  readonly #entries = new Map<string, Entry>();

  constructor(repository: Repository, sealer: SecretSealer) {
    this.#repository = repository;
    this.#sealer = sealer;
  }

  /**
   * The credentials of that access key id, or undefined.
   *
   * @param now milliseconds since the epoch.
   */
  find(accessKeyId: string, now: number): Promise<Credentials | undefined> {
    // An id may be any text of any length: neither keep it nor ask a database that may not take it.
    if (!isAccessKeyId(accessKeyId)) return Promise.resolve(undefined);
    const known = this.#entries.get(accessKeyId);
    // A clock that was set back makes every entry stale.
    const age = known === undefined ? -1 : now - known.readAt;
    if (
      known !== undefined &&
      age >= 0 &&
      age < (known.isUnknown ? UNKNOWN_MS_MAX : REVOKED_MS_MAX)
    )
      return known.credentials;
    const entry: Entry = { readAt: now, credentials: this.#read(accessKeyId), isUnknown: false };
    // Whoever asks for made-up ids must not make us keep any number of them.
    if (this.#entries.size >= ENTRIES_MAX) this.#entries.clear();
    this.#entries.set(accessKeyId, entry);
    entry.credentials.then(
      (credentials) => {
        entry.isUnknown = credentials === undefined;
      },
      () => {
        if (this.#entries.get(accessKeyId) === entry) this.#entries.delete(accessKeyId);
      },
    );
    return entry.credentials;
  }

  async #read(accessKeyId: string): Promise<Credentials | undefined> {
    const row = await findCredentials(this.#repository.autocommit, accessKeyId);
    return row && new Credentials(row, this.#sealer);
  }
}
