import fc from 'fast-check';

/** Stands in every sensitive value: an error message that holds it has told what it must not. */
export const SECRET = 'sEcReT_8675309';
/** The same where a number is sent in place of a sensitive value. */
export const SECRET_NUMBER = 8675309;

/** Names that mean something to JavaScript, and that shapes with a pattern for names allow. */
const hostileNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'length',
  'then',
  'toJSON',
  'null',
  'undefined',
  'NaN',
  'domains',
  'profiles',
  'keys',
  'search',
  '0',
  '-1',
  '--',
  '_',
];

/** Texts that have broken something somewhere. All of them are well-formed and without NUL. */
const hostileTexts = [
  ...hostileNames,
  // For SQL, shells, templates and format strings.
  "'; DROP TABLE profiles; --",
  "' OR ''='",
  "' UNION SELECT NULL, version() --",
  '$1',
  ':name',
  '?',
  '%s%n%x',
  '{{7*7}}',
  '$(reboot)',
  '`id`',
  '| cat /etc/passwd',
  '<script>alert(1)</script>',
  // For headers, logs and terminals.
  '\r\nX-Injected: 1\r\n\r\nbody',
  '\n{"level":30,"msg":"forged"}',
  '\u001b[2J',
  '\u0001\u0008\u007f\u0085',
  // For paths and the decoding of them.
  '../../etc/passwd',
  '..',
  '%00',
  '%2e%2e%2f',
  '%2F',
  '%',
  '%zz',
  '+',
  'a/b?c=d&e#f',
  // For JSON.
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '</',
  '\u2028\u2029',
  '1e999',
  // Spaces and what can't be seen.
  ' ',
  '  padded  ',
  '\t',
  '\u00a0',
  '\u200b',
  '\ufeff',
  '\u202eabc\u202c',
  '\u200f',
  // Normal forms, case and what grows in them.
  'é',
  'e\u0301',
  '\u212b',
  '\ufb01',
  '\ufb2c',
  '\u{1d160}',
  'ß',
  'ẞ',
  'ſ',
  'İ',
  'ı',
  'ΐ',
  'ΣΑΣ',
  '\u1fb7',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f',
  '\u0301',
  // The edges of Unicode.
  '\ufffd',
  '\ufffe',
  '\uffff',
  '\u{10ffff}',
  '😀',
  '👨\u200d👩\u200d👧',
  '🏳\ufe0f\u200d🌈',
  // What keys compare in ways of their own.
  '+1 (555) 123-4567',
  '(555) 123-4567',
  '00',
  'ADA@Example.COM',
];

/** Text that no store and client can hold alike: the API refuses it. */
export const illegalText = fc.constantFrom('\0', 'a\0b', '\ud800', '\udfff', 'a\udc00\ud800b');

export const hostileName = fc.constantFrom(...hostileNames);

/** Any text that the API takes, of some code points; longer than it looks in UTF-16 and in UTF-8. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...hostileTexts) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...hostileTexts), { minLength: 2, maxLength: 4 })
      .map((texts) => texts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  },
  // What compresses badly, for everything that has a limit in bytes behind one in characters.
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0x1d15e, max: 0x10ffff }), { minLength: 200, maxLength: 1000 })
      .map((points) => String.fromCodePoint(...points)),
  },
);

/** Values of every JSON type; as members that no shape knows they must be ignored. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, '', [], {}, [null], [[]]),
  hostileText,
  fc.jsonValue({ maxDepth: 2 }),
  fc.tuple(hostileName, hostileText).map((entry) => Object.fromEntries([entry])),
  fc.nat({ max: 90 }).map((depth) => {
    let nested: unknown = 1;
    for (let level = 0; level < depth; level++) nested = level % 2 ? [nested] : { a: nested };
    return nested;
  }),
);
