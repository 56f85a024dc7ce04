import { domainNotFound } from '../../model/errors.ts';
import { asService, operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import { listGroups } from '../../repository/rule-matches.ts';
import { catchUpMatching } from '../matching/advance.ts';
import { name, string1To255, token } from '../shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/**
 * Lists the groups of profiles that match by the domain's rules, each on the first level that has one
 * of its matches; GetSimilarProfiles shows who is in them. None where rule-based matching is off. Groups
 * that were merged are gone, and pages can be short.
 */
export const listRuleBasedMatches = operation({
  name: 'ListRuleBasedMatches',
  method: 'GET',
  path: '/domains/{DomainName}/profiles/ruleBasedMatches',
  input: structure({
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    DomainName: label(name),
  }),
  output: structure({ MatchIds: optional(list(string1To255)), NextToken: optional(token) }),
  async handler(context, { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const { repository, caller } = context;
    const domain = { accountId: caller.accountId, domainName };
    const row = await findDomain(repository.autocommit, domain);
    if (row === undefined) throw domainNotFound(domainName);
    await catchUpMatching(asService(context), row.domainId);
    const after = context.pagePosition() ?? '';
    const groups = await listGroups(repository.autocommit, domain, after, limit + 1);
    const page = groups.slice(0, limit);
    const last = page.at(-1);
    return {
      MatchIds: page.filter(({ isWithin }) => !isWithin).map(({ matchId }) => matchId),
      NextToken: groups.length > limit && last ? context.nextToken(last.matchId) : undefined,
    };
  },
});
