import { overloaded } from '../model/errors.ts';

/** How late a timer may be before the event loop counts as held up. */
const DELAY_MS_MAX = 500;
const SAMPLE_MS = 100;
/** One long pause is no overload: those who waited through it should be answered. */
const LATE_SAMPLES_MAX = 2;

/**
 * Refuses requests at once where they would be answered late: past a number of requests in progress,
 * and while the event loop is held up time after time.
 */
export class Load {
  readonly #requestsMax: number;
  #requests = 0;
  #lateSamples = 0;
  #sampledAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  /** @param requestsMax how many requests are in progress at most. */
  constructor(requestsMax: number) {
    this.#requestsMax = requestsMax;
    this.#timer = setInterval(() => this.sample(performance.now()), SAMPLE_MS);
    this.#timer.unref();
  }

  /** How many requests are in progress. */
  get requests(): number {
    return this.#requests;
  }

  /** Notes how late the event loop is. @param now milliseconds of a clock that never goes back. */
  sample(now: number): void {
    const isLate = now - this.#sampledAt > SAMPLE_MS + DELAY_MS_MAX;
    this.#lateSamples = isLate ? this.#lateSamples + 1 : 0;
    this.#sampledAt = now;
  }

  /**
   * Runs the work of a request, or refuses it.
   *
   * @throws ServiceError ServiceUnavailableException when there is too much to do.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#requests >= this.#requestsMax || this.#lateSamples >= LATE_SAMPLES_MAX)
      throw overloaded();
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
