import {
  GetDomainCommand,
  ListProfileHistoryRecordsCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { type Customers, startCustomers } from '../support/customers.ts';
import { sharedDatabase } from '../support/database.ts';
import { Objects, ticketType } from '../support/objects.ts';
import { domainNotFound, profileNotFound } from '../support/outcomes.ts';
import { countRows } from '../support/rows.ts';
import { type Answer, send } from '../support/service.ts';

const unknown = '0123456789abcdef0123456789abcdef';

async function startTickets(customers?: Customers) {
  const started = customers ?? (await startCustomers());
  const tickets = await new Objects(started, 'ticket').define(ticketType);
  return { customers: started, tickets };
}

/** The one profile that a value finds. */
async function only(customers: Customers, keyName: string, value: string): Promise<string> {
  const [profileId, another] = await customers.foundBy(keyName, value);
  if (profileId === undefined || another !== undefined) throw new Error('not exactly one profile');
  return profileId;
}

describe('PutProfileObject', () => {
  test('makes a profile where no key finds one, with the fields and keys of the object', async () => {
    const { customers, tickets } = await startTickets();
    const key = await tickets.put({ id: 1, email: 'Ada@X.y', first: 'Ada', plan: 'gold' });
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    const ProfileId = await only(customers, 'mail', 'ada@x.Y');
    expect(await customers.foundBy('_email', 'ada@x.y')).toEqual([ProfileId]);
    expect(await customers.foundBy('ticket', '1')).toEqual([ProfileId]);
    expect(await customers.profile(ProfileId)).toEqual({
      ProfileId,
      EmailAddress: 'Ada@X.y',
      FirstName: 'Ada',
      Attributes: { plan: 'gold' },
    });
    expect(await tickets.of(ProfileId)).toEqual([
      { id: 1, email: 'Ada@X.y', first: 'Ada', plan: 'gold' },
    ]);
  });

  test('finds the profile by a key that another object, AddProfileKey or a field has given it', async () => {
    const { customers, tickets } = await startTickets();
    await tickets.put({ id: 1, email: 'ada@x.y' });
    const ada = await only(customers, 'mail', 'ada@x.y');
    await tickets.put({ id: 2, email: 'ADA@x.y' });
    expect(await tickets.of(ada)).toHaveLength(2);
    const bob = await customers.create();
    await customers.addKey(bob, 'mail', 'bob@x.y');
    await tickets.put({ id: 3, email: 'bob@x.y' });
    expect(await tickets.of(bob)).toHaveLength(1);
    const visits = await new Objects(customers, 'visit').define({
      Fields: { at: { Source: '_source.at' }, email: { Source: '_source.email' } },
      Keys: {
        visit: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['at'] }],
        _email: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['email'] }],
      },
    });
    const eve = await customers.create({ PersonalEmailAddress: 'Eve@X.Y' });
    await visits.put({ at: 1, email: 'eve@x.y' });
    expect(await visits.of(eve)).toHaveLength(1);
  });

  test.each([
    ['zeta', 'alpha', 'zeta'],
    ['alpha', 'zeta', 'alpha'],
    // No order can be kept for it: see ObjectTypeMapping.
    ['zeta', '7', '7'],
  ])(
    'of two profiles takes that of the key which its type defines first: %s, %s',
    async (first, second, decides) => {
      const customers = await startCustomers();
      const profile = { StandardIdentifiers: ['PROFILE' as const] };
      const visits = await new Objects(customers, 'visit').define({
        Fields: { id: {}, one: {}, two: {} },
        Keys: {
          [first]: [{ ...profile, FieldNames: ['one'] }],
          [second]: [{ ...profile, FieldNames: ['two'] }],
          visit: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
        },
      });
      const of = new Map<string, string>();
      for (const name of [first, second]) {
        of.set(name, await customers.create());
        await customers.addKey(of.get(name) ?? '', name, 'x');
      }
      await visits.put({ id: 1, one: 'x', two: 'x' });
      expect(await only(customers, 'visit', '1')).toBe(of.get(decides));
    },
  );

  test('replaces the object with the same unique value as a whole, under the same key', async () => {
    const { customers, tickets } = await startTickets();
    const key = await tickets.put({ id: 1, email: 'ada@x.y', plan: 'gold', more: true });
    expect(await tickets.put({ id: 1, email: 'ada@x.y', first: 'Ada' })).toBe(key);
    const ProfileId = await only(customers, 'ticket', '1');
    expect(await tickets.of(ProfileId)).toEqual([{ id: 1, email: 'ada@x.y', first: 'Ada' }]);
    // What the newer object doesn't say stays as it was.
    expect(await customers.profile(ProfileId)).toMatchObject({
      FirstName: 'Ada',
      Attributes: { plan: 'gold' },
    });
  });

  test('takes the keys that the newer object no longer has from its profile', async () => {
    const { customers, tickets } = await startTickets();
    await tickets.put({ id: 1, email: 'old@x.y' });
    const profileId = await only(customers, 'ticket', '1');
    await customers.addKey(profileId, 'mail', 'stays@x.y');
    // No key finds it, and one object has its unique value: it is that one's next version.
    await tickets.put({ id: 1, email: 'new@x.y' });
    expect(await customers.foundBy('mail', 'new@x.y')).toEqual([profileId]);
    expect(await customers.foundBy('mail', 'old@x.y')).toEqual([]);
    expect(await customers.foundBy('mail', 'stays@x.y')).toEqual([profileId]);
  });

  test('lets two profiles have objects with the same unique value', async () => {
    const { customers, tickets } = await startTickets();
    const bob = await customers.create();
    await customers.addKey(bob, 'mail', 'bob@x.y');
    await tickets.put({ id: 1, email: 'ada@x.y' });
    await tickets.put({ id: 1, email: 'bob@x.y' });
    const ada = await only(customers, 'mail', 'ada@x.y');
    expect(await tickets.of(ada)).toEqual([{ id: 1, email: 'ada@x.y' }]);
    expect(await tickets.of(bob)).toEqual([{ id: 1, email: 'bob@x.y' }]);
  });

  test('makes one profile for thirty-two callers of one key', async () => {
    const { customers, tickets } = await startTickets();
    const puts = Array.from({ length: 32 }, (_, id) => tickets.put({ id, email: 'ada@x.y' }));
    expect(new Set(await Promise.all(puts)).size).toBe(32);
    const ada = await only(customers, 'mail', 'ada@x.y');
    expect(await tickets.of(ada)).toHaveLength(32);
  });

  test('keeps one object for thirty-two callers of one unique value', async () => {
    const { customers, tickets } = await startTickets();
    const puts = Array.from({ length: 32 }, (_, n) => tickets.put({ id: 1, email: 'a@x.y', n }));
    expect(new Set(await Promise.all(puts)).size).toBe(1);
    expect(await tickets.of(await only(customers, 'ticket', '1'))).toHaveLength(1);
  });

  test("the guide's ticket: a shared address makes one inferred profile, and the next lands there", async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define({
      AllowProfileCreation: true,
      Fields: {
        email: { Source: '_source.email', ContentType: 'EMAIL_ADDRESS' },
        at: { Source: '_source.at' },
      },
      Keys: {
        _email: [{ StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['email'] }],
        ticketEmail: [
          { StandardIdentifiers: ['PROFILE', 'SECONDARY', 'NEW_ONLY'], FieldNames: ['email'] },
        ],
        uniqueTicket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['email', 'at'] }],
      },
    });
    const ada = await customers.create({ EmailAddress: 'ada@x.y' });
    await tickets.put({ email: 'ada@x.y', at: 1 });
    expect(await tickets.of(ada)).toHaveLength(1);
    expect(await customers.foundBy('ticketEmail', 'ada@x.y')).toEqual([]);
    const shared = [
      await customers.create({ EmailAddress: 'all@x.y' }),
      await customers.create({ EmailAddress: 'all@x.y' }),
    ];
    await tickets.put({ email: 'all@x.y', at: 1 });
    const inferred = await only(customers, 'ticketEmail', 'all@x.y');
    expect(shared).not.toContain(inferred);
    expect((await customers.profile(inferred))?.EmailAddress).toBe('all@x.y');
    await tickets.put({ email: 'all@x.y', at: 2 });
    // A newer version of the first keeps the key that only a new profile gave it.
    await tickets.put({ email: 'all@x.y', at: 1, more: true });
    await tickets.put({ email: 'all@x.y', at: 3 });
    expect(await tickets.of(inferred)).toHaveLength(3);
  });

  test('a newer source and a better priority win over another, whatever comes last', async () => {
    const customers = await startCustomers();
    const define = (name: string, SourcePriority?: number) =>
      new Objects(customers, name).define({
        ...ticketType,
        SourceLastUpdatedTimestampFormat: 'yyyy',
        ...(SourcePriority && { SourcePriority }),
        Fields: {
          ...ticketType.Fields,
          sourceLastUpdatedTimestamp: { Source: '_source.at' },
        },
      });
    const [plain, other, first] = [
      await define('plain'),
      await define('other'),
      await define('first', 1),
    ];
    const email = 'ada@x.y';
    await plain.put({ id: 1, email, plan: 'of 2026', at: '2026' });
    await other.put({ id: 1, email, plan: 'of 2025', at: '2025' });
    const profileId = await only(customers, 'mail', email);
    const plan = async () => (await customers.profile(profileId))?.Attributes?.plan;
    expect(await plan()).toBe('of 2026');
    await first.put({ id: 1, email, plan: 'of 1999', at: '1999' });
    expect(await plan()).toBe('of 1999');
    await plain.put({ id: 1, email, plan: 'of 2027', at: '2027' });
    expect(await plan()).toBe('of 1999');
    // What comes through the API is nobody's: the next object may write it.
    await customers.update(profileId, { Attributes: { plan: 'mine' } });
    expect(await plan()).toBe('mine');
    await plain.put({ id: 1, email, plan: 'of 2028', at: '2028' });
    expect(await plan()).toBe('of 2028');
  });

  test('numbers are taken as they were written', async () => {
    const { customers, tickets } = await startTickets();
    await tickets.put('{"id":12345678901234567890,"email":"ada@x.y"}');
    await tickets.put('{"id":12345678901234567891,"email":"ada@x.y"}');
    const ada = await only(customers, 'ticket', '12345678901234567890');
    const { Items = [] } = await tickets.page(ada);
    expect(Items.map((item) => item.Object)).toEqual([
      '{"id":12345678901234567890,"email":"ada@x.y"}',
      '{"id":12345678901234567891,"email":"ada@x.y"}',
    ]);
  });

  test('is in the history, as it was given, and in the counts of the domain', async () => {
    const { customers, tickets } = await startTickets();
    const key = await tickets.put({ id: 1, email: 'ada@x.y' });
    const ProfileId = await only(customers, 'ticket', '1');
    const { client, DomainName } = customers;
    const { ProfileHistoryRecords = [] } = await client.send(
      new ListProfileHistoryRecordsCommand({ DomainName, ProfileId }),
    );
    expect(
      ProfileHistoryRecords.map(({ ActionType, ObjectTypeName, ProfileObjectUniqueKey }) => [
        ActionType,
        ObjectTypeName,
        ProfileObjectUniqueKey,
      ]),
    ).toEqual([
      ['INGESTED', 'ticket', key],
      ['CREATED', '_profile', undefined],
    ]);
    const stats = async () => (await client.send(new GetDomainCommand({ DomainName }))).Stats;
    const TotalSize = Buffer.byteLength('{"id":1,"email":"ada@x.y"}');
    expect(await stats()).toMatchObject({ ProfileCount: 1, ObjectCount: 1, TotalSize });
    await tickets.put({ id: 1, email: 'ada@x.y', more: '€' });
    expect(await stats()).toMatchObject({ ObjectCount: 1, TotalSize: TotalSize + 13 });
    await customers.delete(ProfileId);
    expect(await stats()).toMatchObject({ ProfileCount: 0, ObjectCount: 0, TotalSize: 0 });
  });
});

