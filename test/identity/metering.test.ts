import { expect, test } from 'vitest';
import { meteringExtra } from '../../src/identity/metering.ts';

test.each([
  [0, 0],
  [1, 0],
  [100, 0],
  [101, 1],
  [200, 1],
  [201, 2],
  [1_000, 9],
])('a profile with %i objects counts %i times more', (objects, extra) => {
  expect(meteringExtra(objects)).toBe(extra);
});
