import { openPostgres } from './engine/postgres.ts';
import { openSqlite } from './engine/sqlite.ts';
import type { Durability } from './engine/sqlite-database.ts';
import type { DiskEvents } from './errors.ts';
import type { Repository } from './repository.ts';

export interface RepositoryOptions {
  /** A path, `:memory:` or `postgres://…`. */
  readonly database: string;
  /** For SQLite; PostgreSQL has its own setting, `synchronous_commit`. */
  readonly durability: Durability;
  /** For PostgreSQL: how many connections this process opens at most. */
  readonly poolSize: number;
  /** For SQLite: told in a line what of a write-ahead log was found and taken. */
  readonly onRecovery?: ((what: string) => void) | undefined;
  /** For SQLite: who is told of faults of the disk. */
  readonly diskEvents?: DiskEvents | undefined;
}

/** Whether a database is named by a URL of PostgreSQL. */
export function isPostgresUrl(database: string): boolean {
  return /^postgres(ql)?:\/\//.test(database);
}

/**
 * Opens the store, on the engine that its name asks for.
 *
 * @throws DatabaseRefusedError when it must not be opened.
 */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const { database, durability, poolSize, onRecovery, diskEvents } = options;
  return isPostgresUrl(database)
    ? openPostgres({ url: database, poolSize })
    : openSqlite({ file: database, durability, onRecovery }, diskEvents);
}
