import { domainNotFound } from '../../model/errors.ts';
import { type DomainName, type DomainRow, findDomain } from '../../repository/domains.ts';
import {
  findLatestMatchedJob,
  type JobName,
  type JobRow,
} from '../../repository/identity-resolution-jobs.ts';
import { listMatchRows, type MatchedProfile } from '../../repository/job-matches.ts';
import type { Session } from '../../repository/session.ts';
import type { DomainSettings } from '../domains/settings.ts';

/**
 * The job whose matches a domain shows: the latest that has found all of them. Undefined when there is
 * none, or when Matching is off: matches are then as good as gone.
 *
 * @throws ServiceError ResourceNotFoundException when the domain isn't there.
 */
export async function findShownJob(
  session: Session,
  domain: DomainName,
  now: number,
): Promise<JobRow | undefined> {
  const row = await findDomain(session, domain);
  if (row === undefined) throw domainNotFound(domain.domainName);
  if (!isMatching(row)) return undefined;
  return findLatestMatchedJob(session, row.domainId, now);
}

/** Whether a domain has Matching on. */
function isMatching({ settings }: Pick<DomainRow, 'settings'>): boolean {
  return (JSON.parse(settings) as DomainSettings).Matching?.Enabled ?? false;
}

/** A match group as it is shown: its living profiles, two and more. */
export interface MatchGroup {
  readonly matchId: string;
  readonly confidenceScore: number;
  /** In order. */
  readonly profileIds: readonly string[];
}

/**
 * The groups of rows in the order of groups. Profiles may have gone since the job has found them, or be
 * as good as gone: a group of which fewer than two are left is none.
 */
export function groupsOf(rows: readonly MatchedProfile[], now: number): MatchGroup[] {
  const groups = new Map<string, { confidenceScore: number; profileIds: string[] }>();
  for (const { matchId, profileId, confidenceScore, expiresAt } of rows) {
    if (expiresAt <= now) continue;
    const group = groups.get(matchId);
    if (group === undefined) groups.set(matchId, { confidenceScore, profileIds: [profileId] });
    else group.profileIds.push(profileId);
  }
  return [...groups]
    .filter(([, { profileIds }]) => profileIds.length > 1)
    .map(([matchId, group]) => ({ matchId, ...group }));
}

/** How many rows are read at a time. It is more than a group has, so that one is always whole. */
const ROWS_PER_PAGE = 1_000;

/** The first groups after a position, and the position after them; undefined for the last ones. */
export interface GroupPage {
  readonly groups: readonly MatchGroup[];
  readonly next: string | undefined;
}

/**
 * Groups of a job by id, those after the id `after`: as many as a thousand rows hold, which may be none
 * although others follow.
 */
export async function readGroups(
  session: Session,
  job: JobName,
  after: string,
  now: number,
): Promise<GroupPage> {
  const rows = await listMatchRows(session, job, after, ROWS_PER_PAGE);
  if (rows.length < ROWS_PER_PAGE) return { groups: groupsOf(rows, now), next: undefined };
  // The last group may go on after the last row.
  const last = rows.at(-1)?.matchId;
  const whole = rows.filter(({ matchId }) => matchId !== last);
  return { groups: groupsOf(whole, now), next: whole.at(-1)?.matchId };
}
