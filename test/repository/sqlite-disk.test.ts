import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { identityOf } from '../../src/repository/engine/sqlite-database.ts';
import { WriterDisk } from '../../src/repository/engine/sqlite-disk.ts';
import { rewriteFile } from '../../src/repository/engine/sqlite-file.ts';
import { LogThread } from '../../src/repository/engine/sqlite-log-mover.ts';
import { has, insert } from '../support/domain-rows.ts';
import { temporaryFolder } from '../support/folder.ts';
import { Control, Preload, whyNoPreload } from '../torture/disk/preload.ts';

function connect(file: string, options: BetterSqlite3.Options = {}): BetterSqlite3.Database {
  const connection = new BetterSqlite3(file, options);
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

/** Fewer pages than the log of the tests has. */
const PAGES_MAX = 1_000;

function pagesInLog(connection: BetterSqlite3.Database): number {
  const [{ log }] = connection.pragma('wal_checkpoint(noop)') as [{ log: number }];
  return log;
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

test('a long log is moved into the file, and begun anew by the next write', async () => {
  const file = join(temporaryFolder(), 'long.db');
  const writer = fillLog(file);
  expect(statSync(file).size).toBeLessThan(5_000_000);
  const disk = new WriterDisk(writer, { pagesMax: PAGES_MAX });
  onTestFinished(() => disk.close());
  disk.settle();
  await disk.moving;
  expect(statSync(file).size).toBeGreaterThan(5_000_000);
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeLessThan(10);
});

test('transactions wait for the last of a log, and not for all of it', async () => {
  const writer = fillLog(join(temporaryFolder(), 'paused.db'));
  const disk = new WriterDisk(writer, { pagesMax: PAGES_MAX });
  onTestFinished(() => disk.close());
  disk.settle();
  expect(disk.paused).toBeUndefined();
  let [writes, pauses] = [0, 0];
  let isMoved = false;
  void disk.moving?.then(() => {
    isMoved = true;
  });
  while (!isMoved) {
    if (disk.paused === undefined) {
      writer.exec('insert into bytes values (zeroblob(1))');
      writes += 1;
    } else pauses += 1;
    await setImmediate();
  }
  expect(writes).toBeGreaterThan(0);
  expect(pauses).toBeGreaterThan(0);
  expect(disk.paused).toBeUndefined();
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeLessThan(10);
});

test('a log that somebody reads an older state from is left, and moved when it has grown and they are done', async () => {
  const file = join(temporaryFolder(), 'read.db');
  const writer = fillLog(file);
  const reader = connect(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from bytes').get();
  writer.exec('insert into bytes values (zeroblob(1000000))');
  const disk = new WriterDisk(writer, { pagesMax: PAGES_MAX });
  onTestFinished(() => disk.close());
  disk.settle();
  await disk.moving;
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeGreaterThan(PAGES_MAX);
  disk.settle();
  expect(disk.moving).toBeUndefined();
  reader.exec('commit');
  writer.exec('insert into bytes values (zeroblob(1000000))');
  disk.settle();
  await disk.moving;
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeLessThan(10);
});

test('without a thread, a log is moved all the same', async () => {
  const file = join(temporaryFolder(), 'alone.db');
  const writer = fillLog(file);
  const nowhere = new URL('./no-such-module.js', import.meta.url);
  const thread = new LogThread({ file, identity: identityOf(file), readonly: false }, nowhere);
  const failures: Error[] = [];
  const note = (error: Error) => void failures.push(error);
  const events = { flushFailed: note, checkpointFailed: note };
  const disk = new WriterDisk(writer, { events, pagesMax: PAGES_MAX, thread });
  onTestFinished(() => disk.close());
  disk.settle();
  await disk.moving;
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeLessThan(10);
  expect(failures).toEqual([]);
});

test('a thread that ends instead of answering is not waited for', async () => {
  const file = join(temporaryFolder(), 'ended.db');
  const writer = fillLog(file);
  const module = new URL('data:text/javascript,process.exit()');
  const thread = new LogThread({ file, identity: identityOf(file), readonly: false }, module);
  const disk = new WriterDisk(writer, { pagesMax: PAGES_MAX, thread });
  onTestFinished(() => disk.close());
  disk.settle();
  await disk.moving;
  writer.exec('insert into bytes values (zeroblob(1))');
  expect(pagesInLog(writer)).toBeLessThan(10);
});

test('the log of a file that was renamed is left where it is', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'named.db');
  const writer = fillLog(file);
  const disk = new WriterDisk(writer, { pagesMax: PAGES_MAX });
  onTestFinished(() => disk.close());
  renameSync(file, join(folder, 'renamed.db'));
  disk.settle();
  await disk.moving;
  expect(existsSync(file)).toBe(false);
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(5_000_000);
});

const missing = whyNoPreload();

test.skipIf(missing !== undefined)(
  `a log is left where it is after a flush has failed (${missing ?? 'on a disk that fails'})`,
  async () => {
    const folder = realpathSync(temporaryFolder());
    const file = join(folder, 'failed.db');
    const preload = new Preload();
    onTestFinished(() => preload.remove());
    const control = new Control(join(folder, 'control'));
    onTestFinished(() => control.close());
    const script = fileURLToPath(
      new URL('../fixtures/close-after-failed-flush.ts', import.meta.url),
    );
    const env = { ...process.env, ...preload.environment(folder, { control }) };
    const { stdout } = await promisify(execFile)(process.execPath, [script, file, control.path], {
      env,
    });
    // SQLite would have moved the rest of it and removed it, and what was moved before would have been lost.
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(100_000);
    const opened = openSqlite({ file, durability: 'normal' });
    onTestFinished(() => opened.close());
    const last = Number(stdout) - 1;
    expect(await has(opened, `domain-${last - 1}`)).toBe(true);
  },
);

test('a log that cannot be moved is told of once, and writes go on', async () => {
  const file = join(temporaryFolder(), 'stuck.db');
  const writer = fillLog(file);
  const failures: Error[] = [];
  const events = {
    flushFailed: (error: Error) => void failures.push(error),
    checkpointFailed: (error: Error) => void failures.push(error),
  };
  const readonly = connect(file, { readonly: true });
  const disk = new WriterDisk(readonly, { events, pagesMax: PAGES_MAX });
  onTestFinished(() => disk.close());
  for (let moves = 0; moves < 2; moves++) {
    disk.settle();
    expect(disk.moving).toBeDefined();
    await disk.moving;
    writer.exec('insert into bytes values (zeroblob(1000000))');
  }
  expect(failures).toHaveLength(1);
  expect(failures[0]).toBeInstanceOf(BetterSqlite3.SqliteError);
  expect(() => disk.check()).not.toThrow();
});

test("a repository keeps its log short by itself, without SQLite's own way", async () => {
  const file = join(temporaryFolder(), 'keyfold.db');
  const repository = openSqlite({ file, durability: 'normal', checkpointPages: PAGES_MAX });
  onTestFinished(() => repository.close());
  const other = connect(file);
  const write = (count: number) => repository.write(insert(`domain-${count}`));
  // Many together, and then one after another until the log is shorter than it was: then it was begun anew.
  await Promise.all(Array.from({ length: 1_500 }, (_, count) => write(count)));
  let count = 1_500;
  for (let pages = 0; pagesInLog(other) >= pages; count++) {
    pages = pagesInLog(other);
    await write(count);
  }
  expect(statSync(file).size).toBeGreaterThan(500_000);
  for (const written of [0, 1_499, count - 1])
    expect(await has(repository, `domain-${written}`)).toBe(true);
});

test('a log that has grown long is cut when it begins anew', async () => {
  const file = join(temporaryFolder(), 'keyfold.db');
  const repository = openSqlite({ file, durability: 'normal' });
  onTestFinished(() => repository.close());
  const other = connect(file);
  // Nothing moves this one's log but what is said here.
  other.pragma('wal_autocheckpoint = 0');
  other.pragma('synchronous = off');
  other.exec('create table bytes (some blob)');
  for (let count = 0; count < 8; count++)
    other.exec('insert into bytes values (zeroblob(10000000))');
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(80_000_000);
  other.pragma('wal_checkpoint(passive)');
  await repository.write(insert('next'));
  expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(64 * 2 ** 20);
  expect(await has(repository, 'next')).toBe(true);
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
