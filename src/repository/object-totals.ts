import { and, eq, inArray, sql } from 'drizzle-orm';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { type Session, statement } from './session.ts';

const { placeholder } = sql;

/** How many profiles one statement counts the objects of. */
const PROFILES_PER_STATEMENT = 256;

const sizes = statement<{ domainId: string; profileId: string }>()((database, { profileObjects }) =>
  database
    .select({
      objectTypeName: profileObjects.objectTypeName,
      objects: sql<number>`count(*)`,
      bytes: sql<number>`sum(${profileObjects.documentBytes})`,
    })
    .from(profileObjects)
    .where(
      and(
        eq(profileObjects.domainId, placeholder('domainId')),
        eq(profileObjects.profileId, placeholder('profileId')),
      ),
    )
    .groupBy(profileObjects.objectTypeName),
);

/** How many objects a profile has of each type, and their bytes; there are a thousand at most. */
export async function objectSizes(
  session: Session,
  domainId: string,
  profileId: string,
): Promise<{ objectTypeName: string; objects: number; bytes: number }[]> {
  const rows = await session.run(sizes, { domainId, profileId });
  return rows.map(({ objectTypeName, objects, bytes }) => ({
    objectTypeName,
    objects: Number(objects),
    bytes: Number(bytes),
  }));
}

/** How many objects a profile has, and their bytes. */
export async function objectTotals(
  session: Session,
  domainId: string,
  profileId: string,
): Promise<{ objects: number; bytes: number }> {
  const total = { objects: 0, bytes: 0 };
  for (const { objects, bytes } of await objectSizes(session, domainId, profileId)) {
    total.objects += objects;
    total.bytes += bytes;
  }
  return total;
}

const counts = sized(PROFILES_PER_STATEMENT, (size) =>
  statement<{ domainId: string }>()((database, { profileObjects }) =>
    database
      .select({ profileId: profileObjects.profileId, objects: sql<number>`count(*)` })
      .from(profileObjects)
      .where(
        and(
          eq(profileObjects.domainId, placeholder('domainId')),
          inArray(profileObjects.profileId, listPlaceholders('profileId', size)),
        ),
      )
      .groupBy(profileObjects.profileId),
  ),
);

/**
 * How many objects each of up to 256 profiles has; those without any are not there. The index has that; their bytes
 * stand behind the documents, which would all be read.
 */
export async function objectCounts(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const named = { domainId, ...listParameters('profileId', profileIds) };
  const rows = await session.run(counts(profileIds.length), named);
  return new Map(rows.map(({ profileId, objects }) => [profileId, Number(objects)]));
}
