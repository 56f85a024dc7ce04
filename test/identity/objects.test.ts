import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inferredFields,
  mappedFields,
  supersedes,
  toFields,
} from '../../src/identity/object-fields.ts';
import {
  compositeName,
  compositeValue,
  keptKeys,
  ObjectRefusedError,
  objectKeys,
  profileKeysOf,
} from '../../src/identity/object-keys.ts';
import type { ObjectTypeMapping } from '../../src/identity/object-type.ts';
import { readObject, sourceValue } from '../../src/identity/object-values.ts';
import { parseJavaDate, sourceTimestamp } from '../../src/identity/source-timestamp.ts';

function object(text: string) {
  const read = readObject(text);
  if (read === undefined) throw new Error('this is no object');
  return read;
}

function mapping(parts: Partial<ObjectTypeMapping>): ObjectTypeMapping {
  return { AllowProfileCreation: true, Fields: {}, Keys: {}, ...parts };
}

describe('readObject', () => {
  test.each(['[]', '"text"', '1', 'null', '{', '', '{"a":1} x'])('%s is no object', (text) => {
    expect(readObject(text)).toBeUndefined();
  });

  test('keeps numbers as they were written', () => {
    const text = '{"long":12345678901234567890,"exact":1.50,"list":[1e3],"yes":true}';
    expect(readObject(text)).toEqual({
      long: '12345678901234567890',
      exact: '1.50',
      list: ['1e3'],
      yes: true,
    });
  });

  test('reads any object as a reviver would that is told how numbers are written', () => {
    const token = fc.constantFrom(
      ...['-0', '1.50', '1e3', '-1.2E+30', '12345678901234567890', 'true', 'null', '{}', ' [ ] '],
      ...['"1"', '"-1,2"', '"\\""', '"\\\\"', '"\\\\\\"1"', '"\\u0031"', '{"1":-1,"__proto__":2}'],
    );
    const ofTokens = fc.array(token).map((tokens) => `{"a":[${tokens}],"2 3":\t4}`);
    const ofValues = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((value) => JSON.stringify(value));
    // What Node's own types don't know yet of a reviver.
    type Reviver = (name: string, value: unknown, context?: { source?: string }) => unknown;
    const asWritten: Reviver = (_, value, context) =>
      typeof value === 'number' ? context?.source : value;
    fc.assert(
      fc.property(fc.oneof(ofTokens, ofValues), (text) => {
        // As text, in which an own `__proto__` is told from a prototype.
        expect(JSON.stringify(readObject(text))).toBe(JSON.stringify(JSON.parse(text, asWritten)));
      }),
    );
  });

  test.each(['{"a":01}', '{1:2}', '{"a":1.}', '{"a":-}', '{"a":1e}', '{"a":+1}'])(
    'does not make JSON of %s',
    (text) => {
      expect(readObject(text)).toBeUndefined();
    },
  );
});

describe('sourceValue', () => {
  const ada = object(
    '{"first":"Ada","last":" L ","n":7,"yes":false,"none":null,"empty":"","deep":{"city":"London"},"list":[{"a":"x"}],"a b":"c"}',
  );

  test.each([
    ['_source.first', 'Ada'],
    ['first', 'Ada'],
    ['_source.last', ' L '],
    ['_source.n', '7'],
    ['_source.yes', 'false'],
    ['_source.deep.city', 'London'],
    ['_source.list[0].a', 'x'],
    ['_source.a b', 'c'],
    ['{{_source.first}} {{_source.last}}', 'Ada  L'],
    ['No. {{_source.n}}', 'No. 7'],
    ['{{_source.absent}}{{first}}', 'Ada'],
    ['{{_source.first}', '{{_source.first}'],
  ])('%s gives %o', (source, value) => {
    expect(sourceValue(ada, source)).toBe(value);
  });

  test.each([
    '_source.absent',
    '_source.none',
    '_source.empty',
    '_source.deep',
    '_source.list',
    '_source.list[1].a',
    '_source.first.length',
    '_source.constructor',
    '_source.__proto__.x',
    '_source.toString',
    '{{_source.absent}} {{_source.none}}',
    '_source.',
  ])('%s gives nothing', (source) => {
    expect(sourceValue(ada, source)).toBeUndefined();
  });
});

