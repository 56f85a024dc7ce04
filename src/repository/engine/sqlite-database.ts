import './runtime.ts';
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { DatabaseRefusedError } from '../errors.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import {
  APPLICATION_ID,
  createDatabaseFile,
  hasLog,
  inspectDatabaseFile,
  inspectLog,
  rewriteFile,
} from './sqlite-file.ts';
import { framesByIndex, type LogContents } from './sqlite-log.ts';

/** `full`: an answered write survives a power cut. `normal`: it survives the process only. */
export type Durability = 'full' | 'normal';

export interface SqliteOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly durability: Durability;
  /** How many pages the write-ahead log has when it is moved into the file. */
  readonly checkpointPages?: number | undefined;
  /** Told in a line what of a write-ahead log was found and taken. */
  readonly onRecovery?: ((what: string) => void) | undefined;
}

export type Connection = BetterSqlite3.Database;

/** How long a start waits for another process that migrates. */
const MIGRATION_LOCK_MS_MAX = 30_000;
/** What SQLite keeps in memory of the file, for each connection. */
const CACHE_KIB = 16_384;
/** How much of a log stays on disk when it begins anew. */
const LOG_BYTES_KEPT = 64 * 2 ** 20;

/** Makes the settings that all connections share. */
function configure(connection: Connection, durability: Durability): void {
  connection.pragma(`synchronous = ${durability}`);
  // Without these, macOS answers a flush before the disk has it.
  connection.pragma('fullfsync = on');
  connection.pragma('checkpoint_fullfsync = on');
  // SQLite would move the log when it has grown, and tell nobody when the disk fails: see WriterDisk.
  connection.pragma('wal_autocheckpoint = 0');
  // A log that has grown long beside a backup or an export is cut when it begins anew.
  connection.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`);
  connection.pragma('foreign_keys = on');
  connection.pragma('trusted_schema = off');
  connection.pragma('cell_size_check = on');
  connection.pragma(`cache_size = -${CACHE_KIB}`);
}

interface ConnectionOptions {
  readonly readonly?: boolean;
  /** Whether to make a file that isn't there: SQLite throws away what it finds of another's log then. */
  readonly isNew?: boolean;
}

/** Opens a connection with the settings that all of them share. */
export function openConnection(
  file: string,
  durability: Durability,
  { readonly = false, isNew = false }: ConnectionOptions = {},
): Connection {
  const timeout = MIGRATION_LOCK_MS_MAX;
  const connection = new BetterSqlite3(file, { readonly, timeout, fileMustExist: !isNew });
  try {
    configure(connection, durability);
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
  const connection = openConnection(file, 'full', { isNew: true });
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
  const connection = openConnection(file, 'full', { readonly: hasLog(file) });
  try {
    const applied = appliedMigrations(connection);
    pendingMigrations(migrationsOf('sqlite'), applied);
    return applied.length;
  } finally {
    connection.close();
  }
}

/**
 * Opens a database for one connection alone; undefined when another has it open. The mode must be the first
 * that is asked of the connection: once it has read anything, SQLite shares the log with others.
 */
function openAlone(file: string): Connection | undefined {
  const connection = new BetterSqlite3(file, { timeout: 0 });
  try {
    connection.pragma('locking_mode = exclusive');
    connection.prepare('select 1 from sqlite_schema limit 1').get();
    configure(connection, 'full');
    return connection;
  } catch (error) {
    connection.close();
    const isBusy =
      error instanceof BetterSqlite3.SqliteError && error.code.startsWith('SQLITE_BUSY');
    if (isBusy) return undefined;
    throw error;
  }
}

/**
 * Moves what a process has left in its log into the file. It may have ended because the disk had failed to
 * take the log, and what can be read of it is then not what a power cut would leave: new frames must not
 * follow on those. A process that has the log open knows of no failed sync: it would have ended.
 */
function settleLog(file: string): void {
  const connection = openAlone(file);
  if (connection === undefined) return;
  try {
    rewriteFile(`${file}-wal`);
    // The index of the log would be left, and tell of frames that are in the file by then.
    rmSync(`${file}-shm`, { force: true });
  } finally {
    // SQLite moves the log, and removes it.
    connection.close();
  }
}

/** Says what becomes of the log, which a process has left that was killed, or another is writing. */
function recoveryOf({ frames, commitsBehindDamage }: LogContents): string | undefined {
  const dropped = commitsBehindDamage > 0 ? '; its last transaction is incomplete and dropped' : '';
  if (frames === 0 && dropped === '') return undefined;
  return `takes ${frames} pages from the write-ahead log${dropped}`;
}

/** Looks at a file and its log before SQLite does, and says what SQLite will do. */
function inspect({ file, durability, onRecovery }: SqliteOptions): void {
  // Before and after: whoever writes at the same time may begin another log in between.
  const indexedBefore = framesByIndex(file);
  const log = inspectDatabaseFile(file);
  const indexedFrames = Math.min(indexedBefore, framesByIndex(file));
  // With `normal`, a power cut may leave any of the last writes.
  if (durability === 'full') inspectLog(indexedFrames, log);
  inspectSchema(file);
  const recovery = recoveryOf(log);
  if (recovery !== undefined) onRecovery?.(recovery);
}

/** The connections of this thread to files, with what the system knows those by. */
const openHere = new Map<Connection, string>();
/** Descriptors of those files, by the same. */
const descriptors = new Map<string, number>();

/**
 * A descriptor of the file that a connection has open, to flush it by, and what the system knows the file by. It is
 * kept until `forgetClosed` finds that no connection has the file open.
 */
export function openToFlush(connection: Connection): { descriptor: number; identity: string } {
  const identity = openHere.get(connection) ?? identityOf(connection.name);
  openHere.set(connection, identity);
  const descriptor = descriptors.get(identity) ?? openSync(connection.name, 'r+');
  descriptors.set(identity, descriptor);
  return { descriptor, identity };
}

/** Forgets the connections that are closed, and closes the descriptors of files that no other has open. */
export function forgetClosed(): void {
  for (const [connection] of openHere) if (!connection.open) openHere.delete(connection);
  const open = new Set(openHere.values());
  for (const [identity, descriptor] of descriptors) {
    if (open.has(identity)) continue;
    descriptors.delete(identity);
    closeSync(descriptor);
  }
}

/**
 * Whether this thread has a file open already. It must not be read past SQLite then: whoever closes any
 * descriptor of a file gives up all locks that the process has on it (POSIX), and other processes would take the
 * file for one that nobody uses. Of other threads nothing is known: don't open one file in several.
 */
function isOpenHere(file: string): boolean {
  forgetClosed();
  return [...openHere.values()].includes(identityOf(file));
}

/** Names a file that is there, by whatever path it is reached. @throws Error when it isn't there. */
export function identityOf(file: string): string {
  const { dev, ino } = statSync(file, { bigint: true });
  return `${dev} ${ino}`;
}

/** Opens a file for writing, in WAL mode and at this program's schema. */
export function openDatabaseFile(options: SqliteOptions): Connection {
  const { file, durability } = options;
  // Asked before: another starter may be making the file, and soon writes to its log.
  const isLogThere = hasLog(file);
  if (!existsSync(file)) {
    // A new file would have SQLite throw the log away, and with it the last writes of a lost one.
    if (isLogThere)
      throw new DatabaseRefusedError(
        'is gone, and its write-ahead log is there: bring the file back, or remove the log to start with a new one',
      );
    createDatabaseFile(file, createDatabase);
  }
  if (!isOpenHere(file)) {
    inspect(options);
    if (hasLog(file)) settleLog(file);
  }
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
    openHere.set(connection, identityOf(file));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A database of this connection's own, gone with it. */
export function openInMemory(): Connection {
  const connection = openConnection(':memory:', 'normal', { isNew: true });
  migrate(connection);
  return connection;
}
