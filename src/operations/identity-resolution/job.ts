import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import { toTimestamp } from '../domains/settings.ts';

/** A job as GetIdentityResolutionJob and ListIdentityResolutionJobs show it. */
export function describeJob(domainName: string, row: JobRow) {
  return {
    DomainName: domainName,
    JobId: row.jobId,
    Status: row.status,
    JobStartTime: toTimestamp(row.startsAt),
    JobEndTime: row.endedAt === null ? undefined : toTimestamp(row.endedAt),
    JobStats: {
      NumberOfProfilesReviewed: row.profilesReviewed,
      NumberOfMatchesFound: row.matchesFound,
      NumberOfMergesDone: row.mergesDone,
    },
    Message: row.message ?? undefined,
  };
}
