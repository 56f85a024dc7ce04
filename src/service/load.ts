import { overloaded } from '../model/errors.ts';

/** How late a timer may be before the event loop counts as held up. */
const DELAY_MS_MAX = 500;
const SAMPLE_MS = 100;
/** One long pause is no overload: those who waited through it should be answered. */
const LATE_SAMPLES_MAX = 2;
/** How long requests may wait, those who are let in while there is too much to do. */
const WAIT_MS_MAX = 500;
/** As many in progress are no overload, however slow they are: a machine that starves is not helped by refusing. */
const REQUESTS_FEW = 64;
/** Over how many samples the requests that end are counted. */
const RATE_SAMPLES = 10;
/** How fast more are let in again, with each sample. */
const GROWTH = 1.25;

/**
 * Refuses requests at once where they would be answered late. What a request costs differs a hundredfold by
 * its operation, so a number in progress doesn't tell how long one more would wait: while some wait for too
 * long, or the event loop is held up time after time, no more are let in than have ended in that time.
 */
export class Load {
  readonly #requestsMax: number;
  readonly #now: () => number;
  /** When each request in progress began, in that order. */
  readonly #begun = new Set<{ readonly at: number }>();
  readonly #ended: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #limit: number;
  #endedSinceSample = 0;
  #lateSamples = 0;
  #sampledAt: number;

  /**
   * @param requestsMax how many requests are in progress at most.
   * @param now milliseconds of a clock that never goes back.
   */
  constructor(requestsMax: number, now: () => number = () => performance.now()) {
    this.#requestsMax = requestsMax;
    this.#limit = requestsMax;
    this.#now = now;
    this.#sampledAt = now();
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.#timer.unref();
  }

  /** How many requests are in progress. */
  get requests(): number {
    return this.#begun.size;
  }

  /** Looks at how long requests wait and how late the event loop is, and says how many are let in. */
  sample(): void {
    const now = this.#now();
    const elapsed = Math.max(1, now - this.#sampledAt);
    this.#sampledAt = now;
    this.#lateSamples = elapsed > SAMPLE_MS + DELAY_MS_MAX ? this.#lateSamples + 1 : 0;
    this.#ended.push(this.#endedSinceSample / elapsed);
    if (this.#ended.length > RATE_SAMPLES) this.#ended.shift();
    this.#endedSinceSample = 0;
    if (this.#lateSamples >= LATE_SAMPLES_MAX || this.#isBehind(now)) {
      const perMs = this.#ended.reduce((sum, rate) => sum + rate, 0) / this.#ended.length;
      const inTime = Math.max(REQUESTS_FEW, Math.ceil(perMs * WAIT_MS_MAX));
      this.#limit = Math.min(this.#requestsMax, inTime);
    } else this.#limit = Math.min(this.#requestsMax, Math.ceil(this.#limit * GROWTH));
  }

  /** Whether more than a few requests have waited for too long: one alone may be waiting for something else. */
  #isBehind(now: number): boolean {
    let seen = 0;
    for (const { at } of this.#begun) {
      if (now - at <= WAIT_MS_MAX) return false;
      seen += 1;
      if (seen >= REQUESTS_FEW) return true;
    }
    return false;
  }

  /**
   * Runs the work of a request, or refuses it.
   *
   * @throws ServiceError ServiceUnavailableException when there is too much to do.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#begun.size >= this.#limit) throw overloaded();
    const request = { at: this.#now() };
    this.#begun.add(request);
    try {
      return await work();
    } finally {
      this.#begun.delete(request);
      this.#endedSinceSample += 1;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
