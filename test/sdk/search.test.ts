import { DeleteDomainCommand, SearchProfilesCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import {
  type Customers,
  type ProfileFields,
  type Search,
  startCustomers,
} from '../support/customers.ts';
import { badRequest, domainNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const DomainName = 'customers';

async function startWith(fields: ProfileFields = {}) {
  const customers = await startCustomers();
  return { customers, profileId: await customers.create(fields) };
}

/** Profiles that share the account `A`, in the order they were made. */
async function startWithAccount(count: number) {
  const customers = await startCustomers();
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push(await customers.create(account));
  return { customers, ids };
}

const account = { AccountNumber: 'A' };
const byAccount = { KeyName: '_account', Values: ['A'] };

/** Three profiles: the first has x and y, the second x and z, the third z. */
async function startWithOverlaps() {
  const customers = await startCustomers();
  const [xy, xz, z] = [
    await customers.create(),
    await customers.create(),
    await customers.create(),
  ];
  await customers.addKey(xy, 'x', '1');
  await customers.addKey(xy, 'y', '1');
  await customers.addKey(xz, 'x', '1');
  await customers.addKey(xz, 'z', '1');
  await customers.addKey(z, 'z', '1');
  return { customers, xy, xz, z };
}

function pair(KeyName: string, ...Values: string[]) {
  return { KeyName, Values };
}

/** What found each profile of an answer. */
async function foundByItems(customers: Customers, search: Search) {
  const { Items } = await customers.search(search);
  return (Items ?? []).map(({ ProfileId, FoundByItems }) => ({ ProfileId, FoundByItems }));
}

describe('the fields of a profile', () => {
  test.each([
    ['_account', 'AccountNumber'],
    ['_email', 'EmailAddress'],
    ['_email', 'PersonalEmailAddress'],
    ['_email', 'BusinessEmailAddress'],
    ['_phone', 'PhoneNumber'],
    ['_phone', 'MobilePhoneNumber'],
    ['_phone', 'HomePhoneNumber'],
    ['_phone', 'BusinessPhoneNumber'],
  ])('%s finds by %s, and follows it', async (keyName, field) => {
    const { customers, profileId } = await startWith({ [field]: 'one' });
    expect(await customers.foundBy(keyName, 'one')).toEqual([profileId]);
    await customers.update(profileId, { [field]: 'two' });
    expect(await customers.foundBy(keyName, 'one')).toEqual([]);
    expect(await customers.foundBy(keyName, 'two')).toEqual([profileId]);
    await customers.update(profileId, { BusinessName: 'Acme' });
    expect(await customers.foundBy(keyName, 'two')).toEqual([profileId]);
    await customers.update(profileId, { [field]: '' });
    expect(await customers.foundBy(keyName, 'two')).toEqual([]);
  });

  test.each([
    ['Jane Q Doe', { FirstName: 'Jane', MiddleName: 'Q', LastName: 'Doe' }],
    ['Jane Doe', { FirstName: 'Jane', LastName: 'Doe' }],
    ['Q', { MiddleName: 'Q' }],
    ['Doe', { LastName: 'Doe' }],
  ])('_fullName finds by "%s"', async (name, fields) => {
    const { customers, profileId } = await startWith(fields);
    expect(await customers.foundBy('_fullName', name)).toEqual([profileId]);
  });

  test('_fullName follows each of its fields', async () => {
    const { customers, profileId } = await startWith({ FirstName: 'Jane', LastName: 'Doe' });
    for (const [changes, name] of [
      [{ MiddleName: 'Q' }, 'Jane Q Doe'],
      [{ LastName: 'Roe' }, 'Jane Q Roe'],
      [{ FirstName: '' }, 'Q Roe'],
      [{ MiddleName: '' }, 'Roe'],
    ] as const) {
      await customers.update(profileId, changes);
      expect(await customers.foundBy('_fullName', name), name).toEqual([profileId]);
    }
    const formerNames = ['Jane Doe', 'Jane Q Doe', 'Jane Q Roe', 'Q Roe'];
    expect(await customers.foundBy('_fullName', ...formerNames)).toEqual([]);
    await customers.update(profileId, { LastName: '' });
    expect(await customers.foundBy('_fullName', 'Roe')).toEqual([]);
  });

  test('_profileId finds every profile by its id', async () => {
    const { customers, profileId } = await startWith();
    expect(await customers.foundBy('_profileId', profileId)).toEqual([profileId]);
    await customers.update(profileId, { FirstName: 'Jane' });
    expect(await customers.foundBy('_profileId', profileId)).toEqual([profileId]);
  });

  test('a value that two fields share goes with the second', async () => {
    const { customers, profileId } = await startWith({
      PhoneNumber: '5551234567',
      MobilePhoneNumber: '+1 555 123 4567',
    });
    await customers.update(profileId, { PhoneNumber: '' });
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId]);
    await customers.update(profileId, { MobilePhoneNumber: '1111111111' });
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([]);
  });

  test('a value that moves from one field to another still finds', async () => {
    const { customers, profileId } = await startWith({ EmailAddress: 'a@b' });
    await customers.update(profileId, { EmailAddress: 'c@d', PersonalEmailAddress: 'a@b' });
    expect(await customers.foundBy('_email', 'a@b')).toEqual([profileId]);
    expect(await customers.foundBy('_email', 'c@d')).toEqual([profileId]);
  });

  test('attributes, addresses, birth dates and business names find nothing', async () => {
    const { customers } = await startWith({
      Attributes: { loyalty: 'x' },
      Address: { City: 'x' },
      BirthDate: 'x',
      BusinessName: 'x',
      AdditionalInformation: 'x',
    });
    for (const keyName of ['loyalty', '_loyalty', 'City', 'BirthDate', '_fullName', '_account'])
      expect(await customers.foundBy(keyName, 'x'), keyName).toEqual([]);
  });
});

