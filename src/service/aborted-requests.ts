import type { Logger } from 'pino';

const INTERVAL_MS = 60_000;

/**
 * Counts the requests whose clients went away before they were complete, and logs the number now and
 * then: a line for each would let anybody fill the log.
 */
export class AbortedRequests {
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  constructor(log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS);
    this.#timer.unref();
  }

  count(): void {
    this.#count += 1;
  }

  /** Logs the last count. */
  stop(): void {
    clearInterval(this.#timer);
    this.#report();
  }

  #report(): void {
    if (this.#count > 0) this.#log.info({ abortedRequests: this.#count });
    this.#count = 0;
  }
}
