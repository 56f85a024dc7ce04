import { enumeration, long, optional, string, structure, timestamp } from '../../model/shapes.ts';
import { name, uuid } from '../shapes.ts';

const IdentityResolutionJobStatus = enumeration(
  'PENDING',
  'PREPROCESSING',
  'FIND_MATCHING',
  'MERGING',
  'COMPLETED',
  'PARTIAL_SUCCESS',
  'FAILED',
);

const ExportingLocation = structure({
  S3Exporting: optional(
    structure({
      S3BucketName: optional(string({ min: 3, max: 63, pattern: /^[a-z0-9.-]+$/ })),
      S3KeyName: optional(string({ min: 1, max: 1024, pattern: /.*/ })),
    }),
  ),
});

const JobStats = structure({
  NumberOfProfilesReviewed: optional(long()),
  NumberOfMatchesFound: optional(long()),
  NumberOfMergesDone: optional(long()),
});

/** What a job tells wherever it is shown. */
export const jobMembers = {
  DomainName: optional(name),
  JobId: optional(uuid),
  Status: optional(IdentityResolutionJobStatus),
  JobStartTime: optional(timestamp()),
  JobEndTime: optional(timestamp()),
  JobStats: optional(JobStats),
  ExportingLocation: optional(ExportingLocation),
  Message: optional(string({ max: 2048, pattern: /.*/ })),
};
