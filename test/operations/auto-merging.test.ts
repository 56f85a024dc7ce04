import { describe, expect, test } from 'vitest';
import { badRequest } from '../../src/model/errors.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import {
  MERGED_TOGETHER_MAX,
  type MergeGroup,
  mergeGroup as mergeForReal,
} from '../../src/operations/identity-resolution/merge-group.ts';
import { runJob } from '../../src/operations/identity-resolution/run-job.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { holdProfiles } from '../../src/repository/merging.ts';
import { updateProfile } from '../../src/repository/profiles.ts';
import {
  jobContext,
  jobRunner,
  matchRows,
  resolveNow,
  runInPieces,
  runToEnd,
  seedAll,
  seedMatchingDomain,
  startJob,
} from '../support/jobs.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const byLastName = { MatchingAttributesList: [['LastName']] };
const AutoMerging = { Enabled: true, Consolidation: byLastName };
const john = { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000' };
const misspelt = { ...john, FirstName: 'Jhn' };
const grace = { FirstName: 'Grace', LastName: 'Hopper', EmailAddress: 'grace@x.y' };

/** Which of some profiles are there. */
async function living(store: TestStore, ProfileIds: string[]): Promise<string[]> {
  const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds });
  return (Profiles ?? []).map(({ ProfileId = '' }) => ProfileId);
}

/** What the function that merges was called with. */
function recorder(merge: MergeGroup = mergeForReal) {
  const calls: { domainName: string; profileIds: readonly string[]; by: string; how: unknown }[] =
    [];
  const mergeGroup: MergeGroup = (session, context, domain, set, settings) => {
    const how = settings.ConflictResolution;
    const { profileIds } = set;
    calls.push({ domainName: domain.name, profileIds, by: context.caller.arn, how });
    return merge(session, context, domain, set, settings);
  };
  return { calls, mergeGroup };
}

