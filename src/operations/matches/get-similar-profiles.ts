import { operation } from '../../model/operation.ts';
import {
  double,
  enumeration,
  integer,
  label,
  optional,
  query,
  structure,
} from '../../model/shapes.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, string1To255, token } from '../shapes.ts';
import { findJobMatch } from './find-job-match.ts';
import { findRuleMatch } from './find-rule-match.ts';
import { searchKeyOf } from './match-search.ts';
import { ProfileIdList } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

const MatchType = enumeration('RULE_BASED_MATCHING', 'ML_BASED_MATCHING');

/**
 * Lists the profiles of one match group by id, the one that was searched for among them. Without a
 * group there are none, and no error: a search that finds nothing has none either.
 */
export const getSimilarProfiles = operation({
  name: 'GetSimilarProfiles',
  method: 'POST',
  path: '/domains/{DomainName}/matches',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    MatchType,
    SearchKey: string1To255,
    SearchValue: string1To255,
  }),
  output: structure({
    ProfileIds: optional(ProfileIdList),
    MatchId: optional(string1To255),
    MatchType: optional(MatchType),
    RuleLevel: optional(integer({ min: 1, max: 15 })),
    ConfidenceScore: optional(double()),
    NextToken: optional(token),
  }),
  async handler(context, input) {
    const { DomainName: domainName, MatchType, SearchValue: value } = input;
    const { MaxResults: limit = PAGE_SIZE_DEFAULT } = input;
    const domain = { accountId: context.caller.accountId, domainName };
    const after = context.pagePosition() ?? '';
    await requireDomain(context.repository, domain);
    const search = { key: searchKeyOf(input.SearchKey), value, after, limit };
    const find = MatchType === 'RULE_BASED_MATCHING' ? findRuleMatch : findJobMatch;
    const match = await find(context, domain, search);
    if (match === undefined) return { ProfileIds: [], MatchType };
    return {
      ProfileIds: [...match.profileIds],
      MatchId: match.matchId,
      MatchType,
      RuleLevel: match.ruleLevel,
      ConfidenceScore: match.confidenceScore,
      NextToken: match.next === undefined ? undefined : context.nextToken(match.next),
    };
  },
});