describe('PutProfileObject refuses, and keeps a dead letter of,', () => {
  test.each<[string, object | string, string]>([
    ['what is no object', '[]', 'The object is not a JSON object'],
    ['what is no JSON', '{', 'The object is not a JSON object'],
    ['what nests too deep', '['.repeat(101), 'The object nests deeper than 100 levels'],
    [
      'an object without its unique key',
      { email: 'ada@x.y' },
      'The object lacks a field of the unique key of its type',
    ],
    [
      'a key that is too long',
      { id: 'x'.repeat(256) },
      'The value of key ticket is longer than 255 characters',
    ],
    [
      'a value that a field can not hold',
      { id: 1, email: 'a@x.y', plan: 'x'.repeat(256) },
      'The value for Attributes.plan is longer than 255 characters',
    ],
  ])('%s', async (_, object, message) => {
    const database = await sharedDatabase();
    const { tickets } = await startTickets(await startCustomers({ database }));
    await expect(tickets.put(object)).rejects.toMatchObject({
      name: 'BadRequestException',
      message,
    });
    expect(await countRows(database, 'dead_letters', `reason = '${message}'`)).toBe(1);
    expect(await countRows(database, 'profiles')).toBe(0);
    expect(await countRows(database, 'profile_objects')).toBe(0);
  });

  test('an object without a profile, where its type makes none', async () => {
    const customers = await startCustomers();
    const { AllowProfileCreation: _, ...type } = ticketType;
    const tickets = await new Objects(customers, 'ticket').define(type);
    await expect(tickets.put({ id: 1, email: 'ada@x.y' })).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'No profile has a key of the object, and its type makes none',
    });
  });

  test('an object whose every key several profiles have', async () => {
    const { customers, tickets } = await startTickets();
    for (const profileId of [await customers.create(), await customers.create()])
      await customers.addKey(profileId, 'mail', 'all@x.y');
    await expect(tickets.put({ id: 1, email: 'all@x.y' })).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'More than one profile has the keys of the object',
    });
  });

  test('one object more than its type allows a profile', async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define({
      ...ticketType,
      MaxProfileObjectCount: 2,
    });
    for (const id of [1, 2, 2]) await tickets.put({ id, email: 'ada@x.y' });
    await expect(tickets.put({ id: 3, email: 'ada@x.y' })).rejects.toMatchObject({
      message: 'The profile has 2 objects of type ticket, the most that the type allows',
    });
  });
});

