import { setImmediate } from 'node:timers/promises';
import { isNull } from 'drizzle-orm';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { statement } from '../../src/repository/session.ts';
import type { Background } from '../../src/service/background.ts';
import { createIds } from '../../src/service/ids.ts';
import { startSweeper as start } from '../../src/service/sweeper.ts';
import type { TestStore } from './store.ts';

/** A sweeper of the running test's store; it begins with a look at what is there. */
export function startSweeper({ repository, clock }: TestStore): Background {
  const sweeper = start(repository, createIds(), clock.read, pino({ level: 'silent' }));
  onTestFinished(() => sweeper.stop());
  return sweeper;
}

/** Sweeps one unit, as a process does that stops right after it has started. */
export async function sweepOnce(store: TestStore): Promise<void> {
  await startSweeper(store).stop();
}

const hidden = statement()((database, { domains }) =>
  database.select({ domainId: domains.domainId }).from(domains).where(isNull(domains.name)),
);

/** Whether a deleted domain still waits to be swept. */
export async function hasHiddenDomain({ repository }: TestStore): Promise<boolean> {
  return (await repository.autocommit.run(hidden, {})).length > 0;
}

/** Lets a running sweeper come to its end. */
export async function untilSwept(store: TestStore): Promise<void> {
  while (await hasHiddenDomain(store)) await setImmediate();
}
