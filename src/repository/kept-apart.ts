import { and, eq, inArray, sql } from 'drizzle-orm';
import { listParameters, listPlaceholders, sized } from './lists.ts';
import { PROFILES_PER_MERGE_MAX } from './merging.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** Two profiles that are not to be merged automatically. */
export interface ApartRow {
  readonly domainId: string;
  readonly profileId: string;
  readonly otherProfileId: string;
}

/** All pairs at once. The lock waits for a profile that is being deleted, and then finds that it is gone. */
const insert = sized(PROFILES_PER_MERGE_MAX, (size) =>
  writeStatement<{ domainId: string }>()((database, { keptApart, profiles }, locks) =>
    database
      .insert(keptApart)
      .select(
        // The columns stand in the table's order, as Drizzle names all of them.
        sql`select held.domain_id, held.profile_id, other.profile_id from (
            select ${profiles.domainId}, ${profiles.profileId} from ${profiles} where ${and(
              eq(profiles.domainId, placeholder('domainId')),
              inArray(profiles.profileId, listPlaceholders('profileId', size)),
            )} order by ${profiles.profileId} ${locks.keyShareOfProfile}
          ) as held inner join ${profiles} as other on other.domain_id = held.domain_id
          where ${inArray(sql`other.profile_id`, listPlaceholders('profileId', size))}
            and other.profile_id <> held.profile_id`,
      )
      .onConflictDoNothing()
      .returning({ profileId: keptApart.profileId }),
  ),
);

/** Keeps up to 128 profiles apart: none of them is merged automatically with another of them any more. */
export async function keepApart(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
): Promise<void> {
  const parameters = { domainId, ...listParameters('profileId', profileIds) };
  await session.run(insert(profileIds.length), parameters);
}

const among = sized(PROFILES_PER_MERGE_MAX, (size) =>
  statement<{ domainId: string }>()((database, { keptApart }) =>
    database
      .select({ profileId: keptApart.profileId, otherProfileId: keptApart.otherProfileId })
      .from(keptApart)
      .where(
        and(
          eq(keptApart.domainId, placeholder('domainId')),
          inArray(keptApart.profileId, listPlaceholders('profileId', size)),
        ),
      ),
  ),
);

/** From which other profiles some profiles are kept apart. */
export function apartFrom(
  session: Session,
  domainId: string,
  profileIds: readonly string[],
): Promise<Omit<ApartRow, 'domainId'>[]> {
  return session.run(among(profileIds.length), {
    domainId,
    ...listParameters('profileId', profileIds),
  });
}

/** Keeps the main profile of a merge apart from what the profiles that go into it are kept apart from. */
export async function inheritApart(
  session: WriteSession,
  domainId: string,
  mainProfileId: string,
  profileIds: readonly string[],
): Promise<void> {
  const rows = await apartFrom(session, domainId, profileIds);
  const gone = new Set([mainProfileId, ...profileIds]);
  const others = new Set(rows.map((row) => row.otherProfileId).filter((id) => !gone.has(id)));
  for (const other of [...others].sort())
    await keepApart(session, domainId, [mainProfileId, other]);
}
