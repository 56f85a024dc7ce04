import type { Run } from '../torture/scenario.ts';
import { engine, sharedDatabase } from './database.ts';

/** A run of a few cycles on databases of the running test's own. */
export function shortRun(cycles: number): Run {
  return { engine, makeDatabase: sharedDatabase, cycles, seed: 1 };
}
