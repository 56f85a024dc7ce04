import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRow } from '../../src/transfer/decode.ts';
import { RecordSplitter, type SplitterOptions } from '../../src/transfer/records.ts';

const start = { position: 0, line: 1 };
const isRecord = (bytes: Buffer) => csvRow(bytes) !== undefined;

/** The records of a text that comes in chunks of these sizes, and then as one. */
function split(
  text: string,
  options: Partial<SplitterOptions> = {},
  sizes: readonly number[] = [],
) {
  const bytes = Buffer.from(text);
  const splitter = new RecordSplitter({ ...start, ...options });
  const records = [];
  let from = 0;
  for (const size of sizes) {
    records.push(...splitter.push(bytes.subarray(from, from + size)));
    from += size;
  }
  records.push(...splitter.push(bytes.subarray(from)), ...splitter.end());
  return records.map(({ bytes, ...place }) => ({ text: bytes?.toString(), ...place }));
}

const textsOf = (text: string, options?: Partial<SplitterOptions>) =>
  split(text, options).map((record) => record.text);

describe('lines', () => {
  test('end with LF, CRLF or the file, and blank ones count', () => {
    expect(split('a\r\n\nbc\nd')).toEqual([
      { text: 'a', line: 1, end: 3, nextLine: 2 },
      { text: 'bc', line: 3, end: 7, nextLine: 4 },
      { text: 'd', line: 4, end: 8, nextLine: 4 },
    ]);
  });

  test('one that is too long is passed over, and only that', () => {
    const long = 'x'.repeat(100);
    expect(split(`a\n${long}\nb\n`, { bytesMax: 50 }, [10, 10, 10, 60])).toMatchObject([
      { text: 'a', line: 1 },
      { text: undefined, line: 2, end: 103 },
      { text: 'b', line: 3 },
    ]);
  });
});

describe('CSV', () => {
  test('quoted cells go over lines, and the next record has the number of its own', () => {
    expect(split('a,"b\nc"\r\n"d\n\n",e\nf\n', { isRecord })).toMatchObject([
      { text: 'a,"b\nc"', line: 1 },
      { text: '"d\n\n",e', line: 3 },
      { text: 'f', line: 6, nextLine: 7 },
    ]);
    expect(textsOf('"a\nb"', { isRecord })).toEqual(['"a\nb"']);
  });

  test.each([
    [
      'closed by the quotes of a later row',
      'a,"b\nx,"y",z\nlast,1\n',
      ['a,"b', 'x,"y",z', 'last,1'],
    ],
    ['never closed', 'a,"b\nx,y\nlast,1\n', ['a,"b', 'x,y', 'last,1']],
    ['within a cell', 'a,b"c\nx,"y"\nlast,1\n', ['a,b"c', 'x,"y"', 'last,1']],
  ])('a quote out of place that is %s costs its own line and no other', (_, text, records) => {
    expect(textsOf(text, { isRecord })).toEqual(records);
  });

  test('a quote that is never closed holds no more in memory than a record may have', () => {
    const rows = Array.from({ length: 100 }, (_, index) => `row ${index}`);
    const options = { isRecord, bytesMax: 50 };
    expect(textsOf(`a,"b\n${rows.join('\n')}\n`, options)).toEqual(['a,"b', ...rows]);
  });
});

test('records and places are the same whatever the chunks, and each place goes on with the rest', () => {
  const pieces = fc.constantFrom('a', ',', '"', '""', '\n', '\r\n', 'é', '\r', '"x\ny"');
  const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
  fc.assert(
    fc.property(texts, sizes, fc.boolean(), (text, chunks, isCsv) => {
      const options = isCsv ? { isRecord } : {};
      const whole = split(text, options);
      expect(split(text, options, chunks)).toEqual(whole);
      for (const [index, { end, nextLine }] of whole.entries()) {
        const rest = Buffer.from(text).subarray(end).toString();
        const place = { position: end, line: nextLine };
        expect(split(rest, { ...options, ...place })).toEqual(whole.slice(index + 1));
      }
    }),
    { numRuns: 500 },
  );
});
