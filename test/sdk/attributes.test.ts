import {
  type GetObjectTypeAttributeStatisticsResponse,
  ListProfileAttributeValuesCommand,
  UpdateDomainCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { Attributes } from '../support/attributes.ts';
import { FakeClock } from '../support/clock.ts';
import type { Complete } from '../support/complete.ts';
import { type Customers, startCustomers } from '../support/customers.ts';
import { Objects, ticketType } from '../support/objects.ts';
import { badRequest, domainNotFound, objectTypeNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const ObjectTypeName = 'ticket';

/** A domain with tickets, on a clock that a millisecond moves on before each. */
async function start() {
  const clock = new FakeClock();
  const customers = await startCustomers({ clock: clock.read });
  const tickets = await new Objects(customers, ObjectTypeName).define(ticketType);
  const definedAt = clock.now;
  /** Gives the time of the ticket. */
  const put = async (ticket: object): Promise<number> => {
    clock.advanceMs(1);
    await tickets.put({ email: 'ada@x.y', ...ticket });
    return clock.now;
  };
  return { clock, customers, put, definedAt, attributes: new Attributes(customers, 'ticket') };
}

/** What every operation on the attributes of an object type ends with where there is none. */
function describeNotFound(ask: (attributes: Attributes) => Promise<unknown>) {
  test('404 in a domain that does not exist', async () => {
    const { customers } = await start();
    await expect(ask(new Attributes(customers.nowhere, 'ticket'))).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test("404 for an object type that isn't there, another domain's, and a standard object", async () => {
    const { customers } = await start();
    const others = await customers.openOther();
    for (const [where, name] of [
      [customers, 'unknown'],
      [others, 'ticket'],
      [customers, '_profile'],
    ] as const)
      await expect(ask(new Attributes(where, name))).rejects.toMatchObject(
        objectTypeNotFound(name),
      );
  });
}

describe('ListObjectTypeAttributes', () => {
  test('lists fields and members by name, with when the newest object that has each was put', async () => {
    const { put, definedAt, attributes } = await start();
    const first = await put({ id: 1, plan: 'gold', open: true });
    const second = await put({ id: 2, first: 'Ada', address: { city: 'London' }, none: null });
    expect(await attributes.list()).toEqual([
      ['email', second],
      ['first', second],
      ['id', second],
      ['name', second],
      ['open', first],
      ['plan', first],
    ]);
    expect(definedAt).toBeLessThan(first);
  });

  test('lists the fields of a type that has no objects, since it was defined', async () => {
    const { definedAt, attributes } = await start();
    expect(await attributes.list()).toEqual(
      ['email', 'id', 'name', 'plan'].map((name) => [name, definedAt]),
    );
  });

  test("lists what the objects of a template's type have, and nothing before there are any", async () => {
    const { customers, clock } = await start();
    const records = new Attributes(customers, 'CTR');
    expect(await records.list()).toEqual([]);
    await new Objects(customers, 'CTR').put({ ContactId: '1', Channel: 'VOICE' });
    expect(await records.list()).toEqual(
      ['Channel', 'ContactId', 'contactId'].map((name) => [name, clock.now]),
    );
  });

  test('leaves out what no name of the API can show, of which values can be asked for', async () => {
    const { put, attributes } = await start();
    await put({ id: 1, 'a/b é': 'x' });
    expect((await attributes.list()).map(([name]) => name)).not.toContain('a/b é');
    expect(await attributes.values('a/b é')).toEqual(['x']);
  });

  test('has pages by name, each attribute once, whatever comes between them', async () => {
    const { put, attributes } = await start();
    await put({ id: 1, a: 1, z: 1 });
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await attributes.page({ MaxResults: 2, NextToken });
      names.push(...(page.Items ?? []).map(({ AttributeName }) => AttributeName));
      ({ NextToken } = page);
      // What is new is shown where its name is still to come.
      await put({ id: names.length, aa: 1, y: 1 });
    } while (NextToken !== undefined);
    expect(names).toEqual(['a', 'email', 'id', 'name', 'plan', 'y', 'z']);
  });

  test('400 for a NextToken of another type, and for a page of no attributes or of 101', async () => {
    const { customers, attributes } = await start();
    const { NextToken } = await attributes.page({ MaxResults: 1 });
    await expect(new Attributes(customers, 'CTR').page({ NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
    await expect(attributes.page({ MaxResults: 0 })).rejects.toMatchObject(
      violation("Value '0' at 'maxResults'", 'have value greater than or equal to 1'),
    );
    await expect(attributes.page({ MaxResults: 101 })).rejects.toMatchObject(
      violation("Value '101' at 'maxResults'", 'have value less than or equal to 100'),
    );
  });

  describeNotFound((attributes) => attributes.list());
});

describe('ListObjectTypeAttributeValues', () => {
  test('lists each value once, newest first, with when it came last', async () => {
    const { put, attributes } = await start();
    await put({ id: 1, plan: 'gold' });
    const silver = await put({ id: 2, plan: 'silver' });
    const gold = await put({ id: 3, plan: 'gold' });
    await put({ id: 4 });
    expect(await attributes.timedValues('plan')).toEqual([
      ['gold', gold],
      ['silver', silver],
    ]);
  });

  test('shows texts, numbers as they were written, true and false', async () => {
    const { customers, clock, attributes } = await start();
    const tickets = new Objects(customers, 'ticket');
    for (const [id, value] of ['"text"', '1.50', '12345678901234567890', 'false'].entries()) {
      clock.advanceMs(1);
      await tickets.put(`{"id":${id},"email":"ada@x.y","any":${value}}`);
    }
    for (const value of ['""', 'null', '[1]', '{"a":1}', '"\\u0000"'])
      await tickets.put(`{"id":9,"email":"ada@x.y","any":${value}}`);
    expect(await attributes.values('any')).toEqual([
      'false',
      '12345678901234567890',
      '1.50',
      'text',
    ]);
  });

  test('takes a field of the type by its name, or a path in its objects', async () => {
    const { put, attributes } = await start();
    const address = { city: 'London' };
    await put({ id: 1, first: 'Ada', last: 'King', address, phones: [{ number: 7 }], name: 'own' });
    for (const [name, value] of [
      ['name', 'Ada King'],
      ['_source.name', 'own'],
      ['address.city', 'London'],
      ['_source.address.city', 'London'],
      ['phones[0].number', '7'],
    ] as const)
      expect(await attributes.values(name)).toEqual([value]);
    for (const name of ['address', 'phones', 'phones[1].number', 'constructor', 'x'.repeat(1000)])
      expect(await attributes.values(name)).toEqual([]);
  });

  test('leaves out values of more than 1,000 characters', async () => {
    const { put, attributes } = await start();
    await put({ id: 1, note: 'é'.repeat(1000) });
    await put({ id: 2, note: 'é'.repeat(1001) });
    expect(await attributes.values('note')).toEqual(['é'.repeat(1000)]);
  });

  test('no longer shows what a newer version of its object or a deletion has taken away', async () => {
    const { put, customers, attributes } = await start();
    await put({ id: 1, plan: 'gold' });
    await put({ id: 1, plan: 'silver' });
    expect(await attributes.values('plan')).toEqual(['silver']);
    const [profileId = ''] = await customers.foundBy('ticket', '1');
    await customers.delete(profileId);
    expect(await attributes.values('plan')).toEqual([]);
  });

  test('has pages of 100 unless the request says otherwise', async () => {
    const { customers, attributes } = await start();
    const tickets = new Objects(customers, 'ticket');
    for (let id = 0; id < 101; id++) await tickets.put({ id, email: 'ada@x.y' });
    const first = await attributes.valuePage('id');
    const { NextToken } = first;
    const second = await attributes.valuePage('id', { NextToken });
    expect([first.Items?.length, second.Items?.length]).toEqual([100, 1]);
    expect(second.NextToken).toBeUndefined();
    const all = [...(first.Items ?? []), ...(second.Items ?? [])].map(({ Value }) => Value);
    expect(new Set(all).size).toBe(101);
  });

  test('shows on later pages what was there at the first, whatever comes between them', async () => {
    const { put, attributes } = await start();
    for (const [id, plan] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) await put({ id, plan });
    const walked: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await attributes.valuePage('plan', { MaxResults: 2, NextToken });
      walked.push(...(page.Items ?? []).map(({ Value }) => Value));
      ({ NextToken } = page);
      // One value is new, one was shown, one is yet to come and one, of a newer version, has gone.
      await put({ id: 10, plan: 'new' });
      await put({ id: 11, plan: 'f' });
      await put({ id: 12, plan: 'c' });
      await put({ id: 0, plan: 'newer' });
    } while (NextToken !== undefined);
    expect(walked).toEqual(['f', 'e', 'd', 'c', 'b']);
    expect(await attributes.values('plan')).toEqual(['newer', 'c', 'f', 'new', 'e', 'd', 'b']);
  });

  test('has no value in its tokens', async () => {
    const { put, attributes } = await start();
    await put({ id: 1, plan: 'sEcReT' });
    await put({ id: 2, plan: 'sEcReT too' });
    const { NextToken = '' } = await attributes.valuePage('plan', { MaxResults: 1 });
    expect(Buffer.from(NextToken, 'base64url').toString()).not.toContain('sEcReT');
  });

  test('400 for a NextToken of another attribute, and for a forged one', async () => {
    const { put, customers, attributes } = await start();
    await put({ id: 1, plan: 'gold' });
    await put({ id: 2, plan: 'silver' });
    const { NextToken } = await attributes.valuePage('plan', { MaxResults: 1 });
    await expect(attributes.valuePage('first', { NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
    const { DomainName } = customers;
    const request = { NextToken, DomainName, ObjectTypeName, AttributeName: 'plan' };
    const forged = encodePageToken('ListObjectTypeAttributeValues', request, '1-2');
    await expect(attributes.valuePage('plan', { NextToken: forged })).rejects.toMatchObject(
      badRequest('NextToken is not valid'),
    );
  });

  test('400 for the name of an attribute that is too long', async () => {
    const { attributes } = await start();
    await expect(attributes.values('x'.repeat(1001))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining('Member must have length less than or equal to 1000'),
    });
  });

  describeNotFound((attributes) => attributes.values('plan'));
});

describe('ListProfileAttributeValues', () => {
  async function list({ client, DomainName }: Customers, AttributeName: string) {
    const { $metadata, ...answer } = await client.send(
      new ListProfileAttributeValuesCommand({ DomainName, AttributeName }),
    );
    return answer;
  }

  async function values(customers: Customers, name: string) {
    const { Items = [] } = await list(customers, name);
    return Items.map(({ Value }) => Value);
  }

  test('lists each value once, that of the newest profile first', async () => {
    const customers = await startCustomers();
    const ada = await customers.create({ FirstName: 'Ada' });
    await customers.create({ FirstName: 'Grace' });
    await customers.create({ FirstName: 'Ada' });
    await customers.create();
    expect(await values(customers, 'FirstName')).toEqual(['Ada', 'Grace']);
    await customers.update(ada, { FirstName: 'Augusta' });
    expect(await values(customers, 'FirstName')).toEqual(['Ada', 'Grace', 'Augusta']);
    await customers.delete(ada);
    expect(await values(customers, 'FirstName')).toEqual(['Ada', 'Grace']);
  });

  test('takes standard fields, and custom attributes with or without their prefix', async () => {
    const customers = await startCustomers();
    const Attributes = { plan: 'gold', LastName: 'custom', 'a/b.c': 'odd' };
    await customers.create({ LastName: 'King', Address: { City: 'London' }, Attributes });
    for (const [name, value] of [
      ['LastName', 'King'],
      ['Attributes.LastName', 'custom'],
      ['Address.City', 'London'],
      ['plan', 'gold'],
      ['Attributes.plan', 'gold'],
      ['a/b.c', 'odd'],
    ] as const)
      expect(await values(customers, name)).toEqual([value]);
    for (const name of ['Address', 'MailingAddress.City', 'Attributes', 'constructor', 'unknown'])
      expect(await values(customers, name)).toEqual([]);
  });

  test('leaves out values of more than 255 characters', async () => {
    const customers = await startCustomers();
    await customers.create({ AdditionalInformation: 'é'.repeat(255) });
    await customers.create({ AdditionalInformation: 'é'.repeat(256) });
    expect(await values(customers, 'AdditionalInformation')).toEqual(['é'.repeat(255)]);
  });

  test('has every member; the status is that of the answer, and not in its body', async () => {
    const customers = await startCustomers();
    await customers.create({ FirstName: 'Ada' });
    const expected = { DomainName: 'customers', AttributeName: 'FirstName' };
    const Items = [{ Value: 'Ada' }];
    expect(await list(customers, 'FirstName')).toEqual({ ...expected, Items, StatusCode: 200 });
    const path = '/domains/customers/profile-attributes/FirstName/values';
    const answer = await send(customers.service, 'GET', path);
    expect([answer.status, answer.body]).toEqual([200, { ...expected, Items }]);
  });

  test("knows nothing of another domain's profiles", async () => {
    const customers = await startCustomers();
    await customers.create({ FirstName: 'Ada' });
    expect(await values(await customers.openOther(), 'FirstName')).toEqual([]);
  });

  test('404 in a domain that does not exist', async () => {
    const customers = await startCustomers();
    await expect(list(customers.nowhere, 'FirstName')).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('400 for the name of an attribute that is too long', async () => {
    const customers = await startCustomers();
    const name = 'x'.repeat(256);
    await expect(list(customers, name)).rejects.toMatchObject(
      violation(`Value '${name}' at 'attributeName'`, 'have length less than or equal to 255'),
    );
  });
});

describe('GetObjectTypeAttributeStatistics', () => {
  async function enable({ client, DomainName }: Customers, Enabled = true) {
    await client.send(new UpdateDomainCommand({ DomainName, DataStore: { Enabled } }));
  }

  async function startEnabled() {
    const started = await start();
    await enable(started.customers);
    return started;
  }

  test('reckons with the numbers of every object, be they written as numbers or as texts', async () => {
    const { put, clock, attributes } = await startEnabled();
    const prices = [2, '4', 4, 4.0, '5.0', 5, 7, 9, '', 'free', '007', null, [1], true];
    for (const [id, price] of prices.entries()) await put({ id, price });
    clock.advanceMs(1);
    const expected: Complete<GetObjectTypeAttributeStatisticsResponse> = {
      Statistics: {
        Maximum: 9,
        Minimum: 2,
        Average: 5,
        StandardDeviation: 2,
        Percentiles: { P5: 2.7, P25: 4, P50: 4.5, P75: 5.5, P95: expect.closeTo(8.3, 12) },
      },
      CalculatedAt: new Date(clock.now),
    };
    expect(await attributes.statistics('price')).toEqual(expected);
  });

  test('takes a path and a field as the values do', async () => {
    const { put, attributes } = await startEnabled();
    await put({ id: 7, sum: { total: -1.5 } });
    for (const [name, number] of [
      ['id', 7],
      ['sum.total', -1.5],
      ['_source.sum.total', -1.5],
    ] as const)
      expect((await attributes.statistics(name)).Statistics).toMatchObject({
        Maximum: number,
        Minimum: number,
        Average: number,
        StandardDeviation: 0,
      });
  });

  test('leaves every number out where there is none, for an attribute that nobody has too', async () => {
    const { put, clock, customers, attributes } = await startEnabled();
    await put({ id: 'a' });
    const empty = { Statistics: { Percentiles: {} }, CalculatedAt: new Date(clock.now) };
    expect(await attributes.statistics('id')).toEqual(empty);
    expect(await attributes.statistics('nobody')).toEqual(empty);
    const path = '/domains/customers/object-types/ticket/attributes/id/statistics';
    const { status, body } = await send(customers.service, 'POST', path, {});
    expect([status, body.Statistics]).toEqual([200, { Percentiles: {} }]);
  });

  test('400 unless the domain has its data store enabled', async () => {
    const { put, customers, attributes } = await start();
    await put({ id: 1 });
    const refused = badRequest('Domain customers has no data store, which statistics need');
    await expect(attributes.statistics('id')).rejects.toMatchObject(refused);
    await enable(customers);
    expect((await attributes.statistics('id')).Statistics?.Maximum).toBe(1);
    await enable(customers, false);
    await expect(attributes.statistics('id')).rejects.toMatchObject(refused);
  });

  describeNotFound((attributes) => attributes.statistics('id'));
});
