import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../bench/load/connection.ts';
import { renderPart } from '../../bench/results.ts';
import { alternate, median, ratioOf } from '../../bench/rounds.ts';

describe("the load generator's answers", () => {
  const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}';
  const inChunks =
    'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n';

  test('with a length', () => {
    expect(readAnswer(Buffer.from(withLength))).toEqual({ status: 200, body: '{"a":1}' });
  });

  test('in chunks', () => {
    expect(readAnswer(Buffer.from(inChunks))).toEqual({ status: 404, body: '{"a":1}' });
  });

  test.each([withLength, inChunks])('are not read before they are complete', (text) => {
    for (let end = 0; end < text.length; end++)
      expect(readAnswer(Buffer.from(text.slice(0, end)))).toBeUndefined();
  });

  test('without a length are refused', () => {
    expect(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('without a length');
  });
});

describe('rounds', () => {
  test('go through the sides in turn, every second time in the opposite order', async () => {
    const order: string[] = [];
    const side = (name: string) => ({
      name,
      round: async (seconds: number) => {
        order.push(`${name}${seconds}`);
        return order.length;
      },
    });
    const schedule = { rounds: 3, seconds: 2, warmUpSeconds: 1 };
    const [a, b] = await alternate([side('a'), side('b')], schedule);
    expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'b2', 'a2', 'a2', 'b2']);
    expect([a.results, b.results]).toEqual([
      [3, 6, 7],
      [4, 5, 8],
    ]);
    expect(ratioOf(a, b, (value) => value)).toEqual({ value: 7 / 8, range: [3 / 4, 6 / 5] });
  });

  test('have a middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
  });
});

test('a target that is missed is said to be', () => {
  const environment = {
    date: '2026-01-02',
    revision: 'abc',
    machine: 'a machine',
    fileSystem: 'ext4',
    loadBefore: 0,
    versions: {},
  };
  const text = renderPart({
    name: 'keys',
    title: 'Keys',
    isQuick: false,
    environment,
    notes: [],
    tables: [],
    missing: ['dynalite: not installed'],
    versions: {},
    measured: [
      { name: 'fast', value: 3.2, range: [2.5, 4], unit: '×', target: { atLeast: 3 } },
      { name: 'slow', value: 301, unit: 'ms', target: { atMost: 300 } },
    ],
  });
  expect(text).toContain('| fast | 3.2 × (2.5–4) | ≥ 3 × | met |');
  expect(text).toContain('| slow | 301 ms | ≤ 300 ms | **missed** |');
  expect(text).toContain('- **Not measured:** dynalite: not installed');
});
