import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldKeys } from '../../src/identity/field-keys.ts';
import { applyFields, type ProfileDocument } from '../../src/identity/profile-document.ts';
import type { KeyRow } from '../../src/repository/merging.ts';
import { cellsOf, columnOf, inOrder, profileOfCells } from '../../src/transfer/columns.ts';
import { rowsOf, toRow } from '../../src/transfer/csv.ts';
import { TransferRefusedError } from '../../src/transfer/errors.ts';
import { type ExportedProfile, exportedProfile } from '../../src/transfer/exported-profile.ts';
import { RowRefusedError, readProfile } from '../../src/transfer/imported-profile.ts';
import { parseMapping, readHeader } from '../../src/transfer/mapping.ts';
import { parseLine, toLine } from '../../src/transfer/ndjson.ts';

const profileId = 'a'.repeat(32);

/** What is hard on formats: quotes, ends of lines, spaces at the ends, brackets, other scripts, odd names. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        ',',
        '\n',
        '\r',
        '\r\n',
        ' ',
        '\t',
        '[',
        '["',
        '\u2028',
        '\uFEFF',
        '=1',
      ),
      fc.constantFrom('é', '日本', '😀', "'", '\\', ';', '{}', 'null'),
      fc.string({ maxLength: 5, unit: 'grapheme' }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
  .filter((value) => value.length > 0 && value.length < 200);
const names = fc.oneof(
  text,
  fc.constantFrom('__proto__', 'constructor', 'a.b', '10', '9', 'toString'),
);
const record = (key: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(key, text), { minLength: 1, maxLength: 4 }).map((entries) => {
    const result: Record<string, string> = Object.create(null);
    for (const [name, value] of entries) result[name] = value;
    return result;
  });

const documents: fc.Arbitrary<ProfileDocument> = fc
  .record(
    {
      FirstName: text,
      LastName: text,
      EmailAddress: text,
      PhoneNumber: text,
      Address: record(fc.constantFrom('City', 'Address1', 'PostalCode')),
      Attributes: record(names),
      EngagementPreferences: fc.constantFrom({}, { Phone: [{ KeyName: 'a', KeyValue: '"' }] }),
    },
    { requiredKeys: [] },
  )
  .map((fields) => applyFields({}, fields));

const keyRow = (keyName: string, keyValue: string, more: Partial<KeyRow> = {}): KeyRow => ({
  profileId,
  keyName,
  keyValue,
  origin: 'API',
  originRef: '',
  givenValue: null,
  ...more,
});

const profiles: fc.Arbitrary<ExportedProfile> = fc
  .tuple(documents, fc.array(fc.tuple(fc.constantFrom('card', '_phone', 'x-1'), text)), fc.nat(3))
  .map(([document, keys, removed]) => {
    const fields = fieldKeys(profileId, document)
      .slice(removed)
      .map(({ keyName, keyValue }) => keyRow(keyName, keyValue, { origin: 'FIELD' }));
    const own = keys.map(([keyName, value]) => keyRow(keyName, value));
    const times = { createdAt: 0, updatedAt: 1, expiresAt: 86_400_000 };
    const profile = { domainId: 'd', profileId, document: JSON.stringify(document), version: 1 };
    return exportedProfile({ profile: { ...profile, ...times }, keys: [...own, ...fields] });
  });

/** The profile as a file of CSV gives it back. */
function throughCsv(profile: ExportedProfile): unknown {
  const cells = cellsOf(profile);
  const columns = inOrder([...cells.keys()].flatMap((name) => columnOf(name) ?? []));
  expect(columns).toHaveLength(cells.size);
  const file = toRow([...cells.keys()]) + toRow([...cells.values()]);
  const [header = [], row = [], ...more] = rowsOf(file) ?? [];
  expect(more).toEqual([]);
  return profileOfCells(readHeader(header), row);
}

test('what is exported is imported as it was, by both formats', () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const { profiles: fromLine, isAnswer } = parseLine(toLine(profile));
      expect(isAnswer).toBe(false);
      expect(toLine(fromLine[0] as ExportedProfile)).toBe(toLine(profile));
      const read = readProfile(fromLine[0]);
      expect(read).toMatchObject({ profileId, createdAt: 0, updatedAt: 1, expiresAt: 86_400_000 });
      expect(read.keys).toEqual(profile.Keys ?? []);
      expect(read.removedKeys).toEqual(profile.RemovedKeys ?? []);
      expect(JSON.stringify(readProfile(throughCsv(profile)))).toBe(JSON.stringify(read));
    }),
    { numRuns: 300 },
  );
});

