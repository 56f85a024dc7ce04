import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatPosition,
  isAttributeValue,
  parsePosition,
  valuesAfter,
} from '../../src/identity/attribute-values.ts';
import { attributeValue, ObjectAttributes } from '../../src/identity/object-attributes.ts';
import { readObject } from '../../src/identity/object-values.ts';
import { profileAttribute } from '../../src/identity/profile-attributes.ts';

function object(text: string) {
  const read = readObject(text);
  if (read === undefined) throw new Error('this is no object');
  return read;
}

describe('isAttributeValue', () => {
  test('counts code points', () => {
    expect(isAttributeValue('😀'.repeat(3), 3)).toBe(true);
    expect(isAttributeValue('😀'.repeat(4), 3)).toBe(false);
  });

  test.each(['', 'a\0b', 'a\ud800'])('%j is none', (text) => {
    expect(isAttributeValue(text, 10)).toBe(false);
  });
});

describe('attributeValue', () => {
  const Fields = {
    plan: { Source: '_source.contract.plan' },
    name: { Source: '{{_source.first}} {{_source.last}}' },
    id: {},
    'with.dot': { Source: '_source.plan' },
  };
  const ada = object(
    '{"id":1.50,"plan":"own","contract":{"plan":"gold"},"first":"Ada","phones":[{"number":7}],"no":false,"none":null,"empty":"","toString":"x"}',
  );

  test.each([
    ['plan', 'gold'],
    ['_source.plan', 'own'],
    ['name', 'Ada'],
    ['id', '1.50'],
    ['with.dot', 'own'],
    ['contract.plan', 'gold'],
    ['_source.contract.plan', 'gold'],
    ['phones[0].number', '7'],
    ['no', 'false'],
    ['toString', 'x'],
  ])('%s is %o', (name, value) => {
    expect(attributeValue({ Fields }, ada, name)).toBe(value);
  });

  test.each(['absent', 'contract', 'phones', 'phones[1].number', 'none', 'empty', 'constructor'])(
    '%s has none',
    (name) => {
      expect(attributeValue({ Fields }, ada, name)).toBeUndefined();
    },
  );

  test('leaves out what is longer than 1,000 characters', () => {
    const long = object(JSON.stringify({ a: '😀'.repeat(1000), b: '😀'.repeat(1001) }));
    expect(attributeValue({ Fields: {} }, long, 'a')).toHaveLength(2000);
    expect(attributeValue({ Fields: {} }, long, 'b')).toBeUndefined();
  });
});

