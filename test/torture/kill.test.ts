import { expect, test } from 'vitest';
import { shortRun } from '../support/torture.ts';
import { tortureKill } from './kill.ts';

test('kill -9 under 16 writers loses no answered write and leaves none half-applied', async () => {
  const figures = await tortureKill(shortRun(3));
  expect(figures.kills).toBe(3);
  expect(figures.answeredWrites).toBeGreaterThan(0);
  // Whoever is being answered when the process ends is not.
  expect(figures.unansweredWrites).toBeGreaterThan(0);
});
