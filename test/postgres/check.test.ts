import { expect, onTestFinished, test } from 'vitest';
import { sharedDatabase } from '../support/database.ts';
import { inhabit } from '../support/inhabit.ts';
import { query } from '../support/postgres-server.ts';
import { runCommand, serveDatabase } from '../support/process.ts';

const check = (database: string, ...args: string[]) =>
  runCommand(['check', ...args, '--database', database]);

async function prepare(): Promise<string> {
  const database = await sharedDatabase();
  // Rows without parents hang on no domain that another test's end would delete.
  onTestFinished(async () => void (await query(database, 'truncate domains cascade')));
  await inhabit(database);
  return database;
}

test('a sound database has no problems, before and while it is served', async () => {
  const database = await prepare();
  const sound = 'checked: foreign keys, keys of objects, counts; problems: 0\n';
  expect(await check(database)).toEqual({ code: 0, stdout: sound, stderr: '' });
  await serveDatabase(database);
  expect(await check(database)).toEqual({ code: 0, stdout: sound, stderr: '' });
});

test.each([
  [
    'rows without their parents',
    'set session_replication_role = replica; delete from profiles',
    /^\d+ rows of profile_keys without theirs in profiles$/m,
  ],
  [
    'keys of objects that are gone',
    "delete from profile_objects where unique_value = 'e'",
    /^2 keys of objects that are not there\n/,
  ],
  [
    'counts that are wrong',
    'update domain_counts set profile_count = 9, metering_extra = 9, object_bytes = 0',
    /^domain \w+ counts \d+ profiles, and has 3\ndomain \w+ counts 0 bytes of objects, and has \d+\ndomain \w+ counts \d+ further counts of profiles with many objects, and has 1\n/,
  ],
])('%s are told, and end with 1', async (_, sql, line) => {
  const database = await prepare();
  await query(database, sql);
  const { code, stdout, stderr } = await check(database);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(line);
});

test('a database that waits for migrations is not judged, and not migrated', async () => {
  const database = await prepare();
  const table = '__drizzle_migrations';
  const [last] = await query(database, `select * from ${table} order by id desc limit 1`);
  await query(database, `delete from ${table} where id = ${last?.id}`);
  const { code, stdout } = await check(database);
  const [{ count } = {}] = await query(database, `select count(*) as count from ${table}`);
  await query(
    database,
    `insert into ${table} values (${last?.id}, '${last?.hash}', ${last?.created_at})`,
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^schema version \d+ of \d+: the next start migrates it\nchecked: nothing; problems: 0\n$/,
  );
  expect(Number(count)).toBe(Number(last?.id) - 1);
});

test('a database without tables, or of a newer Keyfold, can’t be checked', async () => {
  const database = await prepare();
  const table = '__drizzle_migrations';
  await query(database, `insert into ${table} values (1000, 'of the future', 1)`);
  const newer = await check(database);
  await query(database, `delete from ${table} where id = 1000`);
  expect([newer.code, newer.stdout]).toEqual([2, '']);
  expect(newer.stderr).toMatch(
    / can't be checked: has schema version [^\n]+ a newer Keyfold made it/,
  );
  const other = new URL(database);
  other.pathname = '/postgres';
  const { code, stderr } = await check(other.href);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^keyfold: database \S+ can't be checked: has no tables of Keyfold\n$/);
});
