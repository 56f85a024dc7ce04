import { isPostgresUrl } from './engine/postgres-url.ts';
import { openSqlite } from './engine/sqlite.ts';
import type { Durability } from './engine/sqlite-database.ts';
import type { DiskEvents } from './errors.ts';
import type { Repository, StoreObserver } from './repository.ts';

export interface RepositoryOptions {
  /** A path, `:memory:` or `postgres://…`. */
  readonly database: string;
  /** For SQLite; PostgreSQL has its own setting, `synchronous_commit`. */
  readonly durability: Durability;
  /** For SQLite: how many pages the write-ahead log has when it is moved into the file. */
  readonly checkpointPages?: number | undefined;
  /** For PostgreSQL: how many connections this process opens at most. */
  readonly poolSize: number;
  readonly observer?: StoreObserver | undefined;
  /** For SQLite: told in a line what of a write-ahead log was found and taken. */
  readonly onRecovery?: ((what: string) => void) | undefined;
  /** For SQLite: who is told of faults of the disk. */
  readonly diskEvents?: DiskEvents | undefined;
}

/**
 * Opens the store, on the engine that its name asks for.
 *
 * @throws DatabaseRefusedError when it must not be opened.
 */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { database, poolSize, observer, diskEvents } = options;
  if (!isPostgresUrl(database))
    return openSqlite({ ...options, file: database }, { observer, diskEvents });
  // Its driver takes a tenth of a start, and most have no use for it.
  const { openPostgres } = await import('./engine/postgres.ts');
  return openPostgres({ url: database, poolSize });
}
