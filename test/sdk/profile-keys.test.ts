import { describe, expect, test } from 'vitest';
import { type Customers, type ProfileFields, startCustomers } from '../support/customers.ts';
import { badRequest, domainNotFound, profileNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const unknownId = '0123456789abcdef0123456789abcdef';
/** The id of no profile. */
const freeId = 'f'.repeat(32);

const keyNames =
  '_account _profileId _assetId _caseId _orderId _fullName _phone _email _ctrContactId _marketoLeadId _salesforceAccountId _salesforceContactId _salesforceAssetId _zendeskUserId _zendeskExternalId _zendeskTicketId _serviceNowSystemId _serviceNowIncidentId _segmentUserId _shopifyCustomerId _shopifyOrderId loyalty-card 42'.split(
    ' ',
  );

async function startWithProfile(fields: ProfileFields = {}) {
  const customers = await startCustomers();
  return { customers, profileId: await customers.create(fields) };
}

function valuesNamed(prefix: string, count: number) {
  return Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
}

describe('AddProfileKey', () => {
  test('answers with exactly KeyName and Values', async () => {
    const { customers, profileId } = await startWithProfile();
    const { $metadata, ...answer } = await customers.addKey(profileId, '_ctrContactId', 'b', 'a');
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ KeyName: '_ctrContactId', Values: ['b', 'a'] });
  });

  test.each(keyNames)('takes %s', async (keyName) => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, keyName, 'a value');
    expect(await customers.foundBy(keyName, 'a value')).toEqual([profileId]);
  });

  test('repeats values as they were given', async () => {
    const { customers, profileId } = await startWithProfile();
    const given = [' Jane@Example.com', 'jane@example.com', ' Jane@Example.com'];
    const { Values } = await customers.addKey(profileId, '_email', ...given);
    expect(Values).toEqual(given);
  });

  test('each of many values finds the profile', async () => {
    const { customers, profileId } = await startWithProfile();
    const values = valuesNamed('card', 255);
    await customers.addKey(profileId, 'card', ...values);
    for (const value of [values[0], values[127], values[254]])
      expect(await customers.foundBy('card', value ?? '')).toEqual([profileId]);
    expect(await customers.foundBy('card', 'card 255')).toEqual([]);
  });

  test('takes values of 255 code points', async () => {
    const { customers, profileId } = await startWithProfile();
    const value = '🙂'.repeat(255);
    await customers.addKey(profileId, 'card', value);
    expect(await customers.foundBy('card', value)).toEqual([profileId]);
  });

  test('values named like members of an object are values', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'constructor', '__proto__');
    await customers.addKey(profileId, '__proto__', 'constructor');
    expect(await customers.foundBy('constructor', '__proto__')).toEqual([profileId]);
    expect(await customers.foundBy('__proto__', 'constructor')).toEqual([profileId]);
    expect(await customers.foundBy('toString', 'constructor')).toEqual([]);
  });

  test("adds to a profile's values and changes no field", async () => {
    const { customers, profileId } = await startWithProfile({ PhoneNumber: '5551234567' });
    await customers.addKey(profileId, '_phone', '5550000000');
    await customers.addKey(profileId, '_phone', '5551111111');
    for (const value of ['5551234567', '5550000000', '5551111111'])
      expect(await customers.foundBy('_phone', value), value).toEqual([profileId]);
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      PhoneNumber: '5551234567',
    });
  });

  test('the same value twice is one: it is found once, and one delete takes it', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', '1', '1');
    await customers.addKey(profileId, 'card', '1');
    expect(await customers.pages({ KeyName: 'card', Values: ['1', '1'] })).toEqual([[profileId]]);
    await customers.deleteKey(profileId, 'card', '1');
    expect(await customers.foundBy('card', '1')).toEqual([]);
  });

  test('equal values of different spelling are one', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, '_phone', '(555) 123-4567', '+15551234567');
    await customers.addKey(profileId, '_phone', '5551234567');
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId]);
    await customers.deleteKey(profileId, '_phone', '1-555-123-4567');
    expect(await customers.foundBy('_phone', '(555) 123-4567', '+15551234567')).toEqual([]);
  });

  test('the same value at the same time succeeds each time', async () => {
    const { customers, profileId } = await startWithProfile();
    await Promise.all(Array.from({ length: 10 }, () => customers.addKey(profileId, 'card', '1')));
    expect(await customers.foundBy('card', '1')).toEqual([profileId]);
  });

  test("a field's value again succeeds, and stays when the field changes", async () => {
    const { customers, profileId } = await startWithProfile({ PhoneNumber: '+15551234567' });
    await customers.addKey(profileId, '_phone', '(555) 123-4567');
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId]);
    await customers.update(profileId, { PhoneNumber: '5550000000' });
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId]);
    expect(await customers.foundBy('_phone', '5550000000')).toEqual([profileId]);
  });

  test.each([
    ['_phone', '5551234567', { PhoneNumber: '5550000000' }, { PhoneNumber: '' }],
    ['_email', 'a@b', { EmailAddress: 'c@d' }, { EmailAddress: '' }],
    ['_account', 'A', { AccountNumber: 'B' }, { AccountNumber: '' }],
    ['_fullName', 'Jane Doe', { FirstName: 'Joan' }, { FirstName: '' }],
  ])('an added %s stays while the fields change', async (keyName, value, set, clear) => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, keyName, value);
    for (const changes of [set, clear]) {
      await customers.update(profileId, changes);
      expect(await customers.foundBy(keyName, value)).toEqual([profileId]);
    }
  });

  test('a value of several profiles finds all of them', async () => {
    const { customers, profileId } = await startWithProfile();
    const second = await customers.create({ PhoneNumber: '5551234567' });
    const { $metadata } = await customers.addKey(profileId, '_phone', '+15551234567');
    expect($metadata.httpStatusCode).toBe(200);
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId, second]);
  });

  test('keys of different names are apart', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', '1');
    for (const keyName of ['Card', 'car', 'cards', '_card'])
      expect(await customers.foundBy(keyName, '1'), keyName).toEqual([]);
  });

  test('takes a value of _profileId that is the id of no profile', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, '_profileId', freeId, 'old id 17');
    for (const value of [freeId, 'old id 17', profileId])
      expect(await customers.foundBy('_profileId', value), value).toEqual([profileId]);
    expect(await customers.profile(freeId)).toBeUndefined();
  });

  test("takes the profile's own id as _profileId", async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, '_profileId', profileId);
    expect(await customers.foundBy('_profileId', profileId)).toEqual([profileId]);
  });

  test('takes the id of a deleted profile or one of another domain as _profileId', async () => {
    const { customers, profileId } = await startWithProfile();
    const deleted = await customers.create();
    await customers.delete(deleted);
    const foreign = await (await customers.openOther()).create();
    await customers.addKey(profileId, '_profileId', deleted, foreign);
    expect(await customers.foundBy('_profileId', deleted)).toEqual([profileId]);
    expect(await customers.foundBy('_profileId', foreign)).toEqual([profileId]);
  });

  test("BadRequestException when a value of _profileId is another profile's id, and none is stored", async () => {
    const { customers, profileId } = await startWithProfile();
    const other = await customers.create();
    await expect(
      customers.addKey(profileId, '_profileId', freeId, other, 'old id'),
    ).rejects.toMatchObject(badRequest('A value of _profileId is the id of another profile'));
    expect(await customers.foundBy('_profileId', other)).toEqual([other]);
    expect(await customers.foundBy('_profileId', freeId, 'old id')).toEqual([]);
  });

  test("takes another profile's id under any other key name", async () => {
    const { customers, profileId } = await startWithProfile();
    const other = await customers.create();
    await customers.addKey(profileId, 'referredBy', other);
    expect(await customers.foundBy('referredBy', other)).toEqual([profileId]);
  });
});

