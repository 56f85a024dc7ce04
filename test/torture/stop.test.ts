import { expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { tortureStop } from './stop.ts';

test('SIGTERM under 32 busy clients loses no answer, and the SDK sees no failure', async () => {
  const figures = await tortureStop(shortRun(2));
  expect(figures.stops).toBe(2);
  expect(figures.answeredWrites).toBeGreaterThanOrEqual(2 * 32 * 6);
});
