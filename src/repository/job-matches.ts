import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { JobName } from './identity-resolution-jobs.ts';
import { inParts, listParameters, listPlaceholders, sized } from './lists.ts';
import {
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** How many profiles, or groups, one statement looks up; more are looked up by several. */
const NAMES_PER_STATEMENT = 256;

/** That a run of identity resolution has put a profile into a match group. */
export interface MatchRow {
  readonly profileId: string;
  readonly matchId: string;
  /** From 0 to 1, the same in all rows of a group. */
  readonly confidenceScore: number;
}

/** The same with the time at which the profile expires: milliseconds since the epoch. */
export type MatchedProfile = MatchRow & { readonly expiresAt: number };

/** A match group as a whole. */
export interface MatchGroupRow {
  readonly matchId: string;
  readonly confidenceScore: number;
  readonly profiles: number;
  readonly firstProfileId: string;
}

function isOfJob({ jobMatches }: Tables) {
  return and(
    eq(jobMatches.domainId, placeholder('domainId')),
    eq(jobMatches.jobId, placeholder('jobId')),
  );
}

function rowColumns({ jobMatches }: Tables) {
  return {
    profileId: jobMatches.profileId,
    matchId: jobMatches.matchId,
    confidenceScore: jobMatches.confidenceScore,
  };
}

const ofProfiles = sized(NAMES_PER_STATEMENT, (size) =>
  statement<JobName>()((database, tables) =>
    database
      .select(rowColumns(tables))
      .from(tables.jobMatches)
      .where(
        and(
          isOfJob(tables),
          inArray(tables.jobMatches.profileId, listPlaceholders('profileId', size)),
        ),
      ),
  ),
);

/** The rows of those profiles that are in a group. */
export async function findMatchRows(
  session: Session,
  { domainId, jobId }: JobName,
  profileIds: readonly string[],
): Promise<MatchRow[]> {
  const rows: MatchRow[] = [];
  for (const part of inParts(profileIds, NAMES_PER_STATEMENT)) {
    const parameters = { domainId, jobId, ...listParameters('profileId', part) };
    rows.push(...(await session.run(ofProfiles(part.length), parameters)));
  }
  return rows;
}

const groups = sized(NAMES_PER_STATEMENT, (size) =>
  statement<JobName>()((database, tables) => {
    const { jobMatches } = tables;
    return database
      .select({
        matchId: jobMatches.matchId,
        confidenceScore: sql<number>`min(${jobMatches.confidenceScore})`,
        profiles: sql<number>`count(*)`,
        firstProfileId: sql<string>`min(${jobMatches.profileId})`,
      })
      .from(jobMatches)
      .where(and(isOfJob(tables), inArray(jobMatches.matchId, listPlaceholders('matchId', size))))
      .groupBy(jobMatches.matchId);
  }),
);

/** Match groups by their ids, each without its profiles. */
export async function findMatchGroups(
  session: Session,
  { domainId, jobId }: JobName,
  matchIds: readonly string[],
): Promise<MatchGroupRow[]> {
  const rows: MatchGroupRow[] = [];
  for (const part of inParts(matchIds, NAMES_PER_STATEMENT)) {
    const parameters = { domainId, jobId, ...listParameters('matchId', part) };
    const found = await session.run(groups(part.length), parameters);
    rows.push(...found.map((row) => ({ ...row, profiles: Number(row.profiles) })));
  }
  return rows;
}

const holdLiving = writeStatement<
  { domainId: string; now: number } & { one: string; other: string }
>()((database, { profiles }, locks) =>
  database
    .select({ profileId: sql<string>`profile_id` })
    .from(
      sql`(select ${profiles.profileId} from ${profiles} where ${and(
        eq(profiles.domainId, placeholder('domainId')),
        inArray(profiles.profileId, [placeholder('one'), placeholder('other')]),
        gt(profiles.expiresAt, placeholder('now')),
      )} order by ${profiles.profileId} ${locks.keyShareOfProfile}) as held`,
    ),
);

/** Keeps two profiles from going away until the unit ends. False when one of them is gone or expired. */
export async function holdBoth(
  session: WriteSession,
  domainId: string,
  [one, other]: readonly [string, string],
  now: number,
): Promise<boolean> {
  const held = await session.run(holdLiving, { domainId, one, other, now });
  return held.length === 2;
}

const insert = writeStatement<JobName & MatchRow>()((database, { jobMatches }) =>
  database
    .insert(jobMatches)
    .values({
      domainId: placeholder('domainId'),
      jobId: placeholder('jobId'),
      profileId: placeholder('profileId'),
      matchId: placeholder('matchId'),
      confidenceScore: placeholder('confidenceScore'),
    })
    .returning({ profileId: jobMatches.profileId }),
);

/** Puts a profile that is in none into a group. */
export async function insertMatchRow(
  session: WriteSession,
  { domainId, jobId }: JobName,
  { profileId, matchId, confidenceScore }: MatchRow,
): Promise<void> {
  await session.run(insert, { domainId, jobId, profileId, matchId, confidenceScore });
}

const rewrite = writeStatement<
  JobName & { matchId: string; newMatchId: string; confidenceScore: number }
>()((database, tables) => {
  const { jobMatches } = tables;
  return database
    .update(jobMatches)
    .set({
      matchId: sql`${placeholder('newMatchId')}`,
      confidenceScore: sql`${placeholder('confidenceScore')}`,
    })
    .where(and(isOfJob(tables), eq(jobMatches.matchId, placeholder('matchId'))))
    .returning({ profileId: jobMatches.profileId });
});

/** Gives a group another id and score: one row for each of its profiles is written. */
export async function rewriteGroup(
  session: WriteSession,
  { domainId, jobId }: JobName,
  matchId: string,
  { matchId: newMatchId, confidenceScore }: Pick<MatchRow, 'matchId' | 'confidenceScore'>,
): Promise<void> {
  await session.run(rewrite, { domainId, jobId, matchId, newMatchId, confidenceScore });
}

function withProfiles(tables: Tables) {
  const { jobMatches, profiles } = tables;
  return and(
    eq(profiles.domainId, jobMatches.domainId),
    eq(profiles.profileId, jobMatches.profileId),
  );
}

const page = statement<JobName & { after: string; limit: number }>()((database, tables) => {
  const { jobMatches, profiles } = tables;
  return database
    .select({ ...rowColumns(tables), expiresAt: profiles.expiresAt })
    .from(jobMatches)
    .innerJoin(profiles, withProfiles(tables))
    .where(and(isOfJob(tables), gt(jobMatches.matchId, placeholder('after'))))
    .orderBy(asc(jobMatches.matchId), asc(jobMatches.profileId))
    .limit(placeholder('limit'));
});

/** Up to `limit` rows by group and profile, those of groups after the id `after`; expired ones too. */
export function listMatchRows(
  session: Session,
  { domainId, jobId }: JobName,
  after: string,
  limit: number,
): Promise<MatchedProfile[]> {
  return session.run(page, { domainId, jobId, after, limit });
}

const ofGroup = statement<JobName & { matchId: string }>()((database, tables) => {
  const { jobMatches, profiles } = tables;
  return database
    .select({ ...rowColumns(tables), expiresAt: profiles.expiresAt })
    .from(jobMatches)
    .innerJoin(profiles, withProfiles(tables))
    .where(and(isOfJob(tables), eq(jobMatches.matchId, placeholder('matchId'))))
    .orderBy(asc(jobMatches.profileId));
});

/** The rows of one group by profile, those of expired ones too. The job bounds how many there are. */
export function findGroup(
  session: Session,
  { domainId, jobId }: JobName,
  matchId: string,
): Promise<MatchedProfile[]> {
  return session.run(ofGroup, { domainId, jobId, matchId });
}
