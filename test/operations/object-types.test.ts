import { describe, expect, test } from 'vitest';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getProfileHistoryRecord } from '../../src/operations/history/get-profile-history-record.ts';
import { listProfileHistoryRecords } from '../../src/operations/history/list-profile-history-records.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { getProfileObjectType } from '../../src/operations/object-types/get-profile-object-type.ts';
import { listProfileObjectTypes } from '../../src/operations/object-types/list-profile-object-types.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import {
  findEffectiveObjectType,
  resolveObjectType,
} from '../../src/operations/object-types/resolve.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { ConflictError } from '../../src/repository/errors.ts';
import { findObjectType, updateObjectTypeDefinition } from '../../src/repository/object-types.ts';
import { engine, sharedDatabase } from '../support/database.ts';
import { minimal } from '../support/object-types.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { type StoredObject, storeObjects } from '../support/stored-objects.ts';
import { startSweeper, sweepOnce } from '../support/sweep.ts';

const DomainName = 'customers';
const domain = { accountId: '000000000000', domainName: DomainName };
const ObjectTypeName = 'Orders';
const type = { DomainName, ObjectTypeName };
const beingDeleted = (name: string) => ({
  code: 'BadRequestException',
  message: `Object type ${name} is being deleted: concurrent update in-progress. Try again later`,
});
const notFound = { code: 'ResourceNotFoundException' };

async function open(name = ObjectTypeName) {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await store.seed.domain(DomainName);
  await store.run(putProfileObjectType, { DomainName, ObjectTypeName: name, ...minimal });
  const row = await findDomain(store.repository.autocommit, domain);
  const domainId = row?.domainId ?? '';
  const storeAll = (objects: readonly StoredObject[]) => storeObjects(database, domainId, objects);
  return { store, database, domainId, storeAll };
}

/** So many objects of a type, shared out among profiles. */
function objectsOf(name: string, profileIds: readonly string[], count: number): StoredObject[] {
  return Array.from({ length: count }, (_, index) => ({
    profileId: profileIds[index % profileIds.length] ?? '',
    objectTypeName: name,
    objectKey: `${name}-${index}`,
    document: '{"é":1}',
    key: ['orderId', `${name}-${index}`],
  }));
}

/** Deletes a type; says whether the sweeper was woken. */
async function deleteIt(store: TestStore, name = ObjectTypeName): Promise<boolean> {
  let isWoken = false;
  const wakeSweeper = () => {
    isWoken = true;
  };
  const input = { DomainName, ObjectTypeName: name };
  expect(await store.run(deleteProfileObjectType, input, { wakeSweeper })).toEqual({
    Message: 'OK',
  });
  return isWoken;
}

async function found(store: TestStore, KeyName: string, ...Values: string[]) {
  const { Items } = await store.run(searchProfiles, { DomainName, KeyName, Values });
  return (Items ?? []).map(({ ProfileId }) => ProfileId);
}

async function profile(store: TestStore, ProfileId: string) {
  const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds: [ProfileId] });
  return Profiles?.[0];
}

async function history(store: TestStore, ProfileId: string) {
  const listed = await store.run(listProfileHistoryRecords, { DomainName, ProfileId });
  return listed.ProfileHistoryRecords ?? [];
}

/** The rows of a type and the domain's counts of objects. */
async function rest(database: string, name = ObjectTypeName) {
  const isOfType = `object_type_name = '${name}'`;
  return {
    objects: await countRows(database, 'profile_objects', isOfType),
    keys: await countRows(database, 'profile_keys', `origin_ref like '${name}#%'`),
    sources: await countRows(database, 'field_sources', isOfType),
  };
}

const nothing = { objects: 0, keys: 0, sources: 0 };

function counted(database: string, objects: number, bytes: number): Promise<number> {
  const sums = 'select sum(object_count) as objects, sum(object_bytes) as bytes from domain_counts';
  return countRows(
    database,
    `(${sums}) as sums`,
    `sums.objects = ${objects} and sums.bytes = ${bytes}`,
  );
}

