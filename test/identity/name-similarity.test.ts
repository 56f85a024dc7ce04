import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { similarity } from '../../src/identity/name-similarity.ts';

describe('similarity', () => {
  test.each([
    // Winkler's own examples, as the literature has them.
    ['martha', 'marhta', 0.961],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.813],
    ['john', 'jhn', 0.925],
    ['ada', 'bob', 0],
    ['a', 'a', 1],
    ['a', '', 0],
    ['', '', 1],
  ])('%o and %o: %d', (a, b, expected) => {
    expect(similarity(a, b)).toBeCloseTo(expected, 3);
  });

  test('is the same in either order, from 0 to 1, and 1 for the same text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const alike = similarity(a, b);
        expect(similarity(b, a)).toBe(alike);
        expect(alike).toBeGreaterThanOrEqual(0);
        expect(alike).toBeLessThanOrEqual(1);
        expect(similarity(a, a)).toBe(1);
      }),
      { numRuns: 2_000 },
    );
  });

  test('looks at the beginning of a text that is far too long for a name', () => {
    const long = 'x'.repeat(64);
    expect(similarity(`${long}a`, `${long}b`)).toBe(1);
  });
});
