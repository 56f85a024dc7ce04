import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchFeatures } from '../../src/identity/match-features.ts';
import { MATCH_SCORE_MIN, matchScore } from '../../src/identity/match-score.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

function score(a: ProfileDocument, b: ProfileDocument): number {
  return matchScore(matchFeatures(a), matchFeatures(b));
}

const john = { FirstName: 'John', LastName: 'Doe' } as const;
const ada = { FirstName: 'Ada', LastName: 'Doe' } as const;
const phone = { PhoneNumber: '555-010-0000' } as const;
const email = { EmailAddress: 'john_doe@anycompany.com' } as const;
const home = { Address1: '1 Main St.', City: 'Seattle', PostalCode: '98101' };

describe('profiles that match', () => {
  test.each<[string, ProfileDocument, ProfileDocument]>([
    ['a name and a phone number', { ...john, ...phone }, { ...john, ...phone }],
    [
      'phone numbers of other fields and formats, and a misspelt name',
      { ...john, ...phone },
      { FirstName: 'Jhn', LastName: 'DOE', HomePhoneNumber: '+1 (555) 010-0000' },
    ],
    [
      'an e-mail address in another case',
      { ...john, ...email },
      { ...john, BusinessEmailAddress: 'JOHN_DOE@AnyCompany.com' },
    ],
    ['nothing but an e-mail address', email, email],
    [
      'a name and a birth date',
      { ...john, BirthDate: '1980-07-12' },
      { ...john, BirthDate: '12/07/1980' },
    ],
    ['a name and an address', { ...john, Address: home }, { ...john, BillingAddress: home }],
    [
      'a name in the wrong fields',
      { ...john, ...phone },
      { FirstName: 'Doe', LastName: 'John', ...phone },
    ],
    ['a name in one field', { FirstName: 'John Doe', ...phone }, { ...john, ...phone }],
    ['half a name', { ...john, ...phone }, { FirstName: 'John', ...phone }],
    [
      'everything but the phone number',
      { ...john, ...email, ...phone },
      { ...john, ...email, PhoneNumber: '555-999-9999' },
    ],
    [
      'a name with an accent',
      { FirstName: 'Zoë', LastName: "O'Brien", ...phone },
      { FirstName: 'zoe', LastName: 'OBRIEN', ...phone },
    ],
  ])('agree in %s', (_, a, b) => {
    expect(score(a, b)).toBeGreaterThanOrEqual(MATCH_SCORE_MIN);
  });
});

describe('profiles that do not match', () => {
  test.each<[string, ProfileDocument, ProfileDocument]>([
    ['nothing but a name', john, john],
    ['nothing but a phone number', phone, phone],
    [
      "a phone number, not in the name: somebody's family",
      { ...john, ...phone },
      { ...ada, ...phone },
    ],
    [
      'an e-mail address, not in the name: a shared mailbox',
      { ...john, ...email },
      { ...ada, ...email },
    ],
    [
      'a name and a phone number, not in the birth date: father and son',
      { ...john, ...phone, BirthDate: '1950-01-02' },
      { ...john, ...phone, BirthDate: '1980-07-12' },
    ],
    [
      'a phone number that is none',
      { ...john, PhoneNumber: 'unknown' },
      { ...john, PhoneNumber: 'unknown' },
    ],
    [
      'an e-mail address that is none',
      { ...john, EmailAddress: 'none' },
      { ...john, EmailAddress: 'none' },
    ],
    [
      'a name and the line of an address in different places',
      { ...john, Address: home },
      { ...john, Address: { ...home, PostalCode: '10001' } },
    ],
    [
      'a name and the line of an address, and nobody knows where that is',
      { ...john, Address: { Address1: '1 Main St.' } },
      { ...john, Address: { Address1: '1 Main St.' } },
    ],
    ['nothing at all', {}, {}],
  ])('agree in %s', (_, a, b) => {
    expect(score(a, b)).toBeLessThan(MATCH_SCORE_MIN);
  });
});

