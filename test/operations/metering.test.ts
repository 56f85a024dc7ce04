import { describe, expect, test } from 'vitest';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { deleteProfileObject } from '../../src/operations/objects/delete-profile-object.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { sharedDatabase } from '../support/database.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { storeObjects } from '../support/stored-objects.ts';
import { sweepOnce } from '../support/sweep.ts';

const DomainName = 'customers';
const ObjectTypeName = 'ticket';
const type = { DomainName, ObjectTypeName };
const definition = {
  Description: 'd',
  Fields: { id: { Source: '_source.id' }, to: { Source: '_source.to' } },
  Keys: {
    ticket: [{ StandardIdentifiers: ['UNIQUE' as const], FieldNames: ['id'] }],
    _profileId: [{ StandardIdentifiers: ['PROFILE' as const], FieldNames: ['to'] }],
  },
};

async function open(more: object = {}) {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await store.seed.domain(DomainName);
  await store.run(putProfileObjectType, { ...type, ...definition, ...more });
  const domain = { accountId: '000000000000', domainName: DomainName };
  const domainId = (await findDomain(store.repository.autocommit, domain))?.domainId ?? '';
  /** Gives a profile so many objects of a type, past the operations. */
  const fill = (profileId: string, count: number, objectTypeName = ObjectTypeName) =>
    storeObjects(
      database,
      domainId,
      Array.from({ length: count }, (_, index) => ({
        profileId,
        objectTypeName,
        objectKey: `${objectTypeName} ${index} of ${profileId}`,
      })),
    );
  return { store, database, fill };
}

async function put(store: TestStore, profileId: string, id: number | string): Promise<string> {
  const object = JSON.stringify({ id, to: profileId });
  const { ProfileObjectUniqueKey = '' } = await store.run(putProfileObject, {
    ...type,
    Object: object,
  });
  return ProfileObjectUniqueKey;
}

async function stats(store: TestStore) {
  const { Stats } = await store.run(getDomain, { DomainName });
  return Stats;
}

/** The profiles of the domain as they are metered, by its objects. */
async function metered(database: string): Promise<number> {
  // A profile for each hundred that is begun: its own row, and one for each hundred more.
  const sizes = 'select profile_id, count(*) as objects from profile_objects group by profile_id';
  let count = await countRows(database, 'profiles');
  for (const more of [100, 200, 300])
    count += await countRows(database, `(${sizes}) as sizes`, `objects > ${more}`);
  return count;
}

