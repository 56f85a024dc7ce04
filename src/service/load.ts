import { overloaded } from '../model/errors.ts';

/** How late a timer may be before the event loop counts as held up. */
const DELAY_MS_MAX = 500;
const SAMPLE_MS = 100;
/** As many in progress are no overload, however slow they are: a machine that starves is not helped by refusing. */
const REQUESTS_FEW = 64;
/** With as many in progress, what ends is as much as can be done and not only as much as is asked for. */
const REQUESTS_BUSY = 32;
/** How long requests may wait for those before them. */
const WAIT_MS_MAX = 300;
/** Over how many busy samples the requests that end are counted. */
const RATE_SAMPLES = 10;
/** After how many samples that aren't busy it is forgotten how much can be done: what is asked for may differ. */
const FORGOTTEN_SAMPLES = 50;

/**
 * Refuses requests at once that would be answered late. What a request costs differs a hundredfold by its
 * operation, so a number in progress doesn't tell how long one more would wait: no more are let in than have
 * ended lately in the time that one may wait.
 */
export class Load {
  readonly #requestsMax: number;
  readonly #now: () => number;
  /** How many requests have ended in a millisecond, in each of the last busy samples. */
  readonly #rates: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #requests = 0;
  #limit: number;
  #endedSinceSample = 0;
  #samplesNotBusy = 0;
  #wasLate = false;
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
    return this.#requests;
  }

  /** Whether one more would be refused. */
  get isFull(): boolean {
    return this.#requests >= this.#limit;
  }

  /** Looks at it now when the timer is late: a flood of requests can keep the event loop from turning for seconds. */
  keepUp(): void {
    if (this.#now() - this.#sampledAt > 2 * SAMPLE_MS) this.sample();
  }

  /** Looks at how many requests have ended since the last time, and says how many are let in. */
  sample(): void {
    const now = this.#now();
    const elapsedMs = Math.max(1, now - this.#sampledAt);
    const rate = this.#endedSinceSample / elapsedMs;
    this.#sampledAt = now;
    this.#endedSinceSample = 0;
    const isLate = elapsedMs > SAMPLE_MS + DELAY_MS_MAX;
    // One long pause tells nothing: those who waited through it should be answered.
    if (!isLate || this.#wasLate) this.#count(rate);
    this.#wasLate = isLate;
  }

  #count(rate: number): void {
    const isBusy = this.#requests >= REQUESTS_BUSY;
    this.#samplesNotBusy = isBusy ? 0 : this.#samplesNotBusy + 1;
    if (isBusy) this.#rates.push(rate);
    if (this.#rates.length > RATE_SAMPLES) this.#rates.shift();
    if (this.#samplesNotBusy >= FORGOTTEN_SAMPLES) this.#rates.length = 0;
    if (this.#rates.length === 0) this.#limit = this.#requestsMax;
    else {
      const perMs = this.#rates.reduce((sum, one) => sum + one, 0) / this.#rates.length;
      const inTime = Math.max(REQUESTS_FEW, Math.ceil(perMs * WAIT_MS_MAX));
      this.#limit = Math.min(this.#requestsMax, inTime);
    }
  }

  /**
   * Runs the work of a request, or refuses it.
   *
   * @throws ServiceError ServiceUnavailableException when there is too much to do.
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.prepare(() =>
      work().finally(() => {
        this.#endedSinceSample += 1;
      }),
    );
  }

  /** The same for what comes before that: its end doesn't tell how many requests can be answered. */
  async prepare<T>(work: () => Promise<T>): Promise<T> {
    if (this.isFull) throw overloaded();
    this.#requests += 1;
    try {
      return await work();
    } finally {
      this.#requests -= 1;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
