import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  SearchProfilesCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sharedDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type KeyfoldProcess, serveDatabase, startProcess } from '../support/process.ts';
import { clientFor } from '../support/service.ts';
import { preloadedDisk } from '../torture/disk/faults.ts';
import { whyNoPreload } from '../torture/disk/preload.ts';

const DomainName = 'customers';
const KeyName = 'card';
const missing = whyNoPreload();
const two = { KEYFOLD_WORKERS: '2' };

/** The processes that a process has started. */
function workersOf({ child }: KeyfoldProcess): number[] {
  const output = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = output.trim().split('\n');
  const pids = rows.map((row) => row.trim().split(/\s+/).map(Number));
  // `ps` itself is a child of the test.
  return pids.flatMap(([pid = 0, parent]) => (parent === child.pid ? [pid] : []));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('two workers serve one address and one database', async () => {
  const { process, url } = await serveDatabase(await sharedDatabase(), two);
  expect(process.stdout.match(/Keyfold serves/g)).toHaveLength(1);
  expect(process.stdout).toContain('2 workers');
  expect(workersOf(process)).toHaveLength(2);
  // Each client has a connection of its own, which the workers take in turn.
  const clients = Array.from({ length: 8 }, () => clientFor(url));
  const [first] = clients;
  await first?.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const created = await Promise.all(
    clients.map((client) => client.send(new CreateProfileCommand({ DomainName }))),
  );
  const Values = created.map((_, index) => `card ${index}`);
  await Promise.all(
    clients.map((client, index) =>
      client.send(
        new AddProfileKeyCommand({
          DomainName,
          ProfileId: created[index]?.ProfileId,
          KeyName,
          Values: [Values[index] ?? ''],
        }),
      ),
    ),
  );
  const search = new SearchProfilesCommand({ DomainName, KeyName, Values });
  for (const client of clients)
    expect((await client.send(search)).Items).toHaveLength(created.length);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends all workers cleanly and loses no answer',
  async (signal) => {
    const database = await sharedDatabase();
    const { process, url } = await serveDatabase(database, two);
    const workers = workersOf(process);
    const clients = Array.from({ length: 8 }, () => clientFor(url));
    for (const client of clients) client.config.maxAttempts = async () => 1;
    await clients[0]?.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
    const { ProfileId } = (await clients[0]?.send(new CreateProfileCommand({ DomainName }))) ?? {};
    const answered: string[] = [];
    let exit: Promise<number | string> | undefined;
    const write = async (client: (typeof clients)[number], name: number) => {
      for (let count = 0; ; count++) {
        const value = `${name}-${count}`;
        const add = new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values: [value] });
        try {
          await client.send(add);
        } catch {
          return;
        }
        answered.push(value);
        if (answered.length === 100) exit = process.stop(signal);
      }
    };
    await Promise.all(clients.map(write));
    expect(await exit).toBe(0);
    expect(workers.filter(isRunning)).toEqual([]);
    const { url: again } = await serveDatabase(database);
    const reader = clientFor(again);
    for (const value of answered) {
      const search = new SearchProfilesCommand({ DomainName, KeyName, Values: [value] });
      expect((await reader.send(search)).Items, value).toHaveLength(1);
    }
  },
);

test('a worker that ends by itself takes the others with it', async () => {
  const { process } = await serveDatabase(await sharedDatabase(), two);
  const [first, second] = workersOf(process);
  globalThis.process.kill(first ?? 0, 'SIGKILL');
  expect(await process.exited()).toBe(1);
  expect(isRunning(second ?? 0)).toBe(false);
});

describe.skipIf(missing !== undefined)(
  `on a failing disk (${missing ?? 'before a server'})`,
  () => {
    test('the exit code of all is that of the worker whose write failed', async () => {
      const disk = preloadedDisk('EIO');
      onTestFinished(() => disk.remove());
      const { process, url } = await serveDatabase(join(disk.folder, 'keyfold.db'), {
        ...disk.env,
        ...two,
      });
      disk.failSyncs?.(process.child.pid ?? 0);
      const client = clientFor(url);
      client.config.maxAttempts = async () => 1;
      const create = new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 });
      await expect(client.send(create)).rejects.toThrow();
      expect(await process.exited()).toBe(3);
      expect(process.stderr).toMatch(/^keyfold: the disk could not take a write to /m);
    });
  },
);

test('with --json one line says what all of them serve', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const process = startProcess({
    args: ['--port', '0', '--database', database, '--workers', '2', '--json'],
  });
  const { url, settings } = JSON.parse(await process.printed(/^(.*)\n/));
  expect(settings.workers).toEqual({ value: '2', from: '--workers' });
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect(await process.stop('SIGTERM')).toBe(0);
  expect(process.stdout.split('\n')).toHaveLength(2);
});

test('without the process that looks after them, workers end', async () => {
  const { process } = await serveDatabase(await sharedDatabase(), two);
  const workers = workersOf(process);
  await process.stop('SIGKILL');
  while (workers.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('an address that is taken is said once, and nothing is left running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = String(typeof address === 'object' ? address?.port : 0);
  const process = startProcess({
    args: ['--port', port, '--workers', '2', '--database', await sharedDatabase()],
  });
  expect(await process.exited()).toBe(1);
  other.close();
  expect(process.stderr.match(/EADDRINUSE/g)).toHaveLength(1);
});

test('a database in memory can have one only', async () => {
  const process = startProcess({ args: ['--workers', '2', '--database', ':memory:'] });
  expect(await process.exited()).toBe(2);
  expect(process.stderr).toBe(
    "keyfold: --workers must be 1 for a database in memory: processes can't share that\n",
  );
});
