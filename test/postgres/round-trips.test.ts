import { expect, onTestFinished, test } from 'vitest';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { sharedDatabase } from '../support/database.ts';
import { PostgresProxy } from '../support/postgres-proxy.ts';
import { openTestStore } from '../support/store.ts';

const DomainName = 'customers';

async function openBehindProxy() {
  const proxy = await PostgresProxy.open(await sharedDatabase());
  onTestFinished(() => proxy.close());
  const store = await openTestStore(proxy.url);
  await store.run(createDomain, { DomainName, DefaultExpirationDays: 366 });
  const ProfileId = await store.seed.profile(DomainName);
  const count = async (work: () => Promise<unknown>) => {
    const before = proxy.roundTrips;
    await work();
    return proxy.roundTrips - before;
  };
  return { store, ProfileId, count };
}

test('AddProfileKey takes three round trips, with one value or with many', async () => {
  const { store, ProfileId, count } = await openBehindProxy();
  for (const Values of [['1'], ['2', '3', '4', '5', '6']]) {
    const key = { DomainName, ProfileId, KeyName: 'card', Values };
    // Begin and how the key compares; the keys; the history and commit.
    expect(await count(() => store.run(addProfileKey, key))).toBe(3);
  }
});

test('CreateProfile takes five round trips, its history and its counts in the last', async () => {
  const { store, count } = await openBehindProxy();
  expect(await count(() => store.run(createProfile, { DomainName, FirstName: 'Ada' }))).toBe(5);
});

test('SearchProfiles by a standard key takes one round trip, and one more when it finds nothing', async () => {
  const { store, ProfileId, count } = await openBehindProxy();
  await store.seed.key(DomainName, ProfileId, '_email', 'ada@x.y');
  await store.seed.key(DomainName, ProfileId, 'card', '1');
  const search = (KeyName: string, value: string) =>
    count(() => store.run(searchProfiles, { DomainName, KeyName, Values: [value] }));
  expect(await search('_email', 'ada@x.y')).toBe(1);
  expect(await search('_email', 'bob@x.y')).toBe(2);
  // How a key of one's own compares is asked first.
  expect(await search('card', '1')).toBe(2);
});

test('BatchGetProfile takes one round trip', async () => {
  const { store, ProfileId, count } = await openBehindProxy();
  const get = () => store.run(batchGetProfile, { DomainName, ProfileIds: [ProfileId] });
  expect(await count(get)).toBe(1);
});
