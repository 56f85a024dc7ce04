import { describe, expect, test } from 'vitest';
import { normalForm, normalKeyValue } from '../../src/identity/normal-forms.ts';

describe('PHONE_NUMBER', () => {
  test.each([
    ['+15551234567', '15551234567'],
    ['(555)-123-4567', '15551234567'],
    ['555-123-4567', '15551234567'],
    ['1 555 123 4567', '15551234567'],
    ['001 555 123 4567', '15551234567'],
    ['+45 12 34 56 78', '4512345678'],
    ['0045 12 34 56 78', '4512345678'],
    ['(+45) 12 34 56 78', '4512345678'],
    ['tel:+4512345678', '4512345678'],
    ['4512345678', '14512345678'],
    ['1234567', '1234567'],
    ['Ext. 12', 'ext. 12'],
    ['', ''],
  ])('%o is %o', (value, normal) => {
    expect(normalForm('PHONE_NUMBER', value)).toBe(normal);
  });
});

describe('EMAIL_ADDRESS', () => {
  test.each([
    [' Ada@Example.COM ', 'ada@example.com'],
    ['ada+shop@example.com', 'ada+shop@example.com'],
    ['Zoe\u0308@x.y', 'zoë@x.y'],
  ])('%o is %o', (value, normal) => {
    expect(normalForm('EMAIL_ADDRESS', value)).toBe(normal);
  });
});

describe('NAME', () => {
  test.each([
    ['  Ada   King\tLovelace ', 'ada king lovelace'],
    ['Weiß', 'weiss'],
    ['ZOË', 'zoë'],
    ['Zoe\u0308', 'zoë'],
  ])('%o is %o', (value, normal) => {
    expect(normalForm('NAME', value)).toBe(normal);
  });
});

test('STRING compares exactly', () => {
  expect(normalForm('STRING', ' Card 7 ')).toBe(' Card 7 ');
});

test.each([
  ['_phone', '555-123-4567', '15551234567'],
  ['_email', 'A@B.C', 'a@b.c'],
  ['_fullName', 'Ada  King', 'ada king'],
  ['_account', 'ACCT', 'ACCT'],
  ['_profileId', 'A', 'A'],
  ['loyalty', ' X ', ' X '],
])('the key %s turns %o into %o', (keyName, value, normal) => {
  expect(normalKeyValue(keyName, value)).toBe(normal);
});