describe('exported profiles', () => {
  const profile = (document: ProfileDocument, keys: readonly KeyRow[]) =>
    exportedProfile({
      profile: {
        domainId: 'd',
        profileId,
        document: JSON.stringify(document),
        version: 7,
        createdAt: 0,
        updatedAt: 0,
        expiresAt: 0,
      },
      keys,
    });

  test('members come in one order, whatever the order in which they were stored', () => {
    const one = profile(
      { Address: { City: 'c', Address1: 'a' }, Attributes: { b: '1', a: '2' } },
      [],
    );
    const two = profile(
      { Attributes: { a: '2', b: '1' }, Address: { Address1: 'a', City: 'c' } },
      [],
    );
    expect(toLine(two)).toBe(toLine(one));
    expect(toLine(one)).toContain(
      '"Address":{"Address1":"a","City":"c"},"Attributes":{"a":"2","b":"1"}',
    );
  });

  test('keys are those of AddProfileKey and of objects, as they were given, each value once', () => {
    const { Keys } = profile({ EmailAddress: 'A@x.y' }, [
      keyRow('_profileId', profileId, { origin: 'FIELD' }),
      keyRow('_email', 'a@x.y', { origin: 'FIELD' }),
      keyRow('card', 'z'),
      keyRow('card', 'abc', { origin: 'OBJECT', originRef: 'crm#1', givenValue: 'ABC' }),
      keyRow('card', 'abc', { givenValue: 'Abc' }),
      keyRow('order', 'o', { origin: 'OBJECT', originRef: 'crm#1' }),
      keyRow('name#2', '["a","b"]', { origin: 'OBJECT', originRef: 'crm#1' }),
    ]);
    expect(Keys).toEqual([
      { KeyName: 'card', Values: ['Abc', 'z'] },
      { KeyName: 'order', Values: ['o'] },
    ]);
  });

  test('keys that fields would give and the profile lacks are told, and others are not', () => {
    const document = { EmailAddress: 'A@x.y', PhoneNumber: '555 123 4567' };
    const present = keyRow('_phone', '15551234567', { origin: 'FIELD' });
    expect(profile(document, [present]).RemovedKeys).toEqual([
      { KeyName: '_email', Values: ['A@x.y'] },
    ]);
  });

  test('more values than AddProfileKey takes are in several lists, and one cell of CSV', () => {
    const keys = Array.from({ length: 600 }, (_, index) => keyRow('card', `v${index}`));
    const exported = profile({}, keys);
    expect(exported.Keys?.map(({ Values }) => Values.length)).toEqual([255, 255, 90]);
    expect(readProfile(throughCsv(exported)).keys).toEqual(exported.Keys);
  });
});

describe('rows that are refused', () => {
  const reason = (value: unknown) => {
    try {
      readProfile(value);
    } catch (error) {
      expect(error).toBeInstanceOf(RowRefusedError);
      return (error as Error).message;
    }
    return undefined;
  };

  test('every violation is named, in the words of the API, and no sensitive value', () => {
    const row = {
      FirstName: 'x'.repeat(256),
      Gender: 'ROBOT',
      Keys: [{ KeyName: '?', Values: [] }],
    };
    expect(reason(row)).toBe(
      [
        "4 validation errors detected: Value at 'firstName' failed to satisfy constraint: Member must have length less than or equal to 255",
        "Value at 'gender' failed to satisfy constraint: Member must satisfy enum value set: [MALE, FEMALE, UNSPECIFIED]",
        "Value '?' at 'keys.1.member.keyName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$",
        "Value '[]' at 'keys.1.member.values' failed to satisfy constraint: Member must have length greater than or equal to 1",
      ].join('; '),
    );
  });

  test.each([
    [{ FirstNam: 'Ada', Address: { Town: 'x' } }, 'Unknown members: FirstNam, Address.Town'],
    [{ Keys: [{ KeyName: 'a', Values: ['b'], More: 1 }] }, 'Unknown members: Keys.1.More'],
    [{ FirstName: 7 }, "Member 'firstName' must be a string."],
    [{ ProfileId: 'x' }, 'pattern: ^[a-f0-9]{32}$'],
    [{ CreatedAt: '2026-02-30T00:00:00Z' }, "CreatedAt is no time: '2026-02-30T00:00:00Z'"],
    [{ ExpiresAt: 'tomorrow' }, "Value 'tomorrow' at 'expiresAt'"],
    [7, 'must be an object'],
    [null, 'must be an object'],
  ])('%j', (row, expected) => {
    expect(reason(row)).toContain(expected);
  });

  test.each([
    ['{', 'The line is not valid JSON.'],
    ['[]', 'The line must be a JSON object.'],
    ['{"Items":7}', 'Items must be a list.'],
    [`${'['.repeat(200)}${']'.repeat(200)}`, 'The line nests deeper than 100 levels.'],
    [JSON.stringify({ Items: Array(1_001).fill({}) }), 'The line has more than 1000 profiles.'],
  ])('the line %.20s', (line, expected) => {
    expect(() => parseLine(line)).toThrow(new RowRefusedError(expected));
  });

  const columns = readHeader(['FirstName', 'Keys.card', 'EngagementPreferences']);
  test.each([
    [['Ada'], 'The row has 1 cells, and the header has 3.'],
    [['Ada', '[1', ''], 'Column Keys.card is not valid JSON.'],
    [['Ada', '', '{'], 'Column EngagementPreferences is not valid JSON.'],
  ])('the cells %j', (cells, expected) => {
    expect(() => profileOfCells(columns, cells)).toThrow(new RowRefusedError(expected));
  });

  test('a list in a cell that holds no texts', () => {
    expect(reason(profileOfCells(columns, ['', '[1]', '']))).toContain('must be a string');
  });
});

