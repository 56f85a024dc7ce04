import { describe, expect, test } from 'vitest';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { listProfileHistoryRecords } from '../../src/operations/history/list-profile-history-records.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { listProfileObjects } from '../../src/operations/objects/list-profile-objects.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { replayDeadLetter } from '../../src/operations/objects/replay-dead-letter.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import {
  type DeadLetterRow,
  insertDeadLetter,
  listDeadLetters,
} from '../../src/repository/dead-letters.ts';
import { sharedDatabase } from '../support/database.ts';
import { ticketType } from '../support/objects.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { sweepOnce } from '../support/sweep.ts';

const DomainName = 'customers';
const domain = { accountId: '000000000000', domainName: DomainName };
const ObjectTypeName = 'ticket';
const ada = 'arn:aws:iam::000000000000:user/ada';
const noProfile = 'No profile has a key of the object, and its type makes none';
const absent = '0'.repeat(32);

/** Defines the type of tickets; at first it lets no ticket in that belongs to nobody. */
async function define(store: TestStore, more: object = {}): Promise<void> {
  const type = { DomainName, ObjectTypeName, Description: 'd', ...ticketType, ...more };
  await store.run(putProfileObjectType, type as Parameters<typeof putProfileObjectType.handler>[1]);
}

async function open() {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await store.seed.domain(DomainName);
  await define(store, { AllowProfileCreation: false });
  return { store, database };
}

function put(store: TestStore, object: object | string, arn = ada): Promise<unknown> {
  const text = typeof object === 'string' ? object : JSON.stringify(object);
  const { caller } = store.context();
  const input = { DomainName, ObjectTypeName, Object: text };
  return store.run(putProfileObject, input, { caller: { ...caller, arn } });
}

/** Puts an object that is refused; gives its letter. */
async function refuse(store: TestStore, object: object | string): Promise<string> {
  await expect(put(store, object)).rejects.toMatchObject({ code: 'BadRequestException' });
  return (await letters(store)).at(-1)?.letterId ?? '';
}

function letters({ repository }: TestStore): Promise<DeadLetterRow[]> {
  return listDeadLetters(repository.autocommit, domain, '', 1_000);
}

async function replay(store: TestStore, letterId: string) {
  return replayDeadLetter(store.context(), domain, letterId);
}

/** The one profile that has an e-mail address, its objects and its history. */
async function lookUp(store: TestStore, email: string) {
  const search = { DomainName, KeyName: 'mail', Values: [email] };
  const { Items = [] } = await store.run(searchProfiles, search);
  expect(Items).toHaveLength(1);
  const ProfileId = Items[0]?.ProfileId ?? '';
  const of = { DomainName, ProfileId };
  const objects = await store.run(listProfileObjects, { ...of, ObjectTypeName });
  const history = await store.run(listProfileHistoryRecords, of);
  const profiles = await store.run(batchGetProfile, { DomainName, ProfileIds: [ProfileId] });
  return {
    profile: profiles.Profiles?.[0],
    objects: (objects.Items ?? []).map(({ Object: text = '' }) => JSON.parse(text)),
    history: (history.ProfileHistoryRecords ?? []).map(({ ActionType, PerformedBy }) => [
      ActionType,
      PerformedBy,
    ]),
  };
}

describe('a refused object', () => {
  test('is kept as it came, with who sent it, when and why it was refused', async () => {
    const { store } = await open();
    const text = '{ "id": 1.50, "email": "ada@x.y" }';
    const letterId = await refuse(store, text);
    expect(await letters(store)).toEqual([
      {
        domainId: expect.any(String),
        letterId,
        objectTypeName: ObjectTypeName,
        document: text,
        reason: noProfile,
        performedBy: ada,
        createdAt: store.clock.now,
      },
    ]);
  });

  test('is kept too when it would make its profile larger than the quota', async () => {
    const { store } = await open();
    await define(store);
    const quotas = { ...store.context().quotas, profileBytes: 50 };
    const text = JSON.stringify({ id: 1, email: 'ada@x.y', plan: 'x'.repeat(50) });
    const refused = store.run(
      putProfileObject,
      { DomainName, ObjectTypeName, Object: text },
      { quotas },
    );
    const message = 'The profile is larger than 50 bytes';
    await expect(refused).rejects.toMatchObject({ code: 'BadRequestException', message });
    expect(await letters(store)).toMatchObject([{ document: text, reason: message }]);
  });
});

