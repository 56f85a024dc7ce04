import { describe, expect, test } from 'vitest';
import { matchFeatures } from '../../src/identity/match-features.ts';

describe('a birth date', () => {
  test.each([
    ['1980-07-12', '1980 7 12'],
    ['1980-12-07', '1980 7 12'],
    ['1980-7-9', '1980 7 9'],
    ['1980/07/12', '1980 7 12'],
    ['19800712', '1980 7 12'],
    ['1980-07-12T00:00:00Z', '1980 7 12'],
    [' 07/12/1980 ', '1980 7 12'],
    ['12.07.1980', '1980 7 12'],
    ['July 12, 1980', ''],
    ['07121980', ''],
    ['1980-31-12', '1980 12 31'],
    ['1980-13-14', ''],
    ['12/07/80', ''],
    ['1980', ''],
    ['198007', ''],
    ['', ''],
  ])('%o is %o', (BirthDate, form) => {
    expect(matchFeatures({ BirthDate }).birthDate).toBe(form);
  });
});

test('numbers of all four fields count once, and those that are none do not', () => {
  const { phones } = matchFeatures({
    PhoneNumber: '(555) 123-4567',
    MobilePhoneNumber: '+1 555 123 4567',
    HomePhoneNumber: '123',
    BusinessPhoneNumber: '+45 12 34 56 78',
  });
  expect(phones).toEqual(['15551234567', '4512345678']);
});

test('e-mail addresses of all three fields, and what is left of them', () => {
  const { emails, plainEmails } = matchFeatures({
    EmailAddress: 'J.Doe+shop@X.Y',
    PersonalEmailAddress: 'jdoe@x.y',
    BusinessEmailAddress: '_@x.y',
  });
  expect(emails).toEqual(['j.doe+shop@x.y', 'jdoe@x.y', '_@x.y']);
  expect(plainEmails).toEqual(['jdoe@x.y', '_@x.y']);
});

test.each([
  ['Zoë', 'zoe'],
  ["O'Brien", 'obrien'],
  ['Anne-Marie', 'anne marie'],
  ['  J.  R. ', 'j r'],
  ['Weiß', 'weiss'],
  ['Łukasz 2nd', 'łukasz 2nd'],
  ['王 小明', '王 小明'],
  ['---', ''],
])('the name %o is compared as %o', (FirstName, form) => {
  expect(matchFeatures({ FirstName }).firstName).toBe(form);
});

test('an address needs a line', () => {
  const Address = { Address1: '1 Main St.', City: 'Seattle', PostalCode: '98-101' };
  const { addresses } = matchFeatures({ Address, MailingAddress: { City: 'Seattle' } });
  expect(addresses).toEqual([{ line: '1 main st', city: 'seattle', postalCode: '98 101' }]);
});
