import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName } from './domains.ts';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import { removalOfDomain } from './removal.ts';
import { noteChangeOfGroup } from './rule-match-changes.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** How many profiles, or groups, one statement takes; more go in several. */
const ITEMS_PER_STATEMENT = 64;

/** A profile's place in a group of profiles that match by rules. */
export interface RuleMatchRow {
  readonly profileId: string;
  /** From 1. */
  readonly ruleLevel: number;
  readonly matchId: string;
}

type ProfileId = { domainId: string; profileId: string };

const ofProfile = statement<ProfileId>()((database, { ruleMatches: matches }) =>
  database
    .select({ ruleLevel: matches.ruleLevel, matchId: matches.matchId })
    .from(matches)
    .where(
      and(
        eq(matches.domainId, placeholder('domainId')),
        eq(matches.profileId, placeholder('profileId')),
      ),
    )
    .orderBy(asc(matches.ruleLevel)),
);

/** The groups of a profile, those of lower levels first. */
export function groupsOfProfile(
  session: Session,
  { domainId, profileId }: ProfileId,
): Promise<Omit<RuleMatchRow, 'profileId'>[]> {
  return session.run(ofProfile, { domainId, profileId });
}

const atLevel = sized(ITEMS_PER_STATEMENT, (size) =>
  statement<{ domainId: string; ruleLevel: number }>()((database, { ruleMatches: matches }) =>
    database
      .select({ profileId: matches.profileId, matchId: matches.matchId })
      .from(matches)
      .where(
        and(
          eq(matches.domainId, placeholder('domainId')),
          inArray(matches.profileId, listPlaceholders('profileId', size)),
          eq(matches.ruleLevel, placeholder('ruleLevel')),
        ),
      ),
  ),
);

/** The group that each of some profiles is in at a level, by its id; those in none are left out. */
export async function placesAtLevel(
  session: Session,
  domainId: string,
  ruleLevel: number,
  profileIds: readonly string[],
): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const part of inParts(profileIds, ITEMS_PER_STATEMENT)) {
    const parameters = { domainId, ruleLevel, ...listParameters('profileId', part) };
    for (const { profileId, matchId } of await session.run(atLevel(part.length), parameters))
      places.set(profileId, matchId);
  }
  return places;
}

const members = statement<{ domainId: string; matchId: string; after: string; limit: number }>()(
  (database, { ruleMatches: matches }) =>
    database
      .select({ profileId: matches.profileId, ruleLevel: matches.ruleLevel })
      .from(matches)
      .where(
        and(
          eq(matches.domainId, placeholder('domainId')),
          eq(matches.matchId, placeholder('matchId')),
          gt(matches.profileId, placeholder('after')),
        ),
      )
      .orderBy(asc(matches.profileId))
      .limit(placeholder('limit')),
);

/** Up to `limit` profiles of a group by id, those after the profile `after`. */
export function membersOfGroup(
  session: Session,
  domainId: string,
  matchId: string,
  after: string,
  limit: number,
): Promise<Pick<RuleMatchRow, 'profileId' | 'ruleLevel'>[]> {
  return session.run(members, { domainId, matchId, after, limit });
}

const groupsAfter = statement<{ domainId: string; after: string; limit: number }>()(
  (database, { ruleMatches: matches }) =>
    database
      .select({ matchId: matches.matchId, ruleLevel: sql<number>`min(${matches.ruleLevel})` })
      .from(matches)
      .where(
        and(
          eq(matches.domainId, placeholder('domainId')),
          gt(matches.matchId, placeholder('after')),
        ),
      )
      .groupBy(matches.matchId)
      .orderBy(asc(matches.matchId))
      .limit(placeholder('limit')),
);

/** Up to `limit` groups of a domain by id, those after the group `after`, of whatever size. */
export function levelsOfGroups(
  session: Session,
  domainId: string,
  after: string,
  limit: number,
): Promise<Omit<RuleMatchRow, 'profileId'>[]> {
  return session.run(groupsAfter, { domainId, after, limit });
}

const rename = writeStatement<{ domainId: string; matchId: string; newMatchId: string }>()(
  (database, { ruleMatches: matches }) =>
    database
      .update(matches)
      .set({ matchId: sql`${placeholder('newMatchId')}` })
      .where(
        and(
          eq(matches.domainId, placeholder('domainId')),
          eq(matches.matchId, placeholder('matchId')),
        ),
      )
      .returning({ profileId: matches.profileId }),
);

