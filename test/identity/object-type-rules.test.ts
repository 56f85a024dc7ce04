import { describe, expect, test } from 'vitest';
import type { ObjectTypeMapping } from '../../src/identity/object-type.ts';
import { isFreeTypeName, isSource, mappingProblem } from '../../src/identity/object-type-rules.ts';
import { isStandardField } from '../../src/identity/standard-objects.ts';

describe('isSource', () => {
  test.each([
    '_source.name',
    '_source.a.b.c',
    '_source.items[].sku',
    '_source.items[]',
    'name',
    'a.b',
    '_source.with space-and_é$@',
    '{{_source.first}} {{_source.last}}',
    '{{ _source.first }}',
    'Order no. {{_source.order.id}}!',
    '{{_source.a}}{{_source.items[].b}}',
  ])('takes %j', (source) => {
    expect(isSource(source)).toBe(true);
  });

  test.each([
    '',
    '_source.',
    '.',
    'a.',
    '.a',
    'a..b',
    '_source..a',
    'items[0]',
    'items[',
    'items[][]',
    '[]',
    '{a}',
    '{{a}}',
    '{{source.a}}',
    '{{_source}}',
    '{{_source.}}',
    '{{_source.a b..c}}',
    '{{{_source.a}}}',
    '{{#if _source.a}}x{{/if}}',
    '{{_source.a}',
    '{{_source.a}} {{',
    '}} {{_source.a}}',
    '{{_source.a}} }',
    '{{_source.{{_source.a}}}}',
    '{{_source.a}}}}',
  ])('refuses %j', (source) => {
    expect(isSource(source)).toBe(false);
  });
});

describe('isStandardField', () => {
  test.each([
    '_profile.FirstName',
    '_profile.GenderString',
    '_profile.BillingAddress.PostalCode',
    '_profile.Attributes.plan',
    '_profile.Attributes.size of_the-shoe 2',
    `_profile.Attributes.${'a'.repeat(255)}`,
    '_asset.SerialNumber',
    '_case.Title',
    '_order.ShippingAddress.Name',
    '_order.OrderItems[].Title',
    '_order.Attributes.ShopifyOrderId',
  ])('has %s', (target) => {
    expect(isStandardField(target)).toBe(true);
  });

  test.each([
    'FirstName',
    '_profile',
    '_profile.',
    '_profile.Nickname',
    '_profile.ProfileId',
    '_profile.Address',
    '_profile.Address.Street',
    '_profile.Address.Name',
    '_profile.Attributes',
    '_profile.Attributes.',
    '_profile.Attributes.a.b',
    '_profile.Attributes. a',
    '_profile.Attributes.a_',
    '_profile.Attributes.é',
    `_profile.Attributes.${'a'.repeat(256)}`,
    '_object.Name',
    '_order.OrderItems.Title',
    '_case.OrderId',
    '_profile.constructor',
  ])('does not have %s', (target) => {
    expect(isStandardField(target)).toBe(false);
  });
});

describe('mappingProblem', () => {
  const fields = { id: { Source: '_source.id' }, mail: { Source: '_source.mail' } };
  const unique = { id: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }] } as const;

  function problem(mapping: Partial<ObjectTypeMapping>, keysMax = 10): string | undefined {
    const whole = { AllowProfileCreation: false, Fields: fields, Keys: unique, ...mapping };
    return mappingProblem(whole, keysMax);
  }

  const withKey = (key: ObjectTypeMapping['Keys'][string]) => ({ Keys: { ...unique, other: key } });

  test.each<[what: string, mapping: Partial<ObjectTypeMapping>]>([
    ['one unique key', {}],
    ['a key without identifiers', withKey([{ FieldNames: ['mail'] }])],
    [
      'a secondary key that ties to nothing',
      withKey([{ StandardIdentifiers: ['SECONDARY'], FieldNames: ['mail'] }]),
    ],
    [
      'a key for looking up alone',
      withKey([{ StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['mail'] }]),
    ],
    ['a key of several fields', withKey([{ FieldNames: ['mail', 'id'] }])],
    ['a field with neither source nor target', { Fields: { ...fields, none: {} } }],
    [
      'a time with its format',
      {
        Fields: { ...fields, sourceLastUpdatedTimestamp: {} },
        SourceLastUpdatedTimestampFormat: 'yyyy',
      },
    ],
  ])('none with %s', (_, mapping) => {
    expect(problem(mapping)).toBeUndefined();
  });

  test.each<[mapping: Partial<ObjectTypeMapping>, problem: string]>([
    [{ Keys: {} }, 'Exactly one key must have the standard identifier UNIQUE, not 0'],
    [
      withKey([{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['mail'] }]),
      'Exactly one key must have the standard identifier UNIQUE, not 2',
    ],
    [withKey([]), 'Key other must have at least one definition'],
    [withKey([{}]), 'Key other must have at least one field'],
    [withKey([{ FieldNames: [] }]), 'Key other must have at least one field'],
    [
      withKey([{ FieldNames: ['mail', 'phone'] }]),
      'Key other has the field phone, which is not in Fields',
    ],
    [
      withKey([{ FieldNames: ['toString'] }]),
      'Key other has the field toString, which is not in Fields',
    ],
    [
      { Keys: { id: [{ StandardIdentifiers: ['UNIQUE', 'LOOKUP_ONLY'], FieldNames: ['id'] }] } },
      "Key id can't be both UNIQUE and LOOKUP_ONLY",
    ],
    [
      { Fields: { ...fields, sourceLastUpdatedTimestamp: {} } },
      'The field sourceLastUpdatedTimestamp needs a SourceLastUpdatedTimestampFormat',
    ],
    [
      { Fields: { ...fields, bad: { Source: '{{a}}' } } },
      'The Source of field bad must be a path such as _source.name, or a text with paths such as {{_source.name}} in it',
    ],
    [
      { Fields: { ...fields, bad: { Target: 'FirstName' } } },
      'The Target of field bad must be a field of a standard object, such as _profile.FirstName or _profile.Attributes.name',
    ],
  ])('of %j', (mapping, expected) => {
    expect(problem(mapping)).toBe(expected);
  });

  test('counts every definition under a name as a key', () => {
    const keys = withKey(Array(9).fill({ FieldNames: ['mail'] }));
    expect(problem(keys, 10)).toBeUndefined();
    expect(problem(keys, 9)).toBe('The object type has 10 keys, and the quota is 9');
  });
});

describe('isFreeTypeName', () => {
  test.each([
    ['Orders', true],
    ['a_', true],
    ['_webAnalytics', true],
    ['_hotelStayRevenue', true],
    ['_orders', false],
    ['_', false],
  ])('%s: %s', (name, isFree) => {
    expect(isFreeTypeName(name)).toBe(isFree);
  });
});
