// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so IAM writes its policy variables.
import { describe, expect, test } from 'vitest';
import {
  fullAccess,
  POLICY_CHARACTERS_MAX,
  PolicyRefusedError,
  parsePolicyDocument,
} from '../../src/auth/policy-document.ts';

const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };

/** A document whose second statement is the one of interest. */
const second = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [allowAll, statement] });

function refusal(text: string): string {
  try {
    parsePolicyDocument(text);
  } catch (error) {
    expect(error).toBeInstanceOf(PolicyRefusedError);
    return (error as Error).message;
  }
  throw new Error('the policy was accepted');
}

describe('takes', () => {
  test.each<[string, object]>([
    ['one statement without a list', { Version: '2012-10-17', Statement: allowAll }],
    ['the older version', { Version: '2008-10-17', Statement: [allowAll] }],
    [
      'an Id and a Sid',
      { Version: '2012-10-17', Id: 'a b', Statement: { Sid: 'A1', ...allowAll } },
    ],
  ])('%s', (_, document) => {
    expect(parsePolicyDocument(JSON.stringify(document))).toEqual(fullAccess);
  });

  test.each([
    ['a list of actions', { Action: ['profile:Get*', 'aws-marketplace:?a_b'] }],
    ['NotAction', { Action: undefined, NotAction: 'iam:*' }],
    ['a list of resources', { Resource: ['*', 'arn:aws:s3:::b/*'] }],
    ['NotResource', { Resource: undefined, NotResource: 'arn:aws:s3:::b' }],
    ['the escapes', { Resource: 'arn:${*}${?}${$}{x}' }],
    ['Null for aws:TagKeys, without a prefix', { Condition: { Null: { 'aws:TagKeys': true } } }],
    ['condition keys in any case', { Condition: { Null: { 'AWS:resourcetag/A': ['false'] } } }],
    ['a tag key with slashes', { Condition: { StringLike: { 'aws:RequestTag/a/b:c': 'x' } } }],
  ])('%s', (_, elements) => {
    expect(parsePolicyDocument(second({ ...allowAll, ...elements })).statements).toHaveLength(2);
  });

  test('as many characters as IAM does, white space not counted', () => {
    const bare = JSON.stringify({ Version: '2012-10-17', Id: '', Statement: allowAll });
    const filled = (length: number) =>
      `${' '.repeat(9_999)}${bare.replace('""', `"${'x'.repeat(length - bare.length)}"`)}`;
    expect(parsePolicyDocument(filled(POLICY_CHARACTERS_MAX))).toEqual(fullAccess);
    expect(refusal(filled(POLICY_CHARACTERS_MAX + 1))).toBe(
      'a policy must have at most 6144 characters without white space, not 6145',
    );
  });
});