describe('objectKeys', () => {
  const type = mapping({
    Fields: {
      email: { Source: '_source.email', ContentType: 'EMAIL_ADDRESS' },
      phone: { Source: '_source.phone', ContentType: 'PHONE_NUMBER' },
      id: { Source: '_source.id' },
      when: { Source: '_source.when' },
    },
    Keys: {
      byEmail: [{ StandardIdentifiers: ['PROFILE', 'SECONDARY'], FieldNames: ['email'] }],
      _phone: [{ StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['phone'] }],
      byId: [{ StandardIdentifiers: ['PROFILE', 'NEW_ONLY'], FieldNames: ['id'] }],
      both: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['email', 'when'] }],
      plain: [{ FieldNames: ['id'] }],
    },
  });
  const keys = objectKeys(
    type,
    object('{"email":"Ada@X.y","phone":"(555) 123-4567","id":"A1","when":5}'),
  );

  test('have the form of their content in the index, and the given one beside it', () => {
    expect(
      keys.map(({ indexName, indexValue, givenValue }) => [indexName, indexValue, givenValue]),
    ).toEqual([
      ['byEmail', 'ada@x.y', 'Ada@X.y'],
      ['_phone', '15551234567', '(555) 123-4567'],
      ['byId', 'A1', null],
      ['both#2', '["Ada@X.y","5"]', null],
      ['plain', 'A1', null],
    ]);
  });

  test('are tried in their order, secondary ones last', () => {
    expect(profileKeysOf(keys).map(({ keyName }) => keyName)).toEqual([
      '_phone',
      'byId',
      'byEmail',
    ]);
  });

  test('are kept, but not LOOKUP_ONLY ones, and NEW_ONLY ones only with a new profile', () => {
    const names = (isNew: boolean) => keptKeys(keys, isNew).map(({ keyName }) => keyName);
    expect(names(true)).toEqual(['byEmail', 'byId', 'both', 'plain']);
    expect(names(false)).toEqual(['byEmail', 'both', 'plain']);
  });

  test.each(['{"when":5}', '{"email":"  ","when":5}', '{"email":null,"when":5}'])(
    'of which a field is missing are passed over: %s',
    (text) => {
      expect(objectKeys(type, object(text))).toEqual([]);
    },
  );

  test.each([
    ['too long a value', { id: 'x'.repeat(256) }],
    ['NUL', { id: 'a\0b' }],
    ['a lone surrogate', { id: '\ud800' }],
  ])('refuse %s', (_, value) => {
    expect(() => objectKeys(type, object(JSON.stringify(value)))).toThrow(ObjectRefusedError);
  });

  test('of several fields are one value, in order, of bounded length', () => {
    expect(compositeName('both', 3)).toBe('both#3');
    expect(compositeValue(['a', 'b'])).not.toBe(compositeValue(['b', 'a']));
    expect(compositeValue(['a,b'])).not.toBe(compositeValue(['a', 'b']));
    expect(compositeValue(['x'.repeat(255), 'y'.repeat(255), 'z'])).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('fields', () => {
  const type = mapping({
    Fields: {
      first: { Source: '_source.first', Target: '_profile.FirstName' },
      city: { Source: '_source.city', Target: '_profile.Address.City' },
      plan: { Source: '_source.plan', Target: '_profile.Attributes.plan' },
      gender: { Source: '_source.gender', Target: '_profile.Gender' },
      mail: { Source: '_source.mail', ContentType: 'EMAIL_ADDRESS' },
      other: { Source: '_source.other', ContentType: 'EMAIL_ADDRESS' },
      call: { Source: '_source.call', ContentType: 'PHONE_NUMBER' },
      order: { Source: '_source.order', Target: '_order.OrderId' },
    },
  });

  test('of an object are those of the profile that it has values for', () => {
    const fields = mappedFields(
      type,
      object('{"first":"Ada","city":"London","plan":3,"order":"o1"}'),
    );
    expect([...fields]).toEqual([
      ['FirstName', 'Ada'],
      ['Address.City', 'London'],
      ['Attributes.plan', '3'],
    ]);
    expect(toFields(fields)).toEqual({
      FirstName: 'Ada',
      Address: { City: 'London' },
      Attributes: { plan: '3' },
    });
  });

  test.each(['{"gender":"unknown"}', `{"first":"${'x'.repeat(256)}"}`])(
    'refuse what the profile could not show: %s',
    (text) => {
      expect(() => mappedFields(type, object(text))).toThrow(ObjectRefusedError);
    },
  );

  test('of an inferred profile are the first address and the first number', () => {
    const fields = inferredFields(type, object('{"mail":"a@b.c","other":"d@e.f","call":"555"}'));
    expect([...fields]).toEqual([
      ['EmailAddress', 'a@b.c'],
      ['PhoneNumber', '555'],
    ]);
  });

  test.each([
    [1, 10, 2, 20, true],
    [2, 20, 1, 10, false],
    [1, 10, 1, 10, true],
    [1, 9, 1, 10, false],
    [Infinity, 11, Infinity, 10, true],
    [1, 0, Infinity, 10, true],
  ])(
    'of priority %d and time %d over one of %d and %d: %o',
    (priority, time, otherPriority, otherTime, wins) => {
      const incoming = { objectTypeName: 'a', sourcePriority: priority, updatedAt: time };
      const present = { objectTypeName: 'b', sourcePriority: otherPriority, updatedAt: otherTime };
      expect(supersedes(incoming, present)).toBe(wins);
    },
  );
});

describe('parseJavaDate', () => {
  test.each([
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2026-01-02T03:04:05.678+01:00', '2026-01-02T02:04:05.678Z'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", '2026-01-02T03:04:05.678+0100', '2026-01-02T02:04:05.678Z'],
    ["yyyy-MM-dd'T'HH:mm:ss'Z'", '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['MM/dd/yyyy HH:mm', '01/02/2026 03:04', '2026-01-02T03:04:00.000Z'],
    ['dd MMM yyyy hh:mm a', '02 Jan 2026 03:04 PM', '2026-01-02T15:04:00.000Z'],
    ['yyyyMMddHHmmss', '20260102030405', '2026-01-02T03:04:05.000Z'],
  ])('%s reads %s', (pattern, text, time) => {
    const read = parseJavaDate(pattern, text);
    expect(read === undefined ? read : new Date(read).toISOString()).toBe(time);
  });

  test.each([
    ['yyyy-MM-dd', '2026-02-30'],
    ['yyyy-MM-dd', 'yesterday'],
    ['YYYY-MM-dd', '2026-01-02'],
    ["yyyy'", '2026'],
  ])('%s does not read %s', (pattern, text) => {
    expect(parseJavaDate(pattern, text)).toBeUndefined();
  });

  test('an object without the field, or whose type has none, says nothing', () => {
    const type = mapping({
      SourceLastUpdatedTimestampFormat: 'yyyy',
      Fields: { sourceLastUpdatedTimestamp: { Source: '_source.at' } },
    });
    expect(sourceTimestamp(mapping({}), object('{"at":"2026"}'))).toBeNull();
    expect(sourceTimestamp(type, object('{}'))).toBeNull();
    expect(sourceTimestamp(type, object('{"at":"2026"}'))).toBe(Date.UTC(2026, 0, 1));
    expect(() => sourceTimestamp(type, object('{"at":"now"}'))).toThrow(ObjectRefusedError);
  });
});
