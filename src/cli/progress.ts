import type { WriteStream } from 'node:tty';

/** How far something long has come. */
export interface Progress {
  /** From 0 to 1. */
  readonly part: number;
  /** Rows, profiles: what is counted, all told. */
  readonly count: number;
}

const BAR_CHARACTERS = 24;
/** How often a terminal is drawn to, and how often a line goes to anything else. */
const DRAW_MS = 100;
const LINE_MS = 10_000;

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

/** `45 s`, `3 min 05 s`, `2 h 07 min`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const padded = (value: number) => String(value).padStart(2, '0');
  if (whole < MINUTE_SECONDS) return `${whole} s`;
  if (whole < HOUR_SECONDS)
    return `${Math.floor(whole / MINUTE_SECONDS)} min ${padded(whole % MINUTE_SECONDS)} s`;
  const minutes = Math.floor((whole % HOUR_SECONDS) / MINUTE_SECONDS);
  return `${Math.floor(whole / HOUR_SECONDS)} h ${padded(minutes)} min`;
}

/** `37 %, 370,000 rows, 6,200/s, 1 min 42 s left`. */
export function progressText(
  unit: string,
  { part, count }: Progress,
  perSecond: number,
  secondsLeft: number | undefined,
): string {
  const figure = (value: number) => Math.round(value).toLocaleString('en-US');
  const left = secondsLeft === undefined ? '' : `, ${durationText(secondsLeft)} left`;
  return `${Math.floor(part * 100)} %, ${figure(count)} ${unit}, ${figure(perSecond)}/s${left}`;
}

/** `[######------------------]` */
export function progressBar(part: number): string {
  const filled = Math.min(BAR_CHARACTERS, Math.floor(part * BAR_CHARACTERS));
  return `[${'#'.repeat(filled).padEnd(BAR_CHARACTERS, '-')}]`;
}

/** Where progress is shown: a terminal, or a file of lines. */
export type ProgressStream = Pick<NodeJS.WritableStream, 'write'> &
  Partial<Pick<WriteStream, 'isTTY'>>;

/** Shows how far a command has come: a bar on a terminal, else a line now and then. */
export class ProgressDisplay {
  readonly #unit: string;
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  readonly #beganAt: number;
  #began: Progress | undefined;
  #shownAt: number;
  #isDrawn = false;

  /**
   * @param unit what is counted: `rows`.
   * @param clock in milliseconds.
   */
  constructor(
    unit: string,
    stream: ProgressStream = process.stderr,
    clock: () => number = () => performance.now(),
  ) {
    this.#unit = unit;
    this.#stream = stream;
    this.#clock = clock;
    this.#beganAt = clock();
    this.#shownAt = this.#beganAt;
  }

  /** Says where the work began: an earlier run may have come some of the way. */
  begin(progress: Progress): void {
    this.#began = progress;
  }

  update(progress: Progress): void {
    const now = this.#clock();
    const { isTTY = false } = this.#stream;
    if (now - this.#shownAt < (isTTY ? DRAW_MS : LINE_MS)) return;
    this.#shownAt = now;
    const text = this.#text(progress, (now - this.#beganAt) / 1_000);
    // Over the line before, and nothing of that behind it.
    if (isTTY) this.#stream.write(`\r${progressBar(progress.part)} ${text}\x1b[K`);
    else this.#stream.write(`${text}\n`);
    this.#isDrawn = isTTY;
  }

  #text(progress: Progress, seconds: number): string {
    const began = this.#began ?? { part: 0, count: 0 };
    const done = progress.part - began.part;
    const left = done > 0 ? ((1 - progress.part) / done) * seconds : undefined;
    return progressText(this.#unit, progress, (progress.count - began.count) / seconds, left);
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#isDrawn) this.#stream.write('\r\x1b[K');
    this.#isDrawn = false;
  }
}
