import { describe, expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { whyNoPreload } from './disk/preload.ts';
import { torturePower } from './power.ts';

const missing = whyNoPreload();
const options = { durability: 'full', cuts: 30, writesPerWriter: 12 } as const;

describe.skipIf(missing !== undefined)(`a power cut (${missing ?? 'of a traced server'})`, () => {
  test('loses no answered write, also after a kill and after a failed sync', async () => {
    const figures = await torturePower(shortRun(2), options);
    expect(figures).toMatchObject({ losing: 0, lostMax: 0, damaged: 0 });
    expect(figures.images).toBeGreaterThan(options.cuts);
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
