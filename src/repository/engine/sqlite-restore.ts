import './runtime.ts';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { DatabaseRefusedError } from '../errors.ts';
import { copyPages, finishCopy } from './sqlite-copy.ts';
import { type Connection, inspectSchema, openConnection } from './sqlite-database.ts';
import {
  draftOf,
  hasLog,
  inspectDatabaseFile,
  isAnythingThere,
  publishNew,
  removeLogs,
  syncFile,
  syncFolder,
} from './sqlite-file.ts';

export interface RestoreOptions {
  /** The database to be: a path. */
  readonly database: string;
  /** Whether a database that is there may go. */
  readonly isReplacing: boolean;
  /** Stops it before anything is replaced. */
  readonly signal: AbortSignal;
}

/** Copies a backup, which a log may belong to, as whoever made it left it. */
async function copyBackup(backup: string, draft: string, signal: AbortSignal): Promise<void> {
  const connection = openConnection(backup, 'full', { readonly: hasLog(backup) });
  try {
    await copyPages(connection, draft, { pauseMs: 0, signal });
  } finally {
    connection.close();
  }
}

/**
 * Opens a database for this process alone: every process that has it open holds a lock on it from its
 * first statement to its end.
 *
 * @throws DatabaseRefusedError when somebody has it open, or when it is too broken to tell.
 */
function takeAlone(database: string): Connection {
  const connection = new BetterSqlite3(database, { timeout: 0 });
  try {
    connection.pragma('locking_mode = exclusive');
    connection.exec('begin exclusive; commit');
    return connection;
  } catch (error) {
    connection.close();
    const { code, message } = error as { code?: string; message: string };
    throw new DatabaseRefusedError(
      code?.startsWith('SQLITE_BUSY')
        ? 'it is in use: stop every process that has it open'
        : `it is too broken to tell whether it is in use (${message}): stop every process that has it open, and move it away with its -wal and -shm`,
    );
  }
}

/** Puts a finished copy in the place of a database that is there, or of which a log is. */
function replace(draft: string, database: string): void {
  const old = existsSync(database) ? takeAlone(database) : undefined;
  try {
    // Complete without its log, until it goes.
    old?.pragma('journal_mode = delete');
    // A log that stays would be taken for the new file's, and damage it.
    removeLogs(database);
    if (old === undefined) publishNew(draft, database);
    else renameSync(draft, database);
    syncFolder(dirname(database));
  } finally {
    old?.close();
  }
}

/** @throws DatabaseRefusedError that says what is wrong with which backup. */
function about(backup: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new DatabaseRefusedError(`${backup} ${reasonOf(error)}`, { cause: error });
  }
}

function inspectBackup(backup: string): void {
  about(backup, () => {
    if (!existsSync(backup)) throw new DatabaseRefusedError('does not exist');
    inspectDatabaseFile(backup);
    inspectSchema(backup);
  });
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof DatabaseRefusedError ? message : `can't be read: ${message}`;
}

async function putInPlace(backup: string, options: RestoreOptions): Promise<number> {
  const { isReplacing, signal } = options;
  // SQLite names a log after the file, not after a link to it.
  const named = resolve(options.database);
  const database = existsSync(named) ? realpathSync(named) : named;
  const isThere = isAnythingThere(database);
  if (isThere && !isReplacing)
    throw new DatabaseRefusedError('it is there already, and --replace would give it up');
  inspectBackup(backup);
  if (existsSync(database)) {
    if (database === realpathSync(backup))
      throw new DatabaseRefusedError('it is the backup itself');
    // Said before the work; what counts is whether it is free afterwards.
    takeAlone(database).close();
  }
  mkdirSync(dirname(database), { recursive: true });
  const draft = draftOf(database);
  try {
    await copyBackup(backup, draft, signal);
    about(backup, () => finishCopy(draft, 'integrity_check'));
    syncFile(draft);
    // Signals that came during the check are heard now.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    if (isThere) replace(draft, database);
    else publishNew(draft, database);
  } finally {
    rmSync(draft, { force: true });
    removeLogs(draft);
  }
  syncFolder(dirname(database));
  return statSync(database).size;
}

/**
 * Puts a backup in the place of a SQLite database that nobody has open. The backup is copied and checked
 * first: the database is the old one or the whole new one at any time.
 *
 * @returns the size of the database in bytes.
 * @throws DatabaseRefusedError when the backup is damaged, another program's or a newer Keyfold's, when a
 *   database is there that may not be replaced, or when a process has it open. It is then as it was.
 */
export async function restoreSqlite(backup: string, options: RestoreOptions): Promise<number> {
  const { database } = options;
  try {
    return await putInPlace(backup, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseRefusedError(`database ${database} can't be restored: ${reason}`, {
      cause: error,
    });
  }
}
