import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberIn, percentile, statisticsOf } from '../../src/identity/statistics.ts';

describe('numberIn', () => {
  test.each([
    ['0', 0],
    ['-1.50', -1.5],
    ['12e3', 12_000],
    ['1E-2', 0.01],
    ['100000000000000000000', 1e20],
    ['-1e150', -1e150],
  ])('%s is %d', (text, number) => {
    expect(numberIn(text)).toBe(number);
  });

  test.each([
    '',
    'x',
    '007',
    '+1',
    '1.',
    '.5',
    '1,5',
    '0x10',
    ' 1',
    'Infinity',
    'NaN',
    '1e151',
    '1e400',
  ])('%j is none', (text) => {
    expect(numberIn(text)).toBeUndefined();
  });
});

describe('percentile', () => {
  test.each([
    [[7], 5, 7],
    [[1, 2, 3, 4], 50, 2.5],
    [[1, 2, 3], 50, 2],
    [[10, 20], 25, 12.5],
    [[1, 2, 3, 4, 5], 100, 5],
    [[1, 2, 3, 4, 5], 0, 1],
    [[0, 100], 95, 95],
  ])('of %j at %d is %d', (ascending, rank, expected) => {
    expect(percentile(ascending, rank)).toBeCloseTo(expected, 12);
  });

  /**
   * The definition, without any shortcut: the numbers stand at equal distances from 0 to 100, those
   * between are on straight lines. Everything is in hundredths, so that all of it is exact.
   */
  function naive(ascending: readonly number[], rank: number): number {
    const steps = ascending.length - 1;
    for (let index = 0; index < steps; index++) {
      const [start, end] = [100 * index, 100 * (index + 1)];
      const place = rank * steps;
      if (place < start || place > end) continue;
      const [below = 0, above = 0] = ascending.slice(index, index + 2);
      return (below * (end - place) + above * (place - start)) / 100;
    }
    return ascending[0] ?? Number.NaN;
  }

  test('is what the definition says', () => {
    const numbers = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 100 }), (some, rank) => {
        const ascending = some.toSorted((a, b) => a - b);
        expect(percentile(ascending, rank)).toBeCloseTo(naive(ascending, rank), 6);
      }),
    );
  });
});

describe('statisticsOf', () => {
  test('knows nothing of no numbers', () => {
    expect(statisticsOf([])).toBeUndefined();
  });

  test('reckons with all numbers as they are, in any order', () => {
    const statistics = statisticsOf([9, 4, 2, 5, 4, 7, 5, 4]);
    expect(statistics).toMatchObject({ maximum: 9, minimum: 2, average: 5 });
    // The population's: that of a sample would be 2.138….
    expect(statistics?.standardDeviation).toBe(2);
    expect(statistics?.percentile(50)).toBe(4.5);
  });

  test('keeps the average within the numbers, and a deviation of nothing at nothing', () => {
    expect(statisticsOf([0.1, 0.1, 0.1])).toMatchObject({ average: 0.1, standardDeviation: 0 });
  });

  test('stays finite and in order with any numbers that it is given', () => {
    const numbers = fc.array(fc.double({ min: -1e150, max: 1e150, noNaN: true }), {
      minLength: 1,
      maxLength: 100,
    });
    fc.assert(
      fc.property(numbers, (some) => {
        const statistics = statisticsOf(some);
        if (statistics === undefined) throw new Error('there are numbers');
        const { minimum, maximum, average, standardDeviation } = statistics;
        expect([minimum, maximum]).toEqual([Math.min(...some), Math.max(...some)]);
        expect(average >= minimum && average <= maximum).toBe(true);
        expect(Number.isFinite(standardDeviation) && standardDeviation >= 0).toBe(true);
        for (const rank of [5, 25, 50, 75, 95])
          expect(Number.isFinite(statistics.percentile(rank))).toBe(true);
      }),
    );
  });
});
