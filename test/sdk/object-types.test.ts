import type { ObjectTypeKey } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { defaultLimits, publishedQuotas } from '../../src/limits/limits.ts';
import type { Quotas } from '../../src/model/operation.ts';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { FakeClock } from '../support/clock.ts';
import type { Complete } from '../support/complete.ts';
import { sharedDatabase } from '../support/database.ts';
import { type Definition, minimal, ObjectTypes } from '../support/object-types.ts';
import {
  badRequest,
  domainNotFound,
  expectAllRejected,
  objectTypeNotFound,
  violation,
} from '../support/outcomes.ts';
import { send, startTestService } from '../support/service.ts';

const ObjectTypeName = 'Orders';

async function start(quotas: Partial<Quotas> = {}) {
  const clock = new FakeClock();
  const limits = { ...defaultLimits, quotas: { ...publishedQuotas, ...quotas } };
  const { service, client } = await startTestService({ clock: clock.read, limits });
  const types = await new ObjectTypes(client).open();
  return { clock, service, types, nowhere: new ObjectTypes(client, 'nowhere') };
}

/** Every member that PutProfileObjectType takes, but for TemplateId: that excludes others. */
const everyMember: Complete<Omit<Definition, 'TemplateId'>> = {
  Description: 'Orders of the shop',
  ExpirationDays: 1098,
  EncryptionKey: 'arn:aws:kms:us-east-1:000000000000:key/one',
  AllowProfileCreation: true,
  SourceLastUpdatedTimestampFormat: "yyyy-MM-dd'T'HH:mm:ssXXX",
  MaxProfileObjectCount: 100,
  SourcePriority: 2,
  Fields: {
    orderId: { Source: '_source.order.id', Target: '_order.OrderId', ContentType: 'NUMBER' },
    email: {
      Source: '_source.email',
      Target: '_profile.EmailAddress',
      ContentType: 'EMAIL_ADDRESS',
    },
    'with.dot': {
      Source: '{{_source.first}} {{_source.last}}',
      Target: '_profile.Attributes.full name',
      ContentType: 'NAME',
    },
    sourceLastUpdatedTimestamp: {
      Source: 'changed',
      Target: '_order.UpdatedDate',
      ContentType: 'STRING',
    },
    __proto__x: { Source: '_source.items[].sku', Target: '_order.Name', ContentType: 'STRING' },
  },
  Keys: {
    zeta: [{ StandardIdentifiers: ['UNIQUE', 'ORDER'], FieldNames: ['orderId', 'email'] }],
    alpha: [
      { StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['email'] },
      { StandardIdentifiers: ['PROFILE', 'SECONDARY', 'NEW_ONLY'], FieldNames: ['email'] },
    ],
    plain: [{ StandardIdentifiers: [], FieldNames: ['orderId'] }],
  },
  Tags: { team: 'shop', 'cost:center/1,2;3=4': '' },
};

const shown = (definition: Definition) => ({ AllowProfileCreation: false, ...definition });

