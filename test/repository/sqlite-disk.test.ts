import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { WriterDisk } from '../../src/repository/engine/sqlite-disk.ts';
import { rewriteFile } from '../../src/repository/engine/sqlite-file.ts';
import { has, insert } from '../support/domain-rows.ts';
import { temporaryFolder } from '../support/folder.ts';

function connect(file: string, options: BetterSqlite3.Options = {}): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, options);
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/** A database with more in its log than is left there. */
function fillLog(file: string): BetterSqlite3.Database {
  const writer = connect(file);
  writer.pragma('journal_mode = wal');
  writer.pragma('wal_autocheckpoint = 0');
  writer.exec('create table bytes (some blob)');
  writer.exec('insert into bytes values (zeroblob(5000000))');
  return writer;
}

test('a long log is moved into the file', () => {
  const file = join(temporaryFolder(), 'long.db');
  const writer = fillLog(file);
  expect(statSync(file).size).toBeLessThan(5_000_000);
  const disk = new WriterDisk(writer);
  disk.settle();
  expect(statSync(file).size).toBeGreaterThan(5_000_000);
});

test('a log that cannot be moved is told of once, and writes go on', () => {
  const file = join(temporaryFolder(), 'stuck.db');
  fillLog(file);
  const failures: Error[] = [];
  const disk = new WriterDisk(connect(file, { readonly: true }), {
    flushFailed: (error) => failures.push(error),
    checkpointFailed: (error) => failures.push(error),
  });
  disk.settle();
  disk.settle();
  expect(failures).toHaveLength(1);
  expect(failures[0]).toBeInstanceOf(BetterSqlite3.SqliteError);
  expect(() => disk.check()).not.toThrow();
});

test("a repository keeps its log short by itself, without SQLite's own way", async () => {
  const file = join(temporaryFolder(), 'keyfold.db');
  const repository = openSqlite({ file, durability: 'full' });
  onTestFinished(() => repository.close());
  const other = connect(file);
  for (let count = 0; count < 300; count++) await repository.write(insert(`domain-${count}`));
  // Moving is what makes the log start over: it holds fewer pages than all writes have made.
  const [{ log }] = other.pragma('wal_checkpoint(noop)') as [{ log: number }];
  expect(log).toBeLessThan(1_100);
  expect(await has(repository, 'domain-299')).toBe(true);
});

test('a file that is written again is the same', () => {
  const file = join(temporaryFolder(), 'whole.db');
  // More than is read at once, and no multiple of it.
  writeFileSync(file, randomBytes(3_000_001));
  const before = readFileSync(file);
  rewriteFile(file);
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('the log of an ended process is moved before another one is begun', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'keyfold.db');
  const left = openSqlite({ file, durability: 'full' });
  await left.write(insert('kept'));
  // What a killed process leaves, beside the one that is alive.
  const [database, log] = [join(folder, 'copy.db'), join(folder, 'copy.db-wal')];
  copyFileSync(file, database);
  copyFileSync(`${file}-wal`, log);
  copyFileSync(`${file}-shm`, `${database}-shm`);
  await left.close();
  const opened = openSqlite({ file: database, durability: 'full' });
  onTestFinished(() => opened.close());
  expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
  expect(await has(opened, 'kept')).toBe(true);
});

test('the log of a living process is left to it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'keyfold.db');
  const first = openSqlite({ file, durability: 'full' });
  onTestFinished(() => first.close());
  await first.write(insert('one'));
  const size = statSync(`${file}-wal`).size;
  expect(size).toBeGreaterThan(0);
  const second = openSqlite({ file, durability: 'full' });
  onTestFinished(() => second.close());
  expect(statSync(`${file}-wal`).size).toBe(size);
  await second.write(insert('two'));
  await first.write(insert('three'));
  for (const name of ['one', 'two', 'three']) expect(await has(first, name)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['keyfold.db', 'keyfold.db-shm', 'keyfold.db-wal']);
});
