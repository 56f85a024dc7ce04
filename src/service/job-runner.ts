import type { Logger } from 'pino';
import type { JobContext } from '../operations/identity-resolution/job-context.ts';
import { failJob, runJob } from '../operations/identity-resolution/run-job.ts';
import { startJobNow } from '../operations/identity-resolution/start-job.ts';
import type { DomainName } from '../repository/domains.ts';
import { ConflictError, UnavailableError } from '../repository/errors.ts';
import type { JobRow } from '../repository/identity-resolution-jobs.ts';

/** How a run of identity resolution has ended. */
export interface Resolution {
  readonly jobId: string;
  /** PARTIAL_SUCCESS: matches were found, and not all that should have been merged were. */
  readonly status: 'COMPLETED' | 'FAILED' | 'PARTIAL_SUCCESS';
  /** What went wrong. */
  readonly message: string | undefined;
  readonly profilesReviewed: number;
  /** Groups of profiles that match. */
  readonly matchesFound: number;
  readonly mergesDone: number;
}

/** A job has not ended where it was begun. `message` is one line for the operator. */
export class JobLeftError extends Error {
  override readonly name = 'JobLeftError';
}

/** Runs jobs of identity resolution to their end, or until it is stopped. */
export class JobRunner {
  readonly context: JobContext;
  readonly #log: Logger;
  readonly #runs = new Set<Promise<unknown>>();
  #isStopped = false;

  constructor(context: JobContext, log: Logger) {
    this.context = context;
    this.#log = log;
  }

  /**
   * Runs a job from where it is. Undefined when it has not ended: because another process goes on with
   * it, its domain is gone, or this was stopped.
   *
   * @throws UnavailableError when the database can't answer: the job waits where it is.
   */
  run(job: JobRow): Promise<JobRow | undefined> {
    const run = this.#run(job);
    const ended = run.then(
      () => {},
      () => {},
    );
    this.#runs.add(ended);
    void ended.then(() => this.#runs.delete(ended));
    return run;
  }

  async #run(job: JobRow): Promise<JobRow | undefined> {
    let current = job;
    try {
      for await (const next of runJob(this.context, job)) {
        current = next;
        if (this.#isStopped) break;
      }
    } catch (error) {
      if (error instanceof UnavailableError || error instanceof ConflictError) throw error;
      this.#log.error({ err: error, jobId: job.jobId }, 'identity resolution failed');
      return failJob(this.context, current);
    }
    return current.endedAt === null ? undefined : current;
  }

  /**
   * Makes a job in a domain and runs it.
   *
   * @throws ServiceError ResourceNotFoundException without the domain, BadRequestException when Matching
   *   is off in it.
   * @throws JobLeftError when the job has not ended: this was stopped, the domain is gone, or another
   *   process goes on with it.
   */
  async resolve(domain: DomainName): Promise<Resolution> {
    const job = await startJobNow(this.context, domain);
    const ended = await this.run(job);
    if (ended === undefined)
      throw new JobLeftError(
        `job ${job.jobId} has not ended: a running service goes on with it, unless its domain is gone`,
      );
    const { jobId, message, profilesReviewed, matchesFound, mergesDone } = ended;
    return {
      jobId,
      // A job that has ended has one of these.
      status: ended.status as Resolution['status'],
      message: message ?? undefined,
      profilesReviewed,
      matchesFound,
      mergesDone,
    };
  }

  /** Resolves when the units in progress have ended; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#runs);
  }
}