describe('PutProfileObjectType', () => {
  test('stores every member, and GetProfileObjectType shows them', async () => {
    const { clock, types } = await start();
    const type = await types.put(ObjectTypeName, everyMember);
    expect(type).toEqual({
      ...everyMember,
      ObjectTypeName,
      MaxAvailableProfileObjectCount: 1000,
      CreatedAt: new Date(clock.now),
      LastUpdatedAt: new Date(clock.now),
    });
    expect(await types.get(ObjectTypeName)).toEqual(type);
  });

  test('keeps the keys in the order in which they were given', async () => {
    const { types } = await start();
    await types.put(ObjectTypeName, everyMember);
    expect(Object.keys((await types.get(ObjectTypeName)).Keys ?? {})).toEqual([
      'zeta',
      'alpha',
      'plain',
    ]);
  });

  test('shows names that are array indexes before all others, as they are tried', async () => {
    const { service, types } = await start();
    const path = `/domains/customers/object-types/${ObjectTypeName}`;
    const key = '[{"StandardIdentifiers":["PROFILE"],"FieldNames":["id"]}]';
    const unique = '[{"StandardIdentifiers":["UNIQUE"],"FieldNames":["id"]}]';
    const keys = `{"zeta":${key},"7":${key},"007":${key},"alpha":${unique}}`;
    const body = `{"Description":"d","Fields":{"id":{}},"Keys":${keys}}`;
    const { status } = await send(service, 'PUT', path, body);
    expect(status).toBe(200);
    const text = await (await fetch(`${service.url}${path}`)).text();
    const names = ['7', 'zeta', '007', 'alpha'];
    expect(text).toMatch(new RegExp(names.map((name) => `"${name}":`).join('.*')));
    expect(Object.keys((await types.get(ObjectTypeName)).Keys ?? {})).toEqual(names);
  });

  test('takes the least that is required, creating no profiles and without tags', async () => {
    const { clock, types } = await start();
    await types.put(ObjectTypeName);
    expect(await types.get(ObjectTypeName)).toEqual({
      ...shown(minimal),
      ObjectTypeName,
      MaxAvailableProfileObjectCount: 1000,
      CreatedAt: new Date(clock.now),
      LastUpdatedAt: new Date(clock.now),
    });
  });

  test('replaces a type as a whole, but for its tags and its time of creation', async () => {
    const { clock, types } = await start();
    const CreatedAt = new Date(clock.now);
    await types.put(ObjectTypeName, everyMember);
    clock.advanceMs(60_000);
    const replaced = await types.put(ObjectTypeName, { ...minimal, Tags: { other: 'tag' } });
    expect(replaced).toEqual({
      ...shown(minimal),
      ObjectTypeName,
      MaxAvailableProfileObjectCount: 1000,
      CreatedAt,
      LastUpdatedAt: new Date(clock.now),
      Tags: everyMember.Tags,
    });
    expect(await types.get(ObjectTypeName)).toEqual(replaced);
  });

  test('gives no tags to a type that was created without any', async () => {
    const { types } = await start();
    await types.put(ObjectTypeName);
    await types.put(ObjectTypeName, { ...minimal, Tags: { a: 'b' } });
    expect(await types.get(ObjectTypeName)).not.toHaveProperty('Tags');
  });

  test('takes an empty encryption key for none', async () => {
    const { types } = await start();
    await types.put(ObjectTypeName, everyMember);
    await types.put(ObjectTypeName, { ...minimal, EncryptionKey: '' });
    expect(await types.get(ObjectTypeName)).not.toHaveProperty('EncryptionKey');
  });

  test('takes the mapping of a template', async () => {
    const { types } = await start();
    const TemplateId = 'Zendesk-tickets';
    const type = await types.put(ObjectTypeName, {
      Description: 'Tickets',
      TemplateId,
      AllowProfileCreation: false,
      ExpirationDays: 7,
    });
    expect(type).toMatchObject({
      TemplateId,
      ExpirationDays: 7,
      AllowProfileCreation: false,
      Fields: { ZendeskTicketId: { Source: '_source.id' } },
      Keys: { _zendeskTicketId: [{ StandardIdentifiers: ['CASE', 'UNIQUE'] }] },
    });
    expect(await types.get(ObjectTypeName)).toEqual(type);
  });

  test.each(['_webAnalytics', '_catalogItem', '_profile', '_loyaltyPromotion'])(
    'takes %s, a name of the standard objects',
    async (name) => {
      const { types } = await start();
      await types.put(name);
      expect(await types.names()).toEqual([name]);
    },
  );

  test('404 in a domain that does not exist', async () => {
    const { nowhere } = await start();
    await expect(nowhere.put(ObjectTypeName)).rejects.toMatchObject(domainNotFound('nowhere'));
  });

  const field = (Source?: string, Target?: string): Definition => ({
    ...minimal,
    Fields: { ...minimal.Fields, f: { Source, Target } },
  });
  const template = (more: Partial<Definition>): Definition => ({
    Description: 'd',
    TemplateId: 'CTR',
    ...more,
  });
  const uniqueId: ObjectTypeKey = { StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] };
  const wrongTarget =
    'The Target of field f must be a field of a standard object, such as _profile.FirstName or _profile.Attributes.name';
  const wrongSource =
    'The Source of field f must be a path such as _source.name, or a text with paths such as {{_source.name}} in it';

  test.each<[what: string, definition: Definition, error: object]>([
    [
      'an unknown template',
      template({ TemplateId: 'Nobody' }),
      badRequest('Template Nobody does not exist'),
    ],
    [
      'Fields with a template',
      template({ Fields: minimal.Fields }),
      badRequest("Fields can't be given with a TemplateId"),
    ],
    [
      'Keys with a template',
      template({ Keys: minimal.Keys }),
      badRequest("Keys can't be given with a TemplateId"),
    ],
    [
      'a timestamp format with a template',
      template({ SourceLastUpdatedTimestampFormat: 'yyyy' }),
      badRequest("SourceLastUpdatedTimestampFormat can't be given with a TemplateId"),
    ],
    [
      'profile creation with a template',
      template({ AllowProfileCreation: true }),
      badRequest("AllowProfileCreation can't be true with a TemplateId"),
    ],
    [
      'neither fields nor keys',
      { Description: 'd' },
      badRequest('Exactly one key must have the standard identifier UNIQUE, not 0'),
    ],
    [
      'no unique key',
      { ...minimal, Keys: { id: [{ ...uniqueId, StandardIdentifiers: ['PROFILE'] }] } },
      badRequest('Exactly one key must have the standard identifier UNIQUE, not 0'),
    ],
    [
      'two unique keys under one name',
      { ...minimal, Keys: { id: [uniqueId, uniqueId] } },
      badRequest('Exactly one key must have the standard identifier UNIQUE, not 2'),
    ],
    ['a source that is no path', field('_source..a'), badRequest(wrongSource)],
    ['a target of no standard object', field('a', '_object.Name'), badRequest(wrongTarget)],
    [
      'a description of 1001 characters',
      { ...minimal, Description: 'd'.repeat(1001) },
      violation("Value at 'description'", 'have length less than or equal to 1000'),
    ],
    [
      'no day of expiration',
      { ...minimal, ExpirationDays: 0 },
      violation("Value '0' at 'expirationDays'", 'have value greater than or equal to 1'),
    ],
    [
      'no object per profile',
      { ...minimal, MaxProfileObjectCount: 0 },
      violation("Value '0' at 'maxProfileObjectCount'", 'have value greater than or equal to 1'),
    ],
    [
      'no tags in Tags',
      { ...minimal, Tags: {} },
      violation("Value '{}' at 'tags'", 'have length greater than or equal to 1'),
    ],
    [
      'a field name with a space, without telling it',
      { ...minimal, Fields: { 'a b': {} } },
      violation(
        "Value at 'fields.1.member'",
        'satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$',
      ),
    ],
  ])('BadRequestException for %s', async (_, definition, error) => {
    const { types } = await start();
    await expect(types.put(ObjectTypeName, definition)).rejects.toMatchObject(error);
    expect(await types.names()).toEqual([]);
  });

  test('BadRequestException for a reserved name', async () => {
    const { types } = await start();
    await expect(types.put('_mine')).rejects.toMatchObject(
      badRequest('Object type names that begin with _ are reserved, and _mine is not one'),
    );
  });

  test('BadRequestException for a definition of more than 250 KB', async () => {
    const { types } = await start();
    const names = Array.from({ length: 300 }, (_, index) => `field-${index}`);
    const Fields = Object.fromEntries(names.map((name) => [name, { Source: 'é'.repeat(1000) }]));
    const definition = { ...minimal, Fields: { ...minimal.Fields, ...Fields } };
    await expect(types.put(ObjectTypeName, definition)).rejects.toMatchObject(
      badRequest('The object type is larger than 256000 bytes'),
    );
  });

  test('a refused definition leaves the one before', async () => {
    const { types } = await start();
    const before = await types.put(ObjectTypeName, everyMember);
    await expect(types.put(ObjectTypeName, field('{{a}}'))).rejects.toMatchObject(
      badRequest(wrongSource),
    );
    expect(await types.get(ObjectTypeName)).toEqual(before);
  });

  test('of many at once, one creates the type and its time stays', async () => {
    const database = await sharedDatabase();
    const one = await startTestService({ database });
    const two = await startTestService({ database });
    await new ObjectTypes(one.client).open();
    const clients = [one.client, two.client];
    const racing = Array.from({ length: 16 }, (_, index) => {
      const types = new ObjectTypes(clients[index % 2] ?? one.client);
      return types.put(ObjectTypeName, { ...minimal, Tags: { by: String(index) } });
    });
    const answers = await Promise.all(racing);
    const { CreatedAt, Tags } = await new ObjectTypes(one.client).get(ObjectTypeName);
    for (const answer of answers) expect(answer).toMatchObject({ CreatedAt, Tags });
  });
});

