import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { countObjects } from './domains.ts';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { originRefOf } from './object-keys.ts';
import type { ProfileRow } from './profiles.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many objects, or profiles, one call takes at most. */
const BATCH_MAX = 256;

interface TypeInDomain {
  readonly domainId: string;
  readonly objectTypeName: string;
}

const removeSome = writeStatement<TypeInDomain & { limit: number }>()(
  (database, { profileObjects }) => {
    const isOfType = and(
      eq(profileObjects.domainId, placeholder('domainId')),
      eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
    );
    const some = database
      .select({ profileId: profileObjects.profileId, objectKey: profileObjects.objectKey })
      .from(profileObjects)
      .where(isOfType)
      .limit(placeholder('limit'));
    return database
      .delete(profileObjects)
      .where(
        and(isOfType, sql`(${profileObjects.profileId}, ${profileObjects.objectKey}) in ${some}`),
      )
      .returning({
        profileId: profileObjects.profileId,
        objectKey: profileObjects.objectKey,
        bytes: sql<number>`octet_length(${profileObjects.document})`,
      });
  },
);

const removeKeys = sized(BATCH_MAX, (size) =>
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

/**
 * Removes up to `limit` (at most 256) objects of a type with the keys that they gave, and counts them
 * out. Returns how many there were.
 */
export async function removeObjectsOfType(
  session: WriteSession,
  { domainId, objectTypeName }: TypeInDomain,
  limit: number,
): Promise<number> {
  const removed = await session.run(removeSome, { domainId, objectTypeName, limit });
  if (removed.length === 0) return 0;
  await session.run(removeKeys(removed.length), {
    domainId,
    ...listParameters(
      'profileId',
      removed.map(({ profileId }) => profileId),
    ),
    ...listParameters(
      'originRef',
      removed.map(({ objectKey }) => originRefOf({ objectTypeName, objectKey })),
    ),
  });
  await countObjects(
    session,
    domainId,
    removed.map(({ profileId, bytes }) => ({ profileId, objects: -1, bytes: -bytes })),
  );
  return removed.length;
}

const filledProfiles = statement<TypeInDomain & { limit: number }>()((database, { fieldSources }) =>
  database
    .selectDistinct({ profileId: fieldSources.profileId })
    .from(fieldSources)
    .where(
      and(
        eq(fieldSources.domainId, placeholder('domainId')),
        eq(fieldSources.objectTypeName, placeholder('objectTypeName')),
      ),
    )
    .orderBy(asc(fieldSources.profileId))
    .limit(placeholder('limit')),
);

/** Up to `limit` profiles, by id, that have fields from objects of a type. */
export async function profilesFilledBy(
  session: Session,
  { domainId, objectTypeName }: TypeInDomain,
  limit: number,
): Promise<string[]> {
  const rows = await session.run(filledProfiles, { domainId, objectTypeName, limit });
  return rows.map(({ profileId }) => profileId);
}

interface ProfileId {
  readonly domainId: string;
  readonly profileId: string;
}

const byId = statement<ProfileId>()((database, { profiles }) =>
  database
    .select()
    .from(profiles)
    .where(
      and(
        eq(profiles.domainId, placeholder('domainId')),
        eq(profiles.profileId, placeholder('profileId')),
      ),
    ),
);

const fieldNames = statement<ProfileId & TypeInDomain>()((database, { fieldSources }) =>
  database
    .select({ fieldName: fieldSources.fieldName })
    .from(fieldSources)
    .where(
      and(
        eq(fieldSources.domainId, placeholder('domainId')),
        eq(fieldSources.profileId, placeholder('profileId')),
        eq(fieldSources.objectTypeName, placeholder('objectTypeName')),
      ),
    ),
);

/**
 * A profile, be it expired, and the names of its fields that came from objects of a type. Whoever
 * gives a field another source writes the profile too: a unit that then updates it as it was read
 * here notices.
 */
export async function findFilledProfile(
  session: Session,
  type: TypeInDomain,
  profileId: string,
): Promise<{ profile: ProfileRow; fieldNames: string[] } | undefined> {
  const { domainId, objectTypeName } = type;
  // The profile first: on PostgreSQL each statement sees what was stored before it began.
  const [profile] = await session.run(byId, { domainId, profileId });
  if (profile === undefined) return undefined;
  const rows = await session.run(fieldNames, { domainId, profileId, objectTypeName });
  return { profile, fieldNames: rows.map(({ fieldName }) => fieldName) };
}

const removeSources = writeStatement<ProfileId & TypeInDomain>()((database, { fieldSources }) =>
  database
    .delete(fieldSources)
    .where(
      and(
        eq(fieldSources.domainId, placeholder('domainId')),
        eq(fieldSources.profileId, placeholder('profileId')),
        eq(fieldSources.objectTypeName, placeholder('objectTypeName')),
      ),
    )
    .returning({ fieldName: fieldSources.fieldName }),
);

/** Forgets which fields of a profile came from objects of a type. */
export async function removeSourcesOfType(
  session: WriteSession,
  type: TypeInDomain,
  profileId: string,
): Promise<void> {
  const { domainId, objectTypeName } = type;
  await session.run(removeSources, { domainId, profileId, objectTypeName });
}
