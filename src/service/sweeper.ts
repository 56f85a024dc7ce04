import type { Logger } from 'pino';
import { lockHiddenDomain, removeDomain } from '../repository/domains.ts';
import {
  hasProfiles,
  removeExpiredProfiles,
  removeProfilesOfDomain,
} from '../repository/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import type { WriteSession } from '../repository/session.ts';

/** How many profiles one unit removes: few enough that requests don't notice. */
const BATCH_PROFILES = 200;
const INTERVAL_MS = 60_000;

/** One unit of sweeping. False when nothing is left to do. */
async function sweepBatch(session: WriteSession, now: number): Promise<boolean> {
  const expired = await removeExpiredProfiles(session, now, BATCH_PROFILES);
  const domainId = await lockHiddenDomain(session);
  if (domainId === undefined) return expired === BATCH_PROFILES;
  await removeProfilesOfDomain(session, domainId, BATCH_PROFILES);
  if (!(await hasProfiles(session, domainId))) await removeDomain(session, domainId);
  return true;
}

/**
 * Removes what nobody can see any more, in small units between the requests: the profiles of large
 * domains that were deleted, and expired profiles. It starts over where a stopped process left off.
 */
export class Sweeper {
  readonly #repository: Repository;
  readonly #clock: () => number;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(repository: Repository, clock: () => number, log: Logger) {
    this.#repository = repository;
    this.#clock = clock;
    this.#log = log;
    this.#timer = setInterval(() => this.wake(), INTERVAL_MS);
    this.#timer.unref();
    this.wake();
  }

  /** Sweeps until nothing is left, unless that is going on already. */
  wake(): void {
    if (!this.#isStopped) this.#running ??= this.#run();
  }

  /** Resolves when the unit in progress has ended; no other begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      let hasMore = true;
      while (hasMore && !this.#isStopped)
        hasMore = await this.#repository.write((session) => sweepBatch(session, this.#clock()));
    } catch (error) {
      // The next interval tries again.
      this.#log.error({ err: error }, 'sweeping failed');
    } finally {
      this.#running = undefined;
    }
  }
}
