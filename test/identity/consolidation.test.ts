import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributeValue, criteriaValues, setsToMerge } from '../../src/identity/consolidation.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

describe('an attribute', () => {
  const document: ProfileDocument = {
    FirstName: 'Ada',
    Address: { City: 'London' },
    Attributes: JSON.parse('{"plan":"gold","a.b":"c","__proto__":"x"}'),
    EngagementPreferences: { Phone: [] },
  };

  test.each([
    ['FirstName', 'Ada'],
    ['LastName', undefined],
    ['Address.City', 'London'],
    ['Address.Country', undefined],
    ['Address.toString', undefined],
    ['BillingAddress.City', undefined],
    ['Attributes.plan', 'gold'],
    ['Attributes.a.b', 'c'],
    ['Attributes.__proto__', 'x'],
    ['Attributes.constructor', undefined],
    ['Address', undefined],
    ['Attributes', undefined],
    ['EngagementPreferences.Phone', undefined],
    ['FirstName.length', undefined],
    ['toString', undefined],
    ['firstname', undefined],
    ['', undefined],
  ])('%o is %o', (name, value) => {
    expect(attributeValue(document, name)).toBe(value);
  });
});

/** The sets of profiles `a`, `b`, … by what their documents say. */
function setsOf(criteria: readonly (readonly string[])[], ...documents: ProfileDocument[]) {
  const values = documents.map(
    (document, index) =>
      [String.fromCodePoint(97 + index), criteriaValues(document, criteria)] as const,
  );
  return setsToMerge(new Map(values));
}

const ada = { FirstName: 'Ada', LastName: 'Lovelace' };

describe('profiles of a match group are merged', () => {
  test('when every attribute of a criterion is exactly the same', () => {
    const criteria = [['FirstName', 'LastName']];
    const sets = setsOf(criteria, ada, { ...ada, FirstName: 'ADA' }, ada, {
      ...ada,
      FirstName: 'B',
    });
    expect(sets).toEqual([['a', 'c']]);
  });

  test('not when an attribute is missing, be it in both', () => {
    expect(setsOf([['FirstName', 'BirthDate']], ada, ada)).toEqual([]);
    expect(setsOf([['FirstName']], {}, {})).toEqual([]);
    expect(setsOf([['NoSuchField']], ada, ada)).toEqual([]);
  });

  test('when they meet any criterion, and with whoever they meet', () => {
    const criteria = [['FirstName', 'LastName'], ['EmailAddress']];
    const sets = setsOf(
      criteria,
      ada,
      { ...ada, EmailAddress: 'a@x.y' },
      { EmailAddress: 'a@x.y' },
      {
        EmailAddress: 'b@x.y',
      },
    );
    expect(sets).toEqual([['a', 'b', 'c']]);
  });

  test('not by values of different criteria, or that only look alike when put together', () => {
    expect(
      setsOf([['FirstName'], ['LastName']], { FirstName: 'Ada' }, { LastName: 'Ada' }),
    ).toEqual([]);
    const criteria = [['FirstName', 'LastName']];
    expect(
      setsOf(criteria, { FirstName: 'a', LastName: 'b,c' }, { FirstName: 'a,b', LastName: 'c' }),
    ).toEqual([]);
  });

  test('in several sets, each with the oldest profile first', () => {
    const grace = { FirstName: 'Grace', LastName: 'Hopper' };
    const sets = setsOf([['FirstName', 'LastName']], grace, ada, ada, {}, grace);
    expect(sets).toEqual([
      ['a', 'e'],
      ['b', 'c'],
    ]);
  });

  test('the same whatever the order of criteria and profiles', () => {
    const value = fc.option(fc.constantFrom('x', 'y'), { nil: undefined });
    const document = fc
      .record({ FirstName: value, LastName: value, BirthDate: value })
      .map((fields) =>
        Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== undefined)),
      );
    const criteria = [['FirstName', 'LastName'], ['BirthDate'], ['LastName']];
    fc.assert(
      fc.property(fc.array(document, { maxLength: 8 }), (documents) => {
        const values = documents.map(
          (own, index) => [`p${index}`, criteriaValues(own, criteria)] as const,
        );
        const sets = setsToMerge(new Map(values));
        expect(setsToMerge(new Map(values.toReversed()))).toEqual(sets);
        const reversed = documents.map(
          (own, index) => [`p${index}`, criteriaValues(own, criteria.toReversed())] as const,
        );
        expect(setsToMerge(new Map(reversed))).toEqual(sets);
        const members = sets.flat();
        expect(new Set(members).size).toBe(members.length);
      }),
    );
  });
});
