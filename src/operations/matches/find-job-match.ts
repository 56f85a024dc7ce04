import type { Context } from '../../model/operation.ts';
import type { DomainName } from '../../repository/domains.ts';
import { findGroup, findMatchRows } from '../../repository/job-matches.ts';
import { findShownJob, groupsOf } from './latest-matches.ts';
import type { FoundMatch, MatchSearch } from './match-search.ts';

/**
 * The match group that the latest run of identity resolution has found, or undefined.
 *
 * @throws ServiceError ResourceNotFoundException when the domain isn't there.
 */
export function findJobMatch(
  { repository, now }: Context,
  domain: DomainName,
  { key, value, after, limit }: MatchSearch,
): Promise<FoundMatch | undefined> {
  return repository.read(async (session) => {
    const job = await findShownJob(session, domain, now);
    if (job === undefined) return undefined;
    const [row] = key === 'profileId' ? await findMatchRows(session, job, [value]) : [];
    const matchId = key === 'matchId' ? value : row?.matchId;
    if (matchId === undefined) return undefined;
    const [group] = groupsOf(await findGroup(session, job, matchId), now);
    // A profile that has expired is as good as gone.
    if (group === undefined || (key === 'profileId' && !group.profileIds.includes(value)))
      return undefined;
    const rest = group.profileIds.filter((profileId) => profileId > after);
    const profileIds = rest.slice(0, limit);
    return { ...group, profileIds, next: rest.length > limit ? profileIds.at(-1) : undefined };
  });
}
