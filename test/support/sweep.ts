import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { findHiddenDomain } from '../../src/repository/domains.ts';
import { Sweeper } from '../../src/service/sweeper.ts';
import type { TestStore } from './store.ts';

/** A sweeper of the running test's store; it begins with a look at what is there. */
export function startSweeper({ repository, clock }: TestStore): Sweeper {
  const sweeper = new Sweeper(repository, clock.read, pino({ level: 'silent' }));
  onTestFinished(() => sweeper.stop());
  return sweeper;
}

/** Sweeps one unit, as a process does that stops right after it has started. */
export async function sweepOnce(store: TestStore): Promise<void> {
  await startSweeper(store).stop();
}

/** Whether a deleted domain still waits to be swept. */
export async function hasHiddenDomain({ repository }: TestStore): Promise<boolean> {
  return (await repository.read(findHiddenDomain)) !== undefined;
}

/** Lets a running sweeper come to its end. */
export async function untilSwept(store: TestStore): Promise<void> {
  while (await hasHiddenDomain(store)) await setImmediate();
}