describe('refuses a document', () => {
  test.each([
    ['that is not JSON', '{\n"Version": x', /^Unexpected token 'x'/],
    [
      'that nests as deep as it can',
      `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
      'a policy must be an object',
    ],
    ['that is a list', '[]', 'a policy must be an object'],
    [
      'with __proto__ in it',
      `{"__proto__":{},"Version":"2012-10-17","Statement":${JSON.stringify(allowAll)}}`,
      'a policy has no element __proto__',
    ],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toMatch(message);
    expect(refusal(text)).not.toContain('\n');
  });

  test.each<[string, object, string]>([
    ['without Version', { Statement: allowAll }, 'Version must be "2012-10-17" or "2008-10-17"'],
    [
      'of another Version',
      { Version: '2012-10-18', Statement: allowAll },
      'Version must be "2012-10-17" or "2008-10-17"',
    ],
    ['without Statement', { Version: '2012-10-17' }, 'Statement must be there'],
    [
      'without a statement',
      { Version: '2012-10-17', Statement: [] },
      'Statement must not be empty',
    ],
    [
      'whose statement is a text',
      { Version: '2012-10-17', Statement: 'Allow' },
      'Statement 1: a statement must be an object',
    ],
    [
      'with an unknown element',
      { Version: '2012-10-17', Statement: allowAll, Description: 'x' },
      'a policy has no element Description',
    ],
    [
      'with an escape in the older Version',
      { Version: '2008-10-17', Statement: { ...allowAll, Resource: 'arn:${*}' } },
      '${ has a meaning only in Version "2012-10-17"',
    ],
  ])('%s', (_, document, message) => {
    expect(refusal(JSON.stringify(document))).toBe(message);
  });
});

test.each([
  ['an element', '"Sid":"a","Sid":"b"', 'Sid'],
  ['the same operator', '"Condition":{"Null":{"aws:TagKeys":true},"Null":{"a":true}}', 'Null'],
  [
    'a condition key that is written in two ways',
    '"Condition":{"Null":{"aws:TagKeys":true,"aws\\u003aTagKeys":false}}',
    'aws:TagKeys',
  ],
])('refuses a statement with %s twice: the first would be lost', (_, elements, name) => {
  const statement = `{${elements},"Effect":"Allow","Action":"*","Resource":"*"}`;
  expect(refusal(`{"Version":"2012-10-17","Statement":[${statement}]}`)).toBe(
    `'${name}' is there twice in the same object`,
  );
});

test('takes the same text in several places that are not one object', () => {
  const condition = { StringEquals: { 'aws:RequestTag/a': ['a', 'a', '"a"', 'a'] } };
  const text = second({ ...allowAll, Sid: 'Sid', Action: ['*', '*'], Condition: condition });
  expect(parsePolicyDocument(text).statements).toHaveLength(2);
});

const noPrincipal =
  'has no place in an identity-based policy: its principal is whoever has the policy';
const action = 'must be * or service:action';

test.each<[string, object, string]>([
  ['Principal', { Principal: '*' }, `Principal ${noPrincipal}`],
  ['NotPrincipal', { NotPrincipal: { AWS: '*' } }, `NotPrincipal ${noPrincipal}`],
  ['an unknown element', { Actions: '*' }, 'a statement has no element Actions'],
  ['Effect in another case', { Effect: 'allow' }, 'Effect must be Allow or Deny'],
  ['no Effect', { Effect: undefined }, 'Effect must be Allow or Deny'],
  ['a Sid with a space', { Sid: 'a b' }, 'Sid must be letters and digits'],
  ['neither action', { Action: undefined }, 'must have either Action or NotAction'],
  ['both actions', { NotAction: '*' }, 'must have either Action or NotAction'],
  ['neither resource', { Resource: undefined }, 'must have either Resource or NotResource'],
  ['both resources', { NotResource: '*' }, 'must have either Resource or NotResource'],
  ['no actions', { Action: [] }, 'Action must not be empty'],
  [
    'no resources',
    { Action: undefined, NotAction: '*', Resource: [] },
    'Resource must not be empty',
  ],
  ['a number for an action', { Action: 1 }, `Action ${action}`],
  ['an action without a service', { Action: ['*', 'Get*'] }, `Action 'Get*' ${action}`],
  ['a wildcard in the service', { Action: 'prof*:Get' }, `Action 'prof*:Get' ${action}`],
  ['an action with a line break', { Action: 'profile:\nGet' }, `Action 'profile: Get' ${action}`],
  ['an action without a name', { Action: 'profile:' }, `Action 'profile:' ${action}`],
  ['a NotAction like no action', { Action: undefined, NotAction: 'x' }, `NotAction 'x' ${action}`],
  [
    'a resource that is no ARN',
    { Resource: 'domains/a' },
    `Resource 'domains/a' must be * or an ARN`,
  ],
  ['a resource of two wildcards', { Resource: '**' }, `Resource '**' must be * or an ARN`],
  [
    'a policy variable in a resource',
    { Resource: 'arn:aws:s3:::${aws:username}' },
    "Resource 'arn:aws:s3:::${aws:username}': policy variables are not supported",
  ],
])('refuses a statement with %s', (_, elements, message) => {
  expect(refusal(second({ ...allowAll, ...elements }))).toBe(`Statement 2: ${message}`);
});