describe('equal values', () => {
  const phone = { PhoneNumber: '+1 (555) 123-4567' };
  const email = { EmailAddress: ' Jane@Example.COM ' };
  const name = { FirstName: ' José ', LastName: 'Van  der Straße' };

  const equal: [keyName: string, stored: ProfileFields, sought: string][] = [
    ['_phone', phone, '+15551234567'],
    ['_phone', phone, '15551234567'],
    ['_phone', phone, '5551234567'],
    ['_phone', phone, '(555)-123-4567'],
    ['_phone', phone, '001 555.123.4567'],
    ['_phone', { PhoneNumber: '5551234567' }, '+1 555 123 4567'],
    ['_phone', { PhoneNumber: '+49 30 123456' }, '0049 (30) 123456'],
    ['_phone', { PhoneNumber: 'Ext. 12' }, 'ext. 12'],
    ['_email', email, 'jane@example.com'],
    ['_email', email, 'JANE@EXAMPLE.COM  '],
    ['_fullName', name, 'josé van der straße'],
    ['_fullName', name, 'JOSÉ  VAN DER STRASSE'],
    ['_fullName', name, '\tJose\u0301 Van Der Straße '],
    ['_account', { AccountNumber: 'A-1' }, 'A-1'],
  ];
  test.each(equal)('%s of %j is found by "%s"', async (keyName, stored, sought) => {
    const { customers, profileId } = await startWith(stored);
    expect(await customers.foundBy(keyName, sought)).toEqual([profileId]);
  });

  const different: [keyName: string, stored: ProfileFields, sought: string][] = [
    ['_phone', phone, '+445551234567'],
    ['_phone', phone, '1234567'],
    ['_phone', phone, '555123456'],
    ['_phone', phone, '*'],
    ['_phone', { PhoneNumber: 'Ext. 12' }, '12'],
    ['_email', email, 'jane@example.co'],
    ['_email', email, 'jane @example.com'],
    ['_email', email, '%@example.com'],
    ['_fullName', name, 'jose van der straße'],
    ['_fullName', name, 'josé'],
    ['_account', { AccountNumber: 'A-1' }, 'a-1'],
    ['_account', { AccountNumber: 'A-1' }, 'A-1 '],
    ['_account', { AccountNumber: 'A-1' }, 'A-'],
    ['_account', { AccountNumber: '1234' }, '1234.0'],
    ['_Account', { AccountNumber: 'A-1' }, 'A-1'],
  ];
  test.each(different)('%s of %j is not found by "%s"', async (keyName, stored, sought) => {
    const { customers } = await startWith(stored);
    expect(await customers.foundBy(keyName, sought)).toEqual([]);
  });

  test('are compared alike when AddProfileKey gave them', async () => {
    const { customers, profileId } = await startWith();
    await customers.addKey(profileId, '_phone', '(555) 123-4567');
    await customers.addKey(profileId, '_email', 'Jane@Example.com');
    await customers.addKey(profileId, '_fullName', 'Jane   DOE');
    await customers.addKey(profileId, 'card', 'Card-1');
    expect(await customers.foundBy('_phone', '+15551234567')).toEqual([profileId]);
    expect(await customers.foundBy('_email', 'jane@EXAMPLE.com')).toEqual([profileId]);
    expect(await customers.foundBy('_fullName', 'jane doe')).toEqual([profileId]);
    expect(await customers.foundBy('card', 'Card-1')).toEqual([profileId]);
    expect(await customers.foundBy('card', 'card-1')).toEqual([]);
  });

  test('are found by any length of up to 255 characters', async () => {
    const value = '🙂'.repeat(255);
    const { customers, profileId } = await startWith({ AccountNumber: value });
    expect(await customers.foundBy('_account', value)).toEqual([profileId]);
    expect(await customers.foundBy('_account', '🙂'.repeat(254))).toEqual([]);
  });
});

