import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateDomainCommand, CreateProfileCommand } from '@aws-sdk/client-customer-profiles';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { damagePage, insertLetters } from '../support/damage.ts';
import { temporaryFolder } from '../support/folder.ts';
import {
  type KeyfoldProcess,
  runCommand,
  serveDatabase,
  startProcess,
} from '../support/process.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';
const WRITERS = 8;

function startBackup(database: string, ...args: string[]): KeyfoldProcess {
  return startProcess({ args: ['backup', ...args, '--database', database] });
}

const backUp = (database: string, ...args: string[]) =>
  runCommand(['backup', ...args, '--database', database]);

/** A process that serves a database with a domain. */
async function serveCustomers() {
  const folder = temporaryFolder();
  const database = join(folder, 'keyfold.db');
  const { process, url } = await serveDatabase(database);
  const client = clientFor(url);
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  return { folder, database, process, client, target: join(folder, 'copy.db') };
}

/** The database of a process that has ended, with so many megabytes in it. */
async function prepare(megabytes = 0) {
  const served = await serveCustomers();
  await insertLetters(served.database, megabytes, 1_000_000);
  await served.client.send(new CreateProfileCommand({ DomainName }));
  await served.process.stop('SIGTERM');
  return served;
}

/** What a backup may leave in a folder: nothing but its file. */
function copiesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('copy.db'));
}

/** Resolves when a backup writes its draft. */
async function untilWriting(folder: string): Promise<void> {
  while (copiesIn(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Sends a signal to a backup that is writing; to the next one, if one has ended before. */
async function interrupt(
  folder: string,
  start: () => KeyfoldProcess,
  signal: NodeJS.Signals,
): Promise<KeyfoldProcess> {
  for (;;) {
    const process = start();
    await untilWriting(folder);
    if ((await process.stop(signal)) !== 0) return process;
    for (const name of copiesIn(folder)) rmSync(join(folder, name));
  }
}

test('a backup under eight writers is whole, and has every write answered before it', async () => {
  const { folder, database, client, target } = await serveCustomers();
  // So that writers write between its steps, and more than a log holds before it is moved.
  await insertLetters(database, 20, 1_000_000);
  const answered: string[] = [];
  let isOver = false;
  const write = async () => {
    while (!isOver) {
      const { ProfileId = '' } = await client.send(new CreateProfileCommand({ DomainName }));
      answered.push(ProfileId);
    }
  };
  const writers = Array.from({ length: WRITERS }, write);
  while (answered.length < 50) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = [...answered];
  const process = startBackup(database, target, '--json');
  await untilWriting(folder);
  const during = answered.length;
  const code = await process.exited();
  const after = answered.length;
  isOver = true;
  await Promise.all(writers);
  expect([code, process.stderr]).toEqual([0, '']);
  const { size, mode } = statSync(target);
  const told = { file: target, bytes: size, seconds: expect.any(Number) };
  expect(JSON.parse(process.stdout)).toEqual(told);
  expect(mode & 0o777).toBe(0o600);
  expect(copiesIn(folder)).toEqual(['copy.db']);
  // Writers went on while it was written.
  expect(after).toBeGreaterThan(during);
  const copy = new BetterSqlite3(target, { readonly: true });
  const copied = new Set(copy.prepare('select profile_id from profiles').pluck().all());
  const counted = copy.prepare('select sum(profile_count) from domain_counts').pluck().get();
  copy.close();
  expect(before.filter((id) => !copied.has(id))).toEqual([]);
  // One moment: what a unit writes together is there together.
  expect(counted).toBe(copied.size);
  expect((await runCommand(['check', '--database', target])).code).toBe(0);
  const served = await serveDatabase(target);
  await clientFor(served.url).send(new CreateProfileCommand({ DomainName }));
});

test('a database that nobody serves is copied, and is one file afterwards', async () => {
  const { folder, database, target } = await prepare();
  const { code, stdout } = await backUp(database, target);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\S+copy\.db: \d+ bytes in [\d.]+ s\n$/);
  expect(readdirSync(folder)).toEqual(['copy.db', 'keyfold.db']);
  expect(await countRows(target, 'profiles')).toBe(1);
});

test('what a killed process left in the log is copied too', async () => {
  const { database, client, process, target } = await serveCustomers();
  await client.send(new CreateProfileCommand({ DomainName }));
  await process.stop('SIGKILL');
  expect((await backUp(database, target)).code).toBe(0);
  expect(await countRows(target, 'profiles')).toBe(1);
});

test('a name that begins with a space is taken as it is', async () => {
  const { folder, database } = await prepare();
  const ended = await runCommand(['backup', ' copy.db', '--database', database], folder);
  expect(ended.code).toBe(0);
  expect(readdirSync(folder)).toEqual([' copy.db', 'keyfold.db']);
  expect(await countRows(join(folder, ' copy.db'), 'profiles')).toBe(1);
});

test('a file that exists is left as it was', async () => {
  const { database, target } = await prepare();
  writeFileSync(target, 'mine');
  const { code, stderr } = await backUp(database, target);
  expect([code, stderr]).toEqual([
    1,
    `keyfold: database ${database} can't be copied: ${target} exists\n`,
  ]);
  expect(readFileSync(target, 'utf8')).toBe('mine');
});

test('a damaged database gets no backup', async () => {
  const { folder, database, target } = await prepare();
  damagePage(database, 'profiles');
  const { code, stderr } = await backUp(database, target);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^keyfold: database \S+keyfold\.db is damaged: [^\n]+\n$/);
  expect(copiesIn(folder)).toEqual([]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves nothing behind', async (signal) => {
  const { folder, database, target } = await prepare(20);
  const process = await interrupt(folder, () => startBackup(database, target), signal);
  const line = `keyfold: database ${database} can't be copied: stopped by ${signal}\n`;
  expect([await process.exited(), process.stderr]).toEqual([1, line]);
  expect(readdirSync(folder)).toEqual(['keyfold.db']);
});

test('kill -9 leaves no file of that name, and the next backup is whole', async () => {
  const { folder, database, target } = await prepare(20);
  await interrupt(folder, () => startBackup(database, target), 'SIGKILL');
  expect(existsSync(target)).toBe(false);
  expect((await backUp(database, target)).code).toBe(0);
  expect(await countRows(target, 'dead_letters')).toBe(20);
});

describe('backup is refused in one line', () => {
  test.each([
    ['a database that is not there', ['copy.db', '--database', 'none.db'], 1, /does not exist/],
    [
      'PostgreSQL',
      ['copy.db', '--database', 'postgres://127.0.0.1/k'],
      2,
      /pg_dump or pg_basebackup/,
    ],
    ['a database in memory', ['copy.db', '--database', ':memory:'], 2, /in memory/],
    ['no file', [], 2, /missing required argument 'file'/],
    ['two files', ['a', 'b'], 2, /too many arguments for 'backup'/],
  ])('%s', async (_, args, code, reason) => {
    const cwd = temporaryFolder();
    const ended = await runCommand(['backup', ...args], cwd);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(reason);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("another program's database", async () => {
    const folder = temporaryFolder();
    const database = join(folder, 'other.db');
    await changeRows(database, 'create table t (a)');
    const ended = await backUp(database, join(folder, 'copy.db'));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/another program's database/);
    expect(readdirSync(folder)).toEqual(['other.db']);
  });
});
