import {
  type CustomerProfilesClient,
  GetAutoMergingPreviewCommand,
  type GetAutoMergingPreviewCommandInput,
  GetIdentityResolutionJobCommand,
  ListIdentityResolutionJobsCommand,
  type ListIdentityResolutionJobsCommandInput,
  UpdateDomainCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { createMatchingDomain, startMatching } from '../support/duplicates.ts';
import { badRequest, domainNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const DomainName = 'customers';
const DAY_MS = 24 * 60 * 60 * 1000;
const notFound = {
  name: 'ResourceNotFoundException',
  message: 'The identity resolution job does not exist',
  $metadata: { httpStatusCode: 404 },
};

async function get(client: CustomerProfilesClient, JobId: string, domainName = DomainName) {
  const { $metadata, ...job } = await client.send(
    new GetIdentityResolutionJobCommand({ DomainName: domainName, JobId }),
  );
  return job;
}

async function list(
  client: CustomerProfilesClient,
  input: Partial<ListIdentityResolutionJobsCommandInput> = {},
) {
  const { $metadata, ...answer } = await client.send(
    new ListIdentityResolutionJobsCommand({ DomainName, ...input }),
  );
  return answer;
}

const recency = { ConflictResolution: { ConflictResolvingModel: 'RECENCY' } } as const;

async function preview(
  client: CustomerProfilesClient,
  MatchingAttributesList: string[][],
  input: Partial<GetAutoMergingPreviewCommandInput> = {},
) {
  const settings = { DomainName, Consolidation: { MatchingAttributesList }, ...recency };
  const { $metadata, ...answer } = await client.send(
    new GetAutoMergingPreviewCommand({ ...settings, ...input }),
  );
  return answer;
}

describe('resolve', () => {
  test('runs a job to its end and says what it has found', async () => {
    const { service, seed } = await startMatching();
    await seed();
    const resolution = await service.resolve(DomainName);
    expect(resolution).toEqual({
      jobId: expect.stringMatching(/^[0-9a-f]{32}$/),
      status: 'COMPLETED',
      message: undefined,
      profilesReviewed: 6,
      matchesFound: 2,
      mergesDone: 0,
    });
  });

  test('merges what agrees by a criterion, as AutoMerging says', async () => {
    const Consolidation = { MatchingAttributesList: [['FirstName', 'LastName']] };
    const AutoMerging = { Enabled: true, Consolidation, ...recency };
    const { service, customers, seed } = await startMatching({ AutoMerging });
    const [john = '', sameJohn = '', jhn = '', ada = '', sameAda = '', grace = ''] = await seed();
    expect(await service.resolve(DomainName)).toMatchObject({
      status: 'COMPLETED',
      mergesDone: 2,
    });
    const { Profiles } = await customers.get(john, sameJohn, jhn, ada, sameAda, grace);
    expect(Profiles?.map(({ ProfileId }) => ProfileId)).toEqual([john, jhn, ada, grace]);
    expect(await customers.foundBy('_phone', '555-010-0000')).toEqual([john, jhn]);
    expect(await customers.profile(ada)).toMatchObject({
      EmailAddress: 'ADA@anycompany.com',
      BusinessEmailAddress: 'ada@anycompany.com',
    });
  });

  test('runs as many jobs as it is asked for, at the same moment too', async () => {
    const { service, client, seed } = await startMatching();
    await seed();
    const runs = await Promise.all([1, 2, 3].map(() => service.resolve(DomainName)));
    expect(runs.map(({ status, matchesFound }) => [status, matchesFound])).toEqual(
      Array.from({ length: 3 }, () => ['COMPLETED', 2]),
    );
    const { IdentityResolutionJobsList: jobs = [] } = await list(client);
    expect(new Set(jobs.map(({ JobStartTime }) => Number(JobStartTime))).size).toBe(3);
  });

  test('refuses a domain that is not there, or has Matching off', async () => {
    const { service, client } = await startMatching();
    await expect(service.resolve('nowhere')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Domain nowhere does not exist',
    });
    await expect(service.resolve(DomainName, '111111111111')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await client.send(new UpdateDomainCommand({ DomainName, Matching: { Enabled: false } }));
    await expect(service.resolve(DomainName)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'Matching is not enabled in domain customers',
    });
    expect((await list(client)).IdentityResolutionJobsList).toEqual([]);
  });
});

describe('GetIdentityResolutionJob', () => {
  test('shows a job that has ended', async () => {
    const { service, client, clock, seed } = await startMatching();
    await seed();
    const { jobId: JobId } = await service.resolve(DomainName);
    const now = new Date(clock.now);
    expect(await get(client, JobId)).toEqual({
      DomainName,
      JobId,
      Status: 'COMPLETED',
      JobStartTime: now,
      JobEndTime: now,
      LastUpdatedAt: now,
      JobExpirationTime: new Date(clock.now + 90 * DAY_MS),
      JobStats: { NumberOfProfilesReviewed: 6, NumberOfMatchesFound: 2, NumberOfMergesDone: 0 },
    });
  });

  test('shows the AutoMerging with which the job began', async () => {
    const AutoMerging = {
      Enabled: false,
      Consolidation: { MatchingAttributesList: [['FirstName', 'Attributes.plan'], ['BirthDate']] },
      ConflictResolution: { ConflictResolvingModel: 'SOURCE', SourceName: 'CRM' },
      MinAllowedConfidenceScoreForMerging: 0.25,
    } as const;
    const { service, client } = await startMatching({
      AutoMerging: JSON.parse(JSON.stringify(AutoMerging)),
    });
    const { jobId } = await service.resolve(DomainName);
    await client.send(new UpdateDomainCommand({ DomainName, Matching: { Enabled: true } }));
    expect(await get(client, jobId)).toMatchObject({ AutoMerging });
  });

  test('404 when there is no such job in the domain', async () => {
    const { service, client } = await startMatching();
    const { jobId } = await service.resolve(DomainName);
    await createMatchingDomain(client, 'others');
    await expect(get(client, jobId, 'others')).rejects.toMatchObject(notFound);
    await expect(get(client, 'f'.repeat(32))).rejects.toMatchObject(notFound);
    await expect(get(client, `x${jobId}`)).rejects.toMatchObject(notFound);
  });

  test('404 when the domain does not exist', async () => {
    const { client } = await startMatching();
    await expect(get(client, 'f'.repeat(32), 'nowhere')).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('400 when JobId is no id', async () => {
    const { client } = await startMatching();
    await expect(get(client, 'job')).rejects.toMatchObject(
      violation("Value 'job' at 'jobId'", 'satisfy regular expression pattern: [a-f0-9]{32}'),
    );
  });
});

describe('ListIdentityResolutionJobs', () => {
  /** Three jobs, a day apart; their ids, the latest first. */
  async function startWithJobs() {
    const started = await startMatching();
    const ids: string[] = [];
    for (let day = 0; day < 3; day++) {
      ids.unshift((await started.service.resolve(DomainName)).jobId);
      started.clock.advanceDays(1);
    }
    return { ...started, ids };
  }

  test('shows the jobs by their start, the latest first', async () => {
    const { client, clock, ids } = await startWithJobs();
    const { IdentityResolutionJobsList: jobs = [] } = await list(client);
    expect(jobs.map(({ JobId }) => JobId)).toEqual(ids);
    const start = new Date(clock.now - DAY_MS);
    expect(jobs[0]).toEqual({
      DomainName,
      JobId: ids[0],
      Status: 'COMPLETED',
      JobStartTime: start,
      JobEndTime: start,
      JobStats: { NumberOfProfilesReviewed: 0, NumberOfMatchesFound: 0, NumberOfMergesDone: 0 },
    });
  });

  test('has pages of MaxResults jobs', async () => {
    const { client, ids } = await startWithJobs();
    const first = await list(client, { MaxResults: 2 });
    expect(first.IdentityResolutionJobsList?.map(({ JobId }) => JobId)).toEqual(ids.slice(0, 2));
    const { NextToken } = first;
    const second = await list(client, { MaxResults: 2, NextToken });
    expect(second.IdentityResolutionJobsList?.map(({ JobId }) => JobId)).toEqual(ids.slice(2));
    expect(second.NextToken).toBeUndefined();
  });

  test('200 with nothing where no job has run', async () => {
    const { client } = await startMatching();
    expect(await list(client)).toEqual({ IdentityResolutionJobsList: [] });
  });

  test('404 when the domain does not exist', async () => {
    const { client } = await startMatching();
    await expect(list(client, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('200 with nothing for a token that was made up, and that names no job', async () => {
    const { client } = await startWithJobs();
    const request: object = { DomainName };
    for (const position of ['', 'x', '-1', '1e3', '9'.repeat(40), 'é']) {
      const NextToken = encodePageToken('ListIdentityResolutionJobs', request, position);
      expect(await list(client, { NextToken })).toEqual({ IdentityResolutionJobsList: [] });
    }
  });
});

describe('GetAutoMergingPreview', () => {
  async function startMatched() {
    const started = await startMatching();
    const ids = await started.seed();
    await started.service.resolve(DomainName);
    return { ...started, ids };
  }

  test('counts the profiles that would go into another one', async () => {
    const { client } = await startMatched();
    const sample = { DomainName, NumberOfMatchesInSample: 2, NumberOfProfilesInSample: 5 };
    for (const [criteria, merged] of [
      [[['LastName']], 3],
      [[['FirstName', 'LastName']], 2],
      [[['FirstName', 'BirthDate']], 0],
      [[['BirthDate'], ['FirstName']], 2],
      [[['PhoneNumber']], 0],
      [[['NoSuchField']], 0],
    ] as const)
      expect(await preview(client, JSON.parse(JSON.stringify(criteria)))).toEqual({
        ...sample,
        NumberOfProfilesWillBeMerged: merged,
      });
  });

  test('counts only groups of at least the score', async () => {
    const { client } = await startMatched();
    const count = async (MinAllowedConfidenceScoreForMerging: number) =>
      (await preview(client, [['LastName']], { MinAllowedConfidenceScoreForMerging }))
        .NumberOfProfilesWillBeMerged;
    expect([await count(0), await count(0.6351), await count(0.6352), await count(1)]).toEqual([
      3, 3, 1, 1,
    ]);
  });

  test('changes nothing', async () => {
    const { client, customers, ids } = await startMatched();
    await preview(client, [['LastName']]);
    expect((await customers.get(...ids)).Profiles).toHaveLength(6);
  });

  test('counts what is there now', async () => {
    const { client, customers, ids } = await startMatched();
    await customers.delete(ids[0] ?? '');
    await customers.update(ids[4] ?? '', { LastName: 'King' });
    expect(await preview(client, [['LastName']])).toMatchObject({
      NumberOfMatchesInSample: 2,
      NumberOfProfilesInSample: 4,
      NumberOfProfilesWillBeMerged: 1,
    });
  });

  test('200 with zeros without matches, and while Matching is off', async () => {
    const { client, service, seed } = await startMatching();
    const zeros = {
      DomainName,
      NumberOfMatchesInSample: 0,
      NumberOfProfilesInSample: 0,
      NumberOfProfilesWillBeMerged: 0,
    };
    await seed();
    expect(await preview(client, [['LastName']])).toEqual(zeros);
    await service.resolve(DomainName);
    await client.send(new UpdateDomainCommand({ DomainName, Matching: { Enabled: false } }));
    expect(await preview(client, [['LastName']])).toEqual(zeros);
  });

  test('400 when a source is to win and none is named', async () => {
    const { client } = await startMatching();
    await expect(
      preview(client, [['LastName']], { ConflictResolution: { ConflictResolvingModel: 'SOURCE' } }),
    ).rejects.toMatchObject(
      badRequest('ConflictResolution.SourceName is required with ConflictResolvingModel SOURCE'),
    );
  });

  test('400 when there is no criterion, or one of nothing', async () => {
    const { client, service } = await startMatching();
    await expect(preview(client, [])).rejects.toMatchObject({ name: 'BadRequestException' });
    await expect(preview(client, [[]])).rejects.toMatchObject({ name: 'BadRequestException' });
    const path = `/domains/${DomainName}/identity-resolution-jobs/auto-merging-preview`;
    const answer = await send(service, 'POST', path, {});
    expect(answer.body.Message).toContain('2 validation errors detected');
  });

  test('404 when the domain does not exist, whatever else is wrong', async () => {
    const { client } = await startMatching();
    const ConflictResolution = { ConflictResolvingModel: 'SOURCE' } as const;
    await expect(
      preview(client, [['LastName']], { DomainName: 'nowhere', ConflictResolution }),
    ).rejects.toMatchObject(domainNotFound('nowhere'));
  });
});
