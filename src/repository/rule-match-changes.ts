import { and, asc, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { removalOfDomain } from './removal.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many profiles one statement takes; more go in several. */
const PROFILES_PER_STATEMENT = 64;

type ProfileId = { domainId: string; profileId: string };

/**
 * The lock keeps matching from being switched on between this and the end of the unit: whoever does so
 * looks at all profiles that are there then. It is taken where matching is off, too: the limit keeps
 * PostgreSQL from asking first whether it is on.
 */
const note = writeStatement<ProfileId>()((database, { domains, ruleMatchChanges }, locks) =>
  database
    .insert(ruleMatchChanges)
    .select(
      // The columns stand in the table's order, as Drizzle names all of them.
      sql`select held.domain_id, ${placeholder('profileId')} from (
          select ${domains.domainId}, ${domains.isRuleMatching} from ${domains}
          where ${eq(domains.domainId, placeholder('domainId'))} limit 1 ${locks.keyShareOfDomain}
        ) as held where held.is_rule_matching = 1`,
    )
    // An update and not nothing: who takes the row at this moment waits, and then sees the change.
    .onConflictDoUpdate({
      target: [ruleMatchChanges.domainId, ruleMatchChanges.profileId],
      set: { profileId: sql`excluded.profile_id` },
    })
    .returning({ profileId: ruleMatchChanges.profileId }),
);

/** Says that rule-based matching must look at a profile, where its domain has it. */
export async function noteChange(
  session: WriteSession,
  { domainId, profileId }: ProfileId,
): Promise<void> {
  await session.run(note, { domainId, profileId });
}

const noteSome = sized(PROFILES_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string }>()((database, { domains, ruleMatchChanges }, locks) => {
    const values = sql.join(
      listPlaceholders('profileId', size).map((profileId) => sql`(${profileId})`),
      sql`, `,
    );
    return database
      .insert(ruleMatchChanges)
      .select(
        // Distinct: the list is filled up, and a row can't be updated twice by one statement.
        sql`select distinct held.domain_id, changed.column1 from (
          select ${domains.domainId}, ${domains.isRuleMatching} from ${domains}
          where ${eq(domains.domainId, placeholder('domainId'))} limit 1 ${locks.keyShareOfDomain}
        ) as held cross join (values ${values}) as changed where held.is_rule_matching = 1`,
      )
      .onConflictDoUpdate({
        target: [ruleMatchChanges.domainId, ruleMatchChanges.profileId],
        set: { profileId: sql`excluded.profile_id` },
      })
      .returning({ profileId: ruleMatchChanges.profileId });
  }),
);

/** The same for any number of profiles of a domain. */
export async function noteChanges(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
): Promise<void> {
  // In one order by everybody: units that note the same profiles wait, but not in a circle.
  for (const part of inParts(profileIds.toSorted(), PROFILES_PER_STATEMENT))
    await session.run(noteSome(part.length), { domainId, ...listParameters('profileId', part) });
}

const noteGroup = writeStatement<{ domainId: string; matchId: string; except: string }>()(
  (database, { ruleMatchChanges, ruleMatches }) =>
    database
      .insert(ruleMatchChanges)
      .select(
        sql`select ${ruleMatches.domainId}, ${ruleMatches.profileId} from ${ruleMatches} where ${and(
          eq(ruleMatches.domainId, placeholder('domainId')),
          eq(ruleMatches.matchId, placeholder('matchId')),
          ne(ruleMatches.profileId, placeholder('except')),
        )}`,
      )
      .onConflictDoUpdate({
        target: [ruleMatchChanges.domainId, ruleMatchChanges.profileId],
        set: { profileId: sql`excluded.profile_id` },
      })
      .returning({ profileId: ruleMatchChanges.profileId }),
);

/** Says the same of every profile of a group but one. */
export async function noteChangeOfGroup(
  session: WriteSession,
  domainId: string,
  matchId: string,
  except: string,
): Promise<void> {
  await session.run(noteGroup, { domainId, matchId, except });
}

