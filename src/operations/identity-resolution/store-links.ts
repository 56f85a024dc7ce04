import { hash } from 'node:crypto';
import type { MatchLink } from '../../identity/match-groups.ts';
import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import {
  findMatchGroups,
  findMatchRows,
  holdBoth,
  insertMatchRow,
  rewriteGroup,
} from '../../repository/job-matches.ts';
import { advanceJob, countInJob } from '../../repository/job-progress.ts';
import type { WriteSession } from '../../repository/session.ts';
import type { LinkUnit } from './compare.ts';
import { type MatchingPosition, matchingPositionOf } from './matching-position.ts';

const MATCH_ID_DIGITS = 32;

/**
 * The id of a match group: the same in every run, as long as its oldest profile is the same. It tells
 * nobody which that is.
 */
function matchIdOf(domainId: string, profileId: string): string {
  return hash('sha256', `${domainId} ${profileId}`, 'hex').slice(0, MATCH_ID_DIGITS);
}

/** Joins the groups of two profiles. By how many that changes the number of groups. */
async function storeLink(
  session: WriteSession,
  job: JobRow,
  { profileIds, score }: MatchLink,
  now: number,
): Promise<number> {
  const { domainId } = job;
  // They were compared a moment ago, and may be gone by now.
  if (!(await holdBoth(session, domainId, profileIds, now))) return 0;
  const rows = await findMatchRows(session, job, profileIds);
  const matchIds = [...new Set(rows.map(({ matchId }) => matchId))];
  // A unit that was begun anew may find them joined.
  if (rows.length > matchIds.length) return 0;
  const groups = await findMatchGroups(session, job, matchIds);
  const [oldest = ''] = [...profileIds, ...groups.map((group) => group.firstProfileId)].sort();
  const joined = {
    matchId: matchIdOf(domainId, oldest),
    confidenceScore: Math.min(score, ...groups.map((group) => group.confidenceScore)),
  };
  for (const { matchId, confidenceScore } of groups)
    if (matchId !== joined.matchId || confidenceScore !== joined.confidenceScore)
      await rewriteGroup(session, job, matchId, joined);
  for (const profileId of profileIds)
    if (!rows.some((row) => row.profileId === profileId))
      await insertMatchRow(session, job, { profileId, ...joined });
  return 1 - groups.length;
}

/**
 * Stores a unit of links, and that the job has come so far. Undefined, and nothing stored, when somebody
 * else goes on with the job.
 */
export async function storeLinks(
  session: WriteSession,
  job: JobRow,
  { links, reached }: LinkUnit,
  now: number,
): Promise<JobRow | undefined> {
  const unit = matchingPositionOf(job).unit + 1;
  const position: MatchingPosition = { ...reached, unit };
  const held = await advanceJob(session, job, {
    position: JSON.stringify(position),
    updatedAt: now,
  });
  if (held === undefined) return undefined;
  let matches = 0;
  for (const link of links) matches += await storeLink(session, held, link, now);
  return countInJob(session, held, { matches });
}
