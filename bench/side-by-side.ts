/** How long a round of each side takes; rounds alternate, so that both meet the same noise. */
const ROUND_MS = 50;
const ROUNDS = 40;

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  run(): unknown;
}

/** Microseconds for each run, over one round. */
function measureRound({ run }: Side): number {
  const start = performance.now();
  let runs = 0;
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    for (let count = 0; count < 100; count++) run();
    runs += 100;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1000) / runs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/**
 * Runs two sides in turn and prints the median of each in microseconds, and the median of their
 * ratios. On a shared machine only the ratio means something elsewhere.
 */
export function compare(title: string, side: Side, other: Side): void {
  measureRound(side);
  measureRound(other);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const [own, others] = [measureRound(side), measureRound(other)];
    return { own, others, ratio: own / others };
  });
  const own = median(rounds.map((round) => round.own)).toFixed(1);
  const others = median(rounds.map((round) => round.others)).toFixed(1);
  const ratio = median(rounds.map((round) => round.ratio)).toFixed(2);
  process.stdout.write(
    `${title}: ${side.name} ${own} µs, ${other.name} ${others} µs, ratio ${ratio}\n`,
  );
}
