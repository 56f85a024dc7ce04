import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  differingFields,
  fieldOfPath,
  mergeFields,
  restoreFields,
} from '../../src/identity/merge.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

const profile = (profileId: string, document: ProfileDocument) => ({ profileId, document });

describe('merging fields', () => {
  test('unites them: the main profile wins, then the first of the others', () => {
    const main = profile('main', { FirstName: 'Ada', Attributes: { plan: 'gold' } });
    const first = profile('first', { FirstName: 'Eve', LastName: 'Byron' });
    const second = profile('second', {
      LastName: 'King',
      PhoneNumber: '1',
      Attributes: { plan: 'iron', size: 'L' },
    });
    const { document, takenFrom } = mergeFields([main, first, second]);
    expect(document).toEqual({
      FirstName: 'Ada',
      LastName: 'Byron',
      PhoneNumber: '1',
      Attributes: { plan: 'gold', size: 'L' },
    });
    expect([...takenFrom]).toEqual([
      ['FirstName', 'main'],
      ['Attributes.plan', 'main'],
      ['LastName', 'first'],
      ['PhoneNumber', 'second'],
      ['Attributes.size', 'second'],
    ]);
  });

  test('takes an address as a whole', () => {
    const main = profile('main', { Address: { City: 'London' } });
    const other = profile('other', {
      Address: { Country: 'UK' },
      BillingAddress: { City: 'Bath' },
    });
    expect(mergeFields([main, other]).document).toEqual({
      Address: { City: 'London' },
      BillingAddress: { City: 'Bath' },
    });
  });

  test('takes a field from the profile that is named for it, even if that has none', () => {
    const main = profile('main', { FirstName: 'Ada', LastName: 'Byron', Attributes: { a: '1' } });
    const other = profile('other', { FirstName: 'Eve' });
    const sources = new Map([
      ['FirstName', 'other'],
      ['LastName', 'other'],
      ['Attributes.a', 'other'],
    ]);
    expect(mergeFields([main, other], sources).document).toEqual({ FirstName: 'Eve' });
  });

  test('knows an attribute of any name', () => {
    const attributes = JSON.parse('{"__proto__":"x","toString":"y","a.b":"z"}');
    const { document } = mergeFields([
      profile('main', {}),
      profile('other', { Attributes: attributes }),
    ]);
    expect(JSON.stringify(document)).toBe(
      '{"Attributes":{"__proto__":"x","toString":"y","a.b":"z"}}',
    );
  });
});

test('a path belongs to its address, or is an attribute of its own', () => {
  expect(fieldOfPath('FirstName')).toBe('FirstName');
  expect(fieldOfPath('Address.City')).toBe('Address');
  expect(fieldOfPath('Attributes.a.b')).toBe('Attributes.a.b');
});

describe('restoring fields', () => {
  test('brings back what the merge has changed, and leaves what was written since', () => {
    const before: ProfileDocument = { FirstName: 'Ada', Attributes: { plan: 'gold' } };
    const merged: ProfileDocument = {
      FirstName: 'Eve',
      LastName: 'Byron',
      PhoneNumber: '1',
      Attributes: { plan: 'gold', size: 'L' },
    };
    const current: ProfileDocument = { ...merged, PhoneNumber: '2', EmailAddress: 'a@x.y' };
    const { document, restored } = restoreFields(before, merged, current);
    expect(document).toEqual({
      FirstName: 'Ada',
      PhoneNumber: '2',
      EmailAddress: 'a@x.y',
      Attributes: { plan: 'gold' },
    });
    expect(restored).toEqual(['FirstName', 'LastName', 'Attributes.size']);
  });

  const texts = fc.constantFrom('a', 'b', 'c');
  const documents = fc
    .record(
      {
        FirstName: texts,
        LastName: texts,
        Address: fc.record({ City: texts }),
        Attributes: fc.dictionary(fc.constantFrom('x', 'y'), texts, { minKeys: 1 }),
      },
      { requiredKeys: [] },
    )
    .map((document) => document as ProfileDocument);

  test('gives exactly what there was when nothing was written since', () => {
    fc.assert(
      fc.property(documents, documents, (before, other) => {
        const candidates = [profile('main', before), profile('other', other)];
        const merged = mergeFields(candidates, new Map([['FirstName', 'other']])).document;
        const { document } = restoreFields(before, merged, merged);
        expect(differingFields(document, before)).toEqual([]);
      }),
    );
  });
});
