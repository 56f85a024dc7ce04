import { fdatasync } from 'node:fs';
import { promisify } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { type DiskEvents, FlushFailedError, UnavailableError } from '../errors.ts';
import { type Connection, openToFlush } from './sqlite-database.ts';
import { type CheckpointRow, LogThread } from './sqlite-log-mover.ts';

/**
 * How many pages the log has when it is moved into the file, 32 MiB. Many writes change the same pages, and each
 * is moved once: with SQLite's own 1,000 pages, 64 clients have that done, and flushed, every few commits.
 */
export const LOG_PAGES_MAX = 8_000;
/** A log that could not be moved as a whole is tried again when it has grown by this part of that. */
const RETRY_PART = 1 / 8;
/** How often a log is moved while writers go on, before they wait for the rest. */
const PASSES = 2;
const TRIES_MAX = 5;

/** SQLite's codes for a sync of a file, or of its folder, that has failed. */
const FLUSH_FAILED = /^SQLITE_IOERR_(DIR_)?FSYNC$/;

const silent: DiskEvents = { flushFailed: () => {}, checkpointFailed: () => {} };

const flush = promisify(fdatasync);

function isFlushFailure(error: unknown): error is Error & { readonly code: string } {
  if (error instanceof BetterSqlite3.SqliteError) return FLUSH_FAILED.test(error.code);
  return error instanceof Error && 'syscall' in error && error.syscall === 'fdatasync';
}

export interface WriterDiskOptions {
  readonly events?: DiskEvents | undefined;
  /** How many pages the log has when it is moved. */
  readonly pagesMax?: number | undefined;
  /** What moves it. */
  readonly thread?: LogThread | undefined;
}

/**
 * Keeps the log of a writer's connection short, and ends its writing when the disk has failed to take
 * something. SQLite would move the log by itself, but tells nobody when that fails, and the one thread that serves
 * requests would wait for the disk meanwhile.
 */
export class WriterDisk {
  readonly #connection: Connection;
  readonly #events: DiskEvents;
  readonly #thread: LogThread;
  readonly #countLog: BetterSqlite3.Statement<[], CheckpointRow>;
  readonly #pagesMax: number;
  #flushFailure: FlushFailedError | undefined;
  #isLogStuck = false;
  /** How many pages the log had, and with how many it is moved next. */
  #pages = 0;
  #moveAt: number;
  #moving: Promise<void> | undefined;
  #isPaused = false;
  /**
   * A descriptor of the database file. It is opened before anything is written: one that is opened after somebody else has
   * heard of a failed sync would hear nothing of it (Linux).
   */
  readonly #file: number;

  constructor(connection: Connection, options: WriterDiskOptions = {}) {
    const { events = silent, pagesMax = LOG_PAGES_MAX } = options;
    const { name: file, readonly } = connection;
    const { descriptor, identity } = openToFlush(connection);
    const { thread = new LogThread({ file, identity, readonly }) } = options;
    this.#connection = connection;
    this.#events = events;
    this.#thread = thread;
    this.#file = descriptor;
    this.#pagesMax = pagesMax;
    this.#moveAt = pagesMax;
    this.#countLog = connection.prepare('pragma wal_checkpoint(noop)');
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
    if (!isFlushFailure(error)) return false;
    if (this.#flushFailure !== undefined) return true;
    this.#flushFailure = new FlushFailedError(`the disk could not take a write: ${error.code}`, {
      cause: error,
    });
    this.#events.flushFailed(this.#flushFailure);
    return true;
  }

  /** Whether the disk has failed to take a write. */
  get hasFailed(): boolean {
    return this.#flushFailure !== undefined;
  }

  /** What the next transaction must wait for; undefined when that is nothing. Never fails. */
  get paused(): Promise<void> | undefined {
    return this.#isPaused ? this.#moving : undefined;
  }

  /** What moves the log now; undefined when nothing does. Never fails. */
  get moving(): Promise<void> | undefined {
    return this.#moving;
  }

  /** Begins to move the log into the file when it has grown long. Called after each commit; never throws. */
  settle(): void {
    if (this.#moving !== undefined) return;
    try {
      const pages = this.#countLog.get()?.log ?? -1;
      if (pages < 0) return;
      // It was moved as a whole, and begun anew.
      if (pages < this.#pages) this.#moveAt = this.#pagesMax;
      this.#pages = pages;
    } catch (error) {
      this.#tell(error);
      return;
    }
    if (this.#pages < this.#moveAt) return;
    this.#moveAt = this.#pages + this.#pagesMax * RETRY_PART;
    this.#moving = this.#move().finally(() => {
      this.#moving = undefined;
      this.#isPaused = false;
    });
  }

  /** Ends what moves the log, and its connection. The writer's own is still open then. */
  async close(): Promise<void> {
    await this.#moving;
    await this.#thread.close();
  }

  async #move(): Promise<void> {
    try {
      await this.#moveAside().catch((error: unknown) => {
        if (isFlushFailure(error) || error instanceof BetterSqlite3.SqliteError) throw error;
        // No thread is to be had: then it is done here, and requests wait.
        this.#connection.pragma('wal_checkpoint(passive)');
      });
      this.#isLogStuck = false;
    } catch (error) {
      this.#tell(error);
    }
  }

  /**
   * Most of the log is moved and flushed while writers go on, and the rest while they wait: SQLite begins the log anew
   * only when all of it is in the file. SQLite flushes the file with the rest, and finds little to flush by then.
   */
  async #moveAside(): Promise<void> {
    let before = -1;
    for (let passes = 0, tries = 0; passes < PASSES; tries++) {
      // Another process moves it.
      if (tries === TRIES_MAX) return;
      const { busy, log, checkpointed } = await this.#thread.move('passive');
      // A commit has come between.
      if (busy !== 0) continue;
      // Somebody has read one state all the while, and what came after it must not be written over it.
      if (checkpointed === before && checkpointed < log) return;
      before = checkpointed;
      passes += 1;
      await flush(this.#file);
    }
    // Until this one has ended for better or worse, and a failure is noted.
    this.#isPaused = true;
    await this.#thread.move('full');
  }

  #tell(error: unknown): void {
    if (this.note(error) || this.#isLogStuck) return;
    this.#isLogStuck = true;
    this.#events.checkpointFailed(error as Error);
  }
}
