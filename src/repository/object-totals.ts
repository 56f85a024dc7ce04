import { and, eq, inArray, sql } from 'drizzle-orm';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { type Session, statement } from './session.ts';

const { placeholder } = sql;

/** How many profiles {@link objectTotals} takes at most. */
const PROFILES_PER_STATEMENT = 256;

/** How many objects there are, and their bytes. */
export interface ObjectTotals {
  readonly objects: number;
  readonly bytes: number;
}

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

const totals = sized(PROFILES_PER_STATEMENT, (size) =>
  statement<{ domainId: string }>()((database, { profileObjects }) =>
    database
      .select({
        profileId: profileObjects.profileId,
        objects: sql<number>`count(*)`,
        bytes: sql<number>`sum(${profileObjects.documentBytes})`,
      })
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

/** The same of each of up to 256 profiles, of all types together. A profile without objects has zeros. */
export async function objectTotals(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<(profileId: string) => ObjectTotals> {
  const parameters = { domainId, ...listParameters('profileId', profileIds) };
  const rows = await session.run(totals(profileIds.length), parameters);
  const byProfile = new Map(
    rows.map(({ profileId, objects, bytes }) => [
      profileId,
      { objects: Number(objects), bytes: Number(bytes) },
    ]),
  );
  return (profileId) => byProfile.get(profileId) ?? { objects: 0, bytes: 0 };
}
