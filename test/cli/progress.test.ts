import { expect, test } from 'vitest';
import {
  durationText,
  ProgressDisplay,
  progressBar,
  progressText,
} from '../../src/cli/progress.ts';

/** A display with a clock of its own, and what it has written. */
function open(isTTY: boolean) {
  const written: string[] = [];
  const clock = { now: 1_000 };
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
  const display = new ProgressDisplay('rows', stream, () => clock.now);
  return { display, written, clock };
}

test.each([
  [0.4, '0 s'],
  [59, '59 s'],
  [65, '1 min 05 s'],
  [3_599, '59 min 59 s'],
  [7_620, '2 h 07 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('rate, percent and time left are told', () => {
  expect(progressText('rows', { part: 0.379, count: 370_000 }, 6_200.4, 102)).toBe(
    '37 %, 370,000 rows, 6,200/s, 1 min 42 s left',
  );
  expect(progressText('rows', { part: 0, count: 0 }, 0, undefined)).toBe('0 %, 0 rows, 0/s');
  expect(progressBar(0.5)).toBe('[############------------]');
});

test('a terminal has one line, drawn over and taken away in the end', () => {
  const { display, written, clock } = open(true);
  display.update({ part: 0.1, count: 10 });
  clock.now += 1_000;
  display.update({ part: 0.5, count: 50 });
  clock.now += 50;
  display.update({ part: 0.6, count: 60 });
  display.end();
  display.end();
  expect(written).toEqual([
    '\r[############------------] 50 %, 50 rows, 50/s, 1 s left\x1b[K',
    '\r\x1b[K',
  ]);
});

test('anything else has a line every ten seconds, by the rate of this run', () => {
  const { display, written, clock } = open(false);
  display.begin({ part: 0.5, count: 500 });
  clock.now += 9_999;
  display.update({ part: 0.6, count: 600 });
  clock.now += 1;
  display.update({ part: 0.75, count: 750 });
  display.end();
  expect(written).toEqual(['75 %, 750 rows, 25/s, 10 s left\n']);
});