describe('the quotas of object types', () => {
  const overQuota = badRequest('The domain has 2 object types, and the quota is 2');

  test('BadRequestException above that of types; replacing needs no room, deleting makes some', async () => {
    const { types } = await start({ objectTypes: 2 });
    await types.put('one');
    await types.put('two');
    await expect(types.put('three')).rejects.toMatchObject(overQuota);
    await types.put('two');
    await types.delete('one');
    await types.put('three');
    expect(await types.names()).toEqual(['three', 'two']);
  });

  test('that of types holds for each domain by itself', async () => {
    const { types } = await start({ objectTypes: 2 });
    const others = await new ObjectTypes(types.client, 'others').open();
    for (const name of ['one', 'two']) {
      await types.put(name);
      await others.put(name);
    }
    await expect(others.put('three')).rejects.toMatchObject(overQuota);
  });

  test('that of types holds when two services on one store define many at once', async () => {
    const database = await sharedDatabase();
    const limits = { ...defaultLimits, quotas: { ...publishedQuotas, objectTypes: 2 } };
    const one = await startTestService({ database, limits });
    const two = await startTestService({ database, limits });
    await new ObjectTypes(one.client).open();
    const racing = Array.from({ length: 16 }, (_, index) =>
      new ObjectTypes((index % 2 === 0 ? one : two).client).put(`type-${index}`),
    );
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(overQuota);
    expect(await new ObjectTypes(one.client).names()).toHaveLength(2);
  });

  test('are 100 types and 10 keys unless the limits say otherwise', async () => {
    const { types } = await start();
    const key = { FieldNames: ['id'] };
    const Keys = { ...minimal.Keys, more: Array(9).fill(key) };
    for (let index = 0; index < 100; index++)
      await types.put(`type-${index}`, { ...minimal, Keys });
    await expect(types.put('one-more')).rejects.toMatchObject(
      badRequest('The domain has 100 object types, and the quota is 100'),
    );
    const more = { ...minimal, Keys: { ...Keys, last: [key] } };
    await expect(types.put('type-1', more)).rejects.toMatchObject(
      badRequest('The object type has 11 keys, and the quota is 10'),
    );
  });

  test('lifted, take more', async () => {
    const unlimited = Number.POSITIVE_INFINITY;
    const { types } = await start({ objectTypes: unlimited, objectTypeKeys: unlimited });
    const Keys = { ...minimal.Keys, more: Array(20).fill({ FieldNames: ['id'] }) };
    for (let index = 0; index < 101; index++)
      await types.put(`type-${index}`, { ...minimal, Keys });
    expect(await types.names()).toHaveLength(100);
  });
});

