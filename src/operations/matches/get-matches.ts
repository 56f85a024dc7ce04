import { operation } from '../../model/operation.ts';
import {
  double,
  integer,
  label,
  list,
  optional,
  query,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import { toTimestamp } from '../domains/settings.ts';
import { name, string1To255, token } from '../shapes.ts';
import { findShownJob, readGroups } from './latest-matches.ts';
import { ProfileIdList } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

const MatchItem = structure({
  MatchId: optional(string1To255),
  ProfileIds: optional(ProfileIdList),
  ConfidenceScore: optional(double()),
});

/**
 * Lists the match groups that the latest run of identity resolution has found, by MatchId. With
 * Matching off, or before the first run, there are none. PotentialMatches is how many the run has
 * found: groups of which fewer than two profiles are left are not listed. Large groups make short
 * pages: a page has up to a thousand profiles.
 */
export const getMatches = operation({
  name: 'GetMatches',
  method: 'GET',
  path: '/domains/{DomainName}/matches',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    NextToken: optional(token),
    MatchGenerationDate: optional(timestamp()),
    PotentialMatches: optional(integer({ min: 0 })),
    Matches: optional(list(MatchItem)),
  }),
  async handler(context, { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const { repository, caller, now } = context;
    const after = context.pagePosition() ?? '';
    return repository.read(async (session) => {
      const job = await findShownJob(session, { accountId: caller.accountId, domainName }, now);
      if (job === undefined) return { PotentialMatches: 0, Matches: [] };
      const { groups, next } = await readGroups(session, job, after, now);
      const page = groups.slice(0, limit);
      const position = groups.length > limit ? page.at(-1)?.matchId : next;
      return {
        NextToken: position && context.nextToken(position),
        MatchGenerationDate: job.endedAt === null ? undefined : toTimestamp(job.endedAt),
        PotentialMatches: job.matchesFound,
        Matches: page.map(({ matchId, profileIds, confidenceScore }) => ({
          MatchId: matchId,
          ProfileIds: [...profileIds],
          ConfidenceScore: confidenceScore,
        })),
      };
    });
  },
});
