import { describe, expect, test } from 'vitest';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { asService } from '../../src/model/operation.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { getProfileHistoryRecord } from '../../src/operations/history/get-profile-history-record.ts';
import { listProfileHistoryRecords } from '../../src/operations/history/list-profile-history-records.ts';
import { findRuleMatch } from '../../src/operations/matches/find-rule-match.ts';
import { getSimilarProfiles } from '../../src/operations/matches/get-similar-profiles.ts';
import { listRuleBasedMatches } from '../../src/operations/matches/list-rule-based-matches.ts';
import { advanceMatching } from '../../src/operations/matching/advance.ts';
import { SHARED_VALUE_MAX } from '../../src/operations/matching/lookups.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { unmerge } from '../../src/operations/profiles/unmerge.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { listDeadLetters } from '../../src/repository/dead-letters.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { keepApart } from '../../src/repository/kept-apart.ts';
import { listMerges, NEWEST_MERGE } from '../../src/repository/merge-images.ts';
import { removeExpiredProfiles } from '../../src/repository/profiles.ts';
import { nextChanges } from '../../src/repository/rule-match-changes.ts';
import { findRebuild } from '../../src/repository/rule-match-rebuilds.ts';
import { sharedDatabase } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { storeObjects } from '../support/stored-objects.ts';

const DomainName = 'customers';
const domain = { accountId: '000000000000', domainName: DomainName };

/** Rules that match by e-mail address, or else by account, and merge only the first. */
const rules = {
  Enabled: true,
  MatchingRules: [{ Rule: ['EmailAddress'] }, { Rule: ['AccountNumber'] }],
  MaxAllowedRuleLevelForMatching: 2,
  MaxAllowedRuleLevelForMerging: 1,
  ConflictResolution: { ConflictResolvingModel: 'RECENCY' as const },
};

/** The same, but that nobody has what the first level wants. */
const onlyMatching = {
  ...rules,
  MatchingRules: [{ Rule: ['BusinessName'] }, { Rule: ['AccountNumber'] }],
};

async function open(RuleBasedMatching: typeof rules = rules): Promise<TestStore> {
  const store = await openTestStore();
  await store.run(createDomain, { DomainName, DefaultExpirationDays: 1, RuleBasedMatching });
  return store;
}

async function look(store: TestStore, quotas = publishedQuotas): Promise<readonly string[]> {
  const row = await findDomain(store.repository.autocommit, domain);
  const refused: string[] = [];
  for (;;) {
    const step = await advanceMatching(asService(store.context({ quotas })), row?.domainId ?? '');
    refused.push(...step.refused);
    if (!step.hasMore) return refused;
  }
}

async function exist(store: TestStore, ...ProfileIds: string[]): Promise<string[]> {
  const { Profiles = [] } = await store.run(batchGetProfile, { DomainName, ProfileIds });
  return Profiles.map(({ ProfileId = '' }) => ProfileId);
}

async function matches(store: TestStore): Promise<string[]> {
  return (await store.run(listRuleBasedMatches, { DomainName })).MatchIds ?? [];
}

/** A page of one profile of its group. */
function similarTo(store: TestStore, SearchValue: string, position: string | undefined) {
  return store.run(
    getSimilarProfiles,
    {
      DomainName,
      MatchType: 'RULE_BASED_MATCHING',
      SearchKey: 'profileId',
      SearchValue,
      MaxResults: 1,
    },
    { pagePosition: () => position },
  );
}

function groupOf(store: TestStore, value: string) {
  const search = { key: 'profileId', value, after: '', limit: 100 } as const;
  return findRuleMatch(store.context(), domain, search);
}

async function actions(store: TestStore, ProfileId: string) {
  const { ProfileHistoryRecords = [] } = await store.run(listProfileHistoryRecords, {
    DomainName,
    ProfileId,
  });
  return ProfileHistoryRecords.map(({ ActionType, PerformedBy }) => `${ActionType} ${PerformedBy}`);
}

const root = 'arn:aws:iam::000000000000:root';

