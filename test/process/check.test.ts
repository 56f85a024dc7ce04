import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { damageIndex, damagePage } from '../support/damage.ts';
import { temporaryFolder } from '../support/folder.ts';
import { inhabit } from '../support/inhabit.ts';
import { runCommand, serveDatabase } from '../support/process.ts';
import { changeRows } from '../support/rows.ts';

const check = (database: string, ...args: string[]) =>
  runCommand(['check', ...args, '--database', database]);

async function prepare(): Promise<string> {
  const database = join(temporaryFolder(), 'keyfold.db');
  await inhabit(database);
  return database;
}

test('a sound database has no problems, before and while it is served', async () => {
  const database = await prepare();
  const sound = 'checked: integrity, foreign keys, keys of objects, counts; problems: 0\n';
  const [before, files] = [readFileSync(database), readdirSync(dirname(database))];
  expect(await check(database)).toEqual({ code: 0, stdout: sound, stderr: '' });
  // Nothing was changed, and nothing left beside it.
  expect(readFileSync(database).equals(before)).toBe(true);
  expect(readdirSync(dirname(database))).toEqual(files);
  await serveDatabase(database);
  const { code, stdout } = await check(database, '--json');
  expect(code).toBe(0);
  const { schemaVersion, ...report } = JSON.parse(stdout);
  expect(report).toEqual({
    knownVersion: schemaVersion,
    checked: ['integrity', 'foreign keys', 'keys of objects', 'counts'],
    problems: [],
  });
});

describe('damage is told line by line, and ends with 1', () => {
  test.each<[string, (database: string) => unknown, RegExp]>([
    ['a broken page', (file) => damagePage(file, 'profiles'), /^damaged: [^\n]+\n/],
    ['a broken schema', (file) => damagePage(file, 'sqlite_schema'), /^damaged: /],
    ['a file cut off', (file) => truncateSync(file, 20_000), /^is truncated: it has 20000 of /],
    ['an empty file', (file) => writeFileSync(file, ''), /^is empty: /],
    ['a file that is none', (file) => writeFileSync(file, 'Hello'), /^is not a SQLite database\n/],
    ['an index that lacks rows', damageIndex, /^damaged: row \d+ missing from index spare\n/],
    [
      'rows without their parents',
      (file) => changeRows(file, 'pragma foreign_keys = off; delete from profiles'),
      /^\d+ rows of \w+ without theirs in profiles\n(\d+ rows? of \w+ without theirs in profiles\n)*/,
    ],
    [
      'keys of objects that are gone',
      (file) => changeRows(file, "delete from profile_objects where unique_value = 'e'"),
      /^2 keys of objects that are not there\n/,
    ],
    [
      'counts that are wrong',
      (file) =>
        changeRows(
          file,
          'update domain_counts set profile_count = 9, metering_extra = 9, object_bytes = 0',
        ),
      /^domain \w+ counts \d+ profiles, and has 3\ndomain \w+ counts 0 bytes of objects, and has \d+\ndomain \w+ counts \d+ further counts of profiles with many objects, and has 1\n/,
    ],
  ])('%s', async (_, spoil, line) => {
    const database = await prepare();
    await spoil(database);
    const before = readFileSync(database);
    const { code, stdout, stderr } = await check(database);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(line);
    expect(stdout).not.toContain('schema version');
    expect(stdout).toMatch(/\nchecked: [a-z, ]+; problems: [1-9]\d*\n$/);
    expect(readFileSync(database).equals(before)).toBe(true);
  });
});

test('a database that waits for migrations is sound, and is not migrated', async () => {
  const database = await prepare();
  await changeRows(
    database,
    'delete from __drizzle_migrations where id = (select max(id) from __drizzle_migrations)',
  );
  const before = readFileSync(database);
  const { code, stdout } = await check(database);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^schema version \d+ of \d+: the next start migrates it\nchecked: integrity, foreign keys; problems: 0\n$/,
  );
  expect(readFileSync(database).equals(before)).toBe(true);
});

describe('what can’t be looked at is told in one line, and ends with 2', () => {
  test.each<[string, string[], RegExp]>([
    ['no file', ['--database', 'none.db'], /database none\.db does not exist/],
    ['a folder', ['--database', '.'], /database \. is not a file/],
    ['a database in memory', ['--database', ':memory:'], /in memory/],
    ['an operand', ['keyfold.db'], /too many arguments for 'check'/],
    [
      'a PostgreSQL that isn’t there',
      ['--database', 'postgres://keyfold:secret@127.0.0.1:1/k'],
      /database postgres:\/\/keyfold@127\.0\.0\.1:1\/k can't be checked: /,
    ],
  ])('%s', async (_, args, reason) => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await runCommand(['check', ...args], cwd);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(join(cwd, 'none.db'))).toBe(false);
  });

  test('the database of a newer Keyfold', async () => {
    const database = await prepare();
    await changeRows(
      database,
      "insert into __drizzle_migrations (hash, created_at) values ('of the future', 1)",
    );
    const { code, stdout, stderr } = await check(database);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/ has schema version \d+, [^\n]+ a newer Keyfold made it[^\n]*\n$/);
  });
});
