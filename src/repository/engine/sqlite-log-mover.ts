import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';

/** What `pragma wal_checkpoint` answers. */
export interface CheckpointRow {
  /** 1 when it could not do all that it was to. */
  readonly busy: number;
  /** Pages in the log; -1 when that can't be told now. */
  readonly log: number;
  /** How many of those are in the file. */
  readonly checkpointed: number;
}

/** What the thread has from its start. */
export interface LogThreadSetup {
  readonly file: string;
  /** What the system knows that file by; another one at its path is left alone. */
  readonly identity: string;
  readonly readonly: boolean;
}

/** A mode of `wal_checkpoint`, or the end. */
export type LogThreadRequest = 'passive' | 'full' | 'close';

type LogThreadAnswer =
  | { readonly row: CheckpointRow }
  | { readonly failure: { readonly code: string; readonly message: string } };

/** Beside this module, as a source and in the bundle. */
const threadModule = new URL(`./sqlite-log-thread${extname(import.meta.url)}`, import.meta.url);

/** Moves the log of a database into its file on a thread of its own, which starts when it is first asked. */
export class LogThread {
  readonly #setup: LogThreadSetup;
  readonly #module: URL;
  #worker: Worker | undefined;

  /** @param module what the thread runs. */
  constructor(setup: LogThreadSetup, module: URL = threadModule) {
    this.#setup = setup;
    this.#module = module;
  }

  /**
   * Moves what can be moved. One at a time.
   *
   * @throws SqliteError as the pragma does; Error when the thread can't run.
   */
  async move(mode: 'passive' | 'full'): Promise<CheckpointRow> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    // Only while there is something to wait for does the thread keep the process alive.
    worker.ref();
    const over = new AbortController();
    const { signal } = over;
    try {
      const answered = once(worker, 'message', { signal });
      const exited = once(worker, 'exit', { signal }).then(() => {
        throw new Error('the thread that moves the log has ended');
      });
      worker.postMessage(mode satisfies LogThreadRequest);
      // The module that is run answers with nothing else.
      const [answer] = (await Promise.race([answered, exited])) as [LogThreadAnswer];
      if ('failure' in answer)
        throw new BetterSqlite3.SqliteError(answer.failure.message, answer.failure.code);
      const { row } = answer;
      if (row.busy === 0 && row.log < 0) throw new Error('the database has no log');
      return row;
    } finally {
      over.abort();
      worker.unref();
    }
  }

  /** Closes the thread's connection. Resolves when the thread has ended. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref();
    const exited = once(worker, 'exit');
    worker.postMessage('close' satisfies LogThreadRequest);
    await exited;
  }

  #start(): Worker {
    const worker = new Worker(this.#module, { workerData: this.#setup, execArgv: [] });
    const forget = () => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    // Whoever waits for an answer hears of it; nobody else must.
    worker.on('error', forget);
    worker.on('exit', forget);
    return worker;
  }
}
