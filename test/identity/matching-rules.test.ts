import { describe, expect, test } from 'vitest';
import {
  allIndexedValues,
  compileRules,
  connected,
  indexedValues,
  matchOn,
  mergeable,
  type RuleBasedMatching,
  ruleMatchId,
  unknownNames,
} from '../../src/identity/matching-rules.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

type Model = 'MANY_TO_MANY' | 'ONE_TO_ONE';

function rulesOf(Rule: string[], model?: Model, selector: object = {}): RuleBasedMatching {
  const AttributeTypesSelector = { AttributeMatchingModel: model ?? 'ONE_TO_ONE', ...selector };
  return { MatchingRules: [{ Rule }], ...(model && { AttributeTypesSelector }) };
}

/** Whether two profiles match on the only level; both ways, and by the index as by the documents. */
function match(matching: RuleBasedMatching, one: ProfileDocument, other: ProfileDocument): boolean {
  const rules = compileRules(matching);
  const [level] = rules.levels;
  if (level === undefined) throw new Error('no level');
  const isMatch = matchOn(rules, level, one, other);
  expect(matchOn(rules, level, other, one)).toBe(isMatch);
  const values = indexedValues(rules, level, one) ?? [];
  const others = new Set(indexedValues(rules, level, other)?.flat());
  const mayMatch =
    values.length > 0 && values.every((own) => own.some((value) => others.has(value)));
  if (isMatch) expect(mayMatch).toBe(true);
  return isMatch;
}

describe('matching on a level', () => {
  test('takes all of its attributes', () => {
    const rules = rulesOf(['FirstName', 'LastName']);
    const ada = { FirstName: 'Ada', LastName: 'Byron' };
    expect(match(rules, ada, { ...ada })).toBe(true);
    expect(match(rules, ada, { FirstName: 'Ada', LastName: 'King' })).toBe(false);
    expect(match(rules, ada, { FirstName: 'Ada' })).toBe(false);
  });

  test('is impossible for profiles that both lack an attribute, or have nothing but spaces', () => {
    const rules = rulesOf(['FirstName']);
    expect(match(rules, {}, {})).toBe(false);
    expect(match(rules, { FirstName: ' ' }, { FirstName: ' ' })).toBe(false);
  });

  test.each([
    ['FirstName', ' ada  lovelace', 'Ada Lovelace'],
    ['BusinessName', 'ACME', 'acme'],
    ['PhoneNumber', '(555) 123-4567', '+1 555 123 4567'],
    ['EmailAddress', 'Ada@X.y ', 'ada@x.y'],
  ])('compares %s as its content', (name, value, other) => {
    expect(match(rulesOf([name]), { [name]: value }, { [name]: other })).toBe(true);
  });

  test.each([
    ['AccountNumber', 'a-1', 'A-1'],
    ['BirthDate', '1815-12-10', '10.12.1815'],
  ])('compares %s exactly', (name, value, other) => {
    expect(match(rulesOf([name]), { [name]: value }, { [name]: value })).toBe(true);
    expect(match(rulesOf([name]), { [name]: value }, { [name]: other })).toBe(false);
  });

  test('takes custom attributes, whatever their names', () => {
    const [one, other] = [{ Attributes: { card: '7' } }, { Attributes: { card: '7', plan: 'x' } }];
    expect(match(rulesOf(['Attributes.card']), one, other)).toBe(true);
    expect(match(rulesOf(['Attributes.toString']), one, other)).toBe(false);
    const odd = { Attributes: JSON.parse('{"__proto__":"x"}') };
    expect(match(rulesOf(['Attributes.__proto__']), odd, odd)).toBe(true);
    expect(match(rulesOf(['Attributes.__proto__']), {}, {})).toBe(false);
  });

  test('ONE_TO_ONE: the same field of both; MANY_TO_MANY: any selected field of either', () => {
    const home = { HomePhoneNumber: '555-111-2222' };
    const mobile = { MobilePhoneNumber: '555-111-2222' };
    expect(match(rulesOf(['PhoneNumber'], 'ONE_TO_ONE'), home, mobile)).toBe(false);
    expect(match(rulesOf(['PhoneNumber'], 'ONE_TO_ONE'), home, { ...mobile, ...home })).toBe(true);
    expect(match(rulesOf(['PhoneNumber'], 'MANY_TO_MANY'), home, mobile)).toBe(true);
    expect(match(rulesOf(['PhoneNumber']), home, mobile)).toBe(false);
  });

  test('only the fields that the selector has take part, by the names that the documentation uses', () => {
    const selector = { EmailAddress: ['Email', 'BusinessEmailAddress'] };
    const rules = rulesOf(['EmailAddress'], 'MANY_TO_MANY', selector);
    const mail = 'ada@x.y';
    expect(match(rules, { EmailAddress: mail }, { BusinessEmailAddress: mail })).toBe(true);
    expect(match(rules, { EmailAddress: mail }, { PersonalEmailAddress: mail })).toBe(false);
  });

  test('what it says of addresses must hold between one address of each', () => {
    const rules = rulesOf(['Address.City', 'Address.PostalCode'], 'MANY_TO_MANY');
    const bath = { City: 'Bath', PostalCode: 'BA1' };
    const york = { City: 'York', PostalCode: 'YO1' };
    const crossed = { City: 'Bath', PostalCode: 'YO1' };
    expect(match(rules, { Address: bath }, { BillingAddress: { ...bath, City: 'BATH' } })).toBe(
      true,
    );
    expect(match(rules, { Address: bath, ShippingAddress: york }, { Address: crossed })).toBe(
      false,
    );
    const oneToOne = rulesOf(['Address.City', 'Address.PostalCode'], 'ONE_TO_ONE');
    expect(match(oneToOne, { Address: bath }, { BillingAddress: bath })).toBe(false);
  });

  test('Address.Address is the lines of a street', () => {
    const rules = rulesOf(['Address.Address']);
    const split = { Address1: '1 Main St', Address2: 'Flat 2' };
    expect(match(rules, { Address: split }, { Address: { Address1: '1 MAIN ST  Flat 2' } })).toBe(
      true,
    );
    expect(match(rules, { Address: { City: 'Bath' } }, { Address: { City: 'Bath' } })).toBe(false);
  });
});

