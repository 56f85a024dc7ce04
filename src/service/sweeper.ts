import type { Logger } from 'pino';
import { type Ids, SERVICE_PRINCIPAL } from '../model/operation.ts';
import { purgeBatch } from '../operations/object-types/purge.ts';
import { countObjects, lockHiddenDomain, removeDomain } from '../repository/domains.ts';
import { type HistoryRow, insertHistory, removeHistoryOfDomain } from '../repository/history.ts';
import { removeExpiredJobs, removeOutdatedMatches } from '../repository/job-sweep.ts';
import { removeObjectKeys } from '../repository/object-keys.ts';
import { expiredObjects, removeObject } from '../repository/object-list.ts';
import { forgetDeletedObjectType, lockDeletedObjectType } from '../repository/object-types.ts';
import type { ObjectName } from '../repository/profile-objects.ts';
import {
  hasProfiles,
  lockProfile,
  removeExpiredProfiles,
  removeProfilesOfDomain,
} from '../repository/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import type { WriteSession } from '../repository/session.ts';

/** How many profiles one unit removes: few enough that requests don't notice. */
const BATCH_PROFILES = 200;
const BATCH_RECORDS = 1_000;
const BATCH_MATCHES = 1_000;
const BATCH_JOBS = 100;
const INTERVAL_MS = 60_000;

type Thing = Pick<HistoryRow, 'domainId' | 'profileId'> & Partial<ObjectName>;

function recordExpiry(session: WriteSession, ids: Ids, now: number, thing: Thing): Promise<void> {
  const { domainId, profileId, objectTypeName = '_profile', objectKey = null } = thing;
  return insertHistory(session, {
    domainId,
    profileId,
    recordId: ids.recordId(now),
    objectTypeName,
    actionType: 'EXPIRED',
    objectKey,
    performedBy: SERVICE_PRINCIPAL,
    content: null,
    createdAt: now,
  });
}

/** Removes expired objects with the keys that they gave. How many there were. */
async function sweepObjects(session: WriteSession, ids: Ids, now: number): Promise<number> {
  const objects = await expiredObjects(session, now, BATCH_PROFILES);
  for (const object of objects) {
    await lockProfile(session, object);
    // Another process may have replaced it meanwhile by one that lives on.
    const bytes = await removeObject(session, object, now);
    if (bytes === undefined) continue;
    await removeObjectKeys(session, object);
    const { domainId, profileId } = object;
    await countObjects(session, domainId, [{ profileId, objects: -1, bytes: -bytes }]);
    await recordExpiry(session, ids, now, object);
  }
  return objects.length;
}

/** A batch of what is left of a deleted object type. False when there is no such type. */
async function sweepObjectType(session: WriteSession, _: Ids, now: number): Promise<boolean> {
  const type = await lockDeletedObjectType(session);
  if (type === undefined) return false;
  if (await purgeBatch(session, type, now))
    await forgetDeletedObjectType(session, type.domainId, type.objectTypeName);
  return true;
}

/** A batch of what jobs have left that nobody is shown any more. False when nothing is. */
async function sweepJobs(session: WriteSession, _: Ids, now: number): Promise<boolean> {
  if (await removeOutdatedMatches(session, now, BATCH_MATCHES)) return true;
  return (await removeExpiredJobs(session, now, BATCH_JOBS)) === BATCH_JOBS;
}

/** A batch of a deleted domain, and of what has expired. False when nothing is left of them. */
async function sweepProfiles(session: WriteSession, ids: Ids, now: number): Promise<boolean> {
  const expired = await removeExpiredProfiles(session, now, BATCH_PROFILES);
  for (const profile of expired.removed) await recordExpiry(session, ids, now, profile);
  const objects = await sweepObjects(session, ids, now);
  const domainId = await lockHiddenDomain(session);
  if (domainId === undefined) return expired.found === BATCH_PROFILES || objects === BATCH_PROFILES;
  await removeProfilesOfDomain(session, domainId, BATCH_PROFILES);
  if (await hasProfiles(session, domainId)) return true;
  const hasMore = await removeHistoryOfDomain(session, domainId, BATCH_RECORDS);
  if (!hasMore) await removeDomain(session, domainId);
  return true;
}

/**
 * Removes what nobody can see any more, in small units between the requests: the profiles of large
 * domains that were deleted, the objects of deleted object types, expired profiles, and matches that later
 * ones have replaced. It starts over where a stopped process left off.
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
      while (hasMore && !this.#isStopped) {
        hasMore = false;
        for (const sweep of [sweepProfiles, sweepObjectType, sweepJobs])
          if (await this.#repository.write((session) => sweep(session, this.#ids, this.#clock())))
            hasMore = true;
      }
    } catch (error) {
      // The next interval tries again.
      this.#log.error({ err: error }, 'sweeping failed');
    } finally {
      this.#running = undefined;
    }
  }
}
