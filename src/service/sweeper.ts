import type { Logger } from 'pino';
import type { Ids } from '../model/operation.ts';
import { lockHiddenDomain, removeDomain } from '../repository/domains.ts';
import { insertHistory, removeHistoryOfDomain } from '../repository/history.ts';
import {
  hasProfiles,
  removeExpiredProfiles,
  removeProfilesOfDomain,
} from '../repository/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import type { WriteSession } from '../repository/session.ts';

/** How many profiles one unit removes: few enough that requests don't notice. */
const BATCH_PROFILES = 200;
const BATCH_RECORDS = 1_000;
const INTERVAL_MS = 60_000;

/** Who did it, in the history of what expires. */
const SERVICE_PRINCIPAL = 'profile.amazonaws.com';

/** One unit of sweeping. False when nothing is left to do. */
async function sweepBatch(session: WriteSession, ids: Ids, now: number): Promise<boolean> {
  const expired = await removeExpiredProfiles(session, now, BATCH_PROFILES);
  for (const { domainId, profileId } of expired.removed)
    await insertHistory(session, {
      domainId,
      profileId,
      recordId: ids.recordId(now),
      objectTypeName: '_profile',
      actionType: 'EXPIRED',
      objectKey: null,
      performedBy: SERVICE_PRINCIPAL,
      content: null,
      createdAt: now,
    });
  const domainId = await lockHiddenDomain(session);
  if (domainId === undefined) return expired.found === BATCH_PROFILES;
  await removeProfilesOfDomain(session, domainId, BATCH_PROFILES);
  if (await hasProfiles(session, domainId)) return true;
  const hasMore = await removeHistoryOfDomain(session, domainId, BATCH_RECORDS);
  if (!hasMore) await removeDomain(session, domainId);
  return true;
}

/**
 * Removes what nobody can see any more, in small units between the requests: the profiles of large
 * domains that were deleted, and expired profiles. It starts over where a stopped process left off.
 */
export class Sweeper {
  readonly #repository: Repository;
  readonly #ids: Ids;
  readonly #clock: () => number;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(repository: Repository, ids: Ids, clock: () => number, log: Logger) {
    this.#repository = repository;
    this.#ids = ids;
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
        hasMore = await this.#repository.write((session) =>
          sweepBatch(session, this.#ids, this.#clock()),
        );
    } catch (error) {
      // The next interval tries again.
      this.#log.error({ err: error }, 'sweeping failed');
    } finally {
      this.#running = undefined;
    }
  }
}