describe('profiles that match on a level up to which they are merged', () => {
  test('are merged into the one that was made first, by the service', async () => {
    const store = await open();
    const first = await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y' });
    const other = await store.seed.profile(DomainName, {
      EmailAddress: 'ADA@x.y',
      FirstName: 'Ada',
    });
    await look(store);
    expect(await exist(store, first, other)).toEqual([first]);
    expect(await matches(store)).toEqual([]);
    expect(await actions(store, first)).toEqual([
      'MERGED profile.amazonaws.com',
      `CREATED ${root}`,
    ]);
    expect(await actions(store, other)).toEqual([
      'DELETED_BY_MERGE profile.amazonaws.com',
      `CREATED ${root}`,
    ]);
  });

  test('resolve conflicts as the domain says: here by recency', async () => {
    const store = await open();
    const first = await store.seed.profile(DomainName, {
      EmailAddress: 'ada@x.y',
      FirstName: 'older',
    });
    store.clock.advanceMs(1_000);
    await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y', FirstName: 'newer' });
    await look(store);
    const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds: [first] });
    expect(Profiles).toMatchObject([{ FirstName: 'newer' }]);
  });

  test('go on merging: what the merged profile has may match others', async () => {
    const store = await open({ ...rules, MaxAllowedRuleLevelForMerging: 2 });
    const [a, b, c] = [
      await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y' }),
      await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y', AccountNumber: '7' }),
      await store.seed.profile(DomainName, { AccountNumber: '7' }),
    ];
    await look(store);
    expect(await exist(store, a, b, c)).toEqual([a]);
  });

  test('stay as they are when the merged profile would be larger than the quotas', async () => {
    const store = await open();
    const long = 'x'.repeat(250);
    const first = await store.seed.profile(DomainName, {
      EmailAddress: 'ada@x.y',
      FirstName: long,
    });
    const other = await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y', LastName: long });
    const refused = await look(store, { ...publishedQuotas, profileBytes: 400 });
    expect(refused).toEqual([...new Set(refused)]);
    expect(await exist(store, first, other)).toEqual([first, other]);
    expect(await matches(store)).toEqual([refused[0]]);
  });

  /** Profiles of one address, the first of whom have the same two objects. */
  async function withObjects(count: number, withObjects: number) {
    const database = await sharedDatabase();
    const store = await openTestStore(database);
    await store.run(createDomain, {
      DomainName,
      DefaultExpirationDays: 1,
      RuleBasedMatching: rules,
    });
    const row = await findDomain(store.repository.autocommit, domain);
    const domainId = row?.domainId ?? '';
    const made = await store.seed.profiles(DomainName, count, { EmailAddress: 'ada@x.y' });
    const ids = made.toSorted();
    const objects = ids
      .slice(0, withObjects)
      .flatMap((profileId) =>
        ['1', '2'].map((objectKey) => ({ profileId, objectTypeName: 'ticket', objectKey })),
      );
    await storeObjects(database, domainId, objects);
    return { store, domainId, ids };
  }

  test('are merged some at a time when they have more objects than two may have', async () => {
    const { store, ids } = await withObjects(5, 5);
    expect(await look(store, { ...publishedQuotas, objectsPerProfile: 3 })).toEqual([]);
    expect(await exist(store, ...ids)).toEqual([ids[0]]);
    // Three with six objects, and then three again.
    const { autocommit } = store.repository;
    expect(await listMerges(autocommit, domain, NEWEST_MERGE, 10)).toHaveLength(2);
  });

  test('are merged though those with many objects are kept apart from one another', async () => {
    const { store, domainId, ids } = await withObjects(4, 3);
    const [first = '', second = '', third = '', last = ''] = ids;
    await store.repository.write((session) => keepApart(session, domainId, [first, second, third]));
    await look(store, { ...publishedQuotas, objectsPerProfile: 2 });
    expect(await exist(store, ...ids)).toEqual([first, second, third]);
    expect(await actions(store, last)).toContainEqual('DELETED_BY_MERGE profile.amazonaws.com');
  });

  test('are left apart once somebody has undone their merge', async () => {
    const store = await open();
    const first = await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y' });
    const other = await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y' });
    await look(store);
    const [merge] = await listMerges(store.repository.autocommit, domain, NEWEST_MERGE, 1);
    await store.repository.write((session) =>
      unmerge(session, store.context(), merge?.mergeId ?? ''),
    );
    await look(store);
    expect(await exist(store, first, other)).toEqual([first, other]);
    expect((await groupOf(store, other))?.profileIds).toEqual([first, other]);
    const third = await store.seed.profile(DomainName, { EmailAddress: 'ada@x.y' });
    await look(store);
    expect(await exist(store, first, other, third)).toEqual([first, other]);
    // It was merged into the first, which is still kept apart from the other.
    await store.run(updateProfile, { DomainName, ProfileId: other, FirstName: 'Eve' });
    await look(store);
    expect(await exist(store, first, other)).toEqual([first, other]);
  });
});

