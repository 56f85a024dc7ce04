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
  const run = async (isStopped: () => boolean) => {
    while (!isStopped()) {
      const now = context.now();
      const { autocommit } = context.repository;
      const job = await findUnfinishedJob(autocommit, now, now - ABANDONED_MS);
      if (job === undefined) break;
      await runner.run(job);
      onEnd();
    }
  };
  const intervalMs = INTERVAL_MS;
  const running = new Background({
    name: 'running identity resolution',
    intervalMs,
    work: run,
    log,
  });
  // A job takes hours in a large domain: others become due, and must not wait to be made.
  const schedule = async () => {
    await scheduleJobs(context);
    void running.wake();
  };
  const name = 'scheduling identity resolution';
  const scheduling = new Background({ name, intervalMs, work: schedule, log });
  return {
    wake: async () => {
      await scheduling.wake();
      await running.wake();
    },
    stop: async () => {
      const stopped = Promise.all([scheduling.stop(), running.stop()]);
      await runner.stop();
      await stopped;
    },
  };
}