describe('a job merges', () => {
  test('what agrees by a criterion in each group, as the service, into the oldest profile', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    const ids = await seedAll(store, [john, misspelt, grace, { ...grace, LastName: 'HOPPER' }]);
    const { calls, mergeGroup } = recorder();
    const job = await resolveNow(store, { mergeGroup });
    expect(calls).toEqual([
      {
        domainName: DomainName,
        profileIds: ids.slice(0, 2),
        by: 'profile.amazonaws.com',
        how: undefined,
      },
    ]);
    expect(job).toMatchObject({ status: 'COMPLETED', matchesFound: 2, mergesDone: 1 });
    expect(await living(store, ids)).toEqual(ids.toSpliced(1, 1));
  });

  test('nobody who was changed after the job had read him and meets no criterion any more', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    const ids = await seedAll(store, [john, misspelt, john]);
    const mergeGroup: MergeGroup = async (session, context, domain, set, settings) => {
      // As a request would between the two units; on SQLite no other may write in this one.
      const { domainId } = domain;
      for (const row of (
        await holdProfiles(session, domainId, ids.slice(1, 2), context.now)
      ).values())
        await updateProfile(session, row, {
          ...row,
          document: JSON.stringify({ ...misspelt, LastName: 'Roe' }),
        });
      return mergeForReal(session, context, domain, set, settings);
    };
    const job = await resolveNow(store, { mergeGroup });
    expect(job).toMatchObject({ status: 'COMPLETED', mergesDone: 1 });
    expect(await living(store, ids)).toEqual(ids.slice(0, 2));
  });

  test('all of a chain that is longer than one merge, whatever it makes of the oldest', async () => {
    const store = await openTestStore();
    const criteria = { MatchingAttributesList: [['PhoneNumber'], ['EmailAddress']] };
    await seedMatchingDomain(store, { AutoMerging: { Enabled: true, Consolidation: criteria } });
    const { PhoneNumber, ...named } = { ...john, LastName: 'Doe' };
    const ids = await seedAll(store, [
      { ...named, PhoneNumber, EmailAddress: 'john@home.example' },
      ...Array.from({ length: MERGED_TOGETHER_MAX - 1 }, () => ({
        ...named,
        EmailAddress: 'j@x.y',
      })),
      { ...named, PhoneNumber, EmailAddress: 'j@x.y' },
    ]);
    const job = await resolveNow(store);
    expect(job).toMatchObject({ status: 'COMPLETED', mergesDone: 2 });
    expect(await living(store, ids)).toEqual(ids.slice(0, 1));
  });

  test('in the way that the domain says conflicts are resolved', async () => {
    const store = await openTestStore();
    const ConflictResolution = { ConflictResolvingModel: 'SOURCE', SourceName: 'CRM' } as const;
    await seedMatchingDomain(store, { AutoMerging: { ...AutoMerging, ConflictResolution } });
    await seedAll(store, [john, john]);
    const { calls, mergeGroup } = recorder();
    await resolveNow(store, { mergeGroup });
    expect(calls.map(({ how }) => how)).toEqual([ConflictResolution]);
  });

  test('only groups of at least the score that the domain asks for', async () => {
    const store = await openTestStore();
    const MinAllowedConfidenceScoreForMerging = 0.9;
    await seedMatchingDomain(store, {
      AutoMerging: { ...AutoMerging, MinAllowedConfidenceScoreForMerging },
    });
    const ids = await seedAll(store, [john, misspelt, grace, grace]);
    const { calls, mergeGroup } = recorder();
    await resolveNow(store, { mergeGroup });
    expect(calls.map(({ profileIds }) => profileIds)).toEqual([ids.slice(2)]);
  });

  test('as many profiles at a time as MergeProfiles takes', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    const ids = await seedAll(
      store,
      Array.from({ length: 2 * MERGED_TOGETHER_MAX }, () => john),
    );
    const { calls, mergeGroup } = recorder();
    const job = await resolveNow(store, { mergeGroup });
    const [main, ...others] = ids;
    expect(calls.map(({ profileIds }) => profileIds)).toEqual([
      [main, ...others.slice(0, 20)],
      [main, ...others.slice(20, 40)],
      [main, ...others.slice(40)],
    ]);
    expect(job).toMatchObject({ status: 'COMPLETED', mergesDone: 3 });
    expect(await matchRows(store, job)).toMatchObject([{ profileId: main }]);
  });

  test('nothing when AutoMerging is off, or says nothing about what is to be merged', async () => {
    const store = await openTestStore();
    for (const [domain, settings] of [
      ['off', { AutoMerging: { ...AutoMerging, Enabled: false } }],
      ['vague', { AutoMerging: { Enabled: true } }],
      ['absent', {}],
    ] as const) {
      await seedMatchingDomain(store, settings, domain);
      await seedAll(store, [john, john], domain);
      const { calls, mergeGroup } = recorder();
      const context = jobContext(store, { mergeGroup });
      const units = await runToEnd(context, await startJob(context, domain));
      expect(units.at(-1)).toMatchObject({ status: 'COMPLETED', matchesFound: 1, mergesDone: 0 });
      expect(units.map(({ status }) => status)).not.toContain('MERGING');
      expect(calls).toEqual([]);
    }
  });

  test('no more when the domain switches AutoMerging off meanwhile', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    await seedAll(store, [john, john]);
    const { calls, mergeGroup } = recorder();
    const context = jobContext(store, { mergeGroup });
    const statuses: string[] = [];
    for await (const { status } of runJob(context, await startJob(context))) {
      if (status === 'MERGING')
        await store.run(updateDomain, { DomainName, Matching: { Enabled: true } });
      statuses.push(status);
    }
    expect(statuses.slice(-2)).toEqual(['MERGING', 'COMPLETED']);
    expect(calls).toEqual([]);
  });

  test('no more when that happens between two groups', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    await seedAll(store, [john, john, grace, grace]);
    const { calls, mergeGroup } = recorder();
    const pause = async () => {
      if (calls.length === 1)
        await store.run(updateDomain, { DomainName, Matching: { Enabled: true } });
    };
    const job = await resolveNow(store, { mergeGroup, pause });
    expect(calls).toHaveLength(1);
    expect(job).toMatchObject({ status: 'COMPLETED', matchesFound: 2, mergesDone: 1 });
  });

  test('the same when it is interrupted after each unit and resumed', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    const ids = await seedAll(store, [
      ...Array.from({ length: MERGED_TOGETHER_MAX + 5 }, () => john),
      ...Array.from({ length: 3 }, () => grace),
      { ...grace, LastName: 'Murray' },
    ]);
    // Whose groups are in another order than they are.
    const pairs = await seedAll(
      store,
      Array.from({ length: 20 }, (_, index) => ({
        LastName: 'Pair',
        EmailAddress: `pair-${index % 10}@x.y`,
      })),
    );
    const { calls, mergeGroup } = recorder();
    const context = jobContext(store, { mergeGroup });
    const units = await runInPieces(context, await startJob(context));
    expect(units.at(-1)).toMatchObject({ status: 'COMPLETED', mergesDone: 13 });
    expect(await living(store, pairs)).toEqual(pairs.slice(0, 10));
    expect(await living(store, ids.slice(0, 15))).toEqual(ids.slice(0, 1));
    const [first, murray] = [ids.at(-4) ?? '', ids.at(-1) ?? ''];
    expect(await living(store, ids.slice(15))).toEqual([first, murray]);
    expect(calls).toHaveLength(13);
  });
});