describe('recorded answers', () => {
  test('hold profiles, whatever else they have', () => {
    const items = [{ ProfileId: profileId }, {}];
    const answer = { Items: items, NextToken: 'x', $metadata: {} };
    expect(parseLine(JSON.stringify(answer))).toEqual({ profiles: items, isAnswer: true });
    const batch = { Errors: [{ Code: '404' }], Profiles: items };
    expect(parseLine(JSON.stringify(batch))).toEqual({ profiles: items, isAnswer: true });
    expect(parseLine('{"Items":null}')).toEqual({ profiles: [], isAnswer: true });
  });

  test('of what found a profile, only what is clear is a key', () => {
    const FoundByItems = [
      { KeyName: 'card', Values: ['1'] },
      { KeyName: 'order', Values: ['1', '2'] },
    ];
    const { foundBy, unclearKeys } = readProfile({ FoundByItems });
    expect(foundBy).toEqual([{ KeyName: 'card', Values: ['1'] }]);
    expect(unclearKeys).toBe(1);
  });
});

describe('mappings and headers', () => {
  test('columns are renamed, passed over, or have the names of fields', () => {
    const mapping = parseMapping(
      '{"columns":{"E-Mail":"EmailAddress","Card":"Keys.card","junk":null}}',
    );
    expect(readHeader(['E-Mail', 'junk', 'Card', 'Attributes.a.b'], mapping)).toEqual([
      { member: 'EmailAddress', part: undefined },
      undefined,
      { member: 'Keys', part: 'card' },
      { member: 'Attributes', part: 'a.b' },
    ]);
  });

  test.each([
    ['{', 'is not JSON'],
    ['{}', 'columns must be an object'],
    ['{"columns":{},"fields":{}}', "has no use for 'fields'"],
    ['{"columns":{"a":"Mail"}}', 'columns.a is not the name of a field'],
    ['{"columns":{"a":1}}', 'columns.a must be the name of a field, or null'],
  ])('the mapping %s is refused', (mapping, problem) => {
    expect(() => parseMapping(mapping)).toThrow(TransferRefusedError);
    expect(() => parseMapping(mapping)).toThrow(problem);
  });

  test.each([
    [
      ['Mail', 'FirstName', 'Address.Town', 'Keys.a b'],
      "nobody knows the columns 'Mail', 'Address.Town', 'Keys.a b'",
    ],
    [['FirstName', 'FirstName'], "several columns give 'FirstName'"],
    [['E-Mail', 'EmailAddress'], "several columns give 'EmailAddress'"],
    [['FirstName'], "the mapping names columns that aren't there: 'E-Mail'"],
  ])('the header %j is refused', (header, problem) => {
    const isMapped = header.includes('E-Mail') || problem.includes('mapping');
    const mapping = new Map(isMapped ? [['E-Mail', 'EmailAddress']] : []);
    const read = () => readHeader(header, problem.startsWith('nobody') ? undefined : mapping);
    expect(read).toThrow(TransferRefusedError);
    expect(read).toThrow(problem);
  });

  test('a header of nothing but columns that are passed over is refused', () => {
    expect(() => readHeader(['a'], new Map([['a', null]]))).toThrow('no column gives anything');
  });
});