describe('ObjectAttributes', () => {
  function list(fields: object, objects: readonly string[], definedAt?: number) {
    const attributes = new ObjectAttributes({ Fields: { ...fields } });
    for (const [index, text] of objects.entries()) attributes.add(object(text), 100 - index);
    return attributes.list(definedAt).map(({ name, updatedAt }) => [name, updatedAt]);
  }

  test('gives each by name with the time of the newest object that has it', () => {
    expect(list({}, ['{"b":1}', '{"a":true,"b":2}', '{"a":"x","c":"y"}'])).toEqual([
      ['a', 99],
      ['b', 100],
      ['c', 98],
    ]);
  });

  test('leaves out members without a value, and names that the API has no room for', () => {
    const text = JSON.stringify({
      list: ['x'],
      structure: { a: 1 },
      none: null,
      empty: '',
      'with space': 1,
      'a.b': 1,
      é: 1,
      ['x'.repeat(65)]: 1,
      ['x'.repeat(64)]: 1,
    });
    expect(list({}, [text])).toEqual([['x'.repeat(64), 100]]);
  });

  test('has the fields of the type, whatever the members of their names are', () => {
    const fields = { plan: { Source: 'contract.plan' }, id: {}, 'with.dot': { Source: 'id' } };
    const objects = ['{"plan":"own","id":1}', '{"contract":{"plan":"gold"}}'];
    expect(list(fields, objects)).toEqual([
      ['id', 100],
      ['plan', 99],
    ]);
  });

  test('has fields that no object has since the type was defined, if somebody has defined it', () => {
    expect(list({ id: {}, late: {} }, ['{"id":1}'], 7)).toEqual([
      ['id', 100],
      ['late', 7],
    ]);
    expect(list({ id: {}, late: {} }, ['{"id":1}'])).toEqual([['id', 100]]);
  });

  test('takes names that every object of JavaScript has', () => {
    expect(list({ constructor: {} }, ['{"__proto__":1,"toString":2}'], 7)).toEqual([
      ['__proto__', 100],
      ['constructor', 7],
      ['toString', 100],
    ]);
  });

  test('gives a thousand at most: fields first, then what the newest objects have', () => {
    const members = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1]));
    const texts = ['new', 'old'].map((prefix) => JSON.stringify(members(prefix, 600)));
    const names = list({ field: {} }, texts, 7).map(([name]) => String(name));
    expect(names).toHaveLength(1000);
    expect(names.filter((name) => name.startsWith('new'))).toHaveLength(600);
    expect(names).toContain('field');
  });

  test('gives no name twice and in order, and a value for each in some object', () => {
    const member = fc.oneof(fc.constantFrom('a', 'b', 'id', '__proto__', 'a b'), fc.string());
    const objects = fc.array(fc.dictionary(member, fc.jsonValue({ maxDepth: 1 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(objects, (values) => {
        const texts = values.map((value) => JSON.stringify(value));
        const mapping = { Fields: { id: { Source: '_source.a' } } };
        const names = list(mapping.Fields, texts).map(([name]) => String(name));
        expect(names).toEqual([...new Set(names)].sort());
        for (const name of names)
          expect(texts.some((text) => attributeValue(mapping, object(text), name))).toBe(true);
      }),
    );
  });
});

describe('valuesAfter', () => {
  const value = fc.record({
    value: fc.string({ minLength: 1 }),
    updatedAt: fc.integer({ min: 0, max: 3 }),
  });
  const distinct = fc.uniqueArray(value, { selector: ({ value }) => value });

  test('gives newest first, and each once whatever the pages are', () => {
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 4 }), (values, size) => {
        const all = valuesAfter(values, undefined);
        const times = all.map(({ updatedAt }) => updatedAt);
        expect(times).toEqual(times.toSorted((a, b) => b - a));
        const walked: string[] = [];
        let rest = all;
        while (rest.length > 0) {
          const page = rest.slice(0, size);
          walked.push(...page.map((item) => item.value));
          const last = page.at(-1);
          if (last === undefined) throw new Error('an empty page');
          const text = formatPosition({ ...last, until: 3 });
          // The order of what is given must not matter.
          rest = valuesAfter(values.toReversed(), parsePosition(text));
        }
        expect(walked).toEqual(all.map((item) => item.value));
        expect(walked.toSorted()).toEqual(values.map((item) => item.value).toSorted());
      }),
    );
  });

  test('goes on from a position whose value is gone', () => {
    const values = ['a', 'b', 'c'].map((value) => ({ value, updatedAt: 1 }));
    const [first, second, third] = valuesAfter(values, undefined);
    const others = values.filter((item) => item.value !== second?.value);
    expect(valuesAfter(others, second)).toEqual([third]);
    expect(valuesAfter(others, first)).toEqual([third]);
  });
});

describe('parsePosition', () => {
  test('reads what formatPosition writes', () => {
    const position = { until: 1_767_225_600_000, updatedAt: 0, digest: '0123456789abcdef' };
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  test.each(['', '1-2', '1-2-3', '1-2-0123456789ABCDEF', '-1-2-0123456789abcdef', '1e3-2-0'])(
    '%j is none',
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );

  test('takes no time that a store could not compare', () => {
    expect(parsePosition(`${'9'.repeat(16)}-1-0123456789abcdef`)).toBeUndefined();
  });
});

describe('profileAttribute', () => {
  const profile = {
    FirstName: 'Ada',
    AdditionalInformation: 'x'.repeat(256),
    Address: { City: 'London' },
    Attributes: { plan: 'gold', FirstName: 'custom', 'Address.City': 'other', 'a.b': 'dots' },
    EngagementPreferences: { Phone: [] },
  };

  test.each([
    ['FirstName', 'Ada'],
    ['Address.City', 'London'],
    ['Attributes.plan', 'gold'],
    ['plan', 'gold'],
    ['a.b', 'dots'],
    ['Attributes.a.b', 'dots'],
    ['Attributes.FirstName', 'custom'],
    ['Attributes.Address.City', 'other'],
  ])('%s is %o', (name, value) => {
    expect(profileAttribute(name)(profile)).toBe(value);
  });

  test.each([
    'LastName',
    'AdditionalInformation',
    'Address',
    'Address.Country',
    'BillingAddress.City',
    'Attributes',
    'Attributes.',
    'EngagementPreferences',
    'constructor',
    '__proto__',
    'Attributes.toString',
  ])('%s has none', (name) => {
    expect(profileAttribute(name)(profile)).toBeUndefined();
  });

  test('takes any name of a custom attribute', () => {
    const own = JSON.parse('{"Attributes":{"__proto__":"x"}}');
    expect(profileAttribute('__proto__')(own)).toBe('x');
  });
});
