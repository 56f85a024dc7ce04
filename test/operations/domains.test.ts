import { describe, expect, test } from 'vitest';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { localCaller } from '../../src/model/operation.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { listDomains } from '../../src/operations/domains/list-domains.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { listAccountIntegrations } from '../../src/operations/integrations/list-account-integrations.ts';
import { putIntegration } from '../../src/operations/integrations/put-integration.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { sharedDatabase } from '../support/database.ts';
import { expectAllRejected } from '../support/outcomes.ts';
import { countAllRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { hasHiddenDomain, startSweeper, sweepOnce, untilSwept } from '../support/sweep.ts';

const DomainName = 'customers';
const byAccount = { DomainName, KeyName: '_account', Values: ['A'] };
const domainNotFound = {
  code: 'ResourceNotFoundException',
  message: 'Domain customers does not exist',
};

async function openFileStore(): Promise<{ store: TestStore; file: string }> {
  const file = await sharedDatabase();
  return { store: await openTestStore(file), file };
}

/** A domain with so many profiles of the account `A`; returns their ids. */
async function seedDomain(store: TestStore, profileCount: number): Promise<string[]> {
  await store.seed.domain(DomainName);
  return store.seed.profiles(DomainName, profileCount, { AccountNumber: 'A' });
}

/** Deletes the domain; says whether the sweeper was woken. */
async function deleteIt(store: TestStore): Promise<boolean> {
  let isWoken = false;
  const wakeSweeper = () => {
    isWoken = true;
  };
  expect(await store.run(deleteDomain, { DomainName }, { wakeSweeper })).toEqual({ Message: 'OK' });
  return isWoken;
}

async function found(store: TestStore): Promise<(string | undefined)[]> {
  const { Items } = await store.run(searchProfiles, byAccount);
  return (Items ?? []).map(({ ProfileId }) => ProfileId);
}

const stats = (profiles: number) => ({
  ProfileCount: profiles,
  MeteringProfileCount: profiles,
  ObjectCount: 0,
  TotalSize: 0,
});

describe('DeleteDomain', () => {
  test('leaves no row of a small domain and does not wake the sweeper', async () => {
    const { store, file } = await openFileStore();
    const [profileId = ''] = await seedDomain(store, 20);
    await store.seed.key(DomainName, profileId, 'card', '1', '2');
    expect(await deleteIt(store)).toBe(false);
    expect(await countAllRows(file)).toEqual({
      domains: 0,
      domain_counts: 0,
      profiles: 0,
      profile_keys: 0,
    });
  });

  test.each([
    [999, false],
    [1000, false],
    [1001, true],
  ])('of %i profiles wakes the sweeper: %s', async (profileCount, isWoken) => {
    const store = await openTestStore();
    await seedDomain(store, profileCount);
    expect(await deleteIt(store)).toBe(isWoken);
    expect(await hasHiddenDomain(store)).toBe(isWoken);
  });

  test('hides a large domain from every operation at once', async () => {
    const store = await openTestStore();
    const ProfileId = (await seedDomain(store, 1200)).at(-1) ?? '';
    await deleteIt(store);
    expect(await hasHiddenDomain(store)).toBe(true);
    const profile = { DomainName, ProfileId };
    const key = { ...profile, KeyName: 'card', Values: ['1'] };
    const requests = [
      store.run(getDomain, { DomainName }),
      store.run(updateDomain, { DomainName }),
      store.run(deleteDomain, { DomainName }),
      store.run(createProfile, { DomainName }),
      store.run(updateProfile, profile),
      store.run(deleteProfile, profile),
      store.run(batchGetProfile, { DomainName, ProfileIds: [ProfileId] }),
      store.run(searchProfiles, byAccount),
      store.run(addProfileKey, key),
      store.run(deleteProfileKey, key),
    ];
    await expectAllRejected(requests, domainNotFound);
    expect(await store.run(listDomains, {})).toEqual({ Items: [] });
  });

  test('frees the name of a large domain at once: the next one starts empty', async () => {
    const { store, file } = await openFileStore();
    const old = await seedDomain(store, 1200);
    await deleteIt(store);
    await store.seed.domain(DomainName);
    expect(await countRows(file, 'profiles')).toBe(200);
    expect((await store.run(getDomain, { DomainName })).Stats).toEqual(stats(0));
    expect(await found(store)).toEqual([]);
    const ProfileIds = old.slice(-20);
    const { Profiles, Errors } = await store.run(batchGetProfile, { DomainName, ProfileIds });
    expect(Profiles).toEqual([]);
    expect(Errors).toHaveLength(20);
  });

  test('frees the URIs of the integrations of a large domain at once', async () => {
    const store = await openTestStore();
    await seedDomain(store, 1001);
    const integration = { Uri: 's3://bucket', ObjectTypeName: 'CTR' };
    await store.run(putIntegration, { DomainName, ...integration });
    await deleteIt(store);
    expect(await hasHiddenDomain(store)).toBe(true);
    expect((await store.run(listAccountIntegrations, integration)).Items).toEqual([]);
    await store.seed.domain('others');
    await store.run(putIntegration, { DomainName: 'others', ...integration });
    const { Items } = await store.run(listAccountIntegrations, integration);
    expect(Items?.map((item) => item.DomainName)).toEqual(['others']);
  });

  test('of a large domain twice under one name hides both', async () => {
    const store = await openTestStore();
    await seedDomain(store, 1001);
    await deleteIt(store);
    await seedDomain(store, 1001);
    await deleteIt(store);
    startSweeper(store);
    await untilSwept(store);
    await expect(store.run(getDomain, { DomainName })).rejects.toMatchObject(domainNotFound);
  });

  test('at the same time as writers leaves nothing of theirs behind', async () => {
    const { store, file } = await openFileStore();
    const other = await openTestStore(file);
    for (let turn = 0; turn < 10; turn++) {
      const [ProfileId = ''] = await seedDomain(store, 3);
      const key = { DomainName, ProfileId, KeyName: 'card', Values: ['1'] };
      const outcomes = await Promise.allSettled([
        other.run(createProfile, { DomainName, AccountNumber: 'A' }),
        other.run(addProfileKey, key),
        store.run(updateProfile, { DomainName, ProfileId, AccountNumber: 'B' }),
        store.run(deleteDomain, { DomainName }),
        store.run(createProfile, { DomainName, AccountNumber: 'A' }),
        other.run(createProfile, { DomainName, AccountNumber: 'A' }),
      ]);
      expect(outcomes[3]).toMatchObject({ status: 'fulfilled' });
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(domainNotFound);
      expect(await countAllRows(file)).toMatchObject({ domains: 0, profiles: 0, profile_keys: 0 });
    }
  });
});

describe('the sweeper', () => {
  test('removes the rest of a deleted domain and leaves its successor alone', async () => {
    const { store, file } = await openFileStore();
    const sweeper = startSweeper(store);
    await seedDomain(store, 1700);
    await store.run(deleteDomain, { DomainName }, { wakeSweeper: () => void sweeper.wake() });
    const successors = await seedDomain(store, 2);
    await untilSwept(store);
    expect(await countAllRows(file)).toMatchObject({ domains: 1, profiles: 2, profile_keys: 4 });
    expect(await found(store)).toEqual(successors);
    expect((await store.run(getDomain, { DomainName })).Stats).toEqual(stats(2));
  });

  test('works in small units and starts over where a stopped one left off', async () => {
    const { store, file } = await openFileStore();
    await seedDomain(store, 1500);
    await deleteIt(store);
    const left: number[] = [];
    while (await hasHiddenDomain(store)) {
      left.push(await countRows(file, 'profiles'));
      await sweepOnce(store);
    }
    // The last unit is for the rest of their history.
    expect(left).toEqual([500, 300, 100, 0]);
    expect(await countAllRows(file)).toEqual({
      domains: 0,
      domain_counts: 0,
      profiles: 0,
      profile_keys: 0,
    });
  });

  test('removes expired profiles with their keys, and Stats follows', async () => {
    const { store, file } = await openFileStore();
    await store.seed.domain(DomainName, 1);
    const expiring = await store.seed.profile(DomainName, { AccountNumber: 'A' });
    await store.seed.key(DomainName, expiring, 'card', '1', '2');
    store.clock.advanceDays(0.5);
    const kept = await store.seed.profile(DomainName, { AccountNumber: 'A' });
    store.clock.advanceDays(0.5);
    await sweepOnce(store);
    expect(await countAllRows(file)).toMatchObject({ profiles: 1, profile_keys: 2 });
    expect((await store.run(getDomain, { DomainName })).Stats).toEqual(stats(1));
    expect(await found(store)).toEqual([kept]);
  });

  test('leaves what has not expired alone', async () => {
    const store = await openTestStore();
    const ids = await seedDomain(store, 3);
    await sweepOnce(store);
    expect(await found(store)).toEqual(ids);
  });
});

test('a domain that waits for the sweeper does not count towards the quota', async () => {
  const store = await openTestStore();
  await seedDomain(store, 1001);
  await deleteIt(store);
  expect(await hasHiddenDomain(store)).toBe(true);
  const quotas = { ...publishedQuotas, domains: 1 };
  await store.run(createDomain, { DomainName, DefaultExpirationDays: 1 }, { quotas });
  const another = { DomainName: 'others', DefaultExpirationDays: 1 };
  await expect(store.run(createDomain, another, { quotas })).rejects.toMatchObject({
    code: 'BadRequestException',
    message: 'The account has 1 domains, and the quota is 1',
  });
});

describe('ListDomains', () => {
  test('has pages of 100 unless MaxResults says otherwise', async () => {
    const store = await openTestStore();
    const names = Array.from({ length: 101 }, (_, index) => `domain-${1000 + index}`);
    const quotas = { ...publishedQuotas, domains: names.length };
    for (const name of names.toReversed()) {
      const domain = { DomainName: name, DefaultExpirationDays: 366 };
      await store.run(createDomain, domain, { quotas });
    }
    const first = await store.run(listDomains, {});
    expect(first.Items?.map((item) => item.DomainName)).toEqual(names.slice(0, 100));
    const position = first.NextToken;
    const rest = await store.run(listDomains, {}, { pagePosition: () => position });
    expect(rest.Items?.map((item) => item.DomainName)).toEqual(names.slice(100));
    expect(rest.NextToken).toBeUndefined();
  });

  test('never repeats or loses a domain while others come and go', async () => {
    const store = await openTestStore();
    for (const name of ['b', 'd', 'f', 'h']) await store.seed.domain(name);
    const first = await store.run(listDomains, { MaxResults: 2 });
    await store.run(deleteDomain, { DomainName: 'd' });
    await store.seed.domain('a');
    await store.seed.domain('g');
    const position = first.NextToken;
    const rest = await store.run(listDomains, {}, { pagePosition: () => position });
    expect(rest.Items?.map((item) => item.DomainName)).toEqual(['f', 'g', 'h']);
  });
});

describe('accounts', () => {
  const other = { caller: localCaller('111111111111', 'us-east-1') };

  test('may use the same domain name and do not see one another', async () => {
    const store = await openTestStore();
    const [mine = ''] = await seedDomain(store, 1);
    await expect(store.run(getDomain, { DomainName }, other)).rejects.toMatchObject(domainNotFound);
    expect(await store.run(listDomains, {}, other)).toEqual({ Items: [] });
    await store.run(createDomain, { DomainName, DefaultExpirationDays: 7 }, other);
    const profile = { DomainName, AccountNumber: 'A' };
    const { ProfileId: theirs } = await store.run(createProfile, profile, other);
    expect(await found(store)).toEqual([mine]);
    const { Items } = await store.run(searchProfiles, byAccount, other);
    expect(Items).toMatchObject([{ ProfileId: theirs }]);
    const { Errors } = await store.run(
      batchGetProfile,
      { DomainName, ProfileIds: [mine, theirs] },
      other,
    );
    expect(Errors).toMatchObject([{ ProfileId: mine }]);
    await store.run(deleteDomain, { DomainName }, other);
    expect(await found(store)).toEqual([mine]);
    expect(await store.run(getDomain, { DomainName })).toMatchObject({
      DefaultExpirationDays: 366,
    });
  });
});
