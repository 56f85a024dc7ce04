import type { Logger } from 'pino';

export interface BackgroundOptions {
  /** What a line of the log calls it. */
  readonly name: string;
  readonly intervalMs: number;
  /** Does all that there is to do; asks in between whether it must end. */
  readonly work: (isStopped: () => boolean) => Promise<void>;
  readonly log: Logger;
}

/** Work that goes on between the requests: at intervals, when somebody wakes it, and once at the start. */
export class Background {
  readonly #options: BackgroundOptions;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isWoken = false;
  #isStopped = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.wake(), options.intervalMs);
    this.#timer.unref();
    void this.wake();
  }

  /**
   * Does what there is to do. What is being done already may have looked past what has come since: it is
   * then done once more. Resolves when that has ended; never rejects.
   */
  wake(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#isWoken = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Resolves when what is being done has ended; nothing else begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, work, log } = this.#options;
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false;
      try {
        await work(() => this.#isStopped);
      } catch (error) {
        // The next interval tries again.
        log.error({ err: error }, `${name} failed`);
      }
    }
    this.#running = undefined;
  }
}
