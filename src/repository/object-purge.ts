import { and, asc, eq, sql } from 'drizzle-orm';
import type { ObjectInDomain } from './object-removal.ts';
import type { ProfileRow } from './profiles.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

interface TypeInDomain {
  readonly domainId: string;
  readonly objectTypeName: string;
}

const ofType = statement<TypeInDomain & { limit: number }>()((database, { profileObjects }) =>
  database
    .select({
      profileId: profileObjects.profileId,
      objectTypeName: profileObjects.objectTypeName,
      objectKey: profileObjects.objectKey,
    })
    .from(profileObjects)
    .where(
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.objectTypeName, placeholder('objectTypeName')),
      ),
    )
    .limit(placeholder('limit')),
);

/** Up to `limit` objects of a type. */
export function objectsOfType(
  session: Session,
  { domainId, objectTypeName }: TypeInDomain,
  limit: number,
): Promise<ObjectInDomain[]> {
  return session.run(ofType, { domainId, objectTypeName, limit });
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
