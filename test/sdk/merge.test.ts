import {
  GetDomainCommand,
  GetProfileHistoryRecordCommand,
  ListProfileHistoryRecordsCommand,
  MergeProfilesCommand,
  type MergeProfilesCommandInput,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { defaultLimits, publishedQuotas } from '../../src/limits/limits.ts';
import { type Customers, startCustomers } from '../support/customers.ts';
import { sharedDatabase } from '../support/database.ts';
import { Objects, ticketType } from '../support/objects.ts';
import { badRequest, domainNotFound, profileNotFound, violation } from '../support/outcomes.ts';
import { countRows } from '../support/rows.ts';

const unknown = '0123456789abcdef0123456789abcdef';

type More = Pick<MergeProfilesCommandInput, 'FieldSourceProfileIds'>;

function merge(customers: Customers, main: string, others: string[], more: More = {}) {
  const { client, DomainName } = customers;
  const input = { DomainName, MainProfileId: main, ProfileIdsToBeMerged: others, ...more };
  return client.send(new MergeProfilesCommand(input));
}

async function stats({ client, DomainName }: Customers) {
  const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
  return Stats;
}

async function actions({ client, DomainName }: Customers, ProfileId: string) {
  const input = { DomainName, ProfileId };
  const { ProfileHistoryRecords } = await client.send(new ListProfileHistoryRecordsCommand(input));
  return (ProfileHistoryRecords ?? []).map(({ ActionType, Id = '' }) => ({ ActionType, Id }));
}

describe('MergeProfiles', () => {
  test('unites the fields: the main profile wins, then the order of the request', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ FirstName: 'Ada', Attributes: { plan: 'gold' } });
    const first = await customers.create({ FirstName: 'Eve', LastName: 'Byron' });
    const second = await customers.create({
      LastName: 'King',
      Address: { City: 'London' },
      Attributes: { plan: 'iron', size: 'L' },
    });
    const { Message } = await merge(customers, main, [first, second]);
    expect(Message).toBe('The merge is complete');
    expect(await customers.profile(main)).toEqual({
      ProfileId: main,
      FirstName: 'Ada',
      LastName: 'Byron',
      Address: { City: 'London' },
      Attributes: { plan: 'gold', size: 'L' },
    });
  });

  test('takes a field from the profile that is named for it, even if that has none', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ FirstName: 'Ada', LastName: 'Byron', Gender: 'FEMALE' });
    const other = await customers.create({
      FirstName: 'Eve',
      Address: { City: 'Bath' },
      Attributes: { a: 'other', b: 'other' },
    });
    const FieldSourceProfileIds = {
      FirstName: other,
      LastName: other,
      Address: main,
      Attributes: { a: main, c: other },
    };
    await merge(customers, main, [other], { FieldSourceProfileIds });
    expect(await customers.profile(main)).toEqual({
      ProfileId: main,
      FirstName: 'Eve',
      Gender: 'FEMALE',
      Attributes: { b: 'other' },
    });
  });

  test('removes the merged profiles: nothing finds them any more, by their id either', async () => {
    const customers = await startCustomers();
    const main = await customers.create();
    const other = await customers.create({ EmailAddress: 'eve@x.y' });
    await merge(customers, main, [other]);
    const { Profiles, Errors } = await customers.get(main, other);
    expect(Profiles?.map(({ ProfileId }) => ProfileId)).toEqual([main]);
    expect(Errors).toMatchObject([{ ProfileId: other, Code: '404' }]);
    expect(await customers.foundBy('_profileId', other)).toEqual([]);
    await expect(customers.delete(other)).rejects.toMatchObject(profileNotFound);
    expect(await stats(customers)).toMatchObject({ ProfileCount: 1 });
  });

  test('moves every key: what found one of the profiles finds the main one', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ PhoneNumber: '555-111-1111', FirstName: 'Ada' });
    const other = await customers.create({
      PhoneNumber: '(555) 222-2222',
      EmailAddress: 'Eve@x.y',
      FirstName: 'Eve',
      AccountNumber: '7',
    });
    await customers.addKey(other, 'card', 'c-1', 'c-2');
    await customers.addKey(main, 'card', 'c-1');
    await merge(customers, main, [other]);
    for (const [key, value] of [
      ['card', 'c-1'],
      ['card', 'c-2'],
      ['_phone', '+1 555 111 1111'],
      ['_phone', '+1 555 222 2222'],
      ['_email', 'eve@x.y'],
      ['_fullName', 'ada'],
      ['_fullName', 'eve'],
      ['_account', '7'],
    ] as const)
      expect(await customers.foundBy(key, value), `${key} ${value}`).toEqual([main]);
  });

  test('keeps the main profile found by a value that FieldSourceProfileIds has replaced', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ PhoneNumber: '555-111-1111' });
    const other = await customers.create({ PhoneNumber: '555-222-2222' });
    await merge(customers, main, [other], { FieldSourceProfileIds: { PhoneNumber: other } });
    expect((await customers.profile(main))?.PhoneNumber).toBe('555-222-2222');
    expect(await customers.foundBy('_phone', '555-111-1111')).toEqual([main]);
    // The value that the field has now is the field's alone: it goes with it.
    await customers.update(main, { PhoneNumber: '' });
    expect(await customers.foundBy('_phone', '555-222-2222')).toEqual([]);
    expect(await customers.foundBy('_phone', '555-111-1111')).toEqual([main]);
  });

  test('leaves a key deleted that DeleteProfileKey had taken from a field', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ PhoneNumber: '555-111-1111' });
    const other = await customers.create({ EmailAddress: 'eve@x.y' });
    await customers.deleteKey(main, '_phone', '555-111-1111');
    await merge(customers, main, [other]);
    expect(await customers.foundBy('_phone', '555-111-1111')).toEqual([]);
    expect(await customers.foundBy('_email', 'eve@x.y')).toEqual([main]);
  });

  test('moves the objects with their keys, and later ones find the main profile', async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    await tickets.put({ id: 1, email: 'ada@x.y', first: 'Ada' });
    await tickets.put({ id: 2, email: 'eve@x.y', first: 'Eve', plan: 'gold' });
    const [main = ''] = await customers.foundBy('mail', 'ada@x.y');
    const [other = ''] = await customers.foundBy('mail', 'eve@x.y');
    const before = await stats(customers);
    await merge(customers, main, [other]);
    expect(await tickets.of(main)).toHaveLength(2);
    expect(await customers.foundBy('mail', 'eve@x.y')).toEqual([main]);
    expect(await stats(customers)).toEqual({ ...before, ProfileCount: 1, MeteringProfileCount: 1 });
    await tickets.put({ id: 3, email: 'eve@x.y' });
    expect(await tickets.of(main)).toHaveLength(3);
    expect((await customers.profile(main))?.Attributes).toEqual({ plan: 'gold' });
  });

  test('keeps the newer one of two objects with the same unique value, and the keys of both', async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    await tickets.put({ id: 2, email: 'ada@x.y' });
    await tickets.put({ id: 1, email: 'eve@x.y', text: 'older' });
    await tickets.put({ id: 1, email: 'ada@x.y', text: 'newer' });
    const [main = ''] = await customers.foundBy('mail', 'eve@x.y');
    const [other = ''] = await customers.foundBy('mail', 'ada@x.y');
    expect(other).not.toBe(main);
    await merge(customers, main, [other]);
    expect(await tickets.of(main)).toEqual([
      { id: 2, email: 'ada@x.y' },
      { id: 1, email: 'ada@x.y', text: 'newer' },
    ]);
    expect(await customers.foundBy('mail', 'eve@x.y')).toEqual([main]);
    expect(await customers.foundBy('mail', 'ada@x.y')).toEqual([main]);
    expect(await stats(customers)).toMatchObject({ ObjectCount: 2 });
  });

  test('moves what is known of where fields came from: deleting the type empties them', async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    await tickets.put({ id: 1, email: 'eve@x.y', first: 'Eve', plan: 'gold' });
    const [other = ''] = await customers.foundBy('mail', 'eve@x.y');
    const main = await customers.create({ FirstName: 'Ada', LastName: 'Byron' });
    await merge(customers, main, [other]);
    await tickets.remove();
    expect(await customers.profile(main)).toEqual({
      ProfileId: main,
      FirstName: 'Ada',
      LastName: 'Byron',
    });
  });

  test('collapses ids that are named twice', async () => {
    const customers = await startCustomers();
    const main = await customers.create();
    const other = await customers.create({ FirstName: 'Eve' });
    await merge(customers, main, [other, other]);
    expect((await customers.profile(main))?.FirstName).toBe('Eve');
  });

  test('takes twenty profiles at once', async () => {
    const customers = await startCustomers();
    const main = await customers.create();
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, index) => customers.create({ AccountNumber: `${index}` })),
    );
    await merge(customers, main, others);
    expect(await customers.foundBy('_account', '0', '7', '19')).toEqual([main]);
    expect(await stats(customers)).toMatchObject({ ProfileCount: 1 });
  });

  test('is recorded: MERGED with the profile as it is then, DELETED_BY_MERGE', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ FirstName: 'Ada' });
    const other = await customers.create({ LastName: 'Byron' });
    await merge(customers, main, [other]);
    const [newest] = await actions(customers, main);
    expect(newest?.ActionType).toBe('MERGED');
    const { client, DomainName } = customers;
    const name = { DomainName, ProfileId: main, Id: newest?.Id };
    const { Content = '' } = await client.send(new GetProfileHistoryRecordCommand(name));
    expect(JSON.parse(Content)).toEqual({ ProfileId: main, FirstName: 'Ada', LastName: 'Byron' });
    const ofOther = await actions(customers, other);
    expect(ofOther.map(({ ActionType }) => ActionType)).toEqual(['DELETED_BY_MERGE', 'CREATED']);
  });

  test('400 when the main profile is among those to be merged', async () => {
    const customers = await startCustomers();
    const main = await customers.create();
    await expect(merge(customers, main, [main])).rejects.toMatchObject(
      badRequest('MainProfileId must not be among ProfileIdsToBeMerged'),
    );
  });

  test('400 when a source is none of the profiles that are merged', async () => {
    const customers = await startCustomers();
    const [main, other, third] = [
      await customers.create(),
      await customers.create(),
      await customers.create(),
    ];
    const named = (member: string) =>
      badRequest(`FieldSourceProfileIds.${member} must be one of the profiles that are merged`);
    await expect(
      merge(customers, main, [other], { FieldSourceProfileIds: { Gender: third } }),
    ).rejects.toMatchObject(named('Gender'));
    await expect(
      merge(customers, main, [other], { FieldSourceProfileIds: { Attributes: { secret: third } } }),
    ).rejects.toMatchObject(named('Attributes'));
    expect((await customers.get(main, other)).Profiles).toHaveLength(2);
  });

  test('400 when there are none to be merged, or more than twenty', async () => {
    const customers = await startCustomers();
    const main = await customers.create();
    await expect(merge(customers, main, [])).rejects.toMatchObject(
      violation("Value '[]' at 'profileIdsToBeMerged'", 'have length greater than or equal to 1'),
    );
    const many = Array.from({ length: 21 }, () => unknown);
    await expect(merge(customers, main, many)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringMatching(/have length less than or equal to 20$/),
    });
  });

  test('400 when the main profile would have more than the quotas allow, and nothing is merged', async () => {
    const quotas = { ...publishedQuotas, objectsPerProfile: 1, profileBytes: 200 };
    const customers = await startCustomers({ limits: { ...defaultLimits, quotas } });
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    await tickets.put({ id: 1, email: 'ada@x.y' });
    await tickets.put({ id: 2, email: 'eve@x.y' });
    const [main = ''] = await customers.foundBy('mail', 'ada@x.y');
    const [other = ''] = await customers.foundBy('mail', 'eve@x.y');
    await expect(merge(customers, main, [other])).rejects.toMatchObject(
      badRequest('The merged profile would have more than 1 objects, and that is the quota'),
    );
    const large = await customers.create({ AdditionalInformation: 'x'.repeat(150) });
    const larger = await customers.create({ Attributes: { x: 'x'.repeat(150) } });
    await expect(merge(customers, large, [larger])).rejects.toMatchObject(
      badRequest('The profile is larger than 200 bytes'),
    );
    expect((await customers.get(main, other, large, larger)).Profiles).toHaveLength(4);
    expect(await tickets.of(other)).toHaveLength(1);
  });

  test('404 when one of the profiles does not exist, and nothing is merged', async () => {
    const customers = await startCustomers();
    const main = await customers.create({ FirstName: 'Ada' });
    const other = await customers.create({ LastName: 'Byron' });
    await expect(merge(customers, main, [other, unknown])).rejects.toMatchObject(profileNotFound);
    await expect(merge(customers, unknown, [other])).rejects.toMatchObject(profileNotFound);
    expect((await customers.get(main, other)).Profiles).toEqual([
      { ProfileId: main, FirstName: 'Ada' },
      { ProfileId: other, LastName: 'Byron' },
    ]);
  });

  test('404 when a profile is in another domain', async () => {
    const customers = await startCustomers();
    const others = await customers.openOther();
    const [main, foreign] = [await customers.create(), await others.create()];
    await expect(merge(customers, main, [foreign])).rejects.toMatchObject(profileNotFound);
  });

  test('404 when the domain does not exist', async () => {
    const customers = await startCustomers();
    await expect(merge(customers.nowhere, unknown, [unknown])).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });
});