describe('replaying a dead letter', () => {
  test('stores the object as that of who sent it, and the letter is gone', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'gold' });
    await define(store);
    expect(await replay(store, letterId)).toEqual({
      outcome: 'stored',
      objectKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await letters(store)).toEqual([]);
    expect(await lookUp(store, 'ada@x.y')).toMatchObject({
      profile: { Attributes: { plan: 'gold' } },
      objects: [{ id: 1, email: 'ada@x.y', plan: 'gold' }],
      history: [
        ['INGESTED', ada],
        ['CREATED', ada],
      ],
    });
  });

  test('that is refused again stays as it is but for the new reason', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'x'.repeat(256) });
    const [letter] = await letters(store);
    await define(store);
    store.clock.advanceDays(1);
    const reason = 'The value for Attributes.plan is longer than 255 characters';
    expect(await replay(store, letterId)).toEqual({ outcome: 'refused', reason });
    expect(await letters(store)).toEqual([{ ...letter, reason }]);
  });

  test('whose type is not there any more is refused', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y' });
    await store.run(deleteProfileObjectType, { DomainName, ObjectTypeName });
    const reason = 'Object type ticket does not exist';
    expect(await replay(store, letterId)).toEqual({ outcome: 'refused', reason });
    expect(await letters(store)).toMatchObject([{ letterId, reason }]);
  });

  test('that is not there, or whose domain is not, finds it gone', async () => {
    const { store } = await open();
    await refuse(store, { id: 1 });
    expect(await replay(store, absent)).toEqual({ outcome: 'gone' });
    const nowhere = { ...domain, domainName: 'nowhere' };
    const [letter] = await letters(store);
    expect(await replayDeadLetter(store.context(), nowhere, letter?.letterId ?? '')).toEqual({
      outcome: 'gone',
    });
    expect(await letters(store)).toEqual([letter]);
  });

  test('by sixteen at once stores it once', async () => {
    const { store, database } = await open();
    const other = await openTestStore(database);
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y' });
    await define(store);
    const replays = Array.from({ length: 16 }, (_, index) =>
      replay(index % 2 === 0 ? store : other, letterId),
    );
    const outcomes = (await Promise.all(replays)).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual([...Array(15).fill('gone'), 'stored']);
    expect((await lookUp(store, 'ada@x.y')).history).toHaveLength(2);
  });

  test('that fails leaves the letter, and nothing of the object', async () => {
    const { store, database } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y' });
    await define(store);
    const { ids, ...context } = store.context();
    const recordId = () => {
      throw new Error('no ids are left');
    };
    const failed = replayDeadLetter({ ...context, ids: { ...ids, recordId } }, domain, letterId);
    await expect(failed).rejects.toThrow('no ids are left');
    expect(await letters(store)).toMatchObject([{ letterId, reason: noProfile }]);
    for (const table of ['profiles', 'profile_objects', 'profile_history'])
      expect(await countRows(database, table)).toBe(0);
  });

  test('does not take the place of a newer version that came meanwhile', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'old' });
    await define(store);
    store.clock.advanceMs(1);
    await put(store, { id: 1, email: 'ada@x.y', plan: 'new' });
    const reason = 'A newer version of the object has been stored since';
    expect(await replay(store, letterId)).toEqual({ outcome: 'refused', reason });
    expect((await lookUp(store, 'ada@x.y')).objects).toMatchObject([{ plan: 'new' }]);
  });

  test('goes by what the sources say of their versions, where they do', async () => {
    const { store } = await open();
    const Fields = { ...ticketType.Fields, sourceLastUpdatedTimestamp: { Source: '_source.at' } };
    const timed = { Fields, SourceLastUpdatedTimestampFormat: 'yyyy' };
    await define(store, { ...timed, AllowProfileCreation: false });
    const newer = await refuse(store, { id: 1, email: 'ada@x.y', at: '2021' });
    const older = await refuse(store, { id: 1, email: 'ada@x.y', at: '2019' });
    await define(store, timed);
    store.clock.advanceMs(1);
    await put(store, { id: 1, email: 'ada@x.y', at: '2020' });
    expect(await replay(store, newer)).toMatchObject({ outcome: 'stored' });
    expect(await replay(store, older)).toMatchObject({ outcome: 'refused' });
    expect((await lookUp(store, 'ada@x.y')).objects).toMatchObject([{ at: '2021' }]);
  });

  test('in their order makes the last version the object, and its values the profile’s', async () => {
    const { store } = await open();
    const first = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'first' });
    store.clock.advanceMs(1);
    const second = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'second' });
    await define(store);
    store.clock.advanceDays(1);
    for (const letterId of [first, second])
      expect(await replay(store, letterId)).toMatchObject({ outcome: 'stored' });
    expect(await lookUp(store, 'ada@x.y')).toMatchObject({
      profile: { Attributes: { plan: 'second' } },
      objects: [{ plan: 'second' }],
    });
  });

  test('gives way to values that other objects have brought meanwhile', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y', plan: 'old' });
    await define(store);
    store.clock.advanceMs(1);
    await put(store, { id: 2, email: 'ada@x.y', plan: 'new' });
    expect(await replay(store, letterId)).toMatchObject({ outcome: 'stored' });
    const { profile, objects } = await lookUp(store, 'ada@x.y');
    expect(profile?.Attributes).toEqual({ plan: 'new' });
    expect(objects).toHaveLength(2);
  });

  test('gives the object the whole life that its type says', async () => {
    const { store, database } = await open();
    const letterId = await refuse(store, { id: 1, email: 'ada@x.y' });
    await define(store, { ExpirationDays: 2 });
    store.clock.advanceDays(10);
    await replay(store, letterId);
    const expiresAt = store.clock.now + 2 * 24 * 60 * 60 * 1000;
    expect(await countRows(database, 'profile_objects', `expires_at = ${expiresAt}`)).toBe(1);
  });
});

