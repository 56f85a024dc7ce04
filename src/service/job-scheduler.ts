import type { Logger } from 'pino';
import { scheduleJobs } from '../operations/identity-resolution/start-job.ts';
import { findUnfinishedJob } from '../repository/job-progress.ts';
import type { JobRunner } from './job-runner.ts';

const INTERVAL_MS = 60_000;

/**
 * For how long nobody may have worked on a job that this process takes over. A unit of work takes a
 * moment, so that whoever works on a job writes far more often than that.
 */
const ABANDONED_MS = 60_000;

/**
 * Makes the weekly jobs of identity resolution when they are due and runs them, one after another, and
 * those that a stopped process has left. Any number of processes may do so on one store: they make one
 * job of a schedule, and one of them runs it.
 */
export class JobScheduler {
  readonly #runner: JobRunner;
  readonly #log: Logger;
  readonly #onEnd: () => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  /** @param onEnd called after each job that has ended: there may be matches to sweep. */
  constructor(runner: JobRunner, log: Logger, onEnd: () => void) {
    this.#runner = runner;
    this.#log = log;
    this.#onEnd = onEnd;
    this.#timer = setInterval(() => void this.wake(), INTERVAL_MS);
    this.#timer.unref();
    void this.wake();
  }

  /** Makes and runs what is due, unless that is going on already; resolves when that is done. */
  wake(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Resolves when the unit in progress has ended; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#runner.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { context } = this.#runner;
    try {
      await scheduleJobs(context);
      while (!this.#isStopped) {
        const now = context.now();
        const { autocommit } = context.repository;
        const job = await findUnfinishedJob(autocommit, now, now - ABANDONED_MS);
        if (job === undefined) break;
        await this.#runner.run(job);
        this.#onEnd();
      }
    } catch (error) {
      // The next interval tries again.
      this.#log.error({ err: error }, 'running identity resolution failed');
    } finally {
      this.#running = undefined;
    }
  }
}