describe('DeleteProfileKey', () => {
  test('answers OK and takes the key from its profile only', async () => {
    const { customers, profileId } = await startWithProfile();
    const other = await customers.create();
    await customers.addKey(profileId, 'card', '1');
    await customers.addKey(other, 'card', '1');
    const { $metadata, ...answer } = await customers.deleteKey(profileId, 'card', '1');
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ Message: 'OK' });
    expect(await customers.foundBy('card', '1')).toEqual([other]);
  });

  test('takes the given values and leaves the others', async () => {
    const { customers, profileId } = await startWithProfile();
    const values = valuesNamed('card', 255);
    await customers.addKey(profileId, 'card', ...values);
    await customers.addKey(profileId, 'card', 'kept');
    await customers.addKey(profileId, 'other', 'card 0');
    await customers.deleteKey(profileId, 'card', ...values);
    expect(await customers.foundBy('card', ...values)).toEqual([]);
    expect(await customers.foundBy('card', 'kept')).toEqual([profileId]);
    expect(await customers.foundBy('other', 'card 0')).toEqual([profileId]);
  });

  test('succeeds for a value or a key that is not there', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', '1');
    const { Message } = await customers.deleteKey(profileId, 'card', 'none');
    expect(Message).toBe('OK');
    await customers.deleteKey(profileId, 'none', '1');
    await customers.deleteKey(profileId, 'card', '1');
    await customers.deleteKey(profileId, 'card', '1');
    expect(await customers.foundBy('card', '1')).toEqual([]);
  });

  test('a deleted value can be added again', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', '1');
    await customers.deleteKey(profileId, 'card', '1');
    await customers.addKey(profileId, 'card', '1');
    expect(await customers.foundBy('card', '1')).toEqual([profileId]);
  });

  test.each([
    ['_account', 'AccountNumber', 'A'],
    ['_email', 'EmailAddress', 'a@b'],
    ['_email', 'PersonalEmailAddress', 'a@b'],
    ['_email', 'BusinessEmailAddress', 'a@b'],
    ['_phone', 'PhoneNumber', '5551234567'],
    ['_phone', 'MobilePhoneNumber', '5551234567'],
    ['_phone', 'HomePhoneNumber', '5551234567'],
    ['_phone', 'BusinessPhoneNumber', '5551234567'],
    ['_fullName', 'FirstName', 'Jane'],
    ['_fullName', 'MiddleName', 'Jane'],
    ['_fullName', 'LastName', 'Jane'],
  ])('takes %s of %s until the field is written again', async (keyName, field, value) => {
    const { customers, profileId } = await startWithProfile({ [field]: value });
    await customers.deleteKey(profileId, keyName, value);
    expect(await customers.foundBy(keyName, value)).toEqual([]);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, [field]: value });
    await customers.update(profileId, { BusinessName: 'Acme' });
    expect(await customers.foundBy(keyName, value)).toEqual([]);
    await customers.update(profileId, { [field]: value });
    expect(await customers.foundBy(keyName, value)).toEqual([profileId]);
  });

  test('takes a value that a field and AddProfileKey both gave', async () => {
    const { customers, profileId } = await startWithProfile({ EmailAddress: 'Jane@Example.com' });
    await customers.addKey(profileId, '_email', 'JANE@example.com');
    await customers.deleteKey(profileId, '_email', 'jane@EXAMPLE.com');
    expect(await customers.foundBy('_email', 'jane@example.com')).toEqual([]);
  });

  test('a deleted value of two fields returns with either', async () => {
    const { customers, profileId } = await startWithProfile({
      PhoneNumber: '5551234567',
      HomePhoneNumber: '5551234567',
    });
    await customers.deleteKey(profileId, '_phone', '5551234567');
    await customers.update(profileId, { PhoneNumber: '' });
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([]);
    await customers.update(profileId, { HomePhoneNumber: '5551234567' });
    expect(await customers.foundBy('_phone', '5551234567')).toEqual([profileId]);
  });

  test("BadRequestException for the profile's own id, and nothing is taken", async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, '_profileId', freeId);
    await expect(
      customers.deleteKey(profileId, '_profileId', freeId, profileId),
    ).rejects.toMatchObject(badRequest("A profile's own id can't be taken from its keys"));
    expect(await customers.foundBy('_profileId', profileId)).toEqual([profileId]);
    expect(await customers.foundBy('_profileId', freeId)).toEqual([profileId]);
  });

  test('takes another value of _profileId', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, '_profileId', freeId);
    await customers.deleteKey(profileId, '_profileId', freeId);
    expect(await customers.foundBy('_profileId', freeId)).toEqual([]);
    expect(await customers.foundBy('_profileId', profileId)).toEqual([profileId]);
  });

  test('ResourceNotFoundException, not the rule of own ids, when the profile is missing', async () => {
    const customers = await startCustomers();
    await expect(customers.deleteKey(freeId, '_profileId', freeId)).rejects.toMatchObject(
      profileNotFound,
    );
    await expect(customers.nowhere.deleteKey(freeId, '_profileId', freeId)).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });
});

