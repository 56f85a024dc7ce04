import { expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { tortureOwnership } from './ownership.ts';

test.each([1, 2])('every history of a key has an order with %i processes', async (processes) => {
  // One cycle: a history of each of eight keys, of 16 clients with 60 calls each.
  const figures = await tortureOwnership(shortRun(1), processes);
  expect(figures).toMatchObject({ histories: 8, calls: 960 });
  expect(figures.unanswered).toBeLessThan(960);
});
