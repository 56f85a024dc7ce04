/** How a field's values compare, in the API's terms. */
export type ContentType = 'EMAIL_ADDRESS' | 'NAME' | 'NUMBER' | 'PHONE_NUMBER' | 'STRING';

/** Below this a text of digits is an extension or a code, not a phone number. */
const PHONE_DIGITS_MIN = 7;
const NORTH_AMERICAN_DIGITS = 10;

/**
 * Amazon's guide: formatting doesn't count, and a national number equals its international form, so
 * `(555) 123-4567` is `+1 555 123 4567`. Only a number without an international prefix can be
 * national: `+45 12 34 56 78` has ten digits too, and is Danish.
 */
function phoneNumber(value: string): string {
  const digits = value.replace(/[^0-9]/g, '');
  if (digits.length < PHONE_DIGITS_MIN) return value.toLowerCase();
  if (/^[^0-9]*\+/.test(value)) return digits;
  if (digits.startsWith('00')) return digits.slice(2);
  return digits.length === NORTH_AMERICAN_DIGITS ? `1${digits}` : digits;
}

/**
 * `1234`, `1234.0` and `1.234e3` are one number, by their digits: a floating-point number would take
 * long account numbers for one another. What is no number compares as it is.
 */
function canonicalNumber(value: string): string {
  const [, sign = '', decimal, exponent = '0'] =
    /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,4}))?$/.exec(value.trim()) ?? [];
  if (decimal === undefined) return value;
  const [whole = '', fraction = ''] = decimal.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${sign === '-' ? '-' : ''}${digits.slice(0, end)}e${power}`;
}

/** Upper case first: `ß` and `SS`, `ſ` and `s` are then one, as Unicode's case folding has it. */
function foldCase(value: string): string {
  return value.normalize('NFC').toUpperCase().toLowerCase();
}

/**
 * The form of a value in the key index: two values are the same to a search when their normal forms
 * are equal. Values themselves are stored and shown as they were written.
 */
export function normalForm(contentType: ContentType, value: string): string {
  switch (contentType) {
    case 'EMAIL_ADDRESS':
      return value.normalize('NFC').trim().toLowerCase();
    case 'NAME':
      return foldCase(value.trim().replace(/\s+/gu, ' '));
    case 'PHONE_NUMBER':
      return phoneNumber(value);
    case 'NUMBER':
      return canonicalNumber(value);
    case 'STRING':
      return value;
  }
}

const standardKeys: ReadonlyMap<string, ContentType> = new Map([
  ['_email', 'EMAIL_ADDRESS'],
  ['_fullName', 'NAME'],
  ['_phone', 'PHONE_NUMBER'],
  ['_account', 'STRING'],
  ['_profileId', 'STRING'],
]);

/** Whether a key compares by content wherever it is used, and no object type changes that. */
export function isStandardKey(keyName: string): boolean {
  return standardKeys.has(keyName);
}

/**
 * The normal form of a value under a key name: standard keys by their content, others by that of the
 * field which an object type has behind them, or else exactly.
 */
export function normalKeyValue(
  keyName: string,
  value: string,
  contentType: ContentType = 'STRING',
): string {
  return normalForm(standardKeys.get(keyName) ?? contentType, value);
}