const noteAfter = writeStatement<{ domainId: string; after: string; through: string }>()(
  (database, { profiles, ruleMatchChanges }) =>
    database
      .insert(ruleMatchChanges)
      .select(
        sql`select ${profiles.domainId}, ${profiles.profileId} from ${profiles} where ${and(
          eq(profiles.domainId, placeholder('domainId')),
          gt(profiles.profileId, placeholder('after')),
          sql`${profiles.profileId} <= ${placeholder('through')}`,
        )}`,
      )
      .onConflictDoNothing()
      .returning({ profileId: ruleMatchChanges.profileId }),
);

const profilesAfter = statement<{ domainId: string; after: string; limit: number }>()(
  (database, { profiles }) =>
    database
      .select({ profileId: profiles.profileId })
      .from(profiles)
      .where(
        and(
          eq(profiles.domainId, placeholder('domainId')),
          gt(profiles.profileId, placeholder('after')),
        ),
      )
      .orderBy(asc(profiles.profileId))
      .limit(placeholder('limit')),
);

/**
 * Says the same of up to `limit` profiles after one, in the order of their ids. Gives the last of them,
 * or undefined when there are no more.
 */
export async function noteProfilesAfter(
  session: WriteSession,
  domainId: string,
  after: string,
  limit: number,
): Promise<string | undefined> {
  const rows = await session.run(profilesAfter, { domainId, after, limit });
  const through = rows.at(-1)?.profileId;
  if (through !== undefined) await session.run(noteAfter, { domainId, after, through });
  return through;
}

const next = statement<{ domainId: string; limit: number }>()(
  (database, { ruleMatchChanges: changes }) =>
    database
      .select({ profileId: changes.profileId })
      .from(changes)
      .where(eq(changes.domainId, placeholder('domainId')))
      .orderBy(asc(changes.profileId))
      .limit(placeholder('limit')),
);

/** Up to `limit` profiles of a domain that matching has yet to look at, in the order of their ids. */
export async function nextChanges(
  session: Session,
  domainId: string,
  limit: number,
): Promise<string[]> {
  const rows = await session.run(next, { domainId, limit });
  return rows.map(({ profileId }) => profileId);
}

const hold = sized(PROFILES_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string }>()((database, { profiles }, locks) =>
    database
      .select({ profileId: sql<string>`profile_id` })
      .from(
        sql`(select ${profiles.profileId} from ${profiles} where ${and(
          eq(profiles.domainId, placeholder('domainId')),
          inArray(profiles.profileId, listPlaceholders('profileId', size)),
        )} order by ${profiles.profileId} ${locks.keyShareOfProfile}) as held`,
      ),
  ),
);

const take = sized(PROFILES_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string }>()((database, { ruleMatchChanges: changes }) =>
    database
      .delete(changes)
      .where(
        and(
          eq(changes.domainId, placeholder('domainId')),
          inArray(changes.profileId, listPlaceholders('profileId', size)),
        ),
      )
      .returning({ profileId: changes.profileId }),
  ),
);

/**
 * Takes profiles that are being looked at. Their rows are held before those that say so, in the order
 * in which those who change a profile take both.
 */
export async function takeChanges(
  session: WriteSession,
  domainId: string,
  profileIds: readonly string[],
): Promise<void> {
  for (const part of inParts(profileIds, PROFILES_PER_STATEMENT)) {
    const parameters = { domainId, ...listParameters('profileId', part) };
    await session.run(hold(part.length), parameters);
    await session.run(take(part.length), parameters);
  }
}

const domainAfter = statement<{ after: string }>()((database, { ruleMatchChanges: changes }) =>
  database
    .select({ domainId: changes.domainId })
    .from(changes)
    .where(gt(changes.domainId, placeholder('after')))
    .orderBy(asc(changes.domainId))
    .limit(1),
);

/** The next domain by id, after one, with profiles that matching has yet to look at. */
export async function nextDomainWithChanges(
  session: Session,
  after: string,
): Promise<string | undefined> {
  const [row] = await session.run(domainAfter, { after });
  return row?.domainId;
}

/** Forgets up to `limit` of a domain's. Whether there may be more. */
export const removeChangesOfDomain = removalOfDomain(({ ruleMatchChanges }) => ({
  table: ruleMatchChanges,
  domainId: ruleMatchChanges.domainId,
  key: [ruleMatchChanges.profileId],
}));
