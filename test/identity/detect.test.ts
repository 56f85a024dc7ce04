import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectMapping } from '../../src/identity/detect.ts';
import { mappingProblem } from '../../src/identity/object-type-rules.ts';

/** Each field as `Target ContentType`. */
function shown(...samples: Record<string, unknown>[]): Record<string, string> {
  const { Fields = {} } = detectMapping(samples) ?? {};
  return Object.fromEntries(
    Object.entries(Fields).map(([name, { Target = '-', ContentType }]) => [
      name,
      `${Target} ${ContentType}`,
    ]),
  );
}

/** Each key as `fields: identifiers`. */
function keys(...samples: Record<string, unknown>[]): Record<string, string> {
  const { Keys = {} } = detectMapping(samples) ?? {};
  return Object.fromEntries(
    Object.entries(Keys).map(([name, [key]]) => [
      name,
      `${key?.FieldNames?.join()}: ${key?.StandardIdentifiers?.join()}`,
    ]),
  );
}

describe('the fields of a suggestion', () => {
  test.each([
    ['first_name', '_profile.FirstName NAME'],
    ['givenName', '_profile.FirstName NAME'],
    ['Surname', '_profile.LastName NAME'],
    ['E-Mail', '_profile.EmailAddress EMAIL_ADDRESS'],
    ['workEmail', '_profile.BusinessEmailAddress EMAIL_ADDRESS'],
    ['telephone', '_profile.PhoneNumber PHONE_NUMBER'],
    ['cell phone', '_profile.MobilePhoneNumber PHONE_NUMBER'],
    ['DOB', '_profile.BirthDate STRING'],
    ['gender', '_profile.GenderString STRING'],
    ['company', '_profile.BusinessName NAME'],
    ['account_no', '_profile.AccountNumber STRING'],
    ['city', '_profile.Address.City STRING'],
    ['zip', '_profile.Address.PostalCode STRING'],
    ['billing_city', '_profile.BillingAddress.City STRING'],
    ['shippingAddressCountry', '_profile.ShippingAddress.Country STRING'],
    ['state', '- STRING'],
    ['colour', '- STRING'],
  ])('%s goes to %s', (name, expected) => {
    expect(Object.values(shown({ [name]: 'x' }))).toEqual([expected]);
  });

  test('are found in structures, by the structure too', () => {
    expect(
      shown({ customer: { name: { first: 'x', firstName: 'Ada' } }, mailing: { state: 'NY' } }),
    ).toEqual({
      customer_name_first: '- STRING',
      customer_name_firstName: '_profile.FirstName NAME',
      mailing_state: '_profile.MailingAddress.State STRING',
    });
  });

  test('have the content that all values show', () => {
    expect(shown({ n: 1, contact: 'a@b.example' }, { n: 2.5, contact: 'c@d.example' })).toEqual({
      n: '- NUMBER',
      contact: '- EMAIL_ADDRESS',
    });
    expect(shown({ n: 1 }, { n: 'one' })).toEqual({ n: '- STRING' });
  });

  test('fill each field of the profile once', () => {
    expect(shown({ email: 'x', mail: 'y' })).toEqual({
      email: '_profile.EmailAddress EMAIL_ADDRESS',
      mail: '- STRING',
    });
  });

  test('leave out lists, what is empty, and names that no source can have', () => {
    expect(shown({ id: 1, list: [1], none: null, empty: '', 'a.b': 1, 'c[]': 1, '': 1 })).toEqual({
      id: '- NUMBER',
    });
  });

  test('have names of their own', () => {
    expect(Object.keys(shown({ 'a b': 1, a_b: 2, 'a-b': 3, é: 4 }))).toEqual([
      'a_b',
      'a_b_2',
      'a-b',
      '_',
    ]);
  });

  test('are at most 200', () => {
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, 1]));
    expect(Object.keys(shown(wide))).toHaveLength(200);
  });
});