describe('the rules', () => {
  test('go up to the level that settings allow', () => {
    const MatchingRules = [['FirstName'], ['LastName'], ['Gender']].map((Rule) => ({ Rule }));
    const rules = compileRules({
      MatchingRules,
      MaxAllowedRuleLevelForMatching: 2,
      MaxAllowedRuleLevelForMerging: 3,
    });
    expect(rules.levels.map(({ level }) => level)).toEqual([1, 2]);
    expect(rules.mergeLevelMax).toBe(2);
  });

  test('are Keyfold’s own where settings name none, and merge nothing by themselves', () => {
    const rules = compileRules({});
    expect(rules.levels).toHaveLength(5);
    expect(rules.mergeLevelMax).toBe(0);
  });

  test('know the names that there are, and tell the others', () => {
    const Rule = [
      'Gender',
      'Address.Province',
      'Attributes.x',
      'Adress',
      'Attributes.',
      'toString',
    ];
    expect(unknownNames({ MatchingRules: [{ Rule }] })).toEqual([
      'Adress',
      'Attributes.',
      'toString',
    ]);
    const AttributeTypesSelector = {
      AttributeMatchingModel: 'ONE_TO_ONE' as const,
      Address: ['MaillingAddress', 'BusinessAddress', 'Home'],
      PhoneNumber: ['Phone', 'toString'],
      EmailAddress: ['EmailAddress'],
    };
    expect(unknownNames({ AttributeTypesSelector })).toEqual(['Home', 'toString']);
  });
});

test('the index tells when addresses have swapped their parts', () => {
  const rules = compileRules(rulesOf(['Address.City', 'Address.PostalCode'], 'MANY_TO_MANY'));
  const before = {
    Address: { City: 'A', PostalCode: '1' },
    BillingAddress: { City: 'B', PostalCode: '2' },
  };
  const after = {
    Address: { City: 'A', PostalCode: '2' },
    BillingAddress: { City: 'B', PostalCode: '1' },
  };
  expect(allIndexedValues(rules, before)).not.toEqual(allIndexedValues(rules, after));
});

test('the id of a group depends on its domain, its level and its first profile', () => {
  const ids = [
    ruleMatchId('d', 1, 'p'),
    ruleMatchId('e', 1, 'p'),
    ruleMatchId('d', 2, 'p'),
    ruleMatchId('d', 1, 'q'),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
});

test('profiles are connected through others, from the first one', () => {
  const documents = new Map(['a', 'b', 'c', 'd'].map((id) => [id, { FirstName: id }]));
  const links = new Set(['ac', 'cb']);
  const isMatch = (one: ProfileDocument, other: ProfileDocument) =>
    links.has(`${one.FirstName}${other.FirstName}`) ||
    links.has(`${other.FirstName}${one.FirstName}`);
  expect(connected(documents, isMatch)).toEqual(['a', 'b', 'c']);
  expect(connected(new Map(), isMatch)).toEqual([]);
});

describe('which profiles are merged', () => {
  const apart = (profileId: string, otherProfileId: string) => ({ profileId, otherProfileId });

  test('all that nobody keeps apart', () => {
    expect(mergeable(['a', 'b', 'c'], [])).toEqual(['a', 'b', 'c']);
    expect(mergeable(['a', 'b', 'c'], [apart('b', 'a')])).toEqual(['a', 'c']);
    expect(mergeable(['a', 'b', 'c'], [apart('a', 'b'), apart('c', 'a')])).toEqual(['b', 'c']);
  });

  test('none where every two are kept apart', () => {
    expect(mergeable(['a', 'b'], [apart('a', 'b')])).toEqual([]);
    expect(mergeable(['a'], [])).toEqual([]);
  });
});
