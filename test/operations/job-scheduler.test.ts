import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { getIdentityResolutionJob } from '../../src/operations/identity-resolution/get-identity-resolution-job.ts';
import type { JobContext } from '../../src/operations/identity-resolution/job-context.ts';
import { listIdentityResolutionJobs } from '../../src/operations/identity-resolution/list-identity-resolution-jobs.ts';
import { scheduleJobs } from '../../src/operations/identity-resolution/start-job.ts';
import { insertDomain } from '../../src/repository/domains.ts';
import { JobLeftError } from '../../src/service/job-runner.ts';
import { type JobScheduler, startJobScheduler } from '../../src/service/job-scheduler.ts';
import { sharedDatabase } from '../support/database.ts';
import { accountId } from '../support/domain-rows.ts';
import {
  jobContext,
  jobRunner,
  runToEnd,
  seedAll,
  seedMatchingDomain,
  startJob,
} from '../support/jobs.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const john = { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000' };
/** The tests' clock begins on a Thursday, at 00:00. */
const friday = { JobSchedule: { DayOfTheWeek: 'FRIDAY', Time: '3:30' } } as const;
const MINUTE_MS = 60_000;
const FRIDAY_MS = (24 * 60 + 3 * 60 + 30) * MINUTE_MS;

/** A scheduler of a process of its own; it begins with a look at what is due. */
function startScheduler(store: TestStore, overrides: Partial<JobContext> = {}): JobScheduler {
  const scheduler = startJobScheduler(
    jobRunner(store, overrides),
    pino({ level: 'silent' }),
    () => {},
  );
  onTestFinished(() => scheduler.stop());
  return scheduler;
}

/** Each job of a domain by its status and start, the latest first. */
async function jobs(store: TestStore, domainName = DomainName) {
  const listed = await store.run(listIdentityResolutionJobs, { DomainName: domainName });
  return (listed.IdentityResolutionJobsList ?? []).map(({ Status, JobStartTime = 0 }) => [
    Status,
    JobStartTime * 1000,
  ]);
}

