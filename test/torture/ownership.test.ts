import { expect, test } from 'vitest';
import { sharedDatabase } from '../support/database.ts';
import { tortureOwnership } from './ownership.ts';

test.each([1, 2])('every history of a key has an order with %i processes', async (processes) => {
  const database = await sharedDatabase();
  const counts = await tortureOwnership({ database, processes, cycles: 1, seed: 1 });
  // One cycle: a history of each of eight keys, of 16 clients with 60 calls each.
  expect(counts).toEqual({ histories: 8, calls: 960 });
});
