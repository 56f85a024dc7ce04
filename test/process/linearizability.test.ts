import { expect, test } from 'vitest';
import { sharedDatabase } from '../support/database.ts';
import { recordHistories } from '../support/histories.ts';
import { isLinearizable } from '../support/linearizability.ts';
import { serveDatabase } from '../support/process.ts';

test('two processes and 16 clients on 8 keys: every history of adds, deletes and searches has an order', async () => {
  const database = await sharedDatabase();
  const servers = await Promise.all([serveDatabase(database), serveDatabase(database)]);
  const urls = servers.map(({ url }) => url);
  // The line that a process prints at its start shows the database, and never its password.
  for (const { process } of servers) expect(process.stdout).not.toMatch(/\/\/\w+:\w+@/);
  const histories = await recordHistories(urls, 60, 1);
  for (const [key, history] of histories) {
    expect(history.length, key).toBeGreaterThan(20);
    expect(history.every(({ endedAt }) => endedAt < Infinity)).toBe(true);
    expect(isLinearizable(history), key).toBe(true);
  }
});
