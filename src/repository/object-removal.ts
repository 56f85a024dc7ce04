import { and, eq, inArray, lte, sql } from 'drizzle-orm';
import { countObjects, type ObjectChange } from './domain-counts.ts';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { originRefOf } from './object-keys.ts';
import { objectCounts } from './object-totals.ts';
import type { ObjectName } from './profile-objects.ts';
import { lockProfiles } from './profiles.ts';
import { type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many objects one call takes at most. */
export const OBJECTS_PER_REMOVAL_MAX = 256;

/** An object in a domain. */
export type ObjectInDomain = Omit<ObjectName, 'domainId'>;

const remove = sized(OBJECTS_PER_REMOVAL_MAX, (size) =>
  writeStatement<{ domainId: string; expiredBy: number }>()((database, { profileObjects }) => {
    const [types, keys] = [listPlaceholders('type', size), listPlaceholders('objectKey', size)];
    const names = listPlaceholders('profileId', size).map(
      (profileId, index) => sql`(${profileId}, ${types[index]}, ${keys[index]})`,
    );
    return database
      .delete(profileObjects)
      .where(
        and(
          eq(profileObjects.domainId, placeholder('domainId')),
          sql`(${profileObjects.profileId}, ${profileObjects.objectTypeName}, ${profileObjects.objectKey}) in (values ${sql.join(names, sql`, `)})`,
          lte(profileObjects.expiresAt, placeholder('expiredBy')),
        ),
      )
      .returning({
        profileId: profileObjects.profileId,
        objectTypeName: profileObjects.objectTypeName,
        objectKey: profileObjects.objectKey,
        bytes: profileObjects.documentBytes,
      });
  }),
);

const removeKeys = sized(OBJECTS_PER_REMOVAL_MAX, (size) =>
  writeStatement<{ domainId: string }>()((database, { profileKeys }) =>
    database
      .delete(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, placeholder('domainId')),
          inArray(profileKeys.profileId, listPlaceholders('profileId', size)),
          eq(profileKeys.origin, 'OBJECT'),
          inArray(profileKeys.originRef, listPlaceholders('originRef', size)),
        ),
      )
      .returning({ keyName: profileKeys.keyName }),
  ),
);

/** The parts of objects' names, as lists. */
function namesOf(objects: readonly ObjectInDomain[]) {
  const profileIds = objects.map(({ profileId }) => profileId);
  return {
    ...listParameters('profileId', profileIds),
    ...listParameters(
      'type',
      objects.map(({ objectTypeName }) => objectTypeName),
    ),
    ...listParameters(
      'objectKey',
      objects.map(({ objectKey }) => objectKey),
    ),
    ...listParameters('originRef', objects.map(originRefOf)),
  };
}

/** What the removal of objects means for each of their profiles. */
function changesOf(
  removed: readonly (ObjectInDomain & { readonly bytes: number })[],
  before: ReadonlyMap<string, number>,
): ObjectChange[] {
  const changes = new Map<string, ObjectChange>();
  for (const { profileId, bytes } of removed) {
    const had = before.get(profileId) ?? 0;
    const change = changes.get(profileId) ?? { profileId, before: had, after: had, bytes: 0 };
    const [after, left] = [change.after - 1, change.bytes - bytes];
    changes.set(profileId, { ...change, after, bytes: left });
  }
  return [...changes.values()];
}

/**
 * Removes up to 256 objects of a domain with the keys that they gave, and counts them out. Their profiles
 * are held, in the order of their ids. Gives those that were there.
 *
 * @param expiredBy only what has expired by then: milliseconds since the epoch.
 */
export async function removeObjects(
  session: WriteSession,
  domainId: string,
  objects: readonly ObjectInDomain[],
  expiredBy: number = Number.MAX_SAFE_INTEGER,
): Promise<ObjectInDomain[]> {
  if (objects.length === 0) return [];
  const profileIds = [...new Set(objects.map(({ profileId }) => profileId))];
  await lockProfiles(session, domainId, profileIds);
  const before = await objectCounts(session, domainId, profileIds);
  const named = { domainId, expiredBy, ...namesOf(objects) };
  const removed = await session.run(remove(objects.length), named);
  if (removed.length === 0) return [];
  await session.run(removeKeys(removed.length), { domainId, ...namesOf(removed) });
  countObjects(session, domainId, changesOf(removed, before));
  return removed;
}
