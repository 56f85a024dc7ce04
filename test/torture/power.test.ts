import { describe, expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { whyNoPreload } from './disk/preload.ts';
import { torturePower } from './power.ts';

const missing = whyNoPreload();
const options = {
  durability: 'full',
  cuts: 16,
  writesPerWriter: 8,
  // The log is moved again and again.
  checkpointPages: [100],
} as const;
/** A seed also says how the first of two processes ends. */
const endings = [
  ['a kill', 1],
  ['a failed sync', 2],
] as const;

describe.skipIf(missing !== undefined)(`a power cut (${missing ?? 'of a traced server'})`, () => {
  test.each(endings)('loses no answered write, also after %s', async (_, seed) => {
    const figures = await torturePower({ ...shortRun(1), seed }, options);
    expect(figures).toMatchObject({ losing: 0, lostMax: 0, damaged: 0 });
    expect(figures.images).toBeGreaterThan(1);
    expect(figures.answers).toBeGreaterThan(0);
  });

  test('loses answered writes with durability normal, and damages nothing', async () => {
    const figures = await torturePower(shortRun(1), { ...options, durability: 'normal' });
    expect(figures.damaged).toBe(0);
    expect(figures.losing).toBeGreaterThan(0);
  });

  test('is seen to lose answered writes on a disk that forgets what it has synced', async () => {
    const figures = await torturePower(shortRun(1), { ...options, ignoresSyncs: true });
    expect(figures.losing).toBeGreaterThan(0);
  });
});
