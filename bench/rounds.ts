import type { LoadResult } from './load/generate.ts';
import type { Measured, Table, Target } from './part.ts';

/** How long a part measures. */
export interface Schedule {
  readonly rounds: number;
  readonly seconds: number;
  /** Before the rounds, uncounted: for compilers and caches to settle. */
  readonly warmUpSeconds: number;
}

/** The middle of the values: a round that was disturbed doesn't count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** One side of a comparison. */
export interface Side<R> {
  readonly name: string;
  round(seconds: number): Promise<R>;
}

/** A side with what each of its rounds came to. */
export interface Rounds<R> {
  readonly name: string;
  readonly results: readonly R[];
}

/** The rounds of a list of sides, in its order. */
type RoundsOf<S extends readonly Side<unknown>[]> = {
  readonly [index in keyof S]: S[index] extends Side<infer R> ? Rounds<R> : never;
};

/**
 * Runs the sides in turn, round after round and every second time in the opposite order, so that all
 * meet the same noise.
 */
export async function alternate<const S extends readonly Side<unknown>[]>(
  sides: S,
  { rounds, seconds, warmUpSeconds }: Schedule,
): Promise<RoundsOf<S>> {
  for (const side of sides) await side.round(warmUpSeconds);
  const measured = sides.map((side) => ({ side, results: [] as unknown[] }));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? measured : measured.toReversed();
    for (const { side, results } of order) results.push(await side.round(seconds));
  }
  const all: unknown = measured.map(({ side, results }) => ({ name: side.name, results }));
  // Each side's results are what its own rounds gave; the compiler can't follow that through `map`.
  return all as RoundsOf<S>;
}

/** How one side is to another: the median of their ratios in each round, and the extremes. */
export interface RoundsRatio {
  readonly value: number;
  readonly range: readonly [low: number, high: number];
}

/** How one side's figure is to another's in the same round, over all rounds. */
export function ratioOf<R>(
  own: Rounds<R>,
  other: Rounds<R>,
  figure: (result: R) => number,
): RoundsRatio {
  const ratios = own.results.map((result, round) => {
    const others = other.results[round];
    return others === undefined ? Number.NaN : figure(result) / figure(others);
  });
  return { value: median(ratios), range: [Math.min(...ratios), Math.max(...ratios)] };
}

/** How many requests a second of one side, as a multiple of another's. */
export function throughputRatio(
  own: Rounds<LoadResult>,
  other: Rounds<LoadResult>,
  target?: Target,
): Measured {
  return {
    name: `${own.name} / ${other.name}`,
    ...ratioOf(own, other, ({ opsPerSecond }) => opsPerSecond),
    unit: '×',
    ...(target && { target }),
  };
}

function medianOf(rounds: Rounds<LoadResult>, figure: (result: LoadResult) => number): number {
  return median(rounds.results.map(figure));
}

/** Programs that aren't ours don't tell. */
function busyOf(side: Rounds<LoadResult>): number | string {
  const busy = medianOf(side, ({ generatorBusy }) => generatorBusy);
  return Number.isNaN(busy) ? '–' : busy;
}

/** The medians of each side's rounds. */
export function loadTable(sides: readonly Rounds<LoadResult>[]): Table {
  return {
    columns: ['side', 'requests/s', 'p50 ms', 'p99 ms', 'generator busy'],
    rows: sides.map((side) => [
      side.name,
      medianOf(side, ({ opsPerSecond }) => opsPerSecond),
      medianOf(side, ({ p50Ms }) => p50Ms),
      medianOf(side, ({ p99Ms }) => p99Ms),
      busyOf(side),
    ]),
  };
}

/** How many requests the rounds of a side sent. */
export function requestsIn(side: Rounds<LoadResult>): number {
  return side.results.reduce((sum, { requests }) => sum + requests, 0);
}