const join = sized(ITEMS_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string; ruleLevel: number; matchId: string }>()(
    (database, { ruleMatches: matches }) =>
      database
        .insert(matches)
        .values(
          listPlaceholders('profileId', size).map((profileId) => ({
            domainId: placeholder('domainId'),
            profileId,
            ruleLevel: placeholder('ruleLevel'),
            matchId: placeholder('matchId'),
          })),
        )
        .onConflictDoNothing()
        .returning({ profileId: matches.profileId }),
  ),
);

/**
 * Makes one group, `matchId`, of some groups and profiles.
 *
 * @throws MissingParentError when one of the profiles is gone.
 */
export async function uniteGroups(
  session: WriteSession,
  domainId: string,
  { ruleLevel, matchId }: Omit<RuleMatchRow, 'profileId'>,
  groups: readonly string[],
  profileIds: readonly string[],
): Promise<void> {
  for (const group of groups)
    if (group !== matchId)
      await session.run(rename, { domainId, matchId: group, newMatchId: matchId });
  for (const part of inParts(profileIds, ITEMS_PER_STATEMENT))
    await session.run(join(part.length), {
      domainId,
      ruleLevel,
      matchId,
      ...listParameters('profileId', part),
    });
}

const dissolve = writeStatement<{ domainId: string; matchId: string }>()(
  (database, { ruleMatches: matches }) =>
    database
      .delete(matches)
      .where(
        and(
          eq(matches.domainId, placeholder('domainId')),
          eq(matches.matchId, placeholder('matchId')),
        ),
      )
      .returning({ profileId: matches.profileId }),
);

/**
 * Dissolves the groups of a profile that may no longer hold them together: matching looks at their other
 * profiles again.
 */
export async function dissolveGroupsOf(session: WriteSession, profile: ProfileId): Promise<void> {
  const { domainId, profileId } = profile;
  for (const { matchId } of await groupsOfProfile(session, profile)) {
    await noteChangeOfGroup(session, domainId, matchId, profileId);
    await session.run(dissolve, { domainId, matchId });
  }
}

const page = statement<DomainName & { after: string; limit: number }>()((database, tables) => {
  const { ruleMatches: matches } = tables;
  const groups = database
    .select({
      domainId: matches.domainId,
      matchId: matches.matchId,
      ruleLevel: matches.ruleLevel,
      first: sql<string>`min(${matches.profileId})`.as('first'),
    })
    .from(matches)
    .where(
      and(
        eq(matches.domainId, domainIdByName(database, tables)),
        gt(matches.matchId, placeholder('after')),
      ),
    )
    .groupBy(matches.domainId, matches.matchId, matches.ruleLevel)
    .having(sql`count(*) > 1`)
    .orderBy(asc(matches.matchId))
    .limit(placeholder('limit'))
    .as('groups');
  // Whether a group of a lower level has all of its profiles: they match there, and not on this one.
  const isWithin = sql<number>`exists (select 1 from ${matches} as lower
    where lower.domain_id = ${groups.domainId} and lower.profile_id = ${groups.first} and lower.rule_level < ${groups.ruleLevel}
    and not exists (select 1 from ${matches} as member where member.domain_id = ${groups.domainId} and member.match_id = ${groups.matchId}
      and not exists (select 1 from ${matches} as own where own.domain_id = member.domain_id and own.profile_id = member.profile_id
        and own.rule_level = lower.rule_level and own.match_id = lower.match_id)))`;
  return database
    .select({
      matchId: groups.matchId,
      isWithin: sql<number>`case when ${isWithin} then 1 else 0 end`,
    })
    .from(groups)
    .orderBy(asc(groups.matchId));
});

/**
 * Up to `limit` groups of a domain by id, those after `after`; of those all of whose profiles a group of
 * a lower level has too it says so.
 */
export async function listGroups(
  session: Session,
  { accountId, domainName }: DomainName,
  after: string,
  limit: number,
): Promise<{ readonly matchId: string; readonly isWithin: boolean }[]> {
  const rows = await session.run(page, { accountId, domainName, after, limit });
  return rows.map(({ matchId, isWithin }) => ({ matchId, isWithin: Number(isWithin) === 1 }));
}

/** Removes up to `limit` places in groups of a domain. Whether there may be more. */
export const removeGroupsOfDomain = removalOfDomain(({ ruleMatches }) => ({
  table: ruleMatches,
  domainId: ruleMatches.domainId,
  key: [ruleMatches.profileId, ruleMatches.ruleLevel],
}));
