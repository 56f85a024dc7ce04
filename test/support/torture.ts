import { randomUUID } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import type { Run } from '../torture/scenario.ts';
import { engine, sharedDatabase } from './database.ts';
import { onDatabase, query } from './postgres-server.ts';

/** A run of a few cycles on databases of the running test's own. */
export function shortRun(cycles: number): Run {
  return { engine, makeDatabase: sharedDatabase, cycles, seed: 1 };
}

/** A database of the running test's own that nobody has migrated. */
export async function untouchedDatabase(): Promise<string> {
  if (engine === 'sqlite') return sharedDatabase();
  const server = inject('postgresUrl');
  const name = `untouched_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name} template template0`);
  onTestFinished(async () => {
    await query(server, `drop database ${name} with (force)`);
  });
  return onDatabase(server, name);
}