describe('MaxAvailableProfileObjectCount', () => {
  const reserving = (MaxProfileObjectCount: number) => ({ ...minimal, MaxProfileObjectCount });

  test('is 1000 less what the other types reserve', async () => {
    const { types } = await start();
    await types.put('a', reserving(300));
    await types.put('b', reserving(50));
    const c = await types.put('c');
    expect(c.MaxAvailableProfileObjectCount).toBe(650);
    expect((await types.get('a')).MaxAvailableProfileObjectCount).toBe(950);
    const { Items = [] } = await types.list();
    expect(Items.map((item) => item.MaxAvailableProfileObjectCount)).toEqual([950, 700, 650]);
    await types.delete('a');
    expect((await types.get('c')).MaxAvailableProfileObjectCount).toBe(950);
  });

  test('is never below 0', async () => {
    const { types } = await start();
    await types.put('a', reserving(2_000_000_000));
    await types.put('b', reserving(2_000_000_000));
    expect((await types.get('a')).MaxAvailableProfileObjectCount).toBe(0);
  });
});

describe('GetProfileObjectType', () => {
  test('404 for a type that is not defined, also for a template', async () => {
    const { types } = await start();
    for (const name of ['Nobody', 'CTR'])
      await expect(types.get(name)).rejects.toMatchObject(objectTypeNotFound(name));
  });

  test('404 for the type of another domain, and in none', async () => {
    const { types, nowhere } = await start();
    await types.put(ObjectTypeName);
    const others = await new ObjectTypes(types.client, 'others').open();
    await expect(others.get(ObjectTypeName)).rejects.toMatchObject(
      objectTypeNotFound(ObjectTypeName),
    );
    await expect(nowhere.get(ObjectTypeName)).rejects.toMatchObject(domainNotFound('nowhere'));
  });

  test('404 for the type of a domain of the same name in another account', async () => {
    const database = await sharedDatabase();
    const mine = await new ObjectTypes((await startTestService({ database })).client).open();
    const account = { database, accountId: '111111111111' };
    const theirs = await new ObjectTypes((await startTestService(account)).client).open();
    await mine.put(ObjectTypeName);
    await expect(theirs.get(ObjectTypeName)).rejects.toMatchObject(
      objectTypeNotFound(ObjectTypeName),
    );
  });

  test('shows a type of the name of a template once it is defined', async () => {
    const { types } = await start();
    await types.put('CTR');
    expect(await types.get('CTR')).toMatchObject({ Fields: minimal.Fields });
  });
});

