/** What is told of the numbers of an attribute. */
export interface Statistics {
  readonly maximum: number;
  readonly minimum: number;
  readonly average: number;
  /** Of all the numbers, as they are no sample: the population's. */
  readonly standardDeviation: number;
  /** The percentile of a rank from 0 to 100. */
  percentile(rank: number): number;
}

/** A number as JSON writes it. `007` and `+49 30` are texts: a code, a telephone. */
const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Beyond this the squares of numbers would no longer be finite. */
const NUMBER_MAX = 1e150;

/** The number that the text of a value is; undefined when it isn't one that can be reckoned with. */
export function numberIn(text: string): number | undefined {
  if (!numberForm.test(text)) return undefined;
  const number = Number(text);
  return Math.abs(number) <= NUMBER_MAX ? number : undefined;
}

/**
 * The percentile of numbers in ascending order, at least one, by linear interpolation between the
 * closest ranks: of four numbers the median is halfway between the second and the third.
 *
 * @param rank 0 to 100.
 */
export function percentile(ascending: readonly number[], rank: number): number {
  const place = ((ascending.length - 1) * rank) / 100;
  const index = Math.floor(place);
  // There is at least one number, and the index is within the list.
  const below = ascending[index] as number;
  const above = ascending[index + 1] ?? below;
  return below + (above - below) * (place - index);
}

/** The statistics of numbers, or undefined when there are none. */
export function statisticsOf(numbers: readonly number[]): Statistics | undefined {
  const ascending = numbers.toSorted((a, b) => a - b);
  const [minimum] = ascending;
  const maximum = ascending.at(-1);
  if (minimum === undefined || maximum === undefined) return undefined;
  const mean = ascending.reduce((sum, number) => sum + number, 0) / ascending.length;
  // Three times 0.1 is more than 0.3: rounding must not take the average out of its numbers' range.
  const average = Math.min(Math.max(mean, minimum), maximum);
  const squares = ascending.reduce((sum, number) => sum + (number - average) ** 2, 0);
  return {
    maximum,
    minimum,
    average,
    standardDeviation: Math.sqrt(squares / ascending.length),
    percentile: (rank) => percentile(ascending, rank),
  };
}
