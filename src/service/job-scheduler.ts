import type { Logger } from 'pino';
import { scheduleJobs } from '../operations/identity-resolution/start-job.ts';
import { findUnfinishedJob } from '../repository/job-progress.ts';
import { Background } from './background.ts';
import type { JobRunner } from './job-runner.ts';

const INTERVAL_MS = 60_000;

/**
 * For how long nobody may have worked on a job that this process takes over. A unit of work takes a
 * moment, so that whoever works on a job writes far more often than that.
 */
const ABANDONED_MS = 60_000;

/** Makes and runs the jobs that are due. */
export interface JobScheduler {
  /** Resolves when what is due has been run. */
  wake(): Promise<void>;
  /** Resolves when the unit in progress has ended; no other begins. */
  stop(): Promise<void>;
}

/**
 * Makes the weekly jobs of identity resolution when they are due and runs them, one after another, and
 * those that a stopped process has left. Any number of processes may do so on one store: they make one
 * job of a schedule, and one of them runs it.
 *
 * @param onEnd called after each job that has ended: there may be matches to sweep.
 */
export function startJobScheduler(runner: JobRunner, log: Logger, onEnd: () => void): JobScheduler {
  const { context } = runner;
  const work = async (isStopped: () => boolean) => {
    await scheduleJobs(context);
    while (!isStopped()) {
      const now = context.now();
      const { autocommit } = context.repository;
      const job = await findUnfinishedJob(autocommit, now, now - ABANDONED_MS);
      if (job === undefined) break;
      await runner.run(job);
      onEnd();
    }
  };
  const name = 'running identity resolution';
  const background = new Background({ name, intervalMs: INTERVAL_MS, work, log });
  return {
    wake: () => background.wake(),
    stop: async () => {
      const stopped = background.stop();
      await runner.stop();
      await stopped;
    },
  };
}