async function untilSwept(database: string): Promise<void> {
  while ((await countRows(database, 'object_types', "object_type_name >= '~'")) > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('DeleteProfileObjectType', () => {
  test('removes the objects of the type, their keys and counts, and no others', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 3);
    const [profileId = ''] = profileIds;
    await store.seed.key(DomainName, profileId, 'orderId', 'Orders-0');
    await storeAll([
      ...objectsOf(ObjectTypeName, profileIds, 10),
      ...objectsOf('Other', profileIds, 2),
    ]);
    expect(await deleteIt(store)).toBe(false);
    expect(await rest(database)).toEqual(nothing);
    expect(await rest(database, 'Other')).toEqual({ objects: 2, keys: 2, sources: 0 });
    expect(await counted(database, 2, 16)).toBe(1);
    expect(await found(store, 'orderId', 'Orders-1')).toEqual([]);
    // The value that AddProfileKey gave stays.
    expect(await found(store, 'orderId', 'Orders-0')).toEqual([profileId]);
    expect(await found(store, 'orderId', 'Other-0')).toEqual([profileId]);
  });

  test('empties the fields that the type has filled, with their keys, and no others', async () => {
    const { store, database, storeAll } = await open();
    const profileId = await store.seed.profile(DomainName, {
      FirstName: 'Ada',
      LastName: 'Lovelace',
      EmailAddress: 'a@example.com',
      PersonalEmailAddress: 'p@example.com',
      Address: { City: 'London', Country: 'UK' },
      ShippingAddress: { City: 'Paris' },
      Attributes: { plan: 'gold', 'a.b': 'c', kept: 'yes' },
    });
    const fills = ['FirstName', 'EmailAddress', 'Address.City', 'ShippingAddress.City'];
    await storeAll([
      {
        profileId,
        objectTypeName: ObjectTypeName,
        objectKey: 'o',
        fills: [...fills, 'Attributes.plan', 'Attributes.a.b'],
      },
      { profileId, objectTypeName: 'Other', objectKey: 'p', fills: ['LastName'] },
    ]);
    await deleteIt(store);
    expect(await profile(store, profileId)).toEqual({
      ProfileId: profileId,
      LastName: 'Lovelace',
      PersonalEmailAddress: 'p@example.com',
      Address: { Country: 'UK' },
      Attributes: { kept: 'yes' },
    });
    expect(await found(store, '_email', 'a@example.com')).toEqual([]);
    expect(await found(store, '_fullName', 'Ada Lovelace')).toEqual([]);
    expect(await found(store, '_email', 'p@example.com')).toEqual([profileId]);
    expect(await found(store, '_fullName', 'Lovelace')).toEqual([profileId]);
    expect(await rest(database)).toEqual(nothing);
    expect(await rest(database, 'Other')).toEqual({ objects: 1, keys: 0, sources: 1 });
  });

  test('does not renew the expiration of the profiles', async () => {
    const { store, database, storeAll } = await open();
    const profileId = await store.seed.profile(DomainName, { FirstName: 'Ada' });
    const fills = ['FirstName'];
    await storeAll([{ profileId, objectTypeName: ObjectTypeName, objectKey: 'o', fills }]);
    const expiresAt = store.clock.now + 366 * 24 * 60 * 60 * 1000;
    store.clock.advanceDays(100);
    await deleteIt(store);
    expect(await countRows(database, 'profiles', `expires_at = ${expiresAt}`)).toBe(1);
    expect(await countRows(database, 'profiles', `updated_at = ${store.clock.now}`)).toBe(1);
  });

  test('is in the histories of the profiles that it empties, and in no others', async () => {
    const { store, storeAll } = await open();
    const [filled = '', emptied = '', other = ''] = [
      await store.seed.profile(DomainName, { FirstName: 'Ada', LastName: 'Lovelace' }),
      await store.seed.profile(DomainName, { LastName: 'Byron' }),
      await store.seed.profile(DomainName, { FirstName: 'Eve' }),
    ];
    const fills = ['FirstName'];
    await storeAll([
      { profileId: filled, objectTypeName: ObjectTypeName, objectKey: 'o', fills },
      // Somebody has emptied the field since.
      { profileId: emptied, objectTypeName: ObjectTypeName, objectKey: 'p', fills },
      { profileId: other, objectTypeName: 'Other', objectKey: 'q', fills },
    ]);
    const arn = 'arn:aws:iam::000000000000:user/ada';
    const { caller } = store.context();
    await store.run(deleteProfileObjectType, type, { caller: { ...caller, arn } });
    const [record, ...before] = await history(store, filled);
    expect(record).toMatchObject({ ActionType: 'UPDATED', PerformedBy: arn });
    expect(before).toHaveLength(1);
    const { Content } = await store.run(getProfileHistoryRecord, {
      DomainName,
      ProfileId: filled,
      Id: record?.Id ?? '',
    });
    expect(JSON.parse(Content ?? '')).toEqual({ ProfileId: filled, LastName: 'Lovelace' });
    for (const profileId of [emptied, other])
      expect(await history(store, profileId)).toMatchObject([{ ActionType: 'CREATED' }]);
  });

  test('purges the data of a template that was never defined', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    await storeAll(objectsOf('CTR', profileIds, 3));
    await deleteIt(store, 'CTR');
    expect(await rest(database, 'CTR')).toEqual(nothing);
  });

  test.each([
    [99, false],
    [100, true],
    [250, true],
  ])('of %i objects wakes the sweeper: %s, which removes the rest', async (count, isWoken) => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 7);
    await storeAll(objectsOf(ObjectTypeName, profileIds, count));
    expect(await deleteIt(store)).toBe(isWoken);
    startSweeper(store);
    await untilSwept(database);
    expect(await rest(database)).toEqual(nothing);
    expect(await counted(database, 0, 0)).toBe(1);
  });

  test('of many filled profiles is finished by the sweeper, from where a stopped one left off', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 250, { FirstName: 'Ada' });
    const filled = profileIds.map((profileId) => ({
      profileId,
      objectTypeName: ObjectTypeName,
      objectKey: `of-${profileId}`,
      fills: ['FirstName'],
    }));
    await storeAll(filled);
    // An object that goes leaves the fields that it has filled.
    await changeRows(database, 'delete from profile_objects');
    store.clock.advanceMs(1);
    expect(await deleteIt(store)).toBe(true);
    expect(await rest(database)).toMatchObject({ sources: 150 });
    await sweepOnce(store);
    startSweeper(store);
    await untilSwept(database);
    expect(await rest(database)).toEqual(nothing);
    expect(await found(store, '_fullName', 'Ada')).toEqual([]);
    expect(await profile(store, profileIds.at(-1) ?? '')).not.toHaveProperty('FirstName');
    const [first = '', last = ''] = [profileIds[0], profileIds.at(-1)];
    const root = 'arn:aws:iam::000000000000:root';
    expect(await history(store, first)).toMatchObject([{ PerformedBy: root }, {}]);
    expect(await history(store, last)).toMatchObject([
      { ActionType: 'UPDATED', PerformedBy: 'profile.amazonaws.com' },
      { ActionType: 'CREATED', PerformedBy: root },
    ]);
  });

  test('until it is swept, the type is not there, and cannot be defined anew', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    await storeAll(objectsOf(ObjectTypeName, profileIds, 150));
    await deleteIt(store);
    const put = () => store.run(putProfileObjectType, { ...type, ...minimal });
    await expect(put()).rejects.toMatchObject(beingDeleted(ObjectTypeName));
    await expect(store.run(getProfileObjectType, type)).rejects.toMatchObject(notFound);
    await expect(store.run(deleteProfileObjectType, type)).rejects.toMatchObject(notFound);
    expect(await store.run(listProfileObjectTypes, { DomainName })).toEqual({ Items: [] });
    const resolved = store.repository.write((session) =>
      resolveObjectType(session, domain, ObjectTypeName),
    );
    expect(await resolved).toBeUndefined();
    startSweeper(store);
    await untilSwept(database);
    await put();
  });

  test('until it is swept, nothing comes to a template, and it can be deleted again', async () => {
    const { store, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    await storeAll(objectsOf('CTR', profileIds, 350));
    expect(await deleteIt(store, 'CTR')).toBe(true);
    expect(await deleteIt(store, 'CTR')).toBe(true);
    const resolved = store.repository.write((session) => resolveObjectType(session, domain, 'CTR'));
    await expect(resolved).rejects.toMatchObject(beingDeleted('CTR'));
  });

  test('what waits for the sweeper counts for no quota', async () => {
    const { store, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    await storeAll(objectsOf(ObjectTypeName, profileIds, 150));
    await deleteIt(store);
    const quotas = { ...store.context().quotas, objectTypes: 1 };
    const other = { DomainName, ObjectTypeName: 'Other', ...minimal };
    await store.run(putProfileObjectType, other, { quotas });
  });

  test('a domain that is deleted meanwhile goes with what waits', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    await storeAll(objectsOf(ObjectTypeName, profileIds, 150));
    await deleteIt(store);
    await store.run(deleteDomain, { DomainName });
    expect(await countRows(database, 'object_types')).toBe(0);
    expect(await countRows(database, 'profile_objects')).toBe(0);
  });
});