describe('profiles that match on a higher level', () => {
  test('are only listed', async () => {
    const store = await open();
    const [a, b] = await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
    await look(store);
    const [matchId, ...more] = await matches(store);
    expect(more).toEqual([]);
    expect(await groupOf(store, a ?? '')).toEqual({ matchId, ruleLevel: 2, profileIds: [a, b] });
  });

  test('are in the group of the first level on which they match anybody', async () => {
    const store = await open({
      ...onlyMatching,
      MatchingRules: [
        { Rule: ['BusinessName'] },
        { Rule: ['EmailAddress', 'AccountNumber'] },
        { Rule: ['AccountNumber'] },
      ],
      MaxAllowedRuleLevelForMatching: 3,
    });
    const both = { EmailAddress: 'ada@x.y', AccountNumber: '7' };
    const [a, b] = await store.seed.profiles(DomainName, 2, both);
    expect(await groupOf(store, a ?? '')).toMatchObject({ ruleLevel: 2, profileIds: [a, b] });
    expect(await matches(store)).toHaveLength(1);
    const c = await store.seed.profile(DomainName, { AccountNumber: '7' });
    expect(await groupOf(store, c)).toMatchObject({ ruleLevel: 3, profileIds: [a, b, c] });
    expect(await groupOf(store, a ?? '')).toMatchObject({ ruleLevel: 2, profileIds: [a, b] });
    expect(await matches(store)).toHaveLength(2);
  });

  test('leave their group when they change, are deleted or merged', async () => {
    const store = await open(onlyMatching);
    const ids = await store.seed.profiles(DomainName, 5, { AccountNumber: '7' });
    const [a = '', b = '', c = '', d = '', e = ''] = ids;
    expect((await groupOf(store, a))?.profileIds).toEqual(ids);
    await store.run(updateProfile, { DomainName, ProfileId: a, AccountNumber: '8' });
    expect(await groupOf(store, a)).toBeUndefined();
    expect((await groupOf(store, b))?.profileIds).toEqual([b, c, d, e]);
    await store.run(deleteProfile, { DomainName, ProfileId: b });
    expect((await groupOf(store, c))?.profileIds).toEqual([c, d, e]);
    await store.run(mergeProfiles, { DomainName, MainProfileId: d, ProfileIdsToBeMerged: [c] });
    expect((await groupOf(store, d))?.profileIds).toEqual([d, e]);
    await store.run(deleteProfile, { DomainName, ProfileId: e });
    expect(await groupOf(store, d)).toBeUndefined();
    expect(await matches(store)).toEqual([]);
  });
});

test('a profile that has expired is in no group any more, before and after it is swept', async () => {
  const store = await open(onlyMatching);
  const [a = ''] = await store.seed.profiles(DomainName, 1, { AccountNumber: '7' });
  store.clock.advanceMs(12 * 60 * 60 * 1000);
  const [b = '', c = ''] = await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
  expect((await groupOf(store, b))?.profileIds).toEqual([a, b, c]);
  store.clock.advanceMs(13 * 60 * 60 * 1000);
  expect((await groupOf(store, b))?.profileIds).toEqual([b, c]);
  await store.repository.write((session) => removeExpiredProfiles(session, store.clock.now, 10));
  expect((await groupOf(store, b))?.profileIds).toEqual([b, c]);
});

test('a unit compares so many profiles and leaves the rest to the next', async () => {
  const names = Array.from({ length: 14 }, (_, index) => `a${index}`);
  const levels = [['BusinessName'], ...names.map((name) => [`Attributes.${name}`])];
  const store = await open({
    ...rules,
    MatchingRules: levels.map((Rule) => ({ Rule })),
    MaxAllowedRuleLevelForMatching: levels.length,
  });
  const Attributes = Object.fromEntries(names.map((name) => [name, '7']));
  const ids = await store.seed.profiles(DomainName, 60, { Attributes });
  const { domainId = '' } = (await findDomain(store.repository.autocommit, domain)) ?? {};
  for (let steps = 0; steps < 6; steps++)
    await advanceMatching(asService(store.context()), domainId);
  // Ten at a time they would all have been looked at; the last ten are compared 8,400 times.
  const waiting = await nextChanges(store.repository.autocommit, domainId, 100);
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting).toEqual(ids.toSorted().slice(-waiting.length));
  await look(store);
  expect((await groupOf(store, ids[0] ?? ''))?.profileIds).toEqual(ids.toSorted());
});

test('pages go on behind a profile that has expired and is not swept yet', async () => {
  const store = await open(onlyMatching);
  const [a = ''] = await store.seed.profiles(DomainName, 1, { AccountNumber: '7' });
  store.clock.advanceMs(12 * 60 * 60 * 1000);
  const [b = '', c = ''] = await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
  expect((await groupOf(store, b))?.profileIds).toEqual([a, b, c]);
  store.clock.advanceMs(13 * 60 * 60 * 1000);
  const seen: string[] = [];
  let position: string | undefined;
  do {
    const shown: Awaited<ReturnType<typeof similarTo>> = await similarTo(store, b, position);
    seen.push(...(shown.ProfileIds ?? []));
    position = shown.NextToken;
  } while (position !== undefined);
  expect(seen).toEqual([b, c]);
});

