import { and, eq, inArray, or, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { PROFILES_PER_MERGE_MAX } from './merging.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many pairs of one profile one statement takes; more go in several. */
const PAIRS_PER_STATEMENT = 64;

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

const insertOwn = sized(PAIRS_PER_STATEMENT, (size) =>
  writeStatement<Pick<ApartRow, 'domainId' | 'profileId'>>()((database, { keptApart }) =>
    database
      .insert(keptApart)
      .values(
        listPlaceholders('otherProfileId', size).map((otherProfileId) => ({
          domainId: placeholder('domainId'),
          profileId: placeholder('profileId'),
          otherProfileId: sql`${otherProfileId}`,
        })),
      )
      .onConflictDoNothing()
      .returning({ otherProfileId: keptApart.otherProfileId }),
  ),
);

/**
 * Keeps a profile, which the unit holds or has made, apart from others. Nothing is said on their side and
 * nobody waits for them: they may be gone, as parts of other profiles, and come back.
 */
export async function keepApartFrom(
  session: WriteSession,
  { domainId, profileId }: Pick<ApartRow, 'domainId' | 'profileId'>,
  otherProfileIds: readonly string[],
): Promise<void> {
  for (const some of inParts(otherProfileIds, PAIRS_PER_STATEMENT)) {
    const named = { domainId, profileId, ...listParameters('otherProfileId', some) };
    await session.run(insertOwn(some.length), named);
  }
}

const remove = sized(PAIRS_PER_STATEMENT, (size) =>
  writeStatement<Pick<ApartRow, 'domainId' | 'profileId'>>()((database, { keptApart }) => {
    const own = placeholder('profileId');
    const all = [own, ...listPlaceholders('otherProfileId', size)];
    return database
      .delete(keptApart)
      .where(
        and(
          eq(keptApart.domainId, placeholder('domainId')),
          inArray(keptApart.profileId, all),
          inArray(keptApart.otherProfileId, all),
          or(eq(keptApart.profileId, own), eq(keptApart.otherProfileId, own)),
        ),
      )
      .returning({ profileId: keptApart.profileId });
  }),
);

/** No longer keeps a profile apart from some others. It may wait for them. */
export async function keepApartNoMore(
  session: WriteSession,
  { domainId, profileId }: Pick<ApartRow, 'domainId' | 'profileId'>,
  otherProfileIds: readonly string[],
): Promise<void> {
  for (const some of inParts(otherProfileIds, PAIRS_PER_STATEMENT)) {
    const named = { domainId, profileId, ...listParameters('otherProfileId', some) };
    await session.run(remove(some.length), named);
  }
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

/**
 * Keeps the main profile of a merge apart from what the profiles that go into it are kept apart from. Those
 * that are gone are among them: undoing their merges brings them back.
 *
 * @param pairs what the profiles that go into it are kept apart from.
 */
export async function inheritApart(
  session: WriteSession,
  domainId: string,
  mainProfileId: string,
  profileIds: readonly string[],
  pairs: readonly Omit<ApartRow, 'domainId'>[],
): Promise<void> {
  const together = new Set([mainProfileId, ...profileIds]);
  const ids = pairs.map(({ otherProfileId }) => otherProfileId).filter((id) => !together.has(id));
  const others = [...new Set(ids)].sort();
  for (const other of others) await keepApart(session, domainId, [mainProfileId, other]);
  await keepApartFrom(session, { domainId, profileId: mainProfileId }, others);
}