test('404 for an object of an unknown type, and in an unknown domain', async () => {
  const { customers, tickets } = await startTickets();
  const other = new Objects(customers, 'other');
  const notFound = { name: 'ResourceNotFoundException' };
  await expect(other.put({ id: 1 })).rejects.toMatchObject(notFound);
  const nowhere = new Objects(customers.nowhere, 'ticket');
  await expect(nowhere.put({ id: 1 })).rejects.toMatchObject(domainNotFound('nowhere'));
  await expect(nowhere.of(unknown)).rejects.toMatchObject(domainNotFound('nowhere'));
  await expect(other.of(unknown)).rejects.toMatchObject(notFound);
  await expect(tickets.of(unknown)).rejects.toMatchObject(profileNotFound);
});

describe('ListProfileObjects', () => {
  test('has pages, oldest first, each object once', async () => {
    const { customers, tickets } = await startTickets();
    const keys: string[] = [];
    for (const id of [1, 2, 3, 4, 5]) keys.push(await tickets.put({ id, email: 'ada@x.y' }));
    const ada = await only(customers, 'mail', 'ada@x.y');
    const listed: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await tickets.page(ada, { MaxResults: 2, NextToken });
      listed.push(...(page.Items ?? []).map((item) => item.ProfileObjectUniqueKey));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(listed).toEqual(keys);
  });

  test('filters by the keys of the objects', async () => {
    const { customers, tickets } = await startTickets();
    for (const id of [1, 2]) await tickets.put({ id, email: 'ada@x.y' });
    const ada = await only(customers, 'mail', 'ada@x.y');
    const ids = async (KeyName: string, ...Values: string[]) => {
      const { Items = [] } = await tickets.page(ada, { ObjectFilter: { KeyName, Values } });
      return Items.map((item) => JSON.parse(item.Object ?? '').id);
    };
    expect(await ids('ticket', '2')).toEqual([2]);
    expect(await ids('ticket', '1', '2', '3')).toEqual([1, 2]);
    expect(await ids('mail', 'ADA@x.y')).toEqual([1, 2]);
    expect(await ids('ticket', '3')).toEqual([]);
    expect(await ids('other', '1')).toEqual([]);
  });
});

