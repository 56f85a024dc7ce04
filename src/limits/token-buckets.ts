/** How often one account may call an operation. */
export interface Rate {
  /** Requests per second in the long run. */
  readonly perSecond: number;
  /** How many requests pass at once after a while without any: at least 1. */
  readonly burst: number;
}

/** What floating-point sums may be off by: a request that waited as long as it was told passes. */
const TOLERANCE_MS = 0.001;

/** With fewer buckets than this, looking for full ones is not worth it. */
const BUCKETS_MIN = 1_000;

/**
 * A bucket of tokens for each account and operation that has a rate: a request takes one, and
 * `perSecond` come back each second, up to `burst`.
 *
 * A bucket is held as the one number that says when it will be full again; each token taken puts that
 * off by the time in which a token comes back. A full bucket needs no entry.
 */
export class TokenBuckets {
  readonly #rates: ReadonlyMap<string, Rate>;
  /** When the buckets that aren't full will be, on the clock of `#elapsedMs`. */
  readonly #fullAtMs = new Map<string, number>();
  /**
   * How far the caller's clock has gone forward. Where it is set back, time stands still: neither
   * does it give tokens twice, nor must anybody wait until it has caught up.
   */
  #elapsedMs = 0;
  #lastNow: number | undefined;
  #sweepAtSize = BUCKETS_MIN;

  constructor(rates: ReadonlyMap<string, Rate>) {
    this.#rates = rates;
  }

  /** How many buckets are held. */
  get size(): number {
    return this.#fullAtMs.size;
  }

  /**
   * Takes a token for a request.
   *
   * @param now milliseconds on any clock.
   * @returns undefined when the request may go; otherwise the milliseconds until there is a token.
   */
  take(accountId: string, operation: string, now: number): number | undefined {
    const rate = this.#rates.get(operation);
    if (rate === undefined) return undefined;
    this.#elapsedMs += Math.max(0, now - (this.#lastNow ?? now));
    this.#lastNow = now;
    const bucket = `${operation} ${accountId}`;
    const tokenMs = 1000 / rate.perSecond;
    const fullAtMs = Math.max(this.#fullAtMs.get(bucket) ?? 0, this.#elapsedMs) + tokenMs;
    const waitMs = fullAtMs - this.#elapsedMs - rate.burst * tokenMs;
    if (waitMs > TOLERANCE_MS) return waitMs;
    this.#fullAtMs.set(bucket, fullAtMs);
    if (this.#fullAtMs.size > this.#sweepAtSize) this.#forgetFullBuckets();
    return undefined;
  }

  /** Waits until the number has doubled before it looks again: each request pays a constant share. */
  #forgetFullBuckets(): void {
    for (const [bucket, fullAtMs] of this.#fullAtMs)
      if (fullAtMs <= this.#elapsedMs) this.#fullAtMs.delete(bucket);
    this.#sweepAtSize = Math.max(BUCKETS_MIN, 2 * this.#fullAtMs.size);
  }
}
