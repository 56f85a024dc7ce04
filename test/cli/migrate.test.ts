import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DatabaseRefusedError } from '../../src/repository/errors.ts';
import { runInProcess as run } from '../support/commands.ts';
import { sharedDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { changeRows, countRows } from '../support/rows.ts';

describe('migrate', () => {
  const known = 7;

  /** A database, and what `migrate` says of it. */
  async function prepare() {
    const database = await sharedDatabase();
    const migrate = async (...args: string[]) =>
      (await run(['migrate', '--database', database, ...args])).lines;
    return { database, migrate };
  }

  /** Takes the last migration back. */
  async function makeOlder(database: string): Promise<void> {
    await changeRows(database, 'drop table imports');
    await changeRows(database, `delete from __drizzle_migrations where id = ${known}`);
  }

  test('says what it would do, and does not', async () => {
    const { database, migrate } = await prepare();
    await migrate();
    await makeOlder(database);
    const lines = ['0006_imports', `schema version ${known - 1} would be ${known}`];
    expect(await migrate('--dry-run')).toEqual(lines);
    expect(await migrate('--dry-run')).toEqual(lines);
    expect(JSON.parse((await migrate('--dry-run', '--json'))[0] ?? '')).toEqual({
      version: known - 1,
      pending: ['0006_imports'],
      isDryRun: true,
    });
    await migrate();
  });

  test('migrates, and finds nothing to do then', async () => {
    const { database, migrate } = await prepare();
    await migrate();
    await makeOlder(database);
    expect(await migrate()).toEqual([
      '0006_imports',
      `schema version ${known - 1} is now ${known}`,
    ]);
    expect(await countRows(database, 'imports')).toBe(0);
    expect(await migrate()).toEqual([`schema version ${known}: nothing to do`]);
  });

  test('refuses the database of a newer Keyfold', async () => {
    const { database, migrate } = await prepare();
    await migrate();
    await changeRows(
      database,
      `insert into __drizzle_migrations values (${known + 1}, 'later', 0)`,
    );
    const refused = migrate('--dry-run');
    await expect(refused).rejects.toThrow(DatabaseRefusedError);
    await expect(refused).rejects.toThrow(`has schema version ${known + 1}`);
    await changeRows(database, `delete from __drizzle_migrations where id = ${known + 1}`);
  });

  test('makes a database where there is none, unless asked only to say so', async () => {
    const database = join(temporaryFolder(), 'new.db');
    const args = ['migrate', '--database', database];
    expect((await run([...args, '--dry-run'])).lines).toHaveLength(known + 1);
    expect(existsSync(database)).toBe(false);
    expect((await run(args)).lines.at(-1)).toBe(`schema version 0 is now ${known}`);
    expect(existsSync(database)).toBe(true);
  });
});
