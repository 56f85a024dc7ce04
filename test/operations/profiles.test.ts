import { describe, expect, test } from 'vitest';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { sharedDatabase } from '../support/database.ts';
import { expectAllRejected } from '../support/outcomes.ts';
import { countAllRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const account = { AccountNumber: 'A' };
const profileNotFound = {
  code: 'ResourceNotFoundException',
  message: 'The profile does not exist',
};
const tooLarge = {
  code: 'BadRequestException',
  message: 'The profile is larger than 256000 bytes',
};

/** A store with a domain whose profiles expire after so many days. */
async function openWithDomain(expirationDays = 10, file?: string): Promise<TestStore> {
  const store = await openTestStore(file);
  await store.seed.domain(DomainName, expirationDays);
  return store;
}

async function foundBy(
  store: TestStore,
  KeyName: string,
  ...Values: string[]
): Promise<(string | undefined)[]> {
  const { Items } = await store.run(searchProfiles, { DomainName, KeyName, Values });
  return (Items ?? []).map(({ ProfileId }) => ProfileId);
}

async function profile(store: TestStore, profileId: string) {
  const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds: [profileId] });
  return Profiles?.[0];
}

async function isThere(store: TestStore, profileId: string): Promise<boolean> {
  return (await profile(store, profileId)) !== undefined;
}

describe('an expired profile', () => {
  async function openWithExpired() {
    const store = await openWithDomain();
    const profileId = await store.seed.profile(DomainName, account);
    await store.seed.key(DomainName, profileId, 'card', '1');
    store.clock.advanceDays(10);
    return { store, profileId };
  }

  test('is there until the last millisecond', async () => {
    const { store, profileId } = await openWithExpired();
    store.clock.advanceMs(-1);
    expect(await isThere(store, profileId)).toBe(true);
    store.clock.advanceMs(1);
    expect(await isThere(store, profileId)).toBe(false);
  });

  test('is hidden from every read', async () => {
    const { store, profileId } = await openWithExpired();
    const input = { DomainName, ProfileIds: [profileId] };
    expect(await store.run(batchGetProfile, input)).toEqual({
      Profiles: [],
      Errors: [{ Code: '404', Message: 'Profile not found', ProfileId: profileId }],
    });
    expect(await foundBy(store, '_profileId', profileId)).toEqual([]);
    expect(await foundBy(store, '_account', 'A')).toEqual([]);
    expect(await foundBy(store, 'card', '1')).toEqual([]);
  });

  test('is hidden from every write, which does not bring it back', async () => {
    const { store, profileId } = await openWithExpired();
    const named = { DomainName, ProfileId: profileId };
    const key = { ...named, KeyName: 'card', Values: ['1'] };
    const requests = [
      store.run(updateProfile, { ...named, FirstName: 'Jane' }),
      store.run(deleteProfile, named),
      store.run(addProfileKey, key),
      store.run(addProfileKey, { ...key, Values: ['2'] }),
      store.run(deleteProfileKey, key),
    ];
    await expectAllRejected(requests, profileNotFound);
    expect(await isThere(store, profileId)).toBe(false);
  });

  test('does not hide others with its values, and pages go past it', async () => {
    const store = await openWithDomain();
    const ids: string[] = [];
    for (let made = 0; made < 6; made++) ids.push(await store.seed.profile(DomainName, account));
    store.clock.advanceDays(9);
    const renewed = [ids[1], ids[5]];
    for (const ProfileId of renewed)
      await store.run(updateProfile, { DomainName, ProfileId: ProfileId ?? '' });
    store.clock.advanceDays(1);
    const seen: (string | undefined)[] = [];
    let position: string | undefined;
    do {
      const page = await store.run(
        searchProfiles,
        { DomainName, KeyName: '_account', Values: ['A'], MaxResults: 2 },
        { pagePosition: () => position },
      );
      seen.push(...(page.Items ?? []).map(({ ProfileId }) => ProfileId));
      position = page.NextToken;
    } while (position !== undefined);
    expect(seen).toEqual(renewed);
  });
});

describe('expiration', () => {
  test('is renewed by UpdateProfile, even without a change', async () => {
    const store = await openWithDomain(10);
    const ProfileId = await store.seed.profile(DomainName);
    for (let turn = 0; turn < 5; turn++) {
      store.clock.advanceDays(9);
      await store.run(updateProfile, { DomainName, ProfileId });
    }
    store.clock.advanceDays(9);
    expect(await isThere(store, ProfileId)).toBe(true);
    store.clock.advanceDays(1);
    expect(await isThere(store, ProfileId)).toBe(false);
  });

  test('is not renewed by reads', async () => {
    const store = await openWithDomain(10);
    const profileId = await store.seed.profile(DomainName, account);
    store.clock.advanceDays(9);
    await profile(store, profileId);
    await foundBy(store, '_account', 'A');
    store.clock.advanceDays(1);
    expect(await isThere(store, profileId)).toBe(false);
  });

  test('of profiles that are there stays when the domain gets fewer days', async () => {
    const store = await openWithDomain(10);
    const before = await store.seed.profile(DomainName);
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 2 });
    const after = await store.seed.profile(DomainName);
    store.clock.advanceDays(2);
    expect(await isThere(store, before)).toBe(true);
    expect(await isThere(store, after)).toBe(false);
    store.clock.advanceDays(8);
    expect(await isThere(store, before)).toBe(false);
  });

  test('of profiles that are there stays when the domain gets more days, until they are written', async () => {
    const store = await openWithDomain(2);
    const untouched = await store.seed.profile(DomainName);
    const written = await store.seed.profile(DomainName);
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 10 });
    await store.run(updateProfile, { DomainName, ProfileId: written });
    store.clock.advanceDays(2);
    expect(await isThere(store, untouched)).toBe(false);
    expect(await isThere(store, written)).toBe(true);
    store.clock.advanceDays(8);
    expect(await isThere(store, written)).toBe(false);
  });
});

