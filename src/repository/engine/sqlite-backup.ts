import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseRefusedError } from '../errors.ts';
import { copyPages, finishCopy } from './sqlite-copy.ts';
import { type Connection, inspectSchema, openConnection } from './sqlite-database.ts';
import {
  draftOf,
  inspectDatabaseFile,
  isTaken,
  publishNew,
  removeLogs,
  syncFile,
  syncFolder,
} from './sqlite-file.ts';

/** After each step; see `copyPages`. `npm run bench -- backup` says what it does for others. */
const PAUSE_MS = 10;

/**
 * Puts a page into the log that nobody has moved into the file yet. A reader of a log that has been moved
 * completely keeps others from moving anything: each of their commits would try to, and sort the whole
 * log for it, which grows until the reader ends. A reader of a page in the log only keeps it from starting
 * over.
 */
function leaveMark(connection: Connection): void {
  connection.pragma('wal_autocheckpoint = 0');
  const version = connection.pragma('user_version', { simple: true });
  connection.pragma(`user_version = ${version}`);
}

async function copyServed(database: string, draft: string, signal: AbortSignal): Promise<void> {
  const connection = openConnection(database, 'full');
  try {
    connection.pragma('journal_mode = wal');
    leaveMark(connection);
    await copyPages(connection, draft, { pauseMs: PAUSE_MS, signal });
  } finally {
    try {
      // What has gathered in the log meanwhile: otherwise a service that is stopped then does it, and takes long.
      connection.pragma('wal_checkpoint(passive)');
    } catch {
      // A full disk, say: whoever writes next tries again. The copy doesn't depend on it.
    } finally {
      connection.close();
    }
  }
}

async function writeBackup(database: string, target: string, signal: AbortSignal): Promise<number> {
  if (!existsSync(database)) throw new DatabaseRefusedError('does not exist');
  if (isTaken(target)) throw new DatabaseRefusedError(`can't be copied: ${target} exists`);
  inspectDatabaseFile(database);
  inspectSchema(database);
  const draft = draftOf(target);
  try {
    await copyServed(database, draft, signal);
    finishCopy(draft, 'quick_check');
    syncFile(draft);
    // Signals that came during the check are heard now.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    publishNew(draft, target);
  } finally {
    rmSync(draft, { force: true });
    removeLogs(draft);
  }
  syncFolder(dirname(target));
  return statSync(target).size;
}

/**
 * Copies a SQLite database, which other processes may be serving, to a new file: all of it as it was at
 * one moment after the call. The file gets its name when it is complete, checked and on the disk.
 *
 * @param signal stops it; there is then no new file.
 * @returns its size in bytes.
 * @throws DatabaseRefusedError when the database is not Keyfold's or is damaged, or the file exists or
 *   can't be written; there is then no new file.
 */
export async function backUpSqlite(
  database: string,
  target: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    // A whole path: better-sqlite3 would cut spaces off the beginning of a name.
    return await writeBackup(database, resolve(target), signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const detail = error instanceof DatabaseRefusedError ? reason : `can't be copied: ${reason}`;
    throw new DatabaseRefusedError(`database ${database} ${detail}`, { cause: error });
  }
}
