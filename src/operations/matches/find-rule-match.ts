import { domainNotFound } from '../../model/errors.ts';
import { asService, type WorkContext } from '../../model/operation.ts';
import { type DomainName, findDomain } from '../../repository/domains.ts';
import { inParts } from '../../repository/lists.ts';
import { findProfiles, GET_PROFILES_MAX } from '../../repository/profiles.ts';
import { groupsOfProfile, membersOfGroup } from '../../repository/rule-matches.ts';
import { catchUpMatching } from '../matching/advance.ts';
import type { FoundMatch, MatchSearch } from './match-search.ts';

/**
 * The group of that id, or the one that a profile is in at the lowest level of the rules on which it
 * matches anybody. Undefined when there is none.
 *
 * @throws ServiceError ResourceNotFoundException when the domain isn't there.
 */
export async function findRuleMatch(
  context: WorkContext,
  domain: DomainName,
  { key, value, after, limit }: MatchSearch,
): Promise<FoundMatch | undefined> {
  const { repository } = context;
  const row = await findDomain(repository.autocommit, domain);
  if (row === undefined) throw domainNotFound(domain.domainName);
  const { domainId } = row;
  await catchUpMatching(asService(context), domainId);
  return repository.read(async (session) => {
    const own =
      key === 'matchId' ? [] : await groupsOfProfile(session, { domainId, profileId: value });
    const matchId = key === 'matchId' ? value : own[0]?.matchId;
    if (matchId === undefined) return undefined;
    const members = await membersOfGroup(session, domainId, matchId, after, limit + 1);
    const [first] = members;
    const page = members.slice(0, limit);
    if (first === undefined) return undefined;
    const profileIds: string[] = [];
    // Expired ones go with the next sweep; the next page begins after them.
    for (const part of inParts(page, GET_PROFILES_MAX)) {
      const ids = part.map(({ profileId }) => profileId);
      const present = await findProfiles(session, domain, ids, context.now);
      profileIds.push(...present.map(({ profileId }) => profileId));
    }
    const next = members.length > limit ? page.at(-1)?.profileId : undefined;
    return { matchId, ruleLevel: first.ruleLevel, profileIds, next };
  });
}
