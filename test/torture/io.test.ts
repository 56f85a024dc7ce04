import { describe, expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { limitedDisk, preloadedDisk } from './disk/faults.ts';
import { whyNoPreload } from './disk/preload.ts';
import { tortureIo } from './io.ts';

const missing = whyNoPreload();
const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)(
  `a system that takes no writes${isLinux ? '' : ' (not on Linux)'}`,
  () => {
    test('leaves the reads, and has writes refused until it takes them again', async () => {
      const figures = await tortureIo(shortRun(1), 'writes', limitedDisk);
      expect(figures.refused).toBeGreaterThan(0);
      expect(figures.reads).toBeGreaterThan(0);
    });
  },
);

describe.skipIf(missing !== undefined)(`a failing disk (${missing ?? 'before a server'})`, () => {
  test.each(['ENOSPC', 'EIO'] as const)(
    '%s on write refuses writes until it is over',
    async (code) => {
      const figures = await tortureIo(shortRun(1), 'writes', () => preloadedDisk(code));
      expect(figures.refused).toBeGreaterThan(0);
      expect(figures.reads).toBeGreaterThan(0);
    },
  );

  test.each(['ENOSPC', 'EIO'] as const)(
    '%s on fsync ends the process, and another goes on',
    async (code) => {
      const figures = await tortureIo(shortRun(1), 'syncs', () => preloadedDisk(code));
      expect(figures.answered).toBeGreaterThan(0);
    },
  );
});
