import { existsSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { MIGRATION_TABLE } from './engine/postgres-connection.ts';
import { withoutPassword } from './engine/postgres-url.ts';
import { inspectSchema } from './engine/sqlite-database.ts';
import { inspectDatabaseFile } from './engine/sqlite-file.ts';
import { DatabaseRefusedError } from './errors.ts';
import { migrationsOf, pendingMigrations } from './migrations.ts';
import { isPostgresUrl } from './open.ts';

const CONNECT_MS_MAX = 5_000;

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
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    application_name: 'keyfold migrate',
  });
  // Whoever waits for an answer hears of a connection that breaks; nobody else needs to.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `select to_regclass('${MIGRATION_TABLE}') is not null as is_there`,
    );
    if (rows[0]?.is_there !== true) return 0;
    const applied = await client.query(`select hash from ${MIGRATION_TABLE} order by id`);
    const hashes = applied.rows.map(({ hash }) => String(hash));
    pendingMigrations(migrationsOf('postgres'), hashes);
    return hashes.length;
  } finally {
    await client.end().catch(() => {});
  }
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
