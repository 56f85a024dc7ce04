// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so IAM writes its policy variables.
import { describe, expect, test } from 'vitest';
import { parsePolicyDocument } from '../../src/auth/policy-document.ts';
import { evaluate, usesResourceTags } from '../../src/auth/policy-evaluation.ts';

type Tags = Record<string, string>;

const policy = (condition: object) =>
  parsePolicyDocument(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: condition },
    }),
  );

/** Whether a condition holds: on its own it decides about the request. */
function holds(condition: object, requestTags: Tags, resourceTags: Tags = {}): boolean {
  const request = { action: 'profile:TagResource', resource: '*', requestTags, resourceTags };
  return evaluate([policy(condition)], request) === 'allowed';
}

test.each<[object, boolean]>([
  [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['given', 'taken'] } }, true],
  [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['given'] } }, false],
  [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['taken'] } }, true],
  [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['TAKEN'] } }, false],
  [{ Null: { 'aws:TagKeys': 'true' } }, false],
  [{ Null: { 'aws:RequestTag/taken': 'true' } }, true],
])(
  'aws:TagKeys are those that are given and those that are taken away: %j',
  (condition, expected) => {
    const request = { action: 'x', resource: '*', requestTags: { given: '' }, resourceTags: {} };
    const tagKeys = ['taken'];
    const decision = evaluate([policy(condition)], { ...request, tagKeys });
    expect(decision === 'allowed').toBe(expected);
  },
);

describe('an operator on one value', () => {
  /** The operator, the policy's value, a value that satisfies it, one that doesn't, when absent. */
  test.each<[string, string, string, string, boolean]>([
    ['StringEquals', 'red', 'red', 'Red', false],
    ['StringEquals', 'r*', 'r*', 'red', false],
    ['StringEquals', '${*}${$}', '*$', '${*}${$}', false],
    ['StringNotEquals', 'red', 'Red', 'red', true],
    ['StringEqualsIgnoreCase', 'rED', 'Red', 'blue', false],
    ['StringNotEqualsIgnoreCase', 'red', 'blue', 'RED', true],
    ['StringLike', 'r?d*', 'red dish', 'Red', false],
    ['StringLike', '${*}*', '*a', 'a', false],
    ['StringLike', 'a*', 'a', 'ba', false],
    ['StringNotLike', 'r*', 'blue', 'red', true],
  ])(
    '%s %o: true for %o, false for %o, %o when the key is absent',
    (operator, wanted, yes, no, absent) => {
      for (const [suffix, whenAbsent] of [
        ['', absent],
        ['IfExists', true],
      ] as const) {
        const condition = { [`${operator}${suffix}`]: { 'aws:RequestTag/colour': wanted } };
        expect(holds(condition, { colour: yes })).toBe(true);
        expect(holds(condition, { colour: no })).toBe(false);
        expect(holds(condition, { other: yes })).toBe(whenAbsent);
      }
    },
  );

  test.each([
    ['StringEquals', 'a', true],
    ['StringEquals', 'b', true],
    ['StringEquals', 'c', false],
    ['StringNotEquals', 'a', false],
    ['StringNotEquals', 'b', false],
    ['StringNotEquals', 'c', true],
  ])('%s with the values a and b, on %s: %o', (operator, value, expected) => {
    expect(holds({ [operator]: { 'aws:RequestTag/x': ['a', 'b'] } }, { x: value })).toBe(expected);
  });
});

describe('a set operator', () => {
  const none: string[] = [];
  test.each<[string, string[], boolean]>([
    ['ForAllValues:StringEquals', none, true],
    ['ForAllValues:StringEquals', ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['A'], false],
    ['ForAllValues:StringNotEquals', none, true],
    ['ForAllValues:StringNotEquals', ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['c', 'a'], false],
    ['ForAllValues:StringEqualsIgnoreCase', ['A', 'B'], true],
    ['ForAllValues:StringEqualsIfExists', none, true],
    ['ForAllValues:StringEqualsIfExists', ['c'], false],
    ['ForAnyValue:StringEquals', none, false],
    ['ForAnyValue:StringEquals', ['c', 'b'], true],
    ['ForAnyValue:StringEquals', ['c', 'd'], false],
    ['ForAnyValue:StringNotEquals', none, false],
    ['ForAnyValue:StringNotEquals', ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], false],
    ['ForAnyValue:StringNotEqualsIgnoreCase', ['A', 'b'], false],
    ['ForAnyValue:StringEqualsIfExists', none, false],
    ['ForAnyValue:StringEqualsIfExists', ['c'], false],
  ])('%s [a, b] on the tag keys %o: %o', (operator, keys, expected) => {
    const tags = Object.fromEntries(keys.map((key) => [key, '']));
    expect(holds({ [operator]: { 'aws:TagKeys': ['a', 'b'] } }, tags)).toBe(expected);
  });

  test.each<[string, string[], boolean]>([
    ['ForAllValues:StringLike', ['team:a', 'cost'], true],
    ['ForAllValues:StringLike', ['team:a', 'price'], false],
    ['ForAnyValue:StringLike', ['price', 'team:a'], true],
    ['ForAnyValue:StringNotLike', ['team:a', 'cost'], false],
  ])('%s [team:*, c?st] on the tag keys %o: %o', (operator, keys, expected) => {
    const tags = Object.fromEntries(keys.map((key) => [key, '']));
    expect(holds({ [operator]: { 'aws:TagKeys': ['team:*', 'c?st'] } }, tags)).toBe(expected);
  });

  test.each<[string, Tags, boolean]>([
    ['ForAllValues:StringEquals', {}, true],
    ['ForAllValues:StringEquals', { x: '' }, true],
    ['ForAllValues:StringEquals', { x: 'a' }, true],
    ['ForAllValues:StringEquals', { x: 'b' }, false],
    ['ForAnyValue:StringNotEquals', {}, false],
    ['ForAnyValue:StringNotEquals', { x: '' }, false],
    ['ForAnyValue:StringNotEquals', { x: 'b' }, true],
  ])('%s a on one tag of %o: %o', (operator, tags, expected) => {
    expect(holds({ [operator]: { 'aws:RequestTag/x': 'a' } }, tags)).toBe(expected);
  });
});

