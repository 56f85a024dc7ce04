import { overloaded } from '../model/errors.ts';

/** How late a timer may be before the event loop counts as held up. */
const DELAY_MS_MAX = 500;
const SAMPLE_MS = 100;
/** As many in progress are no overload, however slow they are: a machine that starves is not helped by refusing. */
const REQUESTS_FEW = 64;
/** As many may come at once when it isn't known how much can be done: more would wait for too long if they were dear. */
const REQUESTS_UNKNOWN = 256;
/**
 * How many more may be in progress than in the fifth of a second before, unless even twice as many would end in time: if this
 * is the beginning of a flood, refusals will take most of the time, and requests that were let in before it was seen wait longest.
 */
const REQUESTS_STEP = 128;
/** With as many in progress, what ends is as much as can be done and not only as much as is asked for. */
const REQUESTS_BUSY = 32;
/** How long requests may wait for those before them. */
const WAIT_MS_MAX = 200;
/** When more than a few have been in progress for so long, the others are cheaper than these: rates don't tell. */
const AGE_MS_MAX = 600;
/** Over how many busy samples the requests that end are counted. */
const RATE_SAMPLES = 10;
/** After how many samples that aren't busy it is forgotten how much can be done: what is asked for may differ. */
const FORGOTTEN_SAMPLES = 50;

/** What was seen in the time between two looks. */
interface Sample {
  readonly ended: number;
  readonly refused: number;
  readonly elapsedMs: number;
}

/**
 * Refuses requests at once that would be answered late. What a request costs differs a hundredfold by its
 * operation, so a number in progress doesn't tell how long one more would wait: no more are let in than have
 * ended lately in the time that one may wait, over requests of all kinds, and only a few while many have waited for
 * longer. While more are refused than end, lately is since the last look.
 */
export class Load {
  readonly #requestsMax: number;
  readonly #now: () => number;
  /** When each request in progress began, in that order. */
  readonly #begun = new Set<{ readonly at: number }>();
  /** The last busy samples. */
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #preparing = 0;
  #limit: number;
  #ended = 0;
  #refused = 0;
  /** The most that were in progress at a time since the last sample, and in the one before. */
  #peak = 0;
  #peakBefore = 0;
  #samplesNotBusy = 0;
  #wasLate = false;
  #sampledAt: number;

  /**
   * @param requestsMax how many requests are in progress at most.
   * @param now milliseconds of a clock that never goes back.
   */
  constructor(requestsMax: number, now: () => number = () => performance.now()) {
    this.#requestsMax = requestsMax;
    this.#limit = REQUESTS_UNKNOWN;
    this.#now = now;
    this.#sampledAt = now();
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.#timer.unref();
  }

  /** How many requests are in progress. */
  get requests(): number {
    return this.#begun.size;
  }

  /** Whether one more would be refused. */
  get isFull(): boolean {
    return this.#begun.size >= this.#limit || !this.#hasRoom;
  }

  get #hasRoom(): boolean {
    return this.#begun.size + this.#preparing < this.#requestsMax;
  }

  /** To be called for each request that is refused because this is full. Strangers who fill the rest say nothing of work. */
  countRefused(): void {
    if (this.#begun.size >= this.#limit) this.#refused += 1;
  }

  /** Takes a sample now when the timer is late: a flood of requests can keep the event loop from turning for seconds. */
  keepUp(): void {
    if (this.#now() - this.#sampledAt > 2 * SAMPLE_MS) this.sample();
  }

  /** Looks at how many requests have ended since the last time, and says how many are let in. */
  sample(): void {
    const now = this.#now();
    const elapsedMs = now - this.#sampledAt;
    // The timer, right after somebody else has looked.
    if (elapsedMs < SAMPLE_MS / 2) return;
    const isLate = elapsedMs > SAMPLE_MS + DELAY_MS_MAX;
    // One long pause tells nothing: those who waited through it should be answered.
    if (!isLate || this.#wasLate)
      this.#count({ ended: this.#ended, refused: this.#refused, elapsedMs }, now);
    this.#wasLate = isLate;
    this.#sampledAt = now;
    this.#ended = 0;
    this.#refused = 0;
    this.#peakBefore = this.#peak;
    this.#peak = this.#begun.size;
  }

  #count(sample: Sample, now: number): void {
    const isFlooded = sample.refused > sample.ended;
    // In the sample before as well: one that a burst has begun in is mostly idle.
    const isBusy = isFlooded || Math.min(this.#peak, this.#peakBefore) >= REQUESTS_BUSY;
    this.#samplesNotBusy = isBusy ? 0 : this.#samplesNotBusy + 1;
    if (isBusy) this.#samples.push(sample);
    if (this.#samples.length > RATE_SAMPLES) this.#samples.shift();
    if (this.#samplesNotBusy >= FORGOTTEN_SAMPLES) this.#samples.length = 0;
    if (this.#haveWaited(now)) this.#limit = REQUESTS_FEW;
    else if (this.#samples.length === 0) this.#limit = REQUESTS_UNKNOWN;
    else {
      // Refusals take time as well: what ended before them, or between them, is not what can be done now.
      const samples = isFlooded ? [sample] : this.#samples;
      const ended = samples.reduce((sum, one) => sum + one.ended, 0);
      const elapsedMs = samples.reduce((sum, one) => sum + one.elapsedMs, 0);
      const limit = Math.max(REQUESTS_FEW, Math.ceil((ended / elapsedMs) * WAIT_MS_MAX));
      // Not what is in progress now: right after a commit that may be nothing.
      const before = Math.max(this.#peak, this.#peakBefore);
      this.#limit = Math.min(limit, Math.max(before + REQUESTS_STEP, limit / 2));
    }
  }

  /** Whether more than a few requests have waited for too long: one alone may be waiting for something else. */
  #haveWaited(now: number): boolean {
    let seen = 0;
    for (const { at } of this.#begun) {
      if (now - at <= AGE_MS_MAX) return false;
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
    if (this.isFull) {
      this.countRefused();
      throw overloaded();
    }
    const request = { at: this.#now() };
    this.#begun.add(request);
    this.#peak = Math.max(this.#peak, this.#begun.size);
    try {
      return await work();
    } finally {
      this.#begun.delete(request);
      this.#ended += 1;
    }
  }

  /**
   * The same for finding out who sends a request. Whoever that is, strangers too, it takes none of the room that there
   * is for work, and says nothing of how much can be done.
   */
  async prepare<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#hasRoom) throw overloaded();
    this.#preparing += 1;
    try {
      return await work();
    } finally {
      this.#preparing -= 1;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