describe('the schedule of a domain', () => {
  test('makes one job, on time, and another a week later', async () => {
    const store = await openTestStore();
    const begin = store.clock.now;
    await seedMatchingDomain(store, friday);
    await seedAll(store, [john, john]);
    const scheduler = startScheduler(store);
    store.clock.advanceMs(FRIDAY_MS - 1);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([]);
    store.clock.advanceMs(1);
    await scheduler.wake();
    await scheduler.wake();
    const first = ['COMPLETED', begin + FRIDAY_MS];
    expect(await jobs(store)).toEqual([first]);
    store.clock.advanceDays(7);
    store.clock.advanceMs(-1);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([first]);
    store.clock.advanceMs(5_000);
    await scheduler.wake();
    await scheduler.wake();
    expect(await jobs(store)).toEqual([
      ['COMPLETED', begin + FRIDAY_MS + 7 * 24 * 60 * MINUTE_MS],
      first,
    ]);
  });

  test('is Saturday, 00:00 UTC, unless it says otherwise', async () => {
    const store = await openTestStore();
    const begin = store.clock.now;
    await seedMatchingDomain(store);
    const scheduler = startScheduler(store);
    store.clock.advanceDays(2);
    store.clock.advanceMs(-1);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([]);
    store.clock.advanceMs(1);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([['COMPLETED', begin + 2 * 24 * 60 * MINUTE_MS]]);
  });

  test('makes a job on time while another runs', async () => {
    const store = await openTestStore();
    const begin = store.clock.now;
    await seedMatchingDomain(store, friday);
    const later = { JobSchedule: { ...friday.JobSchedule, Time: '3:31' } } as const;
    await seedMatchingDomain(store, later, 'other');
    await seedAll(store, [john, john]);
    const resume = Promise.withResolvers<void>();
    const paused = Promise.withResolvers<void>();
    const pause = () => {
      paused.resolve();
      return resume.promise;
    };
    store.clock.advanceMs(FRIDAY_MS);
    const scheduler = startScheduler(store, { pause });
    await paused.promise;
    store.clock.advanceMs(MINUTE_MS);
    const woken = scheduler.wake();
    const due = begin + FRIDAY_MS + MINUTE_MS;
    await expect.poll(() => jobs(store, 'other')).toEqual([['PENDING', due]]);
    // What would have moved its next run by a week, had it not been made.
    await store.run(updateDomain, { DomainName: 'other', DefaultExpirationDays: 30 });
    resume.resolve();
    await woken;
    expect(await jobs(store, 'other')).toEqual([['COMPLETED', due]]);
  });

  test('makes one job in two processes on one store', async () => {
    const database = await sharedDatabase();
    const store = await openTestStore(database);
    const begin = store.clock.now;
    await seedMatchingDomain(store, friday);
    await seedAll(store, [john, john]);
    const other = await openTestStore(database);
    const schedulers = [startScheduler(store), startScheduler(other, { now: store.clock.read })];
    await Promise.all(schedulers.map((scheduler) => scheduler.wake()));
    for (let week = 0; week < 4; week++) {
      store.clock.advanceMs(week === 0 ? FRIDAY_MS : 7 * 24 * 60 * MINUTE_MS);
      await Promise.all(schedulers.map((scheduler) => scheduler.wake()));
    }
    const start = (week: number) => begin + FRIDAY_MS + week * 7 * 24 * 60 * MINUTE_MS;
    expect(await jobs(store)).toEqual([3, 2, 1, 0].map((week) => ['COMPLETED', start(week)]));
  });

  test('makes up for weeks that were missed, once', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    store.clock.advanceDays(30);
    const due = Date.UTC(2026, 0, 30, 3, 30);
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([['COMPLETED', due]]);
  });

  test('says nothing about the time before it was made, or the domain changed', async () => {
    const store = await openTestStore();
    store.clock.advanceDays(30);
    await seedMatchingDomain(store, friday);
    const scheduler = startScheduler(store);
    await scheduler.wake();
    store.clock.advanceDays(6);
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 30 });
    await scheduler.wake();
    expect(await jobs(store)).toEqual([]);
  });

  test('is passed over when a job has run since it was due', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    store.clock.advanceMs(FRIDAY_MS + MINUTE_MS);
    const context = jobContext(store);
    await runToEnd(context, await startJob(context));
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([['COMPLETED', store.clock.now]]);
  });

  test('says nothing where Matching is off', async () => {
    const store = await openTestStore();
    await store.seed.domain();
    await seedMatchingDomain(store, friday, 'deleted');
    await store.run(deleteDomain, { DomainName: 'deleted' });
    store.clock.advanceDays(30);
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([]);
  });

  test('is looked at in every domain of every account, a page of domains at a time', async () => {
    const store = await openTestStore();
    const settings = JSON.stringify({ Matching: { Enabled: true, ...friday } });
    const names = Array.from({ length: 101 }, (_, index) => `domain-${1000 + index}`);
    const times = { createdAt: 0, updatedAt: store.clock.now };
    const row = { defaultExpirationDays: 1, settings, isRuleMatching: 0, ...times };
    for (const name of names)
      await store.repository.write((session) =>
        insertDomain(session, { domainId: name, accountId, name, ...row }),
      );
    const foreign = { domainId: 'e', accountId: '111111111111', name: 'foreign', ...row };
    await store.repository.write((session) => insertDomain(session, foreign));
    store.clock.advanceMs(FRIDAY_MS);
    const scheduler = startScheduler(store);
    await scheduler.wake();
    for (const name of [names[0], names[99], names[100]])
      expect(await jobs(store, name)).toMatchObject([['COMPLETED', store.clock.now]]);
    const { accountId: other } = foreign;
    const listed = await store.run(
      listIdentityResolutionJobs,
      { DomainName: 'foreign' },
      { caller: { ...store.context().caller, accountId: other } },
    );
    expect(listed.IdentityResolutionJobsList).toHaveLength(1);
  });
});