describe('while others write', () => {
  test('no key is lost and none points at a vanished profile', async () => {
    const database = await sharedDatabase();
    const customers = await startCustomers({ database });
    const main = await customers.create();
    const others = await Promise.all(Array.from({ length: 8 }, () => customers.create()));
    const outcomes = await Promise.all([
      ...others.map((other, index) =>
        customers.addKey(other, 'card', `${index}`).then(
          () => true,
          (error) => {
            expect(error).toMatchObject(profileNotFound);
            return false;
          },
        ),
      ),
      merge(customers, main, others).then(() => true),
    ]);
    for (const [index] of others.entries())
      expect(await customers.foundBy('card', `${index}`)).toEqual(outcomes[index] ? [main] : []);
    const orphans = 'profile_id not in (select profile_id from profiles)';
    expect(await countRows(database, 'profile_keys', orphans)).toBe(0);
  });

  test('two merges of the same profiles give one, and the other finds nothing', async () => {
    const customers = await startCustomers();
    const [a, b] = [await customers.create({ FirstName: 'A' }), await customers.create()];
    const outcomes = await Promise.allSettled([merge(customers, a, [b]), merge(customers, b, [a])]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    expect(failed).toMatchObject({ reason: profileNotFound });
    expect((await customers.get(a, b)).Profiles).toHaveLength(1);
  });

  test('objects find the main profile, or found it before', async () => {
    const customers = await startCustomers();
    const tickets = await new Objects(customers, 'ticket').define(ticketType);
    const main = await customers.create();
    const other = await customers.create();
    await customers.addKey(other, 'mail', 'eve@x.y');
    await Promise.all([
      merge(customers, main, [other]),
      ...Array.from({ length: 16 }, (_, id) => tickets.put({ id, email: 'eve@x.y' })),
    ]);
    expect(await tickets.of(main)).toHaveLength(16);
    expect(await customers.foundBy('mail', 'eve@x.y')).toEqual([main]);
    expect(await stats(customers)).toMatchObject({ ProfileCount: 1, ObjectCount: 16 });
  });
});
