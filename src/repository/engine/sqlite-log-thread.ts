import './runtime.ts';
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { identityOf, openConnection } from './sqlite-database.ts';
import type { CheckpointRow, LogThreadRequest, LogThreadSetup } from './sqlite-log-mover.ts';

/** How long the last of a log waits for writers of other processes, and for those who read an older state. */
const LOCK_WAIT_MS = 100;

// What a thread is started with is what LogThread gives it.
const { file, identity, readonly } = workerData as LogThreadSetup;
// SQLite would throw away the log of a file that has another name by now.
if (identityOf(file) !== identity) throw new Error('another file has the name of the database');
const connection = openConnection(file, 'full', { readonly });
connection.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
const prepare = (mode: 'passive' | 'full'): BetterSqlite3.Statement<[], CheckpointRow> =>
  connection.prepare(`pragma wal_checkpoint(${mode})`);
const move = { passive: prepare('passive'), full: prepare('full') };

parentPort?.on('message', (request: LogThreadRequest) => {
  if (request === 'close') {
    connection.close();
    parentPort?.close();
    return;
  }
  try {
    parentPort?.postMessage({ row: move[request].get() });
  } catch (error) {
    if (!(error instanceof BetterSqlite3.SqliteError)) throw error;
    // As it is, it would arrive without its code.
    const { code, message } = error;
    parentPort?.postMessage({ failure: { code, message } });
  }
});
