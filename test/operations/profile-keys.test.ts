import { describe, expect, test } from 'vitest';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { sharedDatabase } from '../support/database.ts';
import { countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { sweepOnce } from '../support/sweep.ts';

const DomainName = 'customers';
const profileNotFound = {
  code: 'ResourceNotFoundException',
  message: 'The profile does not exist',
};
const foreignId = {
  code: 'BadRequestException',
  message: 'A value of _profileId is the id of another profile',
};
/** The id of no profile. */
const freeId = 'f'.repeat(32);

/** A store on a file with a profile whose only key is its id. */
async function openWithProfile() {
  const file = await sharedDatabase();
  const store = await openTestStore(file);
  await store.seed.domain(DomainName, 10);
  const profileId = await store.seed.profile(DomainName);
  return { store, file, profileId };
}

function keyRows(file: string, keyName: string): Promise<number> {
  return countRows(file, 'profile_keys', `key_name = '${keyName}'`);
}

async function foundBy(store: TestStore, KeyName: string, ...Values: string[]) {
  const { Items } = await store.run(searchProfiles, { DomainName, KeyName, Values });
  return (Items ?? []).map(({ ProfileId }) => ProfileId);
}

function add(store: TestStore, ProfileId: string, KeyName: string, ...Values: string[]) {
  return store.run(addProfileKey, { DomainName, ProfileId, KeyName, Values });
}

function remove(store: TestStore, ProfileId: string, KeyName: string, ...Values: string[]) {
  return store.run(deleteProfileKey, { DomainName, ProfileId, KeyName, Values });
}

function valuesNamed(prefix: string, count: number) {
  return Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
}

describe('rows of the key index', () => {
  test('the same value is one row, however often it is added', async () => {
    const { store, file, profileId } = await openWithProfile();
    await add(store, profileId, 'card', '1', '1');
    await Promise.all([1, 2, 3].map(() => add(store, profileId, 'card', '1')));
    expect(await keyRows(file, 'card')).toBe(1);
  });

  test('equal values of different spelling are one row', async () => {
    const { store, file, profileId } = await openWithProfile();
    await add(store, profileId, '_phone', '(555) 123-4567', '+1 555 123 4567', '5551234567');
    await add(store, profileId, '_email', 'A@b', 'a@B ', 'a@b');
    expect(await keyRows(file, '_phone')).toBe(1);
    expect(await keyRows(file, '_email')).toBe(1);
  });

  test.each([1, 2, 3, 127, 128, 129, 254, 255])('%i values are as many rows', async (count) => {
    const { store, file, profileId } = await openWithProfile();
    const values = valuesNamed('card', count);
    await add(store, profileId, 'card', ...values);
    expect(await keyRows(file, 'card')).toBe(count);
    await remove(store, profileId, 'card', ...values);
    expect(await keyRows(file, 'card')).toBe(0);
  });

  test('a field and AddProfileKey have one each, and DeleteProfileKey takes both', async () => {
    const { store, file, profileId } = await openWithProfile();
    await store.run(updateProfile, { DomainName, ProfileId: profileId, AccountNumber: 'A' });
    await add(store, profileId, '_account', 'A');
    expect(await keyRows(file, '_account')).toBe(2);
    await remove(store, profileId, '_account', 'A');
    expect(await keyRows(file, '_account')).toBe(0);
  });

  test('do not pile up when fields change', async () => {
    const { store, file, profileId } = await openWithProfile();
    for (let turn = 0; turn < 20; turn++)
      await store.run(updateProfile, {
        DomainName,
        ProfileId: profileId,
        AccountNumber: `account ${turn}`,
        FirstName: `name ${turn}`,
        EmailAddress: `${turn % 3}@example.com`,
        PersonalEmailAddress: `${turn % 2}@example.com`,
      });
    // After turn 19 both addresses are the same; the others are the account, the name and the id.
    expect(await keyRows(file, '_email')).toBe(1);
    expect(await countRows(file, 'profile_keys')).toBe(4);
  });

  test('of a deleted profile are gone', async () => {
    const { store, file, profileId } = await openWithProfile();
    await add(store, profileId, 'card', ...valuesNamed('card', 255));
    await store.run(deleteProfile, { DomainName, ProfileId: profileId });
    expect(await countRows(file, 'profile_keys')).toBe(0);
  });
});

describe('all or none', () => {
  test('a unit that fails stores none of its values and leaves those beside it alone', async () => {
    const { store, file, profileId } = await openWithProfile();
    const other = await store.seed.profile(DomainName);
    const outcomes = await Promise.allSettled([
      add(store, profileId, 'card', ...valuesNamed('before', 100)),
      add(store, profileId, '_profileId', ...valuesNamed('alias', 200), other, freeId),
      add(store, profileId, 'card', ...valuesNamed('after', 100)),
      add(store, freeId, 'card', ...valuesNamed('nobody', 100)),
      add(store, other, 'card', ...valuesNamed('other', 100)),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: foreignId },
      { status: 'fulfilled' },
      { status: 'rejected', reason: profileNotFound },
      { status: 'fulfilled' },
    ]);
    expect(await keyRows(file, 'card')).toBe(300);
    // The two profiles' own ids.
    expect(await keyRows(file, '_profileId')).toBe(2);
    expect(await foundBy(store, '_profileId', freeId, 'alias 0')).toEqual([]);
  });

  test('values that were there stay when a later call with them fails', async () => {
    const { store, profileId } = await openWithProfile();
    const other = await store.seed.profile(DomainName);
    await add(store, profileId, '_profileId', freeId);
    await expect(add(store, profileId, '_profileId', freeId, 'new', other)).rejects.toMatchObject(
      foreignId,
    );
    expect(await foundBy(store, '_profileId', freeId)).toEqual([profileId]);
    expect(await foundBy(store, '_profileId', 'new')).toEqual([]);
  });
});