describe('a value that more than 500 profiles have', () => {
  test('does not match by itself, and a dead letter says so once a day', async () => {
    const store = await open(onlyMatching);
    await store.seed.profiles(DomainName, SHARED_VALUE_MAX + 1, { AccountNumber: '7' });
    const last = await store.seed.profile(DomainName, { AccountNumber: '7' });
    await look(store);
    const letters = await listDeadLetters(store.repository.autocommit, domain, '', 10);
    expect(letters).toMatchObject([
      {
        objectTypeName: '_profile',
        reason: 'All attributes at rule level 2 are associated with more than 500 records',
      },
    ]);
    expect(await groupOf(store, last)).toBeUndefined();
  });

  test('matches beside one that fewer have', async () => {
    const store = await open({
      ...onlyMatching,
      MatchingRules: [{ Rule: ['BusinessName'] }, { Rule: ['AccountNumber', 'FirstName'] }],
    });
    await store.seed.profiles(DomainName, SHARED_VALUE_MAX + 1, { AccountNumber: '7' });
    const ada = { AccountNumber: '7', FirstName: 'Ada' };
    const [a, b] = await store.seed.profiles(DomainName, 2, ada);
    await look(store);
    expect((await groupOf(store, b ?? ''))?.profileIds).toEqual([a, b]);
    expect(await listDeadLetters(store.repository.autocommit, domain, '', 10)).toEqual([]);
  });
});

describe('configuring rules', () => {
  test('matches the profiles that are there, and says how far that is', async () => {
    const store = await openTestStore();
    await store.seed.domain(DomainName, 1);
    const ids = await store.seed.profiles(DomainName, 300, { AccountNumber: '7' });
    const { RuleBasedMatching } = await store.run(updateDomain, {
      DomainName,
      RuleBasedMatching: onlyMatching,
    });
    expect(RuleBasedMatching?.Status).toBe('IN_PROGRESS');
    await look(store);
    const shown = await store.run(getDomain, { DomainName });
    expect(shown.RuleBasedMatching?.Status).toBe('ACTIVE');
    expect((await groupOf(store, ids[0] ?? ''))?.profileIds).toEqual(ids.slice(0, 100));
  });

  test('anew forgets what the old rules gave, and switching them off forgets all', async () => {
    const store = await open(onlyMatching);
    const [a = ''] = await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
    expect(await groupOf(store, a)).toBeDefined();
    const MatchingRules = [{ Rule: ['BusinessName'] }, { Rule: ['FirstName'] }];
    const { RuleBasedMatching } = await store.run(updateDomain, {
      DomainName,
      RuleBasedMatching: { ...onlyMatching, MatchingRules },
    });
    expect(RuleBasedMatching?.Status).toBe('ACTIVE');
    expect(await groupOf(store, a)).toBeUndefined();
    await store.run(updateDomain, { DomainName, RuleBasedMatching: onlyMatching });
    expect(await groupOf(store, a)).toBeDefined();
    await store.run(updateDomain, { DomainName, RuleBasedMatching: { Enabled: false } });
    expect(await groupOf(store, a)).toBeUndefined();
    expect(await matches(store)).toEqual([]);
  });

  test('to be exported elsewhere keeps the matches as they are', async () => {
    const store = await open(onlyMatching);
    await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
    const before = await matches(store);
    const { RuleBasedMatching } = await store.run(updateDomain, {
      DomainName,
      RuleBasedMatching: {
        ...onlyMatching,
        ExportingConfig: { S3Exporting: { S3BucketName: 'matches' } },
      },
    });
    expect(RuleBasedMatching?.Status).toBe('ACTIVE');
    const row = await findDomain(store.repository.autocommit, domain);
    expect(await findRebuild(store.repository.autocommit, row?.domainId ?? '')).toBeUndefined();
    expect(await matches(store)).toEqual(before);
  });

  test('writes the history of what it merges as it is then', async () => {
    const store = await openTestStore();
    await store.seed.domain(DomainName, 1);
    const [first = ''] = await store.seed.profiles(DomainName, 2, { EmailAddress: 'ada@x.y' });
    await store.run(updateDomain, { DomainName, RuleBasedMatching: rules });
    const { ProfileHistoryRecords: [newest] = [] } = await store.run(listProfileHistoryRecords, {
      DomainName,
      ProfileId: first,
    });
    const name = { DomainName, ProfileId: first, Id: newest?.Id ?? '' };
    const { Content = '' } = await store.run(getProfileHistoryRecord, name);
    expect(JSON.parse(Content)).toEqual({ ProfileId: first, EmailAddress: 'ada@x.y' });
  });
});

test('nothing is noted or listed where rule-based matching is off', async () => {
  const store = await openTestStore();
  await store.seed.domain(DomainName, 1);
  await store.seed.profiles(DomainName, 2, { AccountNumber: '7' });
  expect(await look(store)).toEqual([]);
  expect(await matches(store)).toEqual([]);
});