describe('SearchProfiles', () => {
  test('answers with the whole profile and what found it', async () => {
    const fields = { FirstName: 'Jane', EmailAddress: 'Jane@Example.com', Attributes: { a: 'b' } };
    const { customers, profileId } = await startWith(fields);
    const search = pair('_email', 'jane@example.com');
    const { $metadata, ...answer } = await customers.search(search);
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({
      Items: [{ ProfileId: profileId, ...fields, FoundByItems: [search] }],
    });
  });

  test.each([
    ['value', '_account', 'B'],
    ['key', 'nobody-has-it', 'A'],
    ['id', '_profileId', '0'.repeat(32)],
  ])('answers with an empty list for an unknown %s', async (_what, KeyName, value) => {
    const { customers } = await startWith(account);
    const { $metadata, ...answer } = await customers.search(pair(KeyName, value));
    expect(answer).toEqual({ Items: [] });
  });

  test('ResourceNotFoundException when the domain is missing', async () => {
    const { nowhere } = await startCustomers();
    await expect(nowhere.search(byAccount)).rejects.toMatchObject(domainNotFound('nowhere'));
  });

  test('ResourceNotFoundException when the domain is deleted', async () => {
    const { customers } = await startWith(account);
    await customers.client.send(new DeleteDomainCommand({ DomainName }));
    await expect(customers.search(byAccount)).rejects.toMatchObject(domainNotFound(DomainName));
  });

  test('finds nothing of another domain', async () => {
    const { customers, profileId } = await startWith(account);
    const others = await customers.openOther();
    expect(await others.find(byAccount)).toEqual([]);
    const theirs = await others.create(account);
    expect(await others.find(byAccount)).toEqual([theirs]);
    expect(await customers.find(byAccount)).toEqual([profileId]);
  });

  test('finds all profiles with the value, oldest first', async () => {
    const { customers, ids } = await startWithAccount(5);
    expect(await customers.find(byAccount)).toEqual(ids);
    await customers.update(ids[0] ?? '', { FirstName: 'Changed' });
    expect(await customers.find(byAccount)).toEqual(ids);
  });

  test('several values are alternatives, and FoundByItems names those that matched', async () => {
    const { customers, profileId } = await startWith({ AccountNumber: 'A' });
    const second = await customers.create({ AccountNumber: 'B' });
    await customers.addKey(second, '_account', 'C');
    const search = pair('_account', 'C', 'A', 'none', 'B');
    expect(await foundByItems(customers, search)).toEqual([
      { ProfileId: profileId, FoundByItems: [pair('_account', 'A')] },
      { ProfileId: second, FoundByItems: [pair('_account', 'C', 'B')] },
    ]);
  });

  test('FoundByItems has the values as they were requested, not as they compare', async () => {
    const { customers, profileId } = await startWith({ EmailAddress: 'jane@example.com' });
    const search = pair('_email', 'JANE@example.com', 'x@y', ' jane@example.com');
    expect(await foundByItems(customers, search)).toEqual([
      {
        ProfileId: profileId,
        FoundByItems: [pair('_email', 'JANE@example.com', ' jane@example.com')],
      },
    ]);
  });

  test.each([undefined, 'OR'] as const)(
    'with operator %s any pair will do, and FoundByItems lists those that matched',
    async (LogicalOperator) => {
      const { customers, xy, xz, z } = await startWithOverlaps();
      const [x, y, other] = [pair('x', '1'), pair('y', '1'), pair('z', '1')];
      const search = { ...y, AdditionalSearchKeys: [other, x], LogicalOperator };
      expect(await foundByItems(customers, search)).toEqual([
        { ProfileId: xy, FoundByItems: [y, x] },
        { ProfileId: xz, FoundByItems: [other, x] },
        { ProfileId: z, FoundByItems: [other] },
      ]);
    },
  );

  test('with AND every pair must match, and FoundByItems repeats the request', async () => {
    const { customers, xz } = await startWithOverlaps();
    const search = pair('x', '1', 'none');
    const AdditionalSearchKeys = [pair('z', 'none', '1')];
    const LogicalOperator = 'AND';
    expect(
      await foundByItems(customers, { ...search, AdditionalSearchKeys, LogicalOperator }),
    ).toEqual([{ ProfileId: xz, FoundByItems: [search, ...AdditionalSearchKeys] }]);
  });

  test('with AND one pair without a match finds nothing', async () => {
    const { customers } = await startWithOverlaps();
    const AdditionalSearchKeys = [pair('y', '1'), pair('z', '1')];
    const LogicalOperator = 'AND';
    const search = { ...pair('x', '1'), AdditionalSearchKeys, LogicalOperator } as const;
    expect(await customers.find(search)).toEqual([]);
  });

  test('with AND two pairs of one key need both values', async () => {
    const { customers, profileId } = await startWith({
      PhoneNumber: '5551234567',
      HomePhoneNumber: '5557654321',
    });
    await customers.create({ PhoneNumber: '5551234567' });
    const search: Search = {
      ...pair('_phone', '5551234567'),
      AdditionalSearchKeys: [pair('_phone', '+15557654321')],
      LogicalOperator: 'AND',
    };
    expect(await customers.find(search)).toEqual([profileId]);
  });

  test.each(['AND', 'OR'] as const)('takes five pairs with %s', async (LogicalOperator) => {
    const { customers, profileId } = await startWith();
    const partial = await customers.create();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (const key of keys) await customers.addKey(profileId, key, key);
    await customers.addKey(partial, 'e', 'e');
    const [first, ...AdditionalSearchKeys] = keys.map((key) => pair(key, 'none', key));
    const search = { ...(first ?? byAccount), AdditionalSearchKeys, LogicalOperator };
    expect(await customers.find(search)).toEqual(
      LogicalOperator === 'AND' ? [profileId] : [profileId, partial],
    );
    const { Items } = await customers.search(search);
    expect(Items?.[0]?.FoundByItems).toHaveLength(5);
  });

  test.each(['AND', 'OR'] as const)(
    'takes five pairs of 255 values with %s',
    async (LogicalOperator) => {
      const { customers, profileId } = await startWith();
      const values = (key: string) =>
        Array.from({ length: 255 }, (_, index) => `${key} ${index} ${'x'.repeat(200)}`);
      const [first, ...AdditionalSearchKeys] = ['a', 'b', 'c', 'd', 'e'].map((key) =>
        pair(key, ...values(key)),
      );
      for (const { KeyName, Values } of [first ?? byAccount, ...AdditionalSearchKeys])
        await customers.addKey(profileId, KeyName, ...Values);
      const search = { ...(first ?? byAccount), AdditionalSearchKeys, LogicalOperator };
      expect(await foundByItems(customers, search)).toEqual([
        { ProfileId: profileId, FoundByItems: [first, ...AdditionalSearchKeys] },
      ]);
    },
  );

  test('sees each write at once', async () => {
    const customers = await startCustomers();
    for (let turn = 0; turn < 20; turn++) {
      const id = await customers.create({ AccountNumber: `${turn}` });
      expect(await customers.foundBy('_account', `${turn}`)).toEqual([id]);
      await customers.delete(id);
      expect(await customers.foundBy('_account', `${turn}`)).toEqual([]);
    }
  });
});

