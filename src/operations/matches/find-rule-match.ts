import type { Context } from '../../model/operation.ts';
import type { DomainName } from '../../repository/domains.ts';
import type { FoundMatch, MatchSearch } from './match-search.ts';

/**
 * The match group that the rules of a domain have made, or undefined. Nothing is matched by rules yet:
 * this is the place where it will be looked for, and until then there is no group.
 *
 * @throws ServiceError ResourceNotFoundException when the domain isn't there.
 */
export async function findRuleMatch(
  _context: Context,
  _domain: DomainName,
  _search: MatchSearch,
): Promise<FoundMatch | undefined> {
  return undefined;
}