describe('a job that waits', () => {
  /** A domain whose job is due, made and not begun. */
  async function seedPending(): Promise<TestStore> {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    store.clock.advanceMs(FRIDAY_MS);
    await scheduleJobs(jobContext(store));
    expect(await jobs(store)).toEqual([['PENDING', store.clock.now]]);
    return store;
  }

  test('is gone when Matching is switched off', async () => {
    const store = await seedPending();
    await store.run(updateDomain, { DomainName, Matching: { Enabled: false } });
    expect(await jobs(store)).toEqual([]);
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([]);
  });

  test('stays when something else is changed', async () => {
    const store = await seedPending();
    await store.run(updateDomain, { DomainName, Matching: { Enabled: true, ...friday } });
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 30 });
    expect(await jobs(store)).toEqual([['PENDING', store.clock.now]]);
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([['COMPLETED', store.clock.now]]);
  });

  test('does not come back when its domain switches Matching off at the same time', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const store = await openTestStore();
      await seedMatchingDomain(store, friday);
      store.clock.advanceMs(FRIDAY_MS);
      await Promise.all([
        scheduleJobs(jobContext(store)),
        store.run(updateDomain, { DomainName, Matching: { Enabled: false } }),
      ]);
      expect(await jobs(store)).toEqual([]);
    }
  });

  test('has no end, and no settings for merging yet', async () => {
    const store = await seedPending();
    const { IdentityResolutionJobsList: [job] = [] } = await store.run(listIdentityResolutionJobs, {
      DomainName,
    });
    const shown = await store.run(getIdentityResolutionJob, {
      DomainName,
      JobId: job?.JobId ?? '',
    });
    expect(shown).toMatchObject({ Status: 'PENDING', JobStartTime: store.clock.now / 1000 });
    expect(shown).not.toHaveProperty('JobEndTime');
    expect(shown).not.toHaveProperty('AutoMerging');
  });
});

describe('a job that a stopped process has left', () => {
  test('is left alone for a minute, and goes on after that', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    await seedAll(store, [john, john]);
    const begin = store.clock.now;
    await startJob(jobContext(store));
    store.clock.advanceMs(MINUTE_MS - 1);
    const scheduler = startScheduler(store);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([['PREPROCESSING', begin]]);
    store.clock.advanceMs(1);
    await scheduler.wake();
    expect(await jobs(store)).toEqual([['COMPLETED', begin]]);
  });

  test('is left by a scheduler that is stopped, and taken over by another', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    await seedAll(store, [john, john]);
    const begin = store.clock.now;
    store.clock.advanceMs(FRIDAY_MS);
    let stopped: Promise<void> | undefined;
    // Between two pages of the key index.
    const scheduler: JobScheduler = startScheduler(store, {
      pause: async () => {
        stopped ??= scheduler.stop();
      },
    });
    await scheduler.wake();
    await stopped;
    expect(await jobs(store)).toEqual([['FIND_MATCHING', begin + FRIDAY_MS]]);
    store.clock.advanceMs(MINUTE_MS);
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([['COMPLETED', begin + FRIDAY_MS]]);
  });

  test('is not waited for: jobs of other domains are run', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, friday);
    await seedMatchingDomain(store, friday, 'others');
    const begin = store.clock.now;
    store.clock.advanceMs(FRIDAY_MS);
    await startJob(jobContext(store));
    await startScheduler(store).wake();
    expect(await jobs(store)).toEqual([['PREPROCESSING', begin + FRIDAY_MS]]);
    expect(await jobs(store, 'others')).toEqual([['COMPLETED', begin + FRIDAY_MS]]);
  });
});

test('whoever has asked for a job is told that it was stopped', async () => {
  const store = await openTestStore();
  await seedMatchingDomain(store);
  await seedAll(store, [john, john]);
  const runner = jobRunner(store, { pause: async () => void runner.stop() });
  const domain = { accountId, domainName: DomainName };
  await expect(runner.resolve(domain)).rejects.toThrow(JobLeftError);
  expect(await jobs(store)).toEqual([['FIND_MATCHING', store.clock.now]]);
});

test('a scheduler whose job meets a fault goes on with the next', async () => {
  const store = await openTestStore();
  await seedMatchingDomain(store, friday);
  await seedMatchingDomain(store, friday, 'others');
  await seedAll(store, [john, john]);
  store.clock.advanceMs(FRIDAY_MS);
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
    if (pauses === 1) throw new Error('a fault');
  };
  await startScheduler(store, { pause }).wake();
  const all = [...(await jobs(store)), ...(await jobs(store, 'others'))].map(([status]) => status);
  expect(all.sort()).toEqual(['COMPLETED', 'FAILED']);
});