describe('a merge that is not done', () => {
  test('because somebody wants them apart counts as none, and the job goes on', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    await seedAll(store, [john, john, grace, grace]);
    const { calls, mergeGroup } = recorder(async () => false);
    const job = await resolveNow(store, { mergeGroup });
    expect(job).toMatchObject({ status: 'COMPLETED', mergesDone: 0, message: null });
    expect(calls).toHaveLength(2);
  });

  test('because it is refused makes a partial success that says why, and is undone', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    const ids = await seedAll(store, [john, john, grace, grace]);
    const refuse: MergeGroup = async (session, context, domain, set, settings) => {
      await mergeForReal(session, context, domain, set, settings);
      if (set.profileIds[0] === ids[0]) throw badRequest('The profile is larger than 1 bytes');
      return true;
    };
    const job = await resolveNow(store, recorder(refuse));
    expect(job).toMatchObject({
      status: 'PARTIAL_SUCCESS',
      mergesDone: 1,
      message: 'Not all profiles could be merged: The profile is larger than 1 bytes',
    });
    expect(await living(store, ids)).toEqual(ids.slice(0, 3));
  });

  test('because of a fault ends the job, and what was found stays', async () => {
    const store = await openTestStore();
    await seedMatchingDomain(store, { AutoMerging });
    await seedAll(store, [john, john]);
    const fault: MergeGroup = () => Promise.reject(new Error('a secret'));
    const runner = jobRunner(store, { mergeGroup: fault });
    const ended = await runner.run(await startJob(runner.context));
    expect(ended).toMatchObject({
      status: 'PARTIAL_SUCCESS',
      message: 'An internal error has ended the job',
      matchesFound: 1,
      position: '',
    });
    expect(ended && (await matchRows(store, ended))).toHaveLength(2);
  });
});

test('a fault before merging makes a job that has failed', async () => {
  const store = await openTestStore();
  await seedMatchingDomain(store);
  await seedAll(store, [john, john]);
  const runner = jobRunner(store, { pause: () => Promise.reject(new Error('a secret')) });
  const ended = await runner.run(await startJob(runner.context));
  expect(ended).toMatchObject({
    status: 'FAILED',
    message: 'An internal error has ended the job',
    endedAt: store.clock.now,
  });
});
