import { operation } from '../../model/operation.ts';
import { integer, label, list, optional, query, structure } from '../../model/shapes.ts';
import { LATEST_START, listJobs } from '../../repository/identity-resolution-jobs.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { name, token } from '../shapes.ts';
import { describeJob } from './job.ts';
import { jobMembers } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 100;

/** The start before which a page begins. A token that was made up may hold any text: no job is before it. */
function startOf(position: string | undefined): number {
  if (position === undefined) return LATEST_START;
  const start = Number(position);
  return Number.isSafeInteger(start) ? start : 0;
}

/**
 * Lists the runs of identity resolution of a domain by JobStartTime, the latest first: Amazon's guide
 * doesn't say which end comes first.
 */
export const listIdentityResolutionJobs = operation({
  name: 'ListIdentityResolutionJobs',
  method: 'GET',
  path: '/domains/{DomainName}/identity-resolution-jobs',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
  }),
  output: structure({
    IdentityResolutionJobsList: optional(list(structure(jobMembers))),
    NextToken: optional(token),
  }),
  async handler(context, { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT }) {
    const { repository, caller, now } = context;
    const domain = { accountId: caller.accountId, domainName };
    const before = startOf(context.pagePosition());
    const rows = await listJobs(repository.autocommit, {
      ...domain,
      now,
      before,
      limit: limit + 1,
    });
    if (rows.length === 0) await requireDomain(repository, domain);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      IdentityResolutionJobsList: page.map((row) => describeJob(domainName, row)),
      NextToken: rows.length > limit && last ? context.nextToken(String(last.startsAt)) : undefined,
    };
  },
});
