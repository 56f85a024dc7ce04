// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so IAM writes its policy variables.
import { expect, test } from 'vitest';
import { PolicyRefusedError, parsePolicyDocument } from '../../src/auth/policy-document.ts';

const policy = (condition: unknown) =>
  parsePolicyDocument(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: condition },
    }),
  );

const supportedKeys = 'aws:ResourceTag/<key>, aws:RequestTag/<key> and aws:TagKeys are';

test.each<[string, unknown, string]>([
  ['that is a list', [], 'must be an object'],
  ['that is empty', {}, 'must not be empty'],
  ['whose operator is empty', { Null: {} }, 'Null must not be empty'],
  ['without values', { Null: { 'aws:TagKeys': [] } }, 'Null aws:TagKeys must have a value'],
  [
    'with __proto__ for an operator',
    JSON.parse('{"__proto__":{"a":"b"}}'),
    'must not have __proto__',
  ],
  [
    'with __proto__ for a key',
    { Null: JSON.parse('{"aws:TagKeys":"true","__proto__":"b"}') },
    'Null must not have __proto__',
  ],
  ['on null', { Null: { 'aws:TagKeys': null } }, 'Null aws:TagKeys must be a string'],
  [
    'with a Null that is neither',
    { Null: { 'aws:TagKeys': 'True' } },
    "Null must be true or false, not 'True'",
  ],
  ['on an IP', { IpAddress: { 'aws:SourceIp': '::' } }, 'IpAddress is not a supported operator'],
  [
    'with an operator in another case',
    { stringequals: { 'aws:RequestTag/a': 'b' } },
    'stringequals is not a supported operator',
  ],
  [
    'with NullIfExists',
    { NullIfExists: { 'aws:TagKeys': 'true' } },
    'NullIfExists is not a supported operator',
  ],
  [
    'with a prefix of Null',
    { 'ForAnyValue:Null': { 'aws:TagKeys': 'true' } },
    'ForAnyValue:Null is not a supported operator',
  ],
  [
    'with an unknown prefix',
    { 'ForSome:StringLike': { 'aws:TagKeys': 'a' } },
    'ForSome:StringLike is not a supported operator',
  ],
  [
    'on an unknown key',
    { StringLike: { 'aws:PrincipalTag/a': 'b' } },
    `aws:PrincipalTag/a is not supported; ${supportedKeys}`,
  ],
  [
    'on no tag',
    { StringLike: { 'aws:ResourceTag/': 'b' } },
    `aws:ResourceTag/ is not supported; ${supportedKeys}`,
  ],
  [
    'on a variable tag',
    { StringLike: { 'aws:ResourceTag/${a}': 'b' } },
    `aws:ResourceTag/\${a} is not supported; ${supportedKeys}`,
  ],
  [
    'on an unknown key after a known one',
    { Null: { 'aws:TagKeys': 'true', 'aws:TagKeys/a': 'true' } },
    `aws:TagKeys/a is not supported; ${supportedKeys}`,
  ],
  [
    'with a policy variable',
    { StringEquals: { 'aws:RequestTag/a': ['b', '${aws:userid}'] } },
    "StringEquals has '${aws:userid}': policy variables are not supported",
  ],
  [
    'on aws:TagKeys without a prefix',
    { StringLikeIfExists: { 'aws:tagkeys': 'a' } },
    'StringLikeIfExists needs ForAllValues: or ForAnyValue: before it for aws:tagkeys, which has many values',
  ],
])('refuses a condition %s', (_, condition, message) => {
  expect(() => policy(condition)).toThrow(
    new PolicyRefusedError(`Statement 1: Condition ${message}`),
  );
});
