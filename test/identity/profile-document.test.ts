import { expect, test } from 'vitest';
import { applyFields, emptied } from '../../src/identity/profile-document.ts';

test('emptied fields are gone, and the others stay', () => {
  const Attributes = JSON.parse('{"plan":"gold","a.b":"c","__proto__":"x","kept":"yes"}');
  const before = { FirstName: 'Ada', LastName: 'L', Address: { City: 'London' }, Attributes };
  const changes = emptied([
    'FirstName',
    'Address.City',
    'Attributes.plan',
    'Attributes.a.b',
    'Attributes.__proto__',
    'BillingAddress.City',
  ]);
  expect(applyFields(before, changes)).toEqual({
    LastName: 'L',
    Attributes: Object.assign(Object.create(null), { kept: 'yes' }),
  });
});

test('no field changes nothing', () => {
  expect(emptied([])).toEqual({});
});