describe('AddProfileKey at the same time as DeleteProfile', () => {
  test.each([
    ['one connection', 1],
    ['two connections', 2],
  ])('leaves no row behind, through %s', async (_what, connections) => {
    const { store, file } = await openWithProfile();
    const second = connections === 1 ? store : await openTestStore(file);
    const before = await countRows(file, 'profile_keys');
    for (let turn = 0; turn < 25; turn++) {
      const ProfileId = await store.seed.profile(DomainName, { AccountNumber: 'A' });
      const [removal, ...additions] = await Promise.allSettled([
        store.run(deleteProfile, { DomainName, ProfileId }),
        add(second, ProfileId, 'card', '1', '2', '3'),
        add(second, ProfileId, '_account', 'A'),
        add(store, ProfileId, 'card', '4'),
      ]);
      expect(removal).toMatchObject({ status: 'fulfilled' });
      for (const addition of additions)
        if (addition.status === 'rejected') expect(addition.reason).toMatchObject(profileNotFound);
      expect(await countRows(file, 'profile_keys')).toBe(before);
      expect(await foundBy(store, 'card', '1', '2', '3', '4')).toEqual([]);
    }
  });

  test('before the delete succeeds, and after it is ResourceNotFoundException', async () => {
    const { store, file, profileId } = await openWithProfile();
    await add(store, profileId, 'card', '1');
    await store.run(deleteProfile, { DomainName, ProfileId: profileId });
    await expect(add(store, profileId, 'card', '1')).rejects.toMatchObject(profileNotFound);
    expect(await countRows(file, 'profile_keys')).toBe(0);
  });
});

test('concurrent AddProfileKey and DeleteProfileKey of two values end with both or none', async () => {
  const { store, file, profileId } = await openWithProfile();
  const second = await openTestStore(file);
  for (let turn = 0; turn < 20; turn++) {
    await Promise.all([
      add(store, profileId, 'card', '1', '2'),
      remove(second, profileId, 'card', '1', '2'),
    ]);
    expect([0, 2]).toContain(await keyRows(file, 'card'));
  }
});

describe('a value of _profileId that is the id of an expired profile', () => {
  async function openWithExpired() {
    const { store, profileId: expired } = await openWithProfile();
    store.clock.advanceDays(10);
    return { store, expired, profileId: await store.seed.profile(DomainName) };
  }

  test('is taken, as the profile is gone to every other operation', async () => {
    const { store, expired, profileId } = await openWithExpired();
    await add(store, profileId, '_profileId', expired);
    expect(await foundBy(store, '_profileId', expired)).toEqual([profileId]);
  });

  test('is taken after the sweeper has removed it', async () => {
    const { store, expired, profileId } = await openWithExpired();
    await sweepOnce(store);
    await add(store, profileId, '_profileId', expired);
    expect(await foundBy(store, '_profileId', expired)).toEqual([profileId]);
  });
});
