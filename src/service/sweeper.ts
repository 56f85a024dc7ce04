import type { Logger } from 'pino';
import { type Ids, SERVICE_PRINCIPAL } from '../model/operation.ts';
import { type Actor, recordAction } from '../operations/history/record.ts';
import { purgeBatch } from '../operations/object-types/purge.ts';
import { domainWithOldDeadLetters, removeOldDeadLetters } from '../repository/dead-letters.ts';
import { lockHiddenDomain, removeDomain } from '../repository/domains.ts';
import { removeHistoryOfDomain } from '../repository/history.ts';
import { removeExpiredJobs, removeOutdatedMatches } from '../repository/job-sweep.ts';
import { byDomain } from '../repository/lists.ts';
import { expiredObjects } from '../repository/object-list.ts';
import { removeObjects } from '../repository/object-removal.ts';
import {
  forgetDeletedObjectType,
  lockDeletedObjectType,
  lockObjectTypesOf,
} from '../repository/object-types.ts';
import {
  hasProfiles,
  removeExpiredProfiles,
  removeProfilesOfDomain,
} from '../repository/profiles.ts';
import type { Repository } from '../repository/repository.ts';
import { removeChangesOfDomain } from '../repository/rule-match-changes.ts';
import type { WriteSession } from '../repository/session.ts';
import { Background } from './background.ts';

/** How many profiles, objects and records one unit removes: few enough that requests don't notice. */
const BATCH_PROFILES = 200;
const BATCH_OBJECTS = 200;
const BATCH_RECORDS = 1_000;
/** A letter may be as large as an object, and freeing its pages takes time in proportion. */
const BATCH_LETTERS = 100;
const BATCH_MATCHES = 1_000;
const BATCH_JOBS = 100;
const INTERVAL_MS = 60_000;
/** As long as a queue of SQS keeps a message at most; whoever sends what is refused may go on for ever. */
const DEAD_LETTER_MS = 14 * 24 * 60 * 60 * 1000;

/** Who did it, in the history of what the sweeper does to profiles. */
const service = { arn: SERVICE_PRINCIPAL };

/** A batch of the objects that have expired. Whether there may be more. */
async function sweepObjects(session: WriteSession, by: Actor): Promise<boolean> {
  const objects = await expiredObjects(session, by.now, BATCH_OBJECTS);
  // Another process may have replaced one meanwhile by one that lives on.
  for (const [domainId, some] of byDomain(objects))
    for (const object of await removeObjects(session, domainId, some, by.now))
      recordAction(session, by, { ...object, domainId }, 'EXPIRED', null, object);
  return objects.length === BATCH_OBJECTS;
}

/** A batch of what is left of a deleted object type. False when there is no such type. */
async function sweepObjectType(session: WriteSession, by: Actor): Promise<boolean> {
  const type = await lockDeletedObjectType(session);
  if (type === undefined) return false;
  await lockObjectTypesOf(session, type.domainId);
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

/** A batch of what jobs have left that nobody is shown any more. False when nothing is. */
async function sweepJobs(session: WriteSession, { now }: Actor): Promise<boolean> {
  if (await removeOutdatedMatches(session, now, BATCH_MATCHES)) return true;
  return (await removeExpiredJobs(session, now, BATCH_JOBS)) === BATCH_JOBS;
}

/** A batch of a deleted domain, and of expired profiles. False when nothing is left of them. */
async function sweepProfiles(session: WriteSession, by: Actor): Promise<boolean> {
  const expired = await removeExpiredProfiles(session, by.now, BATCH_PROFILES);
  for (const profile of expired.removed) recordAction(session, by, profile, 'EXPIRED', null);
  const domainId = await lockHiddenDomain(session);
  if (domainId === undefined) return expired.found === BATCH_PROFILES;
  await removeProfilesOfDomain(session, domainId, BATCH_PROFILES);
  if (await hasProfiles(session, domainId)) return true;
  const hasMore =
    (await removeHistoryOfDomain(session, domainId, BATCH_RECORDS)) ||
    (await removeChangesOfDomain(session, domainId, BATCH_RECORDS)) ||
    (await removeOldDeadLetters(session, domainId, BATCH_LETTERS));
  if (!hasMore) await removeDomain(session, domainId);
  return true;
}

/** Each is a unit of its own: in one order by everybody, units hold the profiles that they change. */
const sweeps = [sweepProfiles, sweepObjects, sweepObjectType, sweepDeadLetters, sweepJobs];

/**
 * Removes what nobody can see any more, in small units between the requests: the profiles of large
 * domains that were deleted, the objects of deleted object types, expired profiles and objects, refused
 * objects after a fortnight, and matches that later ones have replaced. It starts over where a stopped
 * process left off.
 */
export function startSweeper(
  repository: Repository,
  ids: Ids,
  clock: () => number,
  log: Logger,
): Background {
  const work = async (isStopped: () => boolean) => {
    // In turn, for as long as each finds something.
    for (const left = new Set(sweeps); left.size > 0 && !isStopped(); )
      for (const sweep of left) {
        const by = { ids, now: clock(), caller: service };
        if (!(await repository.write((session) => sweep(session, by)))) left.delete(sweep);
      }
  };
  return new Background({ name: 'sweeping', intervalMs: INTERVAL_MS, work, log });
}
