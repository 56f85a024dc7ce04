import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { DatabaseRefusedError } from '../../src/repository/errors.ts';
import { temporaryFolder } from '../support/folder.ts';
import { declared } from '../support/schemas.ts';

async function createFile(): Promise<string> {
  const file = join(temporaryFolder(), 'keyfold.db');
  await openSqlite({ file, durability: 'full' }).close();
  return file;
}

/** Stored one by one, after the file was made. */
const names = ['a', 'b', 'c'];

/** What is left of a database whose process was killed after it had stored the names. */
async function createKilledFile(): Promise<string> {
  const file = await createFile();
  const writer = new BetterSqlite3(file);
  writer.pragma('wal_autocheckpoint = 0');
  const insert = writer.prepare("insert into domains values (?, 'account', ?, 1, '{}', 0, 0, 0)");
  for (const name of names) insert.run(name, name);
  // A copy of a database in use with its log and its index is what a kill leaves behind.
  const copy = join(temporaryFolder(), 'keyfold.db');
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
  writer.close();
  return copy;
}

function storedNames(file: string): unknown[] {
  const reader = new BetterSqlite3(file, { readonly: true });
  try {
    return reader.prepare('select name from domains order by name').pluck().all();
  } finally {
    reader.close();
  }
}

/** Turns one byte of a file over. */
function damage(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  writeFileSync(file, bytes);
}

/** Opening must fail with one line that names the file, and leave the file as it was. */
function expectRefusal(file: string, reason: RegExp): void {
  const before = readFileSync(file);
  const files = readdirSync(dirname(file));
  let refusal: unknown;
  try {
    openSqlite({ file, durability: 'full' });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(DatabaseRefusedError);
  const { message } = refusal as Error;
  expect(message).toMatch(reason);
  expect(message).toContain(file);
  expect(message).not.toContain('\n');
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(dirname(file))).toEqual(files);
}

