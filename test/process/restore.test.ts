import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CreateDomainCommand, CreateProfileCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/repository/engine/sqlite.ts';
import { damagePage } from '../support/damage.ts';
import { insert } from '../support/domain-rows.ts';
import { temporaryFolder } from '../support/folder.ts';
import { runCommand, serveDatabase } from '../support/process.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { clientFor } from '../support/service.ts';

const restore = (database: string, ...args: string[]) =>
  runCommand(['restore', ...args, '--database', database]);

/** A database of a folder with a domain of that name. */
async function writeDatabase(path: string, domainName: string): Promise<void> {
  const repository = openSqlite({ file: path, durability: 'normal' });
  await repository.write(insert(domainName));
  await repository.close();
}

async function prepare() {
  const folder = temporaryFolder();
  const [database, backup] = [join(folder, 'keyfold.db'), join(folder, 'backup.db')];
  await writeDatabase(backup, 'restored');
  return { folder, database, backup };
}

const hasDomain = async (database: string, name: string) =>
  (await countRows(database, 'domains', `name = '${name}'`)) === 1;

test('a backup is put where no database is, and is served there', async () => {
  const { folder, backup } = await prepare();
  const database = join(folder, 'new', 'folder', 'keyfold.db');
  const before = readFileSync(backup);
  const { code, stdout, stderr } = await restore(database, backup, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const bytes = statSync(database).size;
  expect(JSON.parse(stdout)).toEqual({ file: database, bytes, seconds: expect.any(Number) });
  expect(await hasDomain(database, 'restored')).toBe(true);
  expect(readFileSync(backup).equals(before)).toBe(true);
  expect(readdirSync(join(folder, 'new', 'folder'))).toEqual(['keyfold.db']);
  const { url } = await serveDatabase(database);
  await clientFor(url).send(
    new CreateDomainCommand({ DomainName: 'later', DefaultExpirationDays: 1 }),
  );
});

test('a database that is there is left alone', async () => {
  const { database, backup } = await prepare();
  await writeDatabase(database, 'mine');
  const before = readFileSync(database);
  expect(await restore(database, backup)).toEqual({
    code: 1,
    stdout: '',
    stderr: `keyfold: database ${database} can't be restored: it is there already, and --replace would give it up\n`,
  });
  expect(readFileSync(database).equals(before)).toBe(true);
});

describe('--replace', () => {
  test('gives the database up, with the log that a killed process has left', async () => {
    const { folder, database, backup } = await prepare();
    const { process, url } = await serveDatabase(database);
    const client = clientFor(url);
    await client.send(
      new CreateDomainCommand({ DomainName: 'customers', DefaultExpirationDays: 1 }),
    );
    await process.stop('SIGKILL');
    expect(statSync(`${database}-wal`).size).toBeGreaterThan(0);
    expect((await restore(database, backup, '--replace')).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['backup.db', 'keyfold.db']);
    expect(await hasDomain(database, 'restored')).toBe(true);
    expect(await hasDomain(database, 'customers')).toBe(false);
    expect((await runCommand(['check', '--database', database])).code).toBe(0);
  });

  test('replaces a damaged database', async () => {
    const { database, backup } = await prepare();
    await writeDatabase(database, 'mine');
    damagePage(database, 'domains');
    expect((await restore(database, backup, '--replace')).code).toBe(0);
    expect(await hasDomain(database, 'restored')).toBe(true);
  });

  test('replaces an empty file', async () => {
    const { database, backup } = await prepare();
    writeFileSync(database, '');
    expect((await restore(database, backup, '--replace')).code).toBe(0);
    expect(await hasDomain(database, 'restored')).toBe(true);
  });

  test('replaces the file behind a link, and leaves the link', async () => {
    const { folder, database, backup } = await prepare();
    const link = join(folder, 'link.db');
    await writeDatabase(database, 'mine');
    symlinkSync('keyfold.db', link);
    expect((await restore(link, backup, '--replace')).code).toBe(0);
    expect(await hasDomain(database, 'restored')).toBe(true);
  });

  test.each(['wal', 'journal'])(
    'is needed for a -%s without its database, which would damage the new one',
    async (suffix) => {
      const { database, backup } = await prepare();
      const log = `${database}-${suffix}`;
      writeFileSync(log, 'a log');
      expect((await restore(database, backup)).code).toBe(1);
      expect(readFileSync(log, 'utf8')).toBe('a log');
      expect((await restore(database, backup, '--replace')).code).toBe(0);
      expect(existsSync(log)).toBe(false);
      expect(await hasDomain(database, 'restored')).toBe(true);
    },
  );

  test('leaves a database that is served, and its service goes on', async () => {
    const { database, backup } = await prepare();
    const { url, process } = await serveDatabase(database);
    const client = clientFor(url);
    const DomainName = 'customers';
    await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 }));
    const { code, stderr } = await restore(database, backup, '--replace');
    expect([code, stderr]).toEqual([
      1,
      `keyfold: database ${database} can't be restored: it is in use: stop every process that has it open\n`,
    ]);
    await client.send(new CreateProfileCommand({ DomainName }));
    expect(await countRows(database, 'profiles')).toBe(1);
    await process.stop('SIGTERM');
    expect((await restore(database, backup, '--replace')).code).toBe(0);
  });

  test('leaves a database that one process has opened twice', async () => {
    const { folder, database, backup } = await prepare();
    const options = { durability: 'normal', checkpointPages: 100 } as const;
    const first = openSqlite({ ...options, file: database });
    await first.write(insert('first'));
    symlinkSync(database, join(folder, 'link.db'));
    const second = openSqlite({ ...options, file: join(folder, 'link.db') });
    // Both flush the file by a descriptor, as its log grows long, and the end of one must leave the other's locks.
    for (let count = 0; count < 100; count++)
      for (const [name, open] of Object.entries({ first, second }))
        await open.write(insert(`${name}-${count}`));
    for (const open of [first, second]) {
      const { code, stderr } = await restore(database, backup, '--replace');
      expect([code, stderr]).toEqual([1, expect.stringContaining('it is in use')]);
      await open.close();
    }
    expect(await hasDomain(database, 'first')).toBe(true);
    expect((await restore(database, backup, '--replace')).code).toBe(0);
  });

  test('leaves what is too broken to tell whether it is in use', async () => {
    const { database, backup } = await prepare();
    writeFileSync(database, 'broken'.repeat(1000));
    const { code, stderr } = await restore(database, backup, '--replace');
    expect(code).toBe(1);
    expect(stderr).toMatch(/too broken to tell whether it is in use [^\n]+ move it away [^\n]+\n$/);
    expect(readFileSync(database, 'utf8')).toBe('broken'.repeat(1000));
  });
});

