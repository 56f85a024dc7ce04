import './runtime.ts';
import { existsSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { DatabaseRefusedError } from '../errors.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import { APPLICATION_ID, createDatabaseFile, hasLog, inspectDatabaseFile } from './sqlite-file.ts';

/** `full`: an answered write survives a power cut. `normal`: it survives the process only. */
export type Durability = 'full' | 'normal';

export interface SqliteOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly durability: Durability;
}

export type Connection = BetterSqlite3.Database;

/** How long a start waits for another process that migrates. */
const MIGRATION_LOCK_MS_MAX = 30_000;
/**
 * How many pages the log has when it is copied into the file, 32 MiB. Many writes change the same pages, and each
 * is copied once: with SQLite's own 1,000 pages, 64 clients have that done, and flushed, every few commits.
 */
const LOG_PAGES_MAX = 8_000;
/** What SQLite keeps in memory of the file, for each connection. */
const CACHE_KIB = 16_384;

/** Opens a connection with the settings that all of them share. */
export function openConnection(file: string, durability: Durability, readonly = false): Connection {
  const connection = new BetterSqlite3(file, { readonly, timeout: MIGRATION_LOCK_MS_MAX });
  try {
    connection.pragma(`synchronous = ${durability}`);
    // Without these, macOS answers a flush before the disk has it.
    connection.pragma('fullfsync = on');
    connection.pragma('checkpoint_fullfsync = on');
    connection.pragma('foreign_keys = on');
    connection.pragma('trusted_schema = off');
    connection.pragma('cell_size_check = on');
    connection.pragma(`cache_size = -${CACHE_KIB}`);
    connection.pragma(`wal_autocheckpoint = ${LOG_PAGES_MAX}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

const MIGRATION_TABLE = '__drizzle_migrations';

/** Hashes of the migrations that a database has, oldest first. */
export function appliedMigrations(connection: Connection): string[] {
  const exists = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = ?")
    .get(MIGRATION_TABLE);
  if (exists === undefined) return [];
  const rows = connection.prepare(`select hash from ${MIGRATION_TABLE} order by id`).all();
  return (rows as { hash: string }[]).map((row) => row.hash);
}

/**
 * Brings a database to this program's schema, under SQLite's write lock: of two starters one
 * migrates and the other then finds nothing to do. All of it is one transaction.
 */
function migrate(connection: Connection): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const pending = pendingMigrations(migrationsOf('sqlite'), appliedMigrations(connection));
    // The table that drizzle-kit's own tools read.
    connection.exec(
      `create table if not exists ${MIGRATION_TABLE} (id integer primary key, hash text not null, created_at numeric)`,
    );
    const record = connection.prepare(
      `insert into ${MIGRATION_TABLE} (hash, created_at) values (?, ?)`,
    );
    for (const migration of pending) {
      for (const sql of migration.sql) connection.exec(sql);
      record.run(migration.hash, migration.folderMillis);
    }
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/** Makes a new, complete database file in WAL mode. */
function createDatabase(file: string): void {
  const connection = openConnection(file, 'full');
  try {
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(connection);
    connection.pragma('journal_mode = wal');
  } finally {
    connection.close();
  }
}

/**
 * Refuses a database of a newer version before anything is written to it. A writable connection
 * would move what a log holds into the file, a read-only one would leave an empty log behind: each
 * is used where it changes nothing.
 *
 * @returns how many migrations it has.
 */
export function inspectSchema(file: string): number {
  const connection = openConnection(file, 'full', hasLog(file));
  try {
    const applied = appliedMigrations(connection);
    pendingMigrations(migrationsOf('sqlite'), applied);
    return applied.length;
  } finally {
    connection.close();
  }
}

/** Opens a file for writing, in WAL mode and at this program's schema. */
export function openDatabaseFile({ file, durability }: SqliteOptions): Connection {
  if (!existsSync(file)) createDatabaseFile(file, createDatabase);
  inspectDatabaseFile(file);
  inspectSchema(file);
  const { ino } = statSync(file);
  const connection = openConnection(file, durability);
  try {
    connection.pragma('journal_mode = wal');
    migrate(connection);
    // What a unit would need to be undone is in memory, and not in a file that is written beside the log. Only
    // now: a migration that makes an index sorts a table.
    connection.pragma('temp_store = memory');
    // From here on `restore` sees that somebody has the file open. One that was faster has given its
    // name to another file, and writes to this one would be lost.
    if (statSync(file).ino !== ino)
      throw new DatabaseRefusedError('was replaced while it was opened: start again');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A database of this connection's own, gone with it. */
export function openInMemory(): Connection {
  const connection = openConnection(':memory:', 'normal');
  migrate(connection);
  return connection;
}