describe('opening a file', () => {
  test('creates it with its folders, complete and in WAL mode', async () => {
    const file = join(temporaryFolder(), 'a', 'b', 'keyfold.db');
    await openSqlite({ file, durability: 'full' }).close();
    const connection = new BetterSqlite3(file);
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
    connection.close();
    expect(readdirSync(dirname(file))).toEqual(['keyfold.db']);
  });

  test('refuses an empty file', () => {
    const file = join(temporaryFolder(), 'empty.db');
    writeFileSync(file, '');
    expectRefusal(file, /is empty/);
  });

  test('refuses a file that is no database', () => {
    const file = join(temporaryFolder(), 'notes.db');
    writeFileSync(file, 'Dear diary, '.repeat(100));
    expectRefusal(file, /is not a SQLite database/);
  });

  test.each([50, 4096, 5000])('refuses a file truncated to %i bytes', async (bytes) => {
    const file = await createFile();
    truncateSync(file, bytes);
    expectRefusal(file, /is truncated/);
  });

  test("refuses another program's database", () => {
    const file = join(temporaryFolder(), 'other.db');
    const other = new BetterSqlite3(file);
    other.exec('create table domains (name text)');
    other.close();
    expectRefusal(file, /another program's database/);
  });

  test('refuses the database of a newer version', async () => {
    const file = await createFile();
    const newer = new BetterSqlite3(file);
    newer.exec("insert into __drizzle_migrations (hash, created_at) values ('of the future', 1)");
    newer.close();
    expectRefusal(file, /newer Keyfold made it/);
  });

  test('refuses a schema that no released version has', async () => {
    const file = await createFile();
    const other = new BetterSqlite3(file);
    other.exec("update __drizzle_migrations set hash = 'another'");
    other.close();
    expectRefusal(file, /schema version 1 that isn't Keyfold's/);
  });

  test('refuses a folder', () => {
    const file = join(temporaryFolder(), 'folder.db');
    mkdirSync(file);
    expect(() => openSqlite({ file, durability: 'full' })).toThrow(/folder\.db is not a file/);
  });

  test('refuses a database damaged in its schema', async () => {
    const file = await createFile();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 100, 4096);
    writeFileSync(file, bytes);
    expectRefusal(file, /can't be opened/);
  });

  test('recovers what a killed process left in its log, and says so', async () => {
    const file = await createKilledFile();
    const said: string[] = [];
    const onRecovery = (what: string) => said.push(what);
    await openSqlite({ file, durability: 'full', onRecovery }).close();
    expect(storedNames(file)).toEqual(names);
    expect(said).toEqual([expect.stringMatching(/^takes \d+ pages from the write-ahead log$/)]);
  });

  test('refuses to make a new database beside the log of one that is gone', async () => {
    const file = await createKilledFile();
    rmSync(file);
    expect(() => openSqlite({ file, durability: 'full' })).toThrow(
      /keyfold\.db is gone, and its write-ahead log is there/,
    );
    expect(existsSync(file)).toBe(false);
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  });

  test.each([
    ['its header', 0],
    ['its first page', 32 + 24 + 100],
    ['the mark of its first page', 32 + 8],
  ])('refuses a log that is damaged in %s', async (_, at) => {
    const file = await createKilledFile();
    damage(`${file}-wal`, at);
    rmSync(`${file}-shm`);
    expectRefusal(file, /has a damaged write-ahead log/);
  });

  test.each([0, 32, 5000])('refuses a log that was cut to %i bytes', async (bytes) => {
    const file = await createKilledFile();
    truncateSync(`${file}-wal`, bytes);
    expectRefusal(file, /has lost a part of its write-ahead log/);
  });

  test('refuses a file that has lost its log', async () => {
    const file = await createKilledFile();
    rmSync(`${file}-wal`);
    expectRefusal(file, /has lost a part of its write-ahead log/);
  });

  test('believes no index that a power cut has left of an earlier log', async () => {
    const file = await createKilledFile();
    const index = readFileSync(`${file}-shm`);
    await openSqlite({ file, durability: 'full' }).close();
    writeFileSync(`${file}-shm`, index);
    expectRefusal(file, /has lost a part of its write-ahead log/);
    // Written before the machine was started.
    utimesSync(`${file}-shm`, 0, 0);
    await openSqlite({ file, durability: 'full' }).close();
    expect(storedNames(file)).toEqual(names);
  });

  test('refuses a truncated file whose log doesn’t have what is missing', async () => {
    const file = await createKilledFile();
    truncateSync(file, 4096);
    expectRefusal(file, /is truncated/);
  });

  test('drops a last transaction that a power cut has left without its middle, and says so', async () => {
    const file = await createKilledFile();
    rmSync(`${file}-shm`);
    damage(`${file}-wal`, statSync(`${file}-wal`).size - 100);
    const said: string[] = [];
    const onRecovery = (what: string) => said.push(what);
    await openSqlite({ file, durability: 'full', onRecovery }).close();
    expect(storedNames(file)).toEqual(names.slice(0, -1));
    expect(said).toEqual([
      expect.stringMatching(/its last transaction is incomplete and dropped$/),
    ]);
  });

  test('with the durability normal takes what can be read of a log', async () => {
    const file = await createKilledFile();
    rmSync(`${file}-shm`);
    damage(`${file}-wal`, 32 + 24 + 100);
    await openSqlite({ file, durability: 'normal' }).close();
    expect(storedNames(file)).toEqual([]);
  });
});

describe('the schema', () => {
  test('keeps the key index without a second copy of its rows', async () => {
    const connection = new BetterSqlite3(await createFile());
    const tables = connection
      .prepare("select name, wr, strict from pragma_table_list where schema = 'main'")
      .all() as { name: string; wr: number; strict: number }[];
    connection.close();
    const ours = tables.filter(({ name }) => !name.startsWith('sqlite_') && !name.startsWith('__'));
    expect(ours.map(({ name }) => name).sort()).toEqual(Object.keys(declared.sqlite).sort());
    expect(ours.every(({ strict }) => strict === 1)).toBe(true);
    expect(ours.find(({ name }) => name === 'profile_keys')?.wr).toBe(1);
  });

  test.each([
    [
      'a key of no profile',
      "insert into profile_keys values ('d', 'k', 'v', 'p', 'API', '', null)",
    ],
    ['a profile of no domain', "insert into profiles values ('d', 'p', '{}', 1, 0, 0, 0)"],
    [
      'a count of no domain',
      "insert into domain_counts (domain_id, shard, profile_count) values ('d', 0, 1)",
    ],
  ])('refuses %s', async (_, sql) => {
    const connection = new BetterSqlite3(await createFile());
    connection.pragma('foreign_keys = on');
    expect(() => connection.exec(sql)).toThrow(/FOREIGN KEY constraint failed/);
    connection.close();
  });

  test("a profile's keys are found by the profile alone when it is deleted", async () => {
    // SQLite looks for children with a plan of its own; a prefix of the wrong index would read all
    // keys of the domain.
    const connection = new BetterSqlite3(await createFile());
    connection.pragma('foreign_keys = on');
    const plan = connection
      .prepare("explain query plan delete from profiles where domain_id = 'd' and profile_id = 'p'")
      .all() as { detail: string }[];
    connection.close();
    expect(plan.map(({ detail }) => detail)).toContain(
      'SEARCH profile_keys USING PRIMARY KEY (domain_id=? AND profile_id=?)',
    );
  });
});
