import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rate, TokenBuckets } from '../../src/limits/token-buckets.ts';
import { FakeClock } from '../support/clock.ts';

const account = '000000000000';

/** Buckets at one rate for the operation `Op`, on a clock that the test moves. */
function bucketsOf(rate: Rate) {
  const clock = new FakeClock();
  const buckets = new TokenBuckets(new Map([['Op', rate]]));
  const take = (accountId = account, operation = 'Op') =>
    buckets.take(accountId, operation, clock.now);
  /** How many requests pass at this moment. */
  const passing = () => {
    let count = 0;
    while (take() === undefined) count++;
    return count;
  };
  return { buckets, clock, take, passing };
}

test('a burst passes at once, then one request for each token that comes back', () => {
  const { clock, take, passing } = bucketsOf({ perSecond: 4, burst: 10 });
  expect(passing()).toBe(10);
  expect(take()).toBe(250);
  clock.advanceMs(249);
  expect(take()).toBe(1);
  clock.advanceMs(1);
  expect(passing()).toBe(1);
  clock.advanceMs(1000);
  expect(passing()).toBe(4);
});

test('a bucket never holds more than a burst, however long nobody asks', () => {
  const { clock, passing } = bucketsOf({ perSecond: 4, burst: 10 });
  expect(passing()).toBe(10);
  clock.advanceDays(365);
  expect(passing()).toBe(10);
});

test('a refused request takes no token', () => {
  const { clock, take, passing } = bucketsOf({ perSecond: 1, burst: 1 });
  expect(passing()).toBe(1);
  for (let turn = 0; turn < 100; turn++) expect(take()).toBe(1000);
  clock.advanceMs(1000);
  expect(take()).toBeUndefined();
});

test('accounts have buckets of their own', () => {
  const { take, passing } = bucketsOf({ perSecond: 1, burst: 3 });
  passing();
  expect(take('111111111111')).toBeUndefined();
  expect(take()).toBe(1000);
});

test('operations have buckets of their own, and those without a rate have none', () => {
  const rate = { perSecond: 1, burst: 1 };
  const buckets = new TokenBuckets(
    new Map([
      ['One', rate],
      ['Two', rate],
    ]),
  );
  expect(buckets.take(account, 'One', 0)).toBeUndefined();
  expect(buckets.take(account, 'Two', 0)).toBeUndefined();
  expect(buckets.take(account, 'One', 0)).toBe(1000);
  for (let turn = 0; turn < 1000; turn++) expect(buckets.take(account, 'Three', 0)).toBeUndefined();
});

describe('a clock that is set back', () => {
  test('makes nobody wait until it has caught up', () => {
    const { clock, take, passing } = bucketsOf({ perSecond: 2, burst: 2 });
    passing();
    clock.advanceDays(-1);
    expect(take()).toBe(500);
    clock.advanceMs(500);
    expect(take()).toBeUndefined();
  });

  test('gives nobody a full bucket', () => {
    const { clock, passing } = bucketsOf({ perSecond: 2, burst: 2 });
    expect(passing()).toBe(2);
    clock.advanceDays(-1);
    expect(passing()).toBe(0);
  });
});

describe('memory', () => {
  test('holds no more buckets than twice those that are in use', () => {
    const { buckets, clock, take } = bucketsOf({ perSecond: 1000, burst: 1000 });
    let largest = 0;
    for (let index = 0; index < 100_000; index++) {
      take(String(index));
      // A bucket is full again after a millisecond.
      if (index % 10 === 0) clock.advanceMs(1);
      largest = Math.max(largest, buckets.size);
    }
    expect(largest).toBeLessThanOrEqual(1001);
  });

  test('does not forget a bucket in use, however many there are', () => {
    const { buckets, take } = bucketsOf({ perSecond: 1, burst: 1 });
    for (let index = 0; index < 10_000; index++) expect(take(String(index))).toBeUndefined();
    for (let index = 0; index < 10_000; index++) expect(take(String(index))).toBe(1000);
    expect(buckets.size).toBe(10_000);
  });
});

const rates = fc.record({
  perSecond: fc.oneof(
    fc.double({ min: 0.01, max: 1000, noNaN: true }),
    fc.integer({ min: 1, max: 1000 }),
  ),
  burst: fc.oneof(fc.double({ min: 1, max: 200, noNaN: true }), fc.integer({ min: 1, max: 200 })),
});
/** How long before each request; several at the same moment are frequent. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 5000 })), {
  minLength: 1,
  maxLength: 400,
});

test('over any interval at most burst + rate × time pass', () => {
  fc.assert(
    fc.property(rates, pauses, (rate, waits) => {
      const { clock, take } = bucketsOf(rate);
      const passed: number[] = [];
      for (const ms of waits) {
        clock.advanceMs(ms);
        if (take() === undefined) passed.push(clock.now);
      }
      for (const [first, start] of passed.entries())
        for (const [last, end] of passed.entries()) {
          if (last < first) continue;
          const most = rate.burst + (rate.perSecond * (end - start)) / 1000;
          // What the tolerance for floating-point sums may add.
          expect(last - first + 1).toBeLessThanOrEqual(most + 0.01);
        }
    }),
  );
});

test('a refused request that waits as long as it is told passes, and not a millisecond earlier', () => {
  fc.assert(
    fc.property(rates, pauses, (rate, waits) => {
      const { clock, take } = bucketsOf(rate);
      for (const ms of waits) {
        clock.advanceMs(ms);
        const waitMs = take();
        if (waitMs === undefined) continue;
        expect(waitMs).toBeGreaterThan(0);
        if (waitMs > 1) {
          clock.advanceMs(waitMs - 1);
          expect(take()).toBeGreaterThan(0);
          clock.advanceMs(1);
        } else clock.advanceMs(waitMs);
        expect(take()).toBeUndefined();
      }
    }),
  );
});
