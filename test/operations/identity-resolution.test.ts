import { describe, expect, test } from 'vitest';
import { KEY_HOLDERS_MAX } from '../../src/identity/match-groups.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { ROWS_PER_PAGE } from '../../src/operations/identity-resolution/candidates.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import type { JobRow } from '../../src/repository/identity-resolution-jobs.ts';
import {
  jobContext,
  matchRows,
  resolveNow,
  runToEnd,
  seedAll,
  seedMatchingDomain,
  startJob,
} from '../support/jobs.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const john = { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000' };

/** The profiles of each group of a job, by the oldest of them, with the score. */
async function groupsOf(store: TestStore, job: JobRow): Promise<[string[], number][]> {
  const rows = await matchRows(store, job);
  const groups = Map.groupBy(rows, ({ matchId }) => matchId);
  const all = [...groups.values()].map((group): [string[], number] => [
    group.map(({ profileId }) => profileId),
    group[0]?.confidenceScore ?? 0,
  ]);
  return all.sort(([[a = '']], [[b = '']]) => (a < b ? -1 : 1));
}

describe('a job', () => {
  test('joins who matches, through others too, and leaves the rest', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    const [a, b, c, , , f, g] = await seedAll(store, [
      { ...john, EmailAddress: 'john@x.y' },
      { FirstName: 'Jhn', LastName: 'Doe', HomePhoneNumber: '+1 555 010 0000' },
      { FirstName: 'John', LastName: 'Doe', BusinessEmailAddress: 'JOHN@x.y' },
      { ...john, FirstName: 'Ada' },
      { FirstName: 'John', LastName: 'Doe' },
      { EmailAddress: 'shared@x.y' },
      { PersonalEmailAddress: 'Shared@x.y' },
    ]);
    const job = await resolveNow(store);
    expect(await groupsOf(store, job)).toEqual([
      [[a, b, c], 0.6351],
      [[f, g], 0.6429],
    ]);
    expect(job).toMatchObject({
      status: 'COMPLETED',
      profilesReviewed: 7,
      matchesFound: 2,
      mergesDone: 0,
      position: '',
      endedAt: store.clock.now,
    });
  });

  test('goes through its statuses one after the other, and then does nothing', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, {
      AutoMerging: { Enabled: true, Consolidation: { MatchingAttributesList: [['LastName']] } },
    });
    await seedAll(store, [john, john]);
    const context = jobContext(store);
    const job = await startJob(context);
    expect(job.status).toBe('PREPROCESSING');
    const rows = await runToEnd(context, job);
    expect([...new Set(rows.map(({ status }) => status))]).toEqual([
      'FIND_MATCHING',
      'MERGING',
      'COMPLETED',
    ]);
    const [last] = rows.slice(-1);
    expect(last && (await runToEnd(context, last))).toEqual([]);
  });

  test('gives a group the same id in the next run, while its oldest profile stays', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    const [first, second] = await seedAll(store, [john, john]);
    const [before] = await matchRows(store, await resolveNow(store));
    await seedAll(store, [john]);
    const after = await matchRows(store, await resolveNow(store));
    expect(new Set(after.map(({ matchId }) => matchId))).toEqual(new Set([before?.matchId]));
    expect(before?.matchId).toMatch(/^[0-9a-f]{32}$/);
    await store.run(deleteProfile, { DomainName, ProfileId: first ?? '' });
    const [left] = await matchRows(store, await resolveNow(store));
    expect(left?.profileId).toBe(second);
    expect(left?.matchId).not.toBe(before?.matchId);
  });

  test('joins two groups that a later value connects, under the id of the oldest profile', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    const [first, second] = await seedAll(store, [
      { EmailAddress: 'one@x.y' },
      { ...john, EmailAddress: 'one@x.y' },
    ]);
    const [before] = await matchRows(store, await resolveNow(store));
    const [third, fourth] = await seedAll(store, [
      { ...john, EmailAddress: 'two@x.y' },
      { EmailAddress: 'two@x.y' },
    ]);
    const job = await resolveNow(store);
    expect(await groupsOf(store, job)).toEqual([[[first, second, third, fourth], 0.6429]]);
    expect((await matchRows(store, job))[0]?.matchId).toBe(before?.matchId);
    expect(job.matchesFound).toBe(1);
  });

  test('compares nobody by a value that more than 500 profiles share', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    const ids = await store.seed.profiles(DomainName, KEY_HOLDERS_MAX + 1, john);
    const crowd = await resolveNow(store);
    expect(await matchRows(store, crowd)).toEqual([]);
    expect(crowd).toMatchObject({ matchesFound: 0, profilesReviewed: KEY_HOLDERS_MAX + 1 });
    await store.run(deleteProfile, { DomainName, ProfileId: ids[7] ?? '' });
    const job = await resolveNow(store);
    const left = ids.filter((_, index) => index !== 7).sort();
    expect(await groupsOf(store, job)).toEqual([[left, 1]]);
    expect(job.matchesFound).toBe(1);
  });

  test('passes over a value of very many profiles, and goes on after it', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    const common = { EmailAddress: 'm@x.y' };
    await store.seed.profiles(DomainName, ROWS_PER_PAGE + 1, common);
    const [first, second] = await seedAll(store, [
      { EmailAddress: 'a@x.y', PersonalEmailAddress: 'm@x.y' },
      { EmailAddress: 'a@x.y' },
    ]);
    const [third, fourth] = await seedAll(store, [
      { EmailAddress: 'z@x.y' },
      { EmailAddress: 'z@x.y' },
    ]);
    expect((await groupsOf(store, await resolveNow(store))).map(([members]) => members)).toEqual([
      [first, second],
      [third, fourth],
    ]);
  });

  test('leaves out who is deleted while it compares', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    // So many that they are not all compared in one turn.
    const ids = await store.seed.profiles(DomainName, 60, john);
    const ProfileId = ids[3] ?? '';
    let isDeleted = false;
    const pause = async () => {
      if (!isDeleted) await store.run(deleteProfile, { DomainName, ProfileId });
      isDeleted = true;
    };
    const context = jobContext(store, { pause });
    const [job] = (await runToEnd(context, await startJob(context))).slice(-1);
    expect(isDeleted).toBe(true);
    const left = ids.filter((id) => id !== ProfileId).sort();
    expect(job && (await groupsOf(store, job))).toEqual([[left, 1]]);
  });

  test('leaves out who has expired', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    await seedAll(store, [john]);
    store.clock.advanceDays(200);
    await seedAll(store, [john]);
    store.clock.advanceDays(200);
    expect(await matchRows(store, await resolveNow(store))).toEqual([]);
  });

  test('ends when its domain is deleted', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store);
    await seedAll(store, [john, john]);
    let isDeleted = false;
    const pause = async () => {
      if (!isDeleted) await store.run(deleteDomain, { DomainName });
      isDeleted = true;
    };
    const context = jobContext(store, { pause });
    const rows = await runToEnd(context, await startJob(context));
    expect(isDeleted).toBe(true);
    // The key index has not been read to its end.
    expect(rows.map(({ status }) => status)).toEqual(['FIND_MATCHING', 'FIND_MATCHING']);
  });
});
