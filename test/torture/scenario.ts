/** What a scenario runs on, and for how long. */
export interface Run {
  readonly engine: 'sqlite' | 'postgres';
  /** Names an empty database that nobody has opened: a file that isn't there, or one of a server. */
  readonly makeDatabase: () => Promise<string>;
  readonly cycles: number;
  /** The seed of the first cycle; each later one has the next. */
  readonly seed: number;
  /** Told after each cycle how many are done. */
  readonly onCycle?: (done: number) => void;
  /** Whether to end before the next cycle: somebody wants the figures so far. */
  readonly isOver?: () => boolean;
}

/** What a run has counted and measured; units are in the names. */
export type Figures = Readonly<Record<string, number>>;

/** Runs cycles; ends with an error at the first violation, which says how to repeat it. */
export type Scenario = (run: Run) => Promise<Figures>;

/** A violation in a cycle: the command with this seed tries the same again. */
export function violation(seed: number, what: string): Error {
  return new Error(
    `seed ${seed}: ${what}\nto repeat: the same command with --cycles 1 --seed ${seed}`,
  );
}

/** Calls `cycle` with the seed of each cycle in turn, and tells of its end. */
export async function eachCycle(run: Run, cycle: (seed: number) => Promise<void>): Promise<void> {
  for (let done = 0; done < run.cycles && !run.isOver?.(); done++) {
    await cycle(run.seed + done);
    run.onCycle?.(done + 1);
  }
}
