import { existsSync, readFileSync } from 'node:fs';
import { isPostgresUrl, withoutPassword } from './engine/postgres-url.ts';
import { inspectSchema } from './engine/sqlite-database.ts';
import { inspectDatabaseFile } from './engine/sqlite-file.ts';
import { DatabaseRefusedError } from './errors.ts';

/** How far a database is, without changing it. */
export interface SchemaVersion {
  /** How many migrations it has; 0 for one that is not there yet. */
  readonly version: number;
  /** The names of those that it still needs, in their order: `0004_identity-resolution`. */
  readonly pending: readonly string[];
}

/** The names of an engine's migrations, oldest first. */
function namesOf(engine: 'postgres' | 'sqlite'): string[] {
  const journal = new URL(`../../migrations/${engine}/meta/_journal.json`, import.meta.url);
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { tag: string }[] };
  return entries.map(({ tag }) => tag);
}

function sqliteVersion(file: string): number {
  if (!existsSync(file)) return 0;
  inspectDatabaseFile(file);
  return inspectSchema(file);
}

async function postgresVersion(url: string): Promise<number> {
  // See `openRepository`: the driver is loaded where it is used.
  const { postgresSchemaVersion } = await import('./engine/postgres-check.ts');
  return postgresSchemaVersion(url);
}

/**
 * Reads the schema version of a database, and changes nothing.
 *
 * @throws DatabaseRefusedError when a newer Keyfold made it, it is none of Keyfold's, or can't be read.
 */
export async function readSchemaVersion(database: string): Promise<SchemaVersion> {
  const engine = isPostgresUrl(database) ? 'postgres' : 'sqlite';
  try {
    const version =
      engine === 'postgres' ? await postgresVersion(database) : sqliteVersion(database);
    return { version, pending: namesOf(engine).slice(version) };
  } catch (error) {
    const shown = engine === 'postgres' ? withoutPassword(database) : database;
    const [reason] = (error as Error).message.split('\n');
    throw new DatabaseRefusedError(`database ${shown} ${reason}`, { cause: error });
  }
}
