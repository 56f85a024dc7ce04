// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so IAM writes its policy variables.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fullAccess, parsePolicyDocument } from '../../src/auth/policy-document.ts';
import { type AccessRequest, type Decision, evaluate } from '../../src/auth/policy-evaluation.ts';

const shop = 'arn:aws:profile:us-east-1:123456789012:domains/shop';

const policy = (...statements: object[]) =>
  parsePolicyDocument(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
    }),
  );

const request = (elements: Partial<AccessRequest> = {}): AccessRequest => ({
  action: 'profile:GetDomain',
  resource: shop,
  requestTags: {},
  resourceTags: {},
  ...elements,
});

describe('Action', () => {
  test.each<[object, string, Decision]>([
    [{ Action: '*' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:GetDomain' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'Profile:getdomain' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:GetDomain' }, 'PROFILE:GETDOMAIN', 'allowed'],
    [{ Action: 'profile:*' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:*Domain' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:G*main' }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:?etDomain' }, 'profile:GetDomain', 'allowed'],
    [{ Action: ['profile:ListDomains', 'profile:Get*'] }, 'profile:GetDomain', 'allowed'],
    [{ Action: 'profile:Get' }, 'profile:GetDomain', 'not allowed'],
    [{ Action: 'profile:GetDomain?' }, 'profile:GetDomain', 'not allowed'],
    [{ Action: 'profiles:*' }, 'profile:GetDomain', 'not allowed'],
    [{ Action: 'iam:*' }, 'profile:GetDomain', 'not allowed'],
    [{ NotAction: 'profile:Delete*' }, 'profile:GetDomain', 'allowed'],
    [{ NotAction: 'profile:Delete*' }, 'profile:deleteDomain', 'not allowed'],
    [{ NotAction: ['iam:*', 'profile:GetDomain'] }, 'profile:GetDomain', 'not allowed'],
    [{ NotAction: '*' }, 'profile:GetDomain', 'not allowed'],
  ])('%j on %s: %s', (elements, action, decision) => {
    const policies = [policy({ Resource: '*', ...elements })];
    expect(evaluate(policies, request({ action }))).toBe(decision);
  });
});

describe('Resource', () => {
  test.each<[object, string, Decision]>([
    [{ Resource: '*' }, shop, 'allowed'],
    [{ Resource: shop }, shop, 'allowed'],
    [{ Resource: shop }, `${shop}s`, 'not allowed'],
    [{ Resource: shop }, shop.replace('shop', 'Shop'), 'not allowed'],
    [{ Resource: `${shop}/*` }, shop, 'not allowed'],
    [{ Resource: `${shop}/*` }, `${shop}/object-types/a`, 'allowed'],
    [{ Resource: 'arn:*:profile:us-east-1:123456789012:domains/shop' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:*:123456789012:domains/shop' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:us-*-1:*:domains/sh?p' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:*:domains/shop' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:*/shop' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:*' }, shop, 'allowed'],
    [{ Resource: 'arn:aws:profile:*:*:domains/shoe*' }, shop, 'not allowed'],
    [{ Resource: 'arn:aws:profile:us-${*}' }, shop, 'not allowed'],
    [{ Resource: ['arn:aws:s3:::*', shop] }, shop, 'allowed'],
    [{ NotResource: shop }, shop, 'not allowed'],
    [{ NotResource: shop }, `${shop}s`, 'allowed'],
    [{ NotResource: ['arn:aws:s3:::*', `${shop}*`] }, `${shop}s`, 'not allowed'],
    [{ Resource: '*' }, '*', 'allowed'],
    [{ Resource: 'arn:*' }, '*', 'not allowed'],
    [{ NotResource: 'arn:*' }, '*', 'allowed'],
    [{ NotResource: '*' }, '*', 'not allowed'],
  ])('%j on %s: %s', (elements, resource, decision) => {
    const policies = [policy({ Action: '*', ...elements })];
    expect(evaluate(policies, request({ resource }))).toBe(decision);
  });
});

describe('several statements and policies', () => {
  const allow = { Action: '*', Resource: '*' };
  const deny = { Effect: 'Deny', ...allow };
  const denyDelete = { ...deny, Action: 'profile:Delete*' };
  const denyOther = { Effect: 'Deny', Action: '*', NotResource: shop };
  const denyUntagged = { ...deny, Condition: { Null: { 'aws:ResourceTag/team': 'true' } } };

  test.each([
    ['no policy', 'not allowed', []],
    ['full access', 'allowed', [fullAccess]],
    ['no statement that applies', 'not allowed', [policy({ Action: 'iam:*', Resource: '*' })]],
    ['the second statement allows', 'allowed', [policy({ ...allow, Action: 'iam:*' }, allow)]],
    ['the second policy allows', 'allowed', [policy({ ...allow, Action: 'iam:*' }), fullAccess]],
    ['deny after allow', 'explicitly denied', [policy(allow, deny)]],
    ['deny before allow', 'explicitly denied', [policy(deny, allow)]],
    ['deny in a later policy', 'explicitly denied', [fullAccess, policy(deny)]],
    ['deny in an earlier policy', 'explicitly denied', [policy(deny), fullAccess]],
    ['deny alone', 'explicitly denied', [policy(deny)]],
    ['a deny of another action', 'allowed', [fullAccess, policy(denyDelete)]],
    ['only a deny of another action', 'not allowed', [policy(denyDelete)]],
    ['a deny of all other resources', 'allowed', [fullAccess, policy(denyOther)]],
    ['a deny whose condition holds', 'explicitly denied', [fullAccess, policy(denyUntagged)]],
  ] as const)('%s: %s', (_, decision, policies) => {
    expect(evaluate(policies, request())).toBe(decision);
  });

  test('a deny whose condition fails denies nothing', () => {
    const tagged = request({ resourceTags: { Team: 'red' } });
    expect(evaluate([fullAccess, policy(denyUntagged)], tagged)).toBe('allowed');
  });

  test('action, resource and conditions must all apply', () => {
    const narrow = policy({
      Action: 'profile:GetDomain',
      Resource: shop,
      Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } },
    });
    const resourceTags = { team: 'red' };
    expect(evaluate([narrow], request({ resourceTags }))).toBe('allowed');
    for (const other of [{ action: 'profile:PutDomain' }, { resource: '*' }, { resourceTags: {} }])
      expect(evaluate([narrow], request({ resourceTags, ...other }))).toBe('not allowed');
  });
});

const pattern = (...values: string[]) =>
  fc.uniqueArray(fc.constantFrom('*', ...values), { minLength: 1 });

const someStatement = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: pattern('profile:*', 'profile:GetDomain', 'iam:*'),
  Resource: pattern(shop, 'arn:*'),
});

test('whatever else there is, a deny of everything wins', () => {
  const somePolicies = fc.array(fc.array(someStatement, { minLength: 1, maxLength: 3 }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(
      somePolicies,
      fc.nat(),
      fc.constantFrom('profile:GetDomain', 'iam:PassRole'),
      fc.constantFrom(shop, '*'),
      (documents, position, action, resource) => {
        const policies = documents.map((statements) => policy(...statements));
        const denyAll = policy({ Effect: 'Deny', Action: '*', Resource: '*' });
        policies.splice(position % (policies.length + 1), 0, denyAll);
        expect(evaluate(policies, request({ action, resource }))).toBe('explicitly denied');
      },
    ),
  );
});