describe('profile ids', () => {
  test('ascend while the clock stands still, runs and goes back', async () => {
    const store = await openWithDomain(366);
    const ids: string[] = [];
    for (const ms of [0, 0, 0, 1, 0, 5000, 0, -3000, 0, -1, 1]) {
      store.clock.advanceMs(ms);
      ids.push(await store.seed.profile(DomainName, account));
    }
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    expect(await foundBy(store, '_account', 'A')).toEqual(ids);
  });

  test('ascend through more than the counter of one millisecond holds', async () => {
    const store = await openWithDomain(366);
    // The clock stands still: all of them are of one millisecond.
    const ids = await store.seed.profiles(DomainName, 4100);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});

describe('the size of a profile', () => {
  const LIMIT_BYTES = 256_000;

  /** Attributes that make a document of exactly so many bytes as JSON. */
  function attributesOf(bytes: number, character = 'x'): Record<string, string> {
    const attributes: Record<string, string> = {};
    // There is one comma less than there are attributes.
    let left = bytes - '{"Attributes":{}}'.length + 1;
    const add = (name: string, value: string) => {
      attributes[name] = value;
      left -= Buffer.byteLength(`"${name}":"${value}",`);
    };
    for (let index = 1000; left > 2000; index++) add(`a${index}`, character.repeat(255));
    for (let index = 10; left > 260; index++) add(`z${index}`, 'x'.repeat(100));
    add('z99', 'x'.repeat(left - '"z99":"",'.length));
    expect(Buffer.byteLength(JSON.stringify({ Attributes: attributes }))).toBe(bytes);
    return attributes;
  }

  test.each(['x', 'ä', '🙂'])(
    'may be 250 KB, counted in bytes of UTF-8: "%s"',
    async (character) => {
      const store = await openWithDomain();
      const Attributes = attributesOf(LIMIT_BYTES, character);
      const profileId = await store.seed.profile(DomainName, { Attributes });
      expect(await profile(store, profileId)).toEqual({ ProfileId: profileId, Attributes });
      await expect(
        store.seed.profile(DomainName, { Attributes: attributesOf(LIMIT_BYTES + 1, character) }),
      ).rejects.toMatchObject(tooLarge);
    },
  );

  test('BadRequestException when CreateProfile exceeds it, and nothing is written', async () => {
    const file = await sharedDatabase();
    const store = await openWithDomain(10, file);
    const before = await countAllRows(file);
    const Attributes = attributesOf(LIMIT_BYTES);
    await expect(store.seed.profile(DomainName, { ...account, Attributes })).rejects.toMatchObject(
      tooLarge,
    );
    expect(await countAllRows(file)).toEqual(before);
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats).toMatchObject({ ProfileCount: 0 });
  });

  test('BadRequestException when UpdateProfile exceeds it, and nothing is written', async () => {
    const file = await sharedDatabase();
    const store = await openWithDomain(10, file);
    const Attributes = attributesOf(LIMIT_BYTES - 100);
    const ProfileId = await store.seed.profile(DomainName, { ...account, Attributes });
    const before = await countAllRows(file);
    store.clock.advanceDays(9);
    await expect(
      store.run(updateProfile, { DomainName, ProfileId, AccountNumber: 'B'.repeat(255) }),
    ).rejects.toMatchObject(tooLarge);
    expect(await countAllRows(file)).toEqual(before);
    expect(await profile(store, ProfileId)).toEqual({ ProfileId, ...account, Attributes });
    expect(await foundBy(store, '_account', 'A')).toEqual([ProfileId]);
    store.clock.advanceDays(1);
    expect(await isThere(store, ProfileId)).toBe(false);
  });

  test('shrinks when attributes are removed', async () => {
    const store = await openWithDomain();
    const Attributes = attributesOf(LIMIT_BYTES);
    const ProfileId = await store.seed.profile(DomainName, { Attributes });
    const changes = { Attributes: { a1000: '', other: 'x'.repeat(255) } };
    await store.run(updateProfile, { DomainName, ProfileId, ...changes });
    expect((await profile(store, ProfileId))?.Attributes).not.toHaveProperty('a1000');
  });
});

describe('two connections to one file', () => {
  async function openTwice() {
    const file = await sharedDatabase();
    const first = await openWithDomain(10, file);
    const ProfileId = await first.seed.profile(DomainName, account);
    return { stores: [first, await openTestStore(file)], ProfileId };
  }

  test('update one profile at the same time, and every change stays', async () => {
    const { stores, ProfileId } = await openTwice();
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const updates = stores.flatMap((store, which) =>
      numbers.map((number) => {
        const Attributes = { [`${which}-${number}`]: 'x' };
        return store.run(updateProfile, { DomainName, ProfileId, Attributes });
      }),
    );
    await Promise.all(updates);
    for (const store of stores)
      expect(Object.keys((await profile(store, ProfileId))?.Attributes ?? {})).toHaveLength(40);
  });

  test('see at once what the other wrote', async () => {
    const { stores, ProfileId } = await openTwice();
    for (const [which, writer] of stores.entries()) {
      const AccountNumber = `by ${which}`;
      await writer.run(updateProfile, { DomainName, ProfileId, AccountNumber });
      for (const reader of stores)
        expect(await foundBy(reader, '_account', AccountNumber)).toEqual([ProfileId]);
    }
  });
});