describe('the score', () => {
  test.each<[number, string, ProfileDocument, ProfileDocument]>([
    [1, 'a name and a phone number', { ...john, ...phone }, { ...john, ...phone }],
    [0.4286, 'nothing but a name', john, john],
    [0.6429, 'nothing but an e-mail address', email, email],
    [
      0.5,
      'also another birth date',
      { ...john, ...phone, BirthDate: '1950-01-02' },
      { ...john, ...phone, BirthDate: '1950-01-03' },
    ],
    [
      0.55,
      'middle names that differ',
      { ...john, ...phone, MiddleName: 'Quincy' },
      { ...john, ...phone, MiddleName: 'Fitzgerald' },
    ],
    [
      1,
      'a middle name and its initial',
      { ...john, ...phone, MiddleName: 'Q.' },
      { ...john, ...phone, MiddleName: 'Quincy' },
    ],
    [0, 'nothing', {}, {}],
  ])('is %d for %s', (expected, _, a, b) => {
    expect(score(a, b)).toBe(expected);
  });

  test('says less of e-mail addresses that are the same but for what people leave out', () => {
    const plain = score(
      { ...john, ...email },
      { ...john, EmailAddress: 'johndoe+shop@anycompany.com' },
    );
    const other = score({ ...john, ...email }, { ...john, EmailAddress: 'jd@anycompany.com' });
    expect(plain).toBeLessThan(score({ ...john, ...email }, { ...john, ...email }));
    expect(plain).toBeGreaterThan(MATCH_SCORE_MIN);
    expect(other).toBeLessThan(MATCH_SCORE_MIN);
  });
});

const some = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

/** Documents of few values, so that they agree and differ all the time. */
const document: fc.Arbitrary<ProfileDocument> = fc
  .record({
    FirstName: some('John', 'Jhn', 'Ada', 'J'),
    MiddleName: some('Q', 'Quincy', 'Rae'),
    LastName: some('Doe', 'Dough', 'Doe-Smith', 'John'),
    PhoneNumber: some('555-010-0000', '555-010-0001', 'none'),
    MobilePhoneNumber: some('555-010-0000', '555-010-0002'),
    EmailAddress: some('john.doe@x.y', 'johndoe@x.y', 'none'),
    PersonalEmailAddress: some('john.doe@x.y', 'ada@x.y'),
    BirthDate: some('1980-07-12', '12.07.1980', '1950-01-02', 'July'),
    Address: fc.option(
      fc.record({
        Address1: fc.constantFrom('1 Main St', '2 Main St'),
        City: fc.constantFrom('Seattle', 'Boston'),
      }),
      { nil: undefined },
    ),
  })
  .map((fields) => {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given);
  });

const runs = { numRuns: 2_000 };

describe('for any two profiles, the score', () => {
  test('is the same in either order, and from 0 to 1', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        const given = score(a, b);
        expect(score(b, a)).toBe(given);
        expect(given).toBeGreaterThanOrEqual(0);
        expect(given).toBeLessThanOrEqual(1);
      }),
      runs,
    );
  });

  test('is 1 when they are the same and say enough', () => {
    const rich = document.map((fields) => ({ ...fields, ...john, ...phone }));
    fc.assert(
      fc.property(rich, (fields) => {
        expect(score(fields, fields)).toBe(1);
      }),
      runs,
    );
  });

  test.each<[string, ProfileDocument]>([
    ['a phone number', { BusinessPhoneNumber: '555-010-9999' }],
    ['an e-mail address', { BusinessEmailAddress: 'both@x.y' }],
    ['a birth date', { BirthDate: '1999-09-09' }],
    ['an address', { BillingAddress: { Address1: '9 Elm St', City: 'Austin' } }],
  ])('is not lower with %s in common', (_, common) => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(score({ ...a, ...common }, { ...b, ...common })).toBeGreaterThanOrEqual(score(a, b));
      }),
      runs,
    );
  });

  test('is not lower when they have the same name', () => {
    const named = document.map((fields) => ({ ...fields, ...john }));
    fc.assert(
      fc.property(named, document, (a, b) => {
        const { FirstName, LastName, MiddleName = '' } = a;
        const renamed = { ...b, FirstName, LastName, MiddleName };
        expect(score(a, renamed)).toBeGreaterThanOrEqual(score(a, b));
      }),
      runs,
    );
  });

  test('is not higher with birth dates that differ, and lower where it was not 0', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        const { BirthDate: _, ...withoutDate } = b;
        const before = score(a, withoutDate);
        const after = score({ ...a, BirthDate: '1999-09-09' }, { ...b, BirthDate: '1999-09-08' });
        if (before > 0) expect(after).toBeLessThan(before);
        else expect(after).toBe(0);
      }),
      runs,
    );
  });
});