describe('resolveObjectType', () => {
  const resolve = (store: TestStore, name: string, of = domain) =>
    store.repository.write((session) => resolveObjectType(session, of, name));

  test('gives what a type says', async () => {
    const { store, domainId } = await open();
    await store.run(putProfileObjectType, {
      ...type,
      ...minimal,
      AllowProfileCreation: true,
      ExpirationDays: 7,
      MaxProfileObjectCount: 5,
      SourcePriority: 3,
    });
    const resolved = await resolve(store, ObjectTypeName);
    expect(resolved).toEqual({
      domainId,
      objectTypeName: ObjectTypeName,
      mapping: { AllowProfileCreation: true, Fields: minimal.Fields, Keys: minimal.Keys },
      expirationDays: 7,
      maxProfileObjectCount: 5,
      sourcePriority: 3,
      definedAt: store.clock.now,
    });
    const read = store.repository.read((session) =>
      findEffectiveObjectType(session, domain, ObjectTypeName),
    );
    expect(await read).toEqual(resolved);
  });

  test("gives the domain's expiration, no cap and the last priority to a type without", async () => {
    const { store } = await open();
    expect(await resolve(store, ObjectTypeName)).toMatchObject({
      expirationDays: 366,
      maxProfileObjectCount: undefined,
      sourcePriority: Number.POSITIVE_INFINITY,
    });
  });

  test('gives the mapping of a template to its own name and to a type with its id', async () => {
    const { store } = await open();
    await store.run(putProfileObjectType, {
      ...type,
      Description: 'd',
      TemplateId: 'Zendesk-users',
      ExpirationDays: 1,
    });
    const implicit = await resolve(store, 'Zendesk-users');
    expect(implicit).toMatchObject({
      expirationDays: 366,
      mapping: { AllowProfileCreation: true },
      definedAt: undefined,
    });
    expect(await resolve(store, ObjectTypeName)).toEqual({
      ...implicit,
      objectTypeName: ObjectTypeName,
      expirationDays: 1,
      definedAt: store.clock.now,
    });
  });

  test('prefers the definition of a type to the template of its name', async () => {
    const { store } = await open('CTR');
    expect(await resolve(store, 'CTR')).toMatchObject({ mapping: { Fields: minimal.Fields } });
  });

  test('finds nothing for other names and in other domains', async () => {
    const { store } = await open();
    expect(await resolve(store, 'Nobody')).toBeUndefined();
    for (const name of [ObjectTypeName, 'CTR'])
      expect(await resolve(store, name, { ...domain, domainName: 'nowhere' })).toBeUndefined();
  });

  test.runIf(engine === 'postgres')('keeps a deletion waiting until its unit ends', async () => {
    const { store, database, storeAll } = await open();
    const profileIds = await store.seed.profiles(DomainName, 1);
    let deleted: Promise<void> | undefined;
    let isDeleted = false;
    await store.repository.write(async (session) => {
      await resolveObjectType(session, domain, ObjectTypeName);
      deleted ??= deleteIt(store).then(() => {
        isDeleted = true;
      });
      // Until the deletion waits for this unit, as it should, or is through.
      const waits = "datname = current_database() and wait_event_type = 'Lock'";
      while (!isDeleted && (await countRows(database, 'pg_stat_activity', waits)) === 0);
      await storeAll(objectsOf(ObjectTypeName, profileIds, 1));
    });
    await deleted;
    expect(await rest(database)).toEqual(nothing);
  });
});

describe('updateObjectTypeDefinition', () => {
  const update = ({ repository }: TestStore, domainId: string, read: string, text: string) =>
    repository.write((session) =>
      updateObjectTypeDefinition(session, domainId, ObjectTypeName, read, text),
    );

  test('stores a definition in place of the one that was read, at the same time', async () => {
    const { store, domainId } = await open();
    const session = store.repository.autocommit;
    const before = await findObjectType(session, domain, ObjectTypeName);
    await update(store, domainId, before?.definition ?? '', '{"Description":"other"}');
    expect(await findObjectType(session, domain, ObjectTypeName)).toEqual({
      ...before,
      definition: '{"Description":"other"}',
    });
  });

  test('ConflictError when the definition has changed since, or is gone', async () => {
    const { store, domainId } = await open();
    // A unit that fails of it would run again.
    const refused = () =>
      store.repository.write(async (session) => {
        const text = updateObjectTypeDefinition(session, domainId, ObjectTypeName, '{}', '{"a":1}');
        await expect(text).rejects.toThrow(ConflictError);
      });
    await refused();
    await deleteIt(store);
    await refused();
  });
});