describe('pages of SearchProfiles', () => {
  test('follow one another to the end without repeating or losing a profile', async () => {
    const { customers, ids } = await startWithAccount(7);
    expect(await customers.pages({ ...byAccount, MaxResults: 3 })).toEqual([
      ids.slice(0, 3),
      ids.slice(3, 6),
      ids.slice(6),
    ]);
  });

  test('have 20 profiles unless MaxResults says otherwise', async () => {
    const { customers, ids } = await startWithAccount(21);
    expect(await customers.pages(byAccount)).toEqual([ids.slice(0, 20), ids.slice(20)]);
    expect(await customers.pages({ ...byAccount, MaxResults: 100 })).toEqual([ids]);
  });

  test('end without NextToken when the last one is full', async () => {
    const { customers } = await startWithAccount(2);
    const page = await customers.search({ ...byAccount, MaxResults: 2 });
    expect(page.Items).toHaveLength(2);
    expect(page).not.toHaveProperty('NextToken');
  });

  test('may change their size', async () => {
    const { customers, ids } = await startWithAccount(4);
    const { NextToken } = await customers.search({ ...byAccount, MaxResults: 1 });
    expect(await customers.find({ ...byAccount, NextToken })).toEqual(ids.slice(1));
  });

  test.each(['AND', 'OR'] as const)('have each profile once with %s', async (LogicalOperator) => {
    const { customers, ids } = await startWithAccount(5);
    for (const id of ids.toReversed()) await customers.addKey(id, 'card', '1', '2');
    const search = {
      ...pair('card', '2', '1'),
      AdditionalSearchKeys: [byAccount],
      LogicalOperator,
      MaxResults: 2,
    };
    expect(await customers.pages(search)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  /** Profiles made at the same time, oldest first. */
  async function createAtOnce(customers: Customers, count: number, fields: ProfileFields) {
    const ids = await Promise.all(Array.from({ length: count }, () => customers.create(fields)));
    return ids.toSorted();
  }

  test('with AND go through hundreds of profiles that lack the other key', async () => {
    const customers = await startCustomers();
    const email = { EmailAddress: 'a@b' };
    await createAtOnce(customers, 300, account);
    const both = await createAtOnce(customers, 150, { ...account, ...email });
    await createAtOnce(customers, 200, email);
    const search = {
      ...byAccount,
      AdditionalSearchKeys: [pair('_email', 'a@b')],
      LogicalOperator: 'AND',
      MaxResults: 100,
    } satisfies Search;
    expect(await customers.pages(search)).toEqual([both.slice(0, 100), both.slice(100)]);
    const none = { ...search, AdditionalSearchKeys: [pair('_email', 'a@b'), pair('k', 'v')] };
    expect(await customers.pages(none)).toEqual([[]]);
  });

  test('of many values are in the order of the profiles, not of the values', async () => {
    const customers = await startCustomers();
    const values = Array.from({ length: 40 }, (_, index) => `${(index * 7) % 40}`);
    const ids: string[] = [];
    for (const AccountNumber of values) ids.push(await customers.create({ AccountNumber }));
    const search = { ...pair('_account', ...values.toSorted()), MaxResults: 15 };
    expect(await customers.pages(search)).toEqual([
      ids.slice(0, 15),
      ids.slice(15, 30),
      ids.slice(30),
    ]);
  });

  test('never repeat or lose a profile while others come and go', async () => {
    const { customers, ids } = await startWithAccount(10);
    const created: string[] = [];
    const pages = await customers.pages({ ...byAccount, MaxResults: 3 }, async () => {
      // One of those already shown goes, and new ones come; the last turns add none, so it ends.
      if (created.length >= 4) return;
      await customers.delete(ids[created.length] ?? '');
      created.push(await customers.create(account), await customers.create(account));
    });
    expect(pages.flat()).toEqual([...ids, ...created]);
  });

  test('never repeat or lose a profile while others write at the same time', async () => {
    const { customers, ids } = await startWithAccount(30);
    const writers = Promise.all(Array.from({ length: 30 }, () => customers.create(account)));
    const seen = (await customers.pages({ ...byAccount, MaxResults: 4 })).flat();
    await writers;
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 30)).toEqual(ids);
    expect(seen).toEqual(seen.toSorted());
  });

  test.each([
    ['another value', pair('_account', 'B')],
    ['another key', pair('_email', 'A')],
    ['another pair', { ...byAccount, AdditionalSearchKeys: [pair('_email', 'A')] }],
    ['another operator', { ...byAccount, LogicalOperator: 'AND' as const }],
  ])('BadRequestException for a token of a search for %s', async (_what, other) => {
    const { customers } = await startWithAccount(2);
    const { NextToken } = await customers.search({ ...byAccount, MaxResults: 1 });
    await expect(customers.search({ ...other, NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
  });

  test('BadRequestException for a token of a search in another domain', async () => {
    const { customers } = await startWithAccount(2);
    const { NextToken } = await customers.search({ ...byAccount, MaxResults: 1 });
    const others = await customers.openOther();
    await expect(others.search({ ...byAccount, NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
  });

  test.each([
    'garbage',
    'W10',
    'bnVsbA',
    Buffer.from('[1,"0123456789abcdef"]').toString('base64url'),
    Buffer.from('[2,"0123456789abcdef","a"]').toString('base64url'),
  ])('BadRequestException for the token %s', async (NextToken) => {
    const { customers } = await startWithAccount(1);
    await expect(customers.search({ ...byAccount, NextToken })).rejects.toMatchObject(
      badRequest('NextToken is not valid'),
    );
  });
});

describe('SearchProfiles refuses', () => {
  const tooManyValues = Array.from({ length: 256 }, (_, index) => `${index}`);
  const tooManyPairs = Array.from({ length: 5 }, () => pair('k', 'v'));
  const atLeastOne = 'have length greater than or equal to 1';

  test.each([
    ['no values', pair('k'), violation("Value '[]' at 'values'", atLeastOne)],
    ['an empty value', pair('k', 'a', ''), violation("Value '' at 'values.2.member'", atLeastOne)],
    [
      'a value of 256 characters',
      pair('k', 'v'.repeat(256)),
      violation(
        `Value '${'v'.repeat(256)}' at 'values.1.member'`,
        'have length less than or equal to 255',
      ),
    ],
    [
      'a key with a space',
      pair('a key', 'v'),
      violation(
        "Value 'a key' at 'keyName'",
        'satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$',
      ),
    ],
    [
      'a key of 65 characters',
      pair('k'.repeat(65), 'v'),
      violation(`Value '${'k'.repeat(65)}' at 'keyName'`, 'have length less than or equal to 64'),
    ],
    [
      'no additional pairs in their list',
      { ...byAccount, AdditionalSearchKeys: [] },
      violation("Value '[]' at 'additionalSearchKeys'", atLeastOne),
    ],
    [
      'six pairs',
      { ...byAccount, AdditionalSearchKeys: tooManyPairs },
      violation(
        `Value '${JSON.stringify(tooManyPairs)}' at 'additionalSearchKeys'`,
        'have length less than or equal to 4',
      ),
    ],
    [
      'an additional pair without values',
      { ...byAccount, AdditionalSearchKeys: [pair('k', 'v'), pair('k')] },
      violation("Value '[]' at 'additionalSearchKeys.2.member.values'", atLeastOne),
    ],
    [
      'an unknown operator',
      // The SDK's types know only the model's values.
      { ...byAccount, LogicalOperator: 'XOR' as 'OR' },
      violation("Value 'XOR' at 'logicalOperator'", 'satisfy enum value set: [AND, OR]'),
    ],
    [
      'MaxResults 0',
      { ...byAccount, MaxResults: 0 },
      violation("Value '0' at 'maxResults'", 'have value greater than or equal to 1'),
    ],
    [
      'MaxResults 101',
      { ...byAccount, MaxResults: 101 },
      violation("Value '101' at 'maxResults'", 'have value less than or equal to 100'),
    ],
  ])('%s: BadRequestException', async (_what, search, error) => {
    const { customers } = await startWith(account);
    await expect(customers.search(search)).rejects.toMatchObject(error);
  });

  test('256 values: BadRequestException', async () => {
    const { customers } = await startWith(account);
    await expect(customers.search(pair('k', ...tooManyValues))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringMatching(
        /at 'values' failed to satisfy constraint: Member must have length less than or equal to 255$/,
      ),
    });
  });

  test('a request without key and values: BadRequestException names both', async () => {
    const { client } = await startCustomers();
    const nothing = { DomainName, KeyName: undefined, Values: undefined };
    await expect(client.send(new SearchProfilesCommand(nothing))).rejects.toMatchObject(
      badRequest(
        "2 validation errors detected: Value at 'keyName' failed to satisfy constraint: Member must not be null; Value at 'values' failed to satisfy constraint: Member must not be null",
      ),
    );
  });

  test.each([
    ['a value that is no list', '', { KeyName: 'k', Values: 'v' }],
    ['a null value', '', { KeyName: 'k', Values: [null] }],
    ['a number for a value', '', { KeyName: 'k', Values: [1] }],
    ['NUL in a value', '', { KeyName: 'k', Values: ['\0'] }],
    ['half a surrogate pair in a value', '', { KeyName: 'k', Values: ['\ud83d'] }],
    ['a page size that is no integer', '?max-results=1.5', { KeyName: 'k', Values: ['v'] }],
  ])('%s: SerializationException', async (_what, query, body) => {
    const { service } = await startCustomers();
    const path = `/domains/customers/profiles/search${query}`;
    expect(await send(service, 'POST', path, body)).toMatchObject({
      status: 400,
      errorType: 'SerializationException',
    });
  });
});

test('SearchProfiles takes paging from the query string only', async () => {
  const { customers, ids } = await startWithAccount(3);
  const path = '/domains/customers/profiles/search';
  const fromBody = await send(customers.service, 'POST', path, { ...byAccount, MaxResults: 1 });
  expect(fromBody.body.Items).toHaveLength(3);
  const fromQuery = await send(customers.service, 'POST', `${path}?max-results=1`, byAccount);
  expect(fromQuery.body.Items).toMatchObject([{ ProfileId: ids[0] }]);
});