describe('DeleteProfileObject', () => {
  test('takes the object and the keys that only it gave; its fields stay', async () => {
    const { customers, tickets } = await startTickets();
    const key = await tickets.put({ id: 1, email: 'ada@x.y', plan: 'gold' });
    await tickets.put({ id: 2, email: 'ada@x.y' });
    const ada = await only(customers, 'mail', 'ada@x.y');
    expect((await tickets.delete(ada, key)).Message).toBe('OK');
    expect(await tickets.of(ada)).toEqual([{ id: 2, email: 'ada@x.y' }]);
    expect(await customers.foundBy('ticket', '1')).toEqual([]);
    expect(await customers.foundBy('mail', 'ada@x.y')).toEqual([ada]);
    expect((await customers.profile(ada))?.Attributes).toEqual({ plan: 'gold' });
    const { Stats } = await customers.client.send(
      new GetDomainCommand({ DomainName: customers.DomainName }),
    );
    expect(Stats?.ObjectCount).toBe(1);
  });

  test('404 for another key, another type, another profile', async () => {
    const { customers, tickets } = await startTickets();
    const key = await tickets.put({ id: 1, email: 'ada@x.y' });
    const [ada, bob] = [await only(customers, 'ticket', '1'), await customers.create()];
    const notFound = { name: 'ResourceNotFoundException', message: 'The object does not exist' };
    await expect(tickets.delete(ada, unknown)).rejects.toMatchObject(notFound);
    await expect(tickets.delete(bob, key)).rejects.toMatchObject(notFound);
    await expect(new Objects(customers, 'other').delete(ada, key)).rejects.toMatchObject(notFound);
    await expect(tickets.delete(unknown, key)).rejects.toMatchObject(profileNotFound);
    expect(await tickets.of(ada)).toHaveLength(1);
  });
});

