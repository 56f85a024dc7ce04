import { describe, expect, test } from 'vitest';
import { GROUP_PROFILES_MAX } from '../../src/identity/match-groups.ts';
import { ROWS_PER_PAGE } from '../../src/operations/identity-resolution/candidates.ts';
import { LINKS_PER_UNIT } from '../../src/operations/identity-resolution/compare.ts';
import { runJob } from '../../src/operations/identity-resolution/run-job.ts';
import type { JobRow } from '../../src/repository/identity-resolution-jobs.ts';
import { sharedDatabase } from '../support/database.ts';
import {
  jobContext,
  matchRows,
  resolveNow,
  runInPieces,
  runToEnd,
  seedAll,
  seedMatchingDomain,
  startJob,
} from '../support/jobs.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { meterUnits } from '../support/units.ts';

const DomainName = 'customers';

/**
 * Groups by every key, of two to many profiles, some of which a later value joins; more values than a
 * page of the key index has; and more links of one value than a unit of work stores.
 */
async function seedCustomers(store: TestStore): Promise<void> {
  await seedMatchingDomain(store);
  await Promise.all(
    Array.from({ length: ROWS_PER_PAGE / 2 }, (_, index) =>
      store.seed.profile(DomainName, {
        EmailAddress: `${index}@x.y`,
        PersonalEmailAddress: `private-${index}@x.y`,
      }),
    ),
  );
  const firstNames = ['John', 'Jhn', 'Ada', 'Zoe', 'Grace'];
  const lastNames = ['Doe', 'Dough', 'Chen', 'Okafor'];
  await seedAll(
    store,
    Array.from({ length: 60 }, (_, index) => ({
      FirstName: firstNames[index % 5],
      LastName: lastNames[index % 4],
      PhoneNumber: `555-010-00${10 + (index % 20)}`,
      EmailAddress: `${index % 45}@x.y`,
    })),
  );
  const many = { FirstName: 'Grace', LastName: 'Hopper', HomePhoneNumber: '555-020-0000' };
  await seedAll(
    store,
    Array.from({ length: 3 * LINKS_PER_UNIT }, () => many),
  );
}

/** What a job has found, without what differs from job to job. */
async function results(store: TestStore, job: JobRow | undefined) {
  if (job === undefined) throw new Error('the job did not run');
  const { status, matchesFound, mergesDone, profilesReviewed } = job;
  return { status, matchesFound, mergesDone, profilesReviewed, rows: await matchRows(store, job) };
}

describe('a job of many units', () => {
  test('finds the same when it is interrupted after each of them and resumed', async () => {
    const store = await openTestStore();
    await seedCustomers(store);
    const whole = await results(store, await resolveNow(store));
    expect(whole).toMatchObject({
      status: 'COMPLETED',
      profilesReviewed: ROWS_PER_PAGE / 2 + 60 + 3 * LINKS_PER_UNIT,
    });
    expect(whole.matchesFound).toBeGreaterThan(3);
    expect(whole.rows.length).toBeGreaterThan(LINKS_PER_UNIT);
    const context = jobContext(store);
    const units = await runInPieces(context, await startJob(context));
    expect(units.length).toBeGreaterThan(6);
    expect(await results(store, units.at(-1))).toEqual(whole);
  });

  test('is run by one of several processes, and finds the same', async () => {
    const database = await sharedDatabase();
    const store = await openTestStore(database);
    await seedCustomers(store);
    const whole = await results(store, await resolveNow(store));
    const others = await Promise.all([1, 2].map(() => openTestStore(database)));
    const context = jobContext(store);
    const job = await startJob(context);
    const runs = [context, ...others.map((other) => jobContext(other))].map((own) =>
      runToEnd(own, job),
    );
    const ends = (await Promise.all(runs)).map((units) => units.at(-1)?.endedAt ?? null);
    // Each unit was done by one of them, and whoever lost one has left the rest to the others.
    expect(ends.filter((end) => end !== null)).toHaveLength(1);
    const done = (await Promise.all(runs)).flat().filter(({ endedAt }) => endedAt !== null);
    expect(await results(store, done[0])).toEqual(whole);
  });

  test('leaves everything as it is where another process has taken the step', async () => {
    const store = await openTestStore();
    await seedCustomers(store);
    const context = jobContext(store);
    const job = await startJob(context);
    // Each is at the same place, and one is a unit ahead.
    const [behind, ahead] = [runJob(context, job), runJob(context, job)];
    await ahead.next();
    expect(await behind.next()).toEqual({ done: true, value: undefined });
    const units: JobRow[] = [];
    for await (const unit of ahead) units.push(unit);
    expect(units.at(-1)).toMatchObject({ status: 'COMPLETED' });
  });

  test('reads and writes a bounded number of rows at a time', async () => {
    const store = await openTestStore();
    await seedCustomers(store);
    const { repository, units, rowsMax } = meterUnits(store.repository);
    await resolveNow(store, { repository });
    expect(rowsMax()).toBe(ROWS_PER_PAGE);
    // Six statements store a link, and each gives or writes the rows of a group at most.
    expect(Math.max(...units.map(({ statements }) => statements))).toBeLessThanOrEqual(
      6 * LINKS_PER_UNIT + 5,
    );
    expect(GROUP_PROFILES_MAX).toBeLessThan(ROWS_PER_PAGE);
    expect(units.length).toBeGreaterThan(6);
  });
});
