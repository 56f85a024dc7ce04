import BetterSqlite3 from 'better-sqlite3';
import { type DiskEvents, FlushFailedError, UnavailableError } from '../errors.ts';
import type { Connection } from './sqlite-database.ts';

/**
 * How many pages the log has when it is moved into the file, 32 MiB. Many writes change the same pages, and each
 * is moved once: with SQLite's own 1,000 pages, 64 clients have that done, and flushed, every few commits.
 */
const LOG_PAGES_MAX = 8_000;

/** What `pragma wal_checkpoint` answers. */
interface CheckpointRow {
  /** Pages in the log; -1 when that can't be told now. */
  readonly log: number;
}

/** SQLite's codes for a sync of a file, or of its folder, that has failed. */
const FLUSH_FAILED = /^SQLITE_IOERR_(DIR_)?FSYNC$/;

const silent: DiskEvents = { flushFailed: () => {}, checkpointFailed: () => {} };

/**
 * Keeps the log of a writer's connection short, and ends its writing when the disk has failed to take
 * something. SQLite would move the log by itself, but tells nobody when that fails.
 */
export class WriterDisk {
  readonly #events: DiskEvents;
  readonly #countLog: BetterSqlite3.Statement<[], CheckpointRow>;
  readonly #moveLog: BetterSqlite3.Statement<[], CheckpointRow>;
  #flushFailure: FlushFailedError | undefined;
  #isLogStuck = false;

  constructor(connection: Connection, events: DiskEvents = silent) {
    this.#events = events;
    this.#countLog = connection.prepare('pragma wal_checkpoint(noop)');
    this.#moveLog = connection.prepare('pragma wal_checkpoint(passive)');
  }

  /** @throws UnavailableError once the disk has failed to take a write. */
  check(): void {
    if (this.#flushFailure !== undefined)
      throw new UnavailableError('the disk has failed: the database must be opened anew', {
        cause: this.#flushFailure,
      });
  }

  /** Looks at an error of the writer's connection. Whether the disk has failed to take a write. */
  note(error: unknown): boolean {
    if (!(error instanceof BetterSqlite3.SqliteError) || !FLUSH_FAILED.test(error.code))
      return false;
    if (this.#flushFailure !== undefined) return true;
    this.#flushFailure = new FlushFailedError(`the disk could not take a write: ${error.code}`, {
      cause: error,
    });
    this.#events.flushFailed(this.#flushFailure);
    return true;
  }

  /** Moves the log into the file when it has grown long. Called after each commit; never throws. */
  settle(): void {
    try {
      if ((this.#countLog.get()?.log ?? 0) < LOG_PAGES_MAX) return;
      this.#moveLog.get();
      this.#isLogStuck = false;
    } catch (error) {
      if (this.note(error) || this.#isLogStuck) return;
      this.#isLogStuck = true;
      this.#events.checkpointFailed(error as Error);
    }
  }
}
