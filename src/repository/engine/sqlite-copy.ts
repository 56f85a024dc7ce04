import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { DatabaseRefusedError } from '../errors.ts';
import { type Connection, openConnection } from './sqlite-database.ts';
import { inspectDatabaseFile } from './sqlite-file.ts';

/** It holds whatever the database holds: personal data, and sealed credentials. */
const COPY_MODE = 0o600;
/** How much is copied between two pauses: less than a millisecond's work. */
const PAGES_PER_STEP = 200;
/** How many steps are written before the disk must have them: little waits for any one flush. */
const STEPS_PER_FLUSH = 20;

/** Stops this thread. */
function pause(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Makes a file that only its user can read; SQLite alone would go by the umask. */
function createEmpty(path: string): void {
  closeSync(openSync(path, 'wx', COPY_MODE));
}

/**
 * Copies a database as it is at one moment, page by page. The read transaction is held from the first
 * page to the last: it sees one moment, however much others write meanwhile, and so the copy doesn't begin
 * anew with each of their writes.
 *
 * @param copy a file that isn't there yet.
 * @param pauseMs how long others have the disk to themselves after each step.
 * @throws the signal's reason when it is aborted; the copy is then incomplete.
 */
export async function copyPages(
  source: Connection,
  copy: string,
  { pauseMs, signal }: { readonly pauseMs: number; readonly signal: AbortSignal },
): Promise<void> {
  createEmpty(copy);
  const file = openSync(copy, 'r+');
  source.exec('begin');
  try {
    // The transaction begins with the first thing that is read.
    source.prepare('select 1 from sqlite_schema').get();
    let steps = 0;
    await source.backup(copy, {
      progress() {
        signal.throwIfAborted();
        steps += 1;
        if (steps % STEPS_PER_FLUSH === 0) fdatasyncSync(file);
        pause(pauseMs);
        return PAGES_PER_STEP;
      },
    });
  } finally {
    closeSync(file);
    source.exec('rollback');
  }
}

/**
 * Looks whether a copy is sound, and makes it a database without a log: it is one file, wherever it is
 * read.
 *
 * @param check `quick_check` reads every page, `integrity_check` also compares indexes with their tables.
 * @throws DatabaseRefusedError when it is damaged: it is only as good as what was copied.
 */
export function finishCopy(copy: string, check: 'integrity_check' | 'quick_check'): void {
  inspectDatabaseFile(copy);
  const connection = openConnection(copy, 'full');
  try {
    connection.pragma('journal_mode = delete');
    const found = connection.pragma(`${check}(1)`, { simple: true });
    if (found !== 'ok') throw new DatabaseRefusedError(`is damaged: ${oneLine(String(found))}`);
  } finally {
    connection.close();
  }
}

/** What SQLite says about damage, on one line. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
