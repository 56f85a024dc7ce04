import { describe, expect, test } from 'vitest';
import { getIdentityResolutionJob } from '../../src/operations/identity-resolution/get-identity-resolution-job.ts';
import { listIdentityResolutionJobs } from '../../src/operations/identity-resolution/list-identity-resolution-jobs.ts';
import { runJob } from '../../src/operations/identity-resolution/run-job.ts';
import { getMatches } from '../../src/operations/matches/get-matches.ts';
import { sharedDatabase } from '../support/database.ts';
import {
  jobContext,
  jobRunner,
  matchRows,
  resolveNow,
  runToEnd,
  seedAll,
  seedMatchingDomain,
  startJob,
} from '../support/jobs.ts';
import { countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { sweepOnce } from '../support/sweep.ts';

const DomainName = 'customers';
const john = { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000' };

async function listed(store: TestStore): Promise<(string | undefined)[]> {
  const { IdentityResolutionJobsList } = await store.run(listIdentityResolutionJobs, {
    DomainName,
  });
  return (IdentityResolutionJobsList ?? []).map(({ JobId }) => JobId);
}

async function shown(store: TestStore): Promise<number> {
  const { Matches } = await store.run(getMatches, { DomainName });
  return (Matches ?? []).length;
}

describe('matches of a job', () => {
  test('are shown until a later job is complete, and swept then', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    await seedAll(store, [john, john]);
    const first = await resolveNow(store);
    await seedAll(store, [{ EmailAddress: 'a@x.y' }, { EmailAddress: 'a@x.y' }]);
    const context = jobContext(store);
    const second = await startJob(context);
    await sweepOnce(store);
    expect(await shown(store)).toBe(1);
    await runToEnd(context, second);
    expect(await shown(store)).toBe(2);
    expect(await matchRows(store, first)).toHaveLength(2);
    await sweepOnce(store);
    expect(await matchRows(store, first)).toEqual([]);
    expect(await matchRows(store, second)).toHaveLength(4);
    expect(await shown(store)).toBe(2);
  });

  test('stay while the job is at work, be it older than one that is complete', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    await seedAll(store, [john, john]);
    const context = jobContext(store);
    const slow = await startJob(context);
    const steps = runJob(context, slow);
    while ((await matchRows(store, slow)).length === 0) await steps.next();
    const fast = await resolveNow(store);
    await sweepOnce(store);
    expect(await matchRows(store, slow)).toHaveLength(2);
    for await (const _ of steps);
    await sweepOnce(store);
    expect(await matchRows(store, slow)).toEqual([]);
    expect(await matchRows(store, fast)).toHaveLength(2);
  });

  test('are swept when the job has failed, and never shown', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    await seedAll(store, [john, john]);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
      if (pauses > 1) throw new Error('a fault');
    };
    const runner = jobRunner(store, { pause });
    const failed = await runner.run(await startJob(runner.context));
    if (failed === undefined) throw new Error('the job has not ended');
    expect(failed.status).toBe('FAILED');
    expect(await matchRows(store, failed)).toHaveLength(2);
    expect(await shown(store)).toBe(0);
    await sweepOnce(store);
    expect(await matchRows(store, failed)).toEqual([]);
    expect(await listed(store)).toEqual([failed.jobId]);
  });

  test('go with their profiles when the domain goes', async () => {
    const database = await sharedDatabase();
    const store = await openTestStore(database);
    await seedMatchingDomain(store);
    await seedAll(store, [john, john]);
    await resolveNow(store);
    expect(await countRows(database, 'job_matches')).toBe(2);
    await store.repository.clear();
    expect(await countRows(database, 'job_matches')).toBe(0);
    expect(await countRows(database, 'identity_resolution_jobs')).toBe(0);
  });
});

test('a job is shown for ninety days, and swept with its matches then', async () => {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await seedMatchingDomain(store);
  await seedAll(store, [john, john]);
  const { jobId: JobId } = await resolveNow(store);
  store.clock.advanceDays(90);
  store.clock.advanceMs(-1);
  await sweepOnce(store);
  expect(await listed(store)).toEqual([JobId]);
  expect(await shown(store)).toBe(1);
  store.clock.advanceMs(1);
  expect(await listed(store)).toEqual([]);
  expect(await shown(store)).toBe(0);
  await expect(store.run(getIdentityResolutionJob, { DomainName, JobId })).rejects.toMatchObject({
    message: 'The identity resolution job does not exist',
  });
  // The matches first, and the job when nothing is left of them.
  await sweepOnce(store);
  expect(await countRows(database, 'job_matches')).toBe(0);
  await sweepOnce(store);
  expect(await countRows(database, 'identity_resolution_jobs')).toBe(0);
});
