import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIds } from '../../src/service/ids.ts';

test('profile ids are 32 lower-case hex digits, those of a version-7 UUID', () => {
  const ids = createIds();
  expect(ids.profileId(Date.now())).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

test('profile ids ascend whatever the clock does, and are distinct', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 100 }), (times) => {
      const ids = createIds();
      const made = times.map((time) => ids.profileId(time));
      expect(made).toEqual([...made].sort());
      expect(new Set(made).size).toBe(made.length);
    }),
  );
});

test('ten thousand ids of one millisecond ascend', () => {
  const ids = createIds();
  const made = Array.from({ length: 10_000 }, () => ids.profileId(1));
  expect(made).toEqual([...new Set(made)].sort());
});