/** Letters of a domain, past the operations; their ids ascend. */
async function keepLetters(store: TestStore, domainId: string, count: number): Promise<void> {
  const { ids, now } = store.context();
  await store.repository.write(async (session) => {
    for (let index = 0; index < count; index++)
      await insertDeadLetter(session, {
        domainId,
        letterId: ids.recordId(now),
        objectTypeName: ObjectTypeName,
        document: `{"id":${index}}`,
        reason: noProfile,
        performedBy: ada,
        createdAt: now,
      });
  });
}

async function domainIdOf(store: TestStore): Promise<string> {
  await refuse(store, { id: 1 });
  return (await letters(store))[0]?.domainId ?? '';
}

describe('the sweeper', () => {
  test('removes dead letters after fourteen days, and no others', async () => {
    const { store } = await open();
    await store.seed.domain('another');
    await refuse(store, { id: 1 });
    store.clock.advanceMs(1);
    const younger = await refuse(store, { id: 2 });
    store.clock.advanceDays(14);
    store.clock.advanceMs(-2);
    await sweepOnce(store);
    expect(await letters(store)).toHaveLength(2);
    store.clock.advanceMs(1);
    await sweepOnce(store);
    expect(await letters(store)).toMatchObject([{ letterId: younger }]);
  });

  test('a letter that was refused again does not live longer', async () => {
    const { store } = await open();
    const letterId = await refuse(store, { id: 1 });
    store.clock.advanceDays(13);
    await replay(store, letterId);
    store.clock.advanceDays(1);
    await sweepOnce(store);
    expect(await letters(store)).toEqual([]);
  });

  test('takes a hundred at a time', async () => {
    const { store } = await open();
    await keepLetters(store, await domainIdOf(store), 149);
    store.clock.advanceDays(15);
    await sweepOnce(store);
    expect(await letters(store)).toHaveLength(50);
    await sweepOnce(store);
    expect(await letters(store)).toEqual([]);
  });

  test('removes what is left of the letters of a deleted domain, whatever their age', async () => {
    const { store, database } = await open();
    await keepLetters(store, await domainIdOf(store), 249);
    let isWoken = false;
    const wakeSweeper = () => {
      isWoken = true;
    };
    await store.run(deleteDomain, { DomainName }, { wakeSweeper });
    expect(isWoken).toBe(true);
    expect(await countRows(database, 'dead_letters')).toBe(150);
    await sweepOnce(store);
    expect(await countRows(database, 'dead_letters')).toBe(50);
    await sweepOnce(store);
    expect(await countRows(database, 'domains')).toBe(0);
  });

  test('looks at the oldest letter of each domain alone', async () => {
    const { store, database } = await open();
    await keepLetters(store, await domainIdOf(store), 9);
    // One that a slow clock has dated back hides behind those that came before it.
    await changeRows(
      database,
      'update dead_letters set created_at = 0 where document = \'{"id":5}\'',
    );
    store.clock.advanceDays(1);
    await sweepOnce(store);
    expect(await letters(store)).toHaveLength(10);
    store.clock.advanceDays(13);
    await sweepOnce(store);
    expect(await letters(store)).toEqual([]);
  });
});