type Change = (
  customers: Customers,
  profileId: string,
  keyName: string,
  ...values: string[]
) => Promise<unknown>;

describe.each<[operation: string, path: string, change: Change]>([
  ['AddProfileKey', 'keys', (customers, ...key) => customers.addKey(...key)],
  ['DeleteProfileKey', 'keys/delete', (customers, ...key) => customers.deleteKey(...key)],
])('%s', (_operation, path, change) => {
  const fullPath = `/domains/customers/profiles/${path}`;

  test("ResourceNotFoundException when the profile doesn't exist", async () => {
    const { customers } = await startWithProfile();
    await expect(change(customers, unknownId, 'k', 'v')).rejects.toMatchObject(profileNotFound);
    expect(await customers.foundBy('k', 'v')).toEqual([]);
  });

  test('ResourceNotFoundException when the profile is deleted', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.delete(profileId);
    await expect(change(customers, profileId, 'k', 'v')).rejects.toMatchObject(profileNotFound);
    expect(await customers.foundBy('k', 'v')).toEqual([]);
  });

  test('ResourceNotFoundException when the profile belongs to another domain', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', '1');
    const others = await customers.openOther();
    await expect(change(others, profileId, 'card', '1')).rejects.toMatchObject(profileNotFound);
    expect(await others.foundBy('card', '1')).toEqual([]);
    expect(await customers.foundBy('card', '1')).toEqual([profileId]);
  });

  test('ResourceNotFoundException for an id with text around it', async () => {
    const { customers, profileId } = await startWithProfile();
    await expect(change(customers, `xx${profileId}yy`, 'k', 'v')).rejects.toMatchObject(
      profileNotFound,
    );
  });

  const pattern = 'satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$';
  test.each([
    [
      'an id in capitals',
      ['A'.repeat(32), 'k', 'v'],
      violation(
        `Value '${'A'.repeat(32)}' at 'profileId'`,
        'satisfy regular expression pattern: [a-f0-9]{32}',
      ),
    ],
    ['a key with a space', [unknownId, 'a b', 'v'], violation("Value 'a b' at 'keyName'", pattern)],
    ['a key with a dot', [unknownId, 'a.b', 'v'], violation("Value 'a.b' at 'keyName'", pattern)],
    [
      'a key of 65 characters',
      [unknownId, 'k'.repeat(65), 'v'],
      violation(`Value '${'k'.repeat(65)}' at 'keyName'`, 'have length less than or equal to 64'),
    ],
    [
      'no values',
      [unknownId, 'k'],
      violation("Value '[]' at 'values'", 'have length greater than or equal to 1'),
    ],
    [
      'an empty value',
      [unknownId, 'k', 'v', ''],
      violation("Value '' at 'values.2.member'", 'have length greater than or equal to 1'),
    ],
    [
      'a value of 256 characters',
      [unknownId, 'k', 'v'.repeat(256)],
      violation(
        `Value '${'v'.repeat(256)}' at 'values.1.member'`,
        'have length less than or equal to 255',
      ),
    ],
  ] as [string, [string, string, ...string[]], object][])(
    'BadRequestException for %s, before the profile is looked for',
    async (_what, input, error) => {
      const { customers } = await startWithProfile();
      await expect(change(customers, ...input)).rejects.toMatchObject(error);
    },
  );

  test('BadRequestException for 256 values, and none is changed', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', 'card 0');
    const values = valuesNamed('card', 256);
    await expect(change(customers, profileId, 'card', ...values)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringMatching(
        /at 'values' failed to satisfy constraint: Member must have length less than or equal to 255$/,
      ),
    });
    expect(await customers.foundBy('card', 'card 0')).toEqual([profileId]);
    expect(await customers.foundBy('card', ...values.slice(1))).toEqual([]);
  });

  test('BadRequestException for one wrong value among good ones, and none is changed', async () => {
    const { customers, profileId } = await startWithProfile();
    await customers.addKey(profileId, 'card', 'old');
    await expect(change(customers, profileId, 'card', 'old', 'new', '')).rejects.toMatchObject(
      violation("Value '' at 'values.3.member'", 'have length greater than or equal to 1'),
    );
    expect(await customers.foundBy('card', 'old')).toEqual([profileId]);
    expect(await customers.foundBy('card', 'new')).toEqual([]);
  });

  test('BadRequestException names every missing member', async () => {
    const { service } = await startCustomers();
    const missing = ['profileId', 'keyName', 'values'].map(
      (member) => `Value at '${member}' failed to satisfy constraint: Member must not be null`,
    );
    expect(await send(service, 'POST', fullPath, {})).toMatchObject({
      status: 400,
      errorType: 'BadRequestException',
      body: { Message: `3 validation errors detected: ${missing.join('; ')}` },
    });
  });

  test.each([
    ['a value that is no list', { KeyName: 'k', Values: 'v' }],
    ['a null value', { KeyName: 'k', Values: ['v', null] }],
    ['a number for a value', { KeyName: 'k', Values: [1] }],
    ['a number for a key', { KeyName: 1, Values: ['v'] }],
    ['NUL in a value', { KeyName: 'k', Values: ['a\0b'] }],
    ['half a surrogate pair in a value', { KeyName: 'k', Values: ['\udc00'] }],
  ])('SerializationException for %s', async (_what, body) => {
    const { customers, profileId } = await startWithProfile();
    const input = { ProfileId: profileId, ...body };
    expect(await send(customers.service, 'POST', fullPath, input)).toMatchObject({
      status: 400,
      errorType: 'SerializationException',
    });
  });
});
