import { median } from './rounds.ts';

/** How long a round of each side takes; rounds alternate, so that both meet the same noise. */
const ROUND_MS = 50;

/** Microseconds for each run, over one round. */
function measureRound(run: () => unknown): number {
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

/** The medians of both sides in microseconds, and that of their ratios. */
export interface Comparison {
  readonly own: number;
  readonly others: number;
  readonly ratio: number;
}

/**
 * Runs two functions of this process in turn. On a shared machine only the ratio means something
 * elsewhere.
 */
export function compare(own: () => unknown, other: () => unknown, rounds: number): Comparison {
  measureRound(own);
  measureRound(other);
  const measured = Array.from({ length: rounds }, () => {
    const [ownTime, othersTime] = [measureRound(own), measureRound(other)];
    return { own: ownTime, others: othersTime, ratio: ownTime / othersTime };
  });
  return {
    own: median(measured.map((round) => round.own)),
    others: median(measured.map((round) => round.others)),
    ratio: median(measured.map(({ ratio }) => ratio)),
  };
}