describe('BatchPutProfileObject', () => {
  // The official client doesn't know this operation yet.
  async function batch(
    { service, DomainName }: Customers,
    ...items: [Id: string, object: object][]
  ): Promise<Answer> {
    const Items = items.map(([Id, object]) => ({ Id, Object: JSON.stringify(object) }));
    const path = `/domains/${DomainName}/profiles/objects/batch-put-profile-object`;
    return send(service, 'PUT', path, { ObjectTypeName: 'ticket', Items });
  }

  test('stores what it can and says of the rest why not', async () => {
    const { customers, tickets } = await startTickets();
    const { status, body } = await batch(
      customers,
      ['one', { id: 1, email: 'ada@x.y' }],
      ['none', { email: 'ada@x.y' }],
      ['two', { id: 2, email: 'ada@x.y' }],
    );
    const { Items = [] } = await tickets.page(await only(customers, 'mail', 'ada@x.y'));
    const [one, two] = Items.map((item) => item.ProfileObjectUniqueKey);
    expect([status, body]).toEqual([
      200,
      {
        Successful: [
          { Id: 'one', ProfileObjectUniqueKey: one },
          { Id: 'two', ProfileObjectUniqueKey: two },
        ],
        Failed: [
          {
            Id: 'none',
            Code: 400,
            Message: 'The object lacks a field of the unique key of its type',
          },
        ],
      },
    ]);
  });

  test('400 for the same Id twice, and nothing is stored', async () => {
    const { customers } = await startTickets();
    const item: [string, object] = ['one', { id: 1, email: 'ada@x.y' }];
    const { status, body } = await batch(customers, item, item);
    expect([status, body]).toEqual([400, { Message: 'Two Items have the same Id' }]);
    expect(await customers.foundBy('ticket', '1')).toEqual([]);
  });

  test('404 for an unknown type and an unknown domain', async () => {
    const customers = await startCustomers();
    const item: [string, object] = ['one', {}];
    for (const of of [customers, customers.nowhere])
      expect((await batch(of, item)).errorType).toBe('ResourceNotFoundException');
  });
});