test.each<[unknown, Tags, boolean]>([
  ['true', {}, true],
  ['true', { x: '' }, false],
  ['false', {}, false],
  ['false', { x: '' }, true],
  [true, {}, true],
  [false, {}, false],
  [['true', 'false'], {}, true],
  [['true', 'false'], { x: 'a' }, true],
])('Null %o on a tag of %o: %o', (value, tags, expected) => {
  expect(holds({ Null: { 'aws:RequestTag/x': value } }, tags)).toBe(expected);
  expect(holds({ Null: { 'aws:TagKeys': value } }, tags)).toBe(expected);
  expect(holds({ Null: { 'aws:ResourceTag/x': value } }, {}, tags)).toBe(expected);
});

describe('several conditions', () => {
  const both = { Null: { 'aws:RequestTag/a': 'false', 'aws:RequestTag/b': 'false' } };
  const two = { Null: { 'aws:RequestTag/a': 'false' }, StringEquals: { 'aws:RequestTag/b': '2' } };

  test.each<[string, object, Tags, boolean]>([
    ['hold when every key does', both, { a: '1', b: '2' }, true],
    ['fail with the first key', both, { b: '2' }, false],
    ['fail with the second key', both, { a: '1' }, false],
    ['hold when every operator does', two, { a: '1', b: '2' }, true],
    ['fail with the first operator', two, { b: '2' }, false],
    ['fail with the second operator', two, { a: '1', b: '1' }, false],
  ])('%s', (_, condition, tags, expected) => {
    expect(holds(condition, tags)).toBe(expected);
  });
});

describe('tag keys', () => {
  const team = (key: string) => ({ StringEquals: { [key]: 'red' } });

  test.each<[string, string, Tags, Tags, boolean]>([
    ['RequestTag reads the request', 'aws:RequestTag/team', { team: 'red' }, {}, true],
    ['RequestTag not the resource', 'aws:RequestTag/team', {}, { team: 'red' }, false],
    ['ResourceTag reads the resource', 'aws:ResourceTag/team', {}, { team: 'red' }, true],
    ['ResourceTag not the request', 'aws:ResourceTag/team', { team: 'red' }, {}, false],
    ['a key has no case', 'aws:ResourceTag/TEAM', {}, { Team: 'red' }, true],
    ['nor has the name of a condition key', 'AWS:RESOURCETAG/team', {}, { team: 'red' }, true],
    [
      'of two the one as written counts',
      'aws:ResourceTag/team',
      {},
      { Team: 'b', team: 'red' },
      true,
    ],
    ['and not the other', 'aws:ResourceTag/Team', {}, { Team: 'b', team: 'red' }, false],
    ['else the first by code units', 'aws:ResourceTag/tEAM', {}, { team: 'b', Team: 'red' }, true],
    ['nothing is inherited', 'aws:ResourceTag/constructor', {}, {}, false],
  ])('%s', (_, key, requestTags, resourceTags, expected) => {
    expect(holds(team(key), requestTags, resourceTags)).toBe(expected);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is a tag like any other', (key) => {
    const bare: Tags = Object.create(null);
    bare[key] = 'red';
    const own: Tags = Object.fromEntries([[key, 'red']]);
    for (const tags of [bare, own]) {
      expect(holds(team(`aws:ResourceTag/${key}`), {}, tags)).toBe(true);
      expect(holds(team(`aws:RequestTag/${key.toUpperCase()}`), tags)).toBe(true);
      expect(holds({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': key } }, tags)).toBe(true);
    }
    for (const tags of [{}, Object.create(null)])
      expect(holds({ Null: { [`aws:ResourceTag/${key}`]: 'true' } }, {}, tags)).toBe(true);
  });
});

test.each<[object, boolean]>([
  [{ Null: { 'aws:TagKeys': 'true' } }, false],
  [{ StringEquals: { 'aws:RequestTag/a': 'b' } }, false],
  [{ StringEquals: { 'aws:RequestTag/a': 'b', 'aws:resourcetag/a': 'b' } }, true],
  [{ Null: { 'aws:ResourceTag/a': 'true' } }, true],
])('%j asks for the tags of the resource: %o', (condition, expected) => {
  const { statements } = policy(condition);
  const without = policy({ Null: { 'aws:TagKeys': 'true' } });
  expect(usesResourceTags([without, { statements }])).toBe(expected);
  expect(usesResourceTags([{ statements: [...without.statements, ...statements] }])).toBe(expected);
});