describe('ListProfileObjectTypes', () => {
  test('lists the types by name, with every member', async () => {
    const { clock, types } = await start();
    await types.put('b', everyMember);
    await types.put('a');
    await types.put('_device');
    await types.put('B');
    const times = { CreatedAt: new Date(clock.now), LastUpdatedAt: new Date(clock.now) };
    const least = { ...times, Description: 'd', MaxAvailableProfileObjectCount: 900 };
    expect(await types.list()).toEqual({
      Items: [
        { ...least, ObjectTypeName: 'B' },
        { ...least, ObjectTypeName: '_device' },
        { ...least, ObjectTypeName: 'a' },
        {
          ...times,
          ObjectTypeName: 'b',
          Description: everyMember.Description,
          MaxProfileObjectCount: 100,
          MaxAvailableProfileObjectCount: 1000,
          SourcePriority: 2,
          Tags: everyMember.Tags,
        },
      ],
    });
  });

  test('is empty, not absent, where no type is defined', async () => {
    const { service, types } = await start();
    expect(await types.list()).toEqual({ Items: [] });
    const { body } = await send(service, 'GET', '/domains/customers/object-types');
    expect(body).toEqual({ Items: [] });
  });

  test('goes through all types in pages, none twice', async () => {
    const { types } = await start();
    for (const name of ['a', 'b', 'c', 'd']) await types.put(name);
    const pages: (string | undefined)[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await types.list({ MaxResults: 2, NextToken });
      pages.push((page.Items ?? []).map((item) => item.ObjectTypeName));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('BadRequestException for a token of another domain', async () => {
    const { types } = await start();
    const NextToken = encodePageToken('ListProfileObjectTypes', {}, 'a');
    await expect(types.list({ NextToken })).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  test('404 in a domain that does not exist', async () => {
    const { nowhere } = await start();
    await expect(nowhere.list()).rejects.toMatchObject(domainNotFound('nowhere'));
  });
});

describe('DeleteProfileObjectType', () => {
  test('removes the definition; a second delete is 404', async () => {
    const { types } = await start();
    await types.put(ObjectTypeName);
    expect(await types.delete(ObjectTypeName)).toEqual({ Message: 'OK' });
    const notFound = objectTypeNotFound(ObjectTypeName);
    await expectAllRejected([types.get(ObjectTypeName), types.delete(ObjectTypeName)], notFound);
    expect(await types.names()).toEqual([]);
  });

  test('a type that is defined anew begins anew', async () => {
    const { clock, types } = await start();
    await types.put(ObjectTypeName, everyMember);
    await types.delete(ObjectTypeName);
    clock.advanceMs(1000);
    const type = await types.put(ObjectTypeName);
    expect(type.CreatedAt).toEqual(new Date(clock.now));
    expect(type).not.toHaveProperty('Tags');
  });

  test('takes a template for a type that needs no definition, any number of times', async () => {
    const { types } = await start();
    for (let turn = 0; turn < 2; turn++)
      expect(await types.delete('Salesforce-Contact')).toEqual({ Message: 'OK' });
  });

  test('404 for a type of another domain, which stays, and in no domain', async () => {
    const { types, nowhere } = await start();
    await types.put(ObjectTypeName);
    const others = await new ObjectTypes(types.client, 'others').open();
    await expect(others.delete(ObjectTypeName)).rejects.toMatchObject(
      objectTypeNotFound(ObjectTypeName),
    );
    for (const name of [ObjectTypeName, 'CTR'])
      await expect(nowhere.delete(name)).rejects.toMatchObject(domainNotFound('nowhere'));
    expect(await types.names()).toEqual([ObjectTypeName]);
  });

  test('of many at once, exactly one finds the type', async () => {
    const { types } = await start();
    await types.put(ObjectTypeName);
    const racing = Array.from({ length: 8 }, () => types.delete(ObjectTypeName));
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject(objectTypeNotFound(ObjectTypeName));
  });
});
