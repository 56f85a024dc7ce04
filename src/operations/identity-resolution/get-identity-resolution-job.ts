import type * as z from 'zod';
import { ServiceError } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { label, optional, structure, timestamp } from '../../model/shapes.ts';
import { findJob } from '../../repository/identity-resolution-jobs.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { toTimestamp } from '../domains/settings.ts';
import { AutoMerging } from '../domains/shapes.ts';
import { name, uuid } from '../shapes.ts';
import { describeJob } from './job.ts';
import { jobMembers } from './shapes.ts';

/** Shows a run of identity resolution, until it expires. */
export const getIdentityResolutionJob = operation({
  name: 'GetIdentityResolutionJob',
  method: 'GET',
  path: '/domains/{DomainName}/identity-resolution-jobs/{JobId}',
  input: structure({ DomainName: label(name), JobId: label(uuid) }),
  output: structure({
    ...jobMembers,
    LastUpdatedAt: optional(timestamp()),
    JobExpirationTime: optional(timestamp()),
    AutoMerging: optional(AutoMerging),
  }),
  async handler({ repository, caller, now }, { DomainName: domainName, JobId: jobId }) {
    const domain = { accountId: caller.accountId, domainName };
    const row = await findJob(repository.autocommit, { ...domain, jobId, now });
    if (row === undefined) {
      await requireDomain(repository, domain);
      throw new ServiceError(
        'ResourceNotFoundException',
        'The identity resolution job does not exist',
      );
    }
    return {
      ...describeJob(domainName, row),
      LastUpdatedAt: toTimestamp(row.updatedAt),
      JobExpirationTime: toTimestamp(row.expiresAt),
      AutoMerging:
        row.autoMerging === null
          ? undefined
          : // It was part of a domain's settings, which went through this shape.
            (JSON.parse(row.autoMerging) as z.output<typeof AutoMerging>),
    };
  },
});
