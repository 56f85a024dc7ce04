import type { Logger } from 'pino';
import type { Ids } from '../model/operation.ts';
import { type Actor, recordAction } from '../operations/history/record.ts';
import { purgeBatch } from '../operations/object-types/purge.ts';
import { domainWithOldDeadLetters, removeOldDeadLetters } from '../repository/dead-letters.ts';
import { countObjects, lockHiddenDomain, removeDomain } from '../repository/domains.ts';
import { removeHistoryOfDomain } from '../repository/history.ts';
import { removeObjectKeys } from '../repository/object-keys.ts';
import { expiredObjects, removeObject } from '../repository/object-list.ts';
import { forgetDeletedObjectType, lockDeletedObjectType } from '../repository/object-types.ts';
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
/** A letter may be as large as an object, and freeing its pages takes time in proportion. */
const BATCH_LETTERS = 100;
const INTERVAL_MS = 60_000;
/** As long as a queue of SQS keeps a message at most; whoever sends what is refused may go on for ever. */
const DEAD_LETTER_MS = 14 * 24 * 60 * 60 * 1000;

/** Who did it, in the history of what the sweeper does to profiles. */
const service = { arn: 'profile.amazonaws.com' };

/** Removes expired objects with the keys that they gave. How many there were. */
async function sweepObjects(session: WriteSession, by: Actor): Promise<number> {
  const { now } = by;
  const objects = await expiredObjects(session, now, BATCH_PROFILES);
  for (const object of objects) {
    await lockProfile(session, object);
    // Another process may have replaced it meanwhile by one that lives on.
    const bytes = await removeObject(session, object, now);
    if (bytes === undefined) continue;
    await removeObjectKeys(session, object);
    const { domainId, profileId } = object;
    await countObjects(session, domainId, [{ profileId, objects: -1, bytes: -bytes }]);
    await recordAction(session, by, object, 'EXPIRED', null, object);
  }
  return objects.length;
}

/** A batch of what is left of a deleted object type. False when there is no such type. */
async function sweepObjectType(session: WriteSession, by: Actor): Promise<boolean> {
  const type = await lockDeletedObjectType(session);
  if (type === undefined) return false;
  if (await purgeBatch(session, by, type))
    await forgetDeletedObjectType(session, type.domainId, type.objectTypeName);
  return true;
}

/** A batch of the refused objects of a domain that nobody has looked after in time. False when there are none. */
async function sweepDeadLetters(session: WriteSession, { now }: Actor): Promise<boolean> {
  const createdBy = now - DEAD_LETTER_MS;
  const domainId = await domainWithOldDeadLetters(session, createdBy);
  if (domainId === undefined) return false;
  await removeOldDeadLetters(session, domainId, BATCH_LETTERS, createdBy);
  return true;
}

/** A batch of a deleted domain, and of what has expired. False when nothing is left of them. */
async function sweepProfiles(session: WriteSession, by: Actor): Promise<boolean> {
  const expired = await removeExpiredProfiles(session, by.now, BATCH_PROFILES);
  for (const profile of expired.removed) await recordAction(session, by, profile, 'EXPIRED', null);
  const objects = await sweepObjects(session, by);
  const domainId = await lockHiddenDomain(session);
  if (domainId === undefined) return expired.found === BATCH_PROFILES || objects === BATCH_PROFILES;
  await removeProfilesOfDomain(session, domainId, BATCH_PROFILES);
  if (await hasProfiles(session, domainId)) return true;
  const hasMore =
    (await removeHistoryOfDomain(session, domainId, BATCH_RECORDS)) ||
    (await removeOldDeadLetters(session, domainId, BATCH_LETTERS));
  if (!hasMore) await removeDomain(session, domainId);
  return true;
}

/**
 * Removes what nobody can see any more, in small units between the requests: the profiles of large
 * domains that were deleted, the objects of deleted object types, expired profiles and objects, and refused
 * objects after a fortnight. It starts over where a stopped process left off.
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
        for (const sweep of [sweepProfiles, sweepObjectType, sweepDeadLetters]) {
          const by = { ids: this.#ids, now: this.#clock(), caller: service };
          if (await this.#repository.write((session) => sweep(session, by))) hasMore = true;
        }
      }
    } catch (error) {
      // The next interval tries again.
      this.#log.error({ err: error }, 'sweeping failed');
    } finally {
      this.#running = undefined;
    }
  }
}
