import { randomBytes } from 'node:crypto';
import type { Ids } from '../model/operation.ts';

const DOMAIN_ID_BYTES = 8;
const TIME_DIGITS = 12;
const COUNTER_MAX = 0xfff;
const RANDOM_BYTES = 8;

/** The two highest bits of a version-7 UUID's last half say which layout it has (RFC 9562). */
function variantBits(digit: string): string {
  return (0x8 | (Number.parseInt(digit, 16) & 0x3)).toString(16);
}

/**
 * Makes version-7 UUIDs without dashes: they sort by the time they were made. Those of one maker
 * always ascend: a counter orders those of one millisecond, and a clock that goes back is not
 * followed.
 */
function ascendingIds(random: (bytes: number) => Buffer): (now: number) => string {
  let time = 0;
  let counter = 0;
  return (now) => {
    if (now > time) {
      time = now;
      counter = 0;
    } else if (counter === COUNTER_MAX) {
      time += 1;
      counter = 0;
    } else counter += 1;
    const tail = random(RANDOM_BYTES).toString('hex');
    return [
      time.toString(16).padStart(TIME_DIGITS, '0'),
      '7',
      counter.toString(16).padStart(3, '0'),
      variantBits(tail.charAt(0)),
      tail.slice(1),
    ].join('');
  };
}

/** How many random bytes are asked for at a time: asking costs more than the bytes. */
const POOL_BYTES = 4_096;

/** Random bytes out of a pool, none of them twice. */
function pooled(random: (bytes: number) => Buffer): (bytes: number) => Buffer {
  let pool = random(POOL_BYTES);
  return (bytes) => {
    if (pool.length < bytes) pool = random(POOL_BYTES);
    const taken = pool.subarray(0, bytes);
    pool = pool.subarray(bytes);
    return taken;
  };
}

/**
 * Makes the service's ids. Those of profiles ascend, so that the key index gives a search's pages in
 * order of creation and new rows land side by side on disk; those of records, so that a history is
 * in order.
 */
export function createIds(random: (bytes: number) => Buffer = pooled(randomBytes)): Ids {
  return {
    domainId: () => random(DOMAIN_ID_BYTES).toString('hex'),
    profileId: ascendingIds(random),
    recordId: ascendingIds(random),
  };
}

/** When ids of a counter were made, as far as they tell. */
const SEQUENCE_START = Date.UTC(2026, 0, 1);

/**
 * Makes the same ids in the same order every time, in the form of those of {@link createIds}, and the
 * ids of requests as well: for tests that compare whole answers. Two services must not share one, nor
 * may it meet a store that already has ids of another.
 */
export function sequentialIds(): Ids {
  let count = 0;
  const counted = (bytes: number) => {
    count += 1;
    return Buffer.from(count.toString(16).padStart(2 * bytes, '0'), 'hex');
  };
  const ids = createIds(counted);
  let requests = 0;
  return {
    ...ids,
    // Whatever the clock says: a test may use the real one and compare ids all the same.
    profileId: () => ids.profileId(SEQUENCE_START),
    recordId: () => ids.recordId(SEQUENCE_START),
    requestId: () => {
      requests += 1;
      return `00000000-0000-4000-8000-${requests.toString(16).padStart(12, '0')}`;
    },
  };
}
