import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { tortureFiles } from './files.ts';

test('damaged files are refused, or served whole, or fail openly', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const makeDatabase = async () => database;
  // One of each kind of damage.
  const run = { engine: 'sqlite', makeDatabase, cycles: 11, seed: 1 } as const;
  const { refused = 0, kept = 0, failedOpenly = 0 } = await tortureFiles(run);
  expect(refused + kept + failedOpenly).toBe(11);
  expect(refused).toBeGreaterThanOrEqual(6);
});