test('a log beside the backup belongs to it', async () => {
  const { folder, database } = await prepare();
  const served = join(folder, 'served.db');
  const { process } = await serveDatabase(served);
  await changeRows(served, "insert into domains values ('1', 'a', 'logged', 1, '{}', 0, 0, 0)");
  await process.stop('SIGKILL');
  mkdirSync(join(folder, 'copies'));
  const backup = join(folder, 'copies', 'copy.db');
  copyFileSync(served, backup);
  copyFileSync(`${served}-wal`, `${backup}-wal`);
  expect((await restore(database, backup)).code).toBe(0);
  expect(await hasDomain(database, 'logged')).toBe(true);
});

describe('restore is refused in one line, and leaves the database as it was', () => {
  const damaged = (backup: string) => damagePage(backup, 'domains');
  test.each<[string, RegExp, (backup: string) => unknown]>([
    ['a damaged backup', /backup\.db is damaged: /, damaged],
    ['a backup that is not there', /backup\.db does not exist/, (backup) => rmSync(backup)],
    ['a file that is none', /is not a SQLite database/, (backup) => writeFileSync(backup, 'Hello')],
    [
      'a half of a backup',
      /backup\.db is truncated/,
      (backup) => writeFileSync(backup, readFileSync(backup).subarray(0, 20_000)),
    ],
    [
      'the backup of a newer Keyfold',
      /backup\.db has schema version \d+, [^\n]+ a newer Keyfold made it/,
      (backup) =>
        changeRows(
          backup,
          "insert into __drizzle_migrations (hash, created_at) values ('of the future', 1)",
        ),
    ],
  ])('%s', async (_, reason, spoil) => {
    const { folder, database, backup } = await prepare();
    await writeDatabase(database, 'mine');
    await spoil(backup);
    const [before, files] = [readFileSync(database), readdirSync(folder)];
    const { code, stdout, stderr } = await restore(database, backup, '--replace');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readFileSync(database).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(files);
  });

  test('the database itself', async () => {
    const { backup } = await prepare();
    const { code, stderr } = await restore(backup, backup, '--replace');
    expect(code).toBe(1);
    expect(stderr).toMatch(/it is the backup itself\n$/);
    expect(await hasDomain(backup, 'restored')).toBe(true);
  });

  test.each([
    [['backup.db', '--database', 'postgres://127.0.0.1/k'], /use pg_restore/],
    [['backup.db', '--database', ':memory:'], /in memory/],
    [[], /missing required argument 'file'/],
    [['backup.db', '--force'], /--force/],
  ])('%o', async (args, reason) => {
    const { code, stderr } = await runCommand(['restore', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