describe('the keys of a suggestion', () => {
  test('are the id, and what finds a profile', () => {
    const sample = { orderId: 7, id: 8, email: 'a@b.example', phone: '1', accountNumber: 'A' };
    expect(keys(sample)).toEqual({
      _account: 'accountNumber: PROFILE',
      _email: 'email: PROFILE',
      _phone: 'phone: PROFILE,SECONDARY',
      id: 'id: UNIQUE',
    });
  });

  test('bind by the id where nothing else would', () => {
    expect(keys({ colour: 'red', order: { uuid: 'x' } })).toEqual({
      order_uuid: 'order_uuid: PROFILE,UNIQUE',
    });
  });

  test('are unique by an address without any id', () => {
    expect(keys({ email: 'a@b.example', n: 1 })).toEqual({ _email: 'email: PROFILE,UNIQUE' });
  });

  test('are unique by what tells the samples apart', () => {
    expect(keys({ id: 1, serial: 'a' }, { id: 1, serial: 'b' })).toEqual({
      serial: 'serial: PROFILE,UNIQUE',
    });
  });

  test('take nothing for unique that a sample lacks', () => {
    expect(keys({ id: 1, n: 1 }, { n: 2 })).toEqual({ n: 'n: PROFILE,UNIQUE' });
  });
});

test('no suggestion when nothing tells the samples apart', () => {
  expect(detectMapping([{}])).toBeUndefined();
  expect(detectMapping([{ a: 1 }, { a: 1 }])).toBeUndefined();
  expect(detectMapping([{ list: [{ id: 1 }] }])).toBeUndefined();
});

describe('the time of an object', () => {
  test.each([
    ['updated_at', '2026-01-02T03:04:05Z', "yyyy-MM-dd'T'HH:mm:ssXXX"],
    ['lastModifiedDate', '2026-01-02T03:04:05.678+02:00', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"],
    ['lastUpdated', '2026-01-02T03:04:05', "yyyy-MM-dd'T'HH:mm:ss"],
    ['modifiedOn', '2026-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss'],
    ['sourceLastUpdatedTimestamp', '2026-01-02', 'yyyy-MM-dd'],
  ])('%s %s has the format %s', (name, value, format) => {
    const detected = detectMapping([{ id: 1, [name]: value }]);
    expect(detected?.SourceLastUpdatedTimestampFormat).toBe(format);
    expect(detected?.Fields.sourceLastUpdatedTimestamp?.Source).toBe(`_source.${name}`);
  });

  test('is none in another form, or by another name', () => {
    for (const sample of [{ updatedAt: '1/2/26' }, { createdAt: '2026-01-02T03:04:05Z' }]) {
      const detected = detectMapping([{ id: 1, ...sample }]);
      expect(detected?.SourceLastUpdatedTimestampFormat).toBeUndefined();
      expect(detected?.Fields).not.toHaveProperty('sourceLastUpdatedTimestamp');
    }
  });
});

test('PutProfileObjectType takes whatever is suggested, and the same samples give the same', () => {
  const names = fc.constantFrom(
    'id',
    'email',
    '_email',
    'updatedAt',
    'sourceLastUpdatedTimestamp',
    '__proto__',
    'constructor',
    'address',
    'city',
  );
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('2026-01-02'), fc.integer());
  const sample = fc.letrec<{ object: Record<string, unknown>; any: unknown }>((tie) => ({
    object: fc
      .array(fc.tuple(fc.oneof(names, fc.string({ unit: 'binary' })), tie('any')), { maxLength: 6 })
      .map((entries) => Object.fromEntries(entries)),
    any: fc.oneof({ weight: 3, arbitrary: value }, tie('object')),
  })).object;
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 5 }), (samples) => {
      const detected = detectMapping(samples);
      expect(detectMapping(samples)).toEqual(detected);
      if (detected === undefined) return;
      expect(mappingProblem({ AllowProfileCreation: false, ...detected }, 10)).toBeUndefined();
      for (const [name, { Source = '' }] of Object.entries(detected.Fields)) {
        expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
        expect(Source.isWellFormed() && !Source.includes('\0')).toBe(true);
      }
      for (const name of Object.keys(detected.Keys)) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    }),
    { numRuns: 500, seed: 1 },
  );
});
