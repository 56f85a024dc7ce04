import { describe, expect, test } from 'vitest';
import { fieldKeys } from '../../src/identity/field-keys.ts';

const keysOf = (fields: Parameters<typeof fieldKeys>[1]) =>
  fieldKeys('id', fields).map(({ keyName, keyValue }) => `${keyName} ${keyValue}`);

describe('fieldKeys', () => {
  test('each indexed field gives a key, the same value only once', () => {
    const fields = {
      AccountNumber: 'A1',
      EmailAddress: 'A@x.y',
      PersonalEmailAddress: 'a@x.y',
      PhoneNumber: '555 123 4567',
      MobilePhoneNumber: '+1 (555) 123-4567',
      FirstName: 'Ada',
      LastName: 'King',
    };
    expect(keysOf(fields)).toEqual([
      '_profileId id',
      '_account A1',
      '_email a@x.y',
      '_phone 15551234567',
      '_fullName ada king',
    ]);
  });

  test('a blank field gives none', () => {
    expect(keysOf({ FirstName: ' ', EmailAddress: '\t', PhoneNumber: ' ' })).toEqual([
      '_profileId id',
    ]);
    expect(keysOf({ FirstName: ' ', LastName: 'King' })).toEqual([
      '_profileId id',
      '_fullName king',
    ]);
  });

  test('a full name that is longer than any value of a search gives none', () => {
    expect(keysOf({ FirstName: 'x'.repeat(255) })).toHaveLength(2);
    expect(keysOf({ FirstName: 'x'.repeat(200), LastName: 'y'.repeat(55) })).toHaveLength(1);
  });
});