describe('MeteringProfileCount', () => {
  test.each([
    [1, 1],
    [100, 1],
    [101, 2],
    [200, 2],
    [201, 3],
  ])('a profile whose object number %i is put counts %i times', async (objects, count) => {
    const { store, fill } = await open();
    const profileId = await store.seed.profile(DomainName);
    await fill(profileId, objects - 1);
    await put(store, profileId, 'last');
    expect(await stats(store)).toMatchObject({
      ProfileCount: 1,
      MeteringProfileCount: count,
      ObjectCount: objects,
    });
  });

  test('adds up those of all profiles, with and without objects', async () => {
    const { store, database, fill } = await open();
    for (const objects of [0, 1, 100, 101, 200, 201])
      await fill(await store.seed.profile(DomainName), objects);
    expect((await stats(store))?.MeteringProfileCount).toBe(1 + 1 + 1 + 2 + 2 + 3);
    expect(await metered(database)).toBe(10);
  });

  test('does not change when an object is replaced, or refused', async () => {
    const { store, fill } = await open({ MaxProfileObjectCount: 101 });
    const profileId = await store.seed.profile(DomainName);
    await fill(profileId, 100);
    const key = await put(store, profileId, 1);
    expect(await put(store, profileId, 1)).toBe(key);
    await expect(put(store, profileId, 2)).rejects.toMatchObject({ code: 'BadRequestException' });
    expect((await stats(store))?.MeteringProfileCount).toBe(2);
  });

  test.each([
    [101, 2, 1],
    [102, 2, 2],
    [201, 3, 2],
    [1, 1, 1],
  ])('of %i objects: %i, and %i when one is deleted', async (objects, before, after) => {
    const { store, fill } = await open();
    const profileId = await store.seed.profile(DomainName);
    await fill(profileId, objects - 1);
    const ProfileObjectUniqueKey = await put(store, profileId, 'last');
    expect((await stats(store))?.MeteringProfileCount).toBe(before);
    await store.run(deleteProfileObject, { ...type, ProfileId: profileId, ProfileObjectUniqueKey });
    expect((await stats(store))?.MeteringProfileCount).toBe(after);
  });

  test('follows objects that expire, down to the number of profiles', async () => {
    const { store, database, fill } = await open({ ExpirationDays: 1 });
    const [one, two] = [await store.seed.profile(DomainName), await store.seed.profile(DomainName)];
    // Those past the operations live on; the last ones, which cross a hundred, do not.
    await fill(one, 200);
    await fill(two, 90);
    for (let id = 0; id < 20; id++)
      await Promise.all([put(store, one, `a${id}`), put(store, two, `b${id}`)]);
    expect((await stats(store))?.MeteringProfileCount).toBe(5);
    store.clock.advanceDays(1);
    await sweepOnce(store);
    expect(await stats(store)).toMatchObject({ ObjectCount: 290, MeteringProfileCount: 3 });
    expect(await metered(database)).toBe(3);
    await changeRows(database, 'update profile_objects set expires_at = 0');
    for (let batch = 0; batch < 2; batch++) await sweepOnce(store);
    expect(await stats(store)).toMatchObject({ ObjectCount: 0, MeteringProfileCount: 2 });
  });

  test('is that of the objects of other types when a type is deleted', async () => {
    const { store, database, fill } = await open();
    const [one, two] = [await store.seed.profile(DomainName), await store.seed.profile(DomainName)];
    await fill(one, 130);
    await fill(one, 101, 'other');
    await fill(two, 110);
    expect((await stats(store))?.MeteringProfileCount).toBe(5);
    await store.run(deleteProfileObjectType, type);
    expect((await stats(store))?.MeteringProfileCount).toBe(await metered(database));
    await sweepOnce(store);
    await sweepOnce(store);
    expect(await stats(store)).toMatchObject({ ObjectCount: 101, MeteringProfileCount: 3 });
    await store.run(putProfileObjectType, { ...type, ObjectTypeName: 'other', ...definition });
    await store.run(deleteProfileObjectType, { DomainName, ObjectTypeName: 'other' });
    await sweepOnce(store);
    expect(await stats(store)).toMatchObject({ ObjectCount: 0, MeteringProfileCount: 2 });
  });

  test.each([
    [
      'is deleted',
      (store: TestStore, ProfileId: string) => store.run(deleteProfile, { DomainName, ProfileId }),
    ],
    [
      'expires',
      async (store: TestStore) => {
        // The other profile is a millisecond younger.
        store.clock.advanceDays(366);
        store.clock.advanceMs(-1);
        await sweepOnce(store);
      },
    ],
  ])('is without a profile that %s', async (_, remove) => {
    const { store, fill } = await open();
    const profileId = await store.seed.profile(DomainName);
    store.clock.advanceMs(1);
    await store.seed.profile(DomainName);
    await fill(profileId, 201);
    expect((await stats(store))?.MeteringProfileCount).toBe(4);
    await remove(store, profileId);
    expect(await stats(store)).toEqual({
      ProfileCount: 1,
      MeteringProfileCount: 1,
      ObjectCount: 0,
      TotalSize: 0,
    });
  });

  test('is right after many have put and deleted at once, and a type was deleted', async () => {
    const { store, database, fill } = await open();
    const other = await openTestStore(database);
    const profileIds = await store.seed.profiles(DomainName, 4);
    for (const profileId of profileIds) {
      await fill(profileId, 60, 'gone');
      await fill(profileId, 35);
    }
    await store.run(putProfileObjectType, { ...type, ObjectTypeName: 'gone', ...definition });
    const [one = '', two = '', three = '', four = ''] = profileIds;
    const work: Promise<unknown>[] = [];
    for (let index = 0; index < 30; index++)
      for (const ProfileId of [one, two, three]) {
        const at = index % 2 === 0 ? store : other;
        const ProfileObjectUniqueKey = `${ObjectTypeName} ${index} of ${ProfileId}`;
        work.push(put(at, ProfileId, index));
        work.push(put(at, ProfileId, `more ${index}`));
        work.push(at.run(deleteProfileObject, { ...type, ProfileId, ProfileObjectUniqueKey }));
      }
    work.push(other.run(deleteProfileObjectType, { DomainName, ObjectTypeName: 'gone' }));
    work.push(sweepOnce(other), sweepOnce(store));
    work.push(other.run(deleteProfile, { DomainName, ProfileId: four }));
    await Promise.all(work);
    for (let batch = 0; batch < 3; batch++) await Promise.all([sweepOnce(store), sweepOnce(other)]);
    expect(await countRows(database, 'profile_objects', "object_type_name = 'gone'")).toBe(0);
    expect(await stats(store)).toMatchObject({
      ProfileCount: 3,
      MeteringProfileCount: await metered(database),
      ObjectCount: await countRows(database, 'profile_objects'),
    });
    expect(await countRows(database, 'profile_objects')).toBe(3 * (35 - 30 + 60));
  });
});
