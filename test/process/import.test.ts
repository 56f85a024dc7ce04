import {
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
import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  SearchProfilesCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { type KeyfoldProcess, serveDatabase, startProcess } from '../support/process.ts';
import { countRows } from '../support/rows.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';

/** A database with an empty domain, and a service that goes on using it. */
async function serve() {
  const folder = temporaryFolder();
  const database = join(folder, 'keyfold.db');
  const { url } = await serveDatabase(database);
  const client = clientFor(url);
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const start = (...args: string[]) => startProcess({ args: [...args, '--database', database] });
  const run = async (...args: string[]) => {
    const process = start(...args);
    const code = await process.exited();
    return { code, stdout: process.stdout, stderr: process.stderr };
  };
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return { folder, database, client, start, run, write };
}

/** Lines of which every tenth can't be taken. */
function manyLines(count: number): string {
  const lines = Array.from({ length: count }, (_, index) =>
    index % 10 === 3
      ? `{"bad":${index}}`
      : JSON.stringify({
          FirstName: `n${index}`,
          Keys: [{ KeyName: 'row', Values: [String(index)] }],
        }),
  );
  return `${lines.join('\n')}\n`;
}

/** Resolves when a database has so many rows of profiles, or the process has ended. */
async function untilStored(database: string, count: number, { child }: KeyfoldProcess) {
  while (child.exitCode === null && (await countRows(database, 'profiles')) < count)
    await new Promise((resolve) => setTimeout(resolve, 2));
}

async function expectWhole(database: string, file: string, rows: number): Promise<void> {
  const taken = (rows * 9) / 10;
  expect(await countRows(database, 'profiles')).toBe(taken);
  const keys = "key_name = 'row'";
  expect(await countRows(database, 'profile_keys', keys)).toBe(taken);
  const different = `key_name = 'row' and key_value in (select key_value from profile_keys where ${keys} group by key_value having count(*) = 1)`;
  expect(await countRows(database, 'profile_keys', different)).toBe(taken);
  const rejects = readFileSync(`${file}.rejects.ndjson`, 'utf8').trimEnd().split('\n');
  expect(rejects.map((line) => JSON.parse(line).Line)).toEqual(
    Array.from({ length: rows / 10 }, (_, index) => index * 10 + 4),
  );
}

describe('import', () => {
  const ROWS = 10_000;

  test('kill -9 again and again loses no row and doubles none, and the file of rejects is whole', async () => {
    const { database, start, run, write } = await serve();
    const file = write('many.ndjson', manyLines(ROWS));
    let kills = 0;
    for (let wanted = 1; wanted < (ROWS * 9) / 10; wanted += 1_500) {
      const process = start('import', DomainName, file);
      await untilStored(database, wanted, process);
      if ((await process.stop('SIGKILL')) === 'SIGKILL') kills++;
    }
    expect(kills).toBeGreaterThan(1);
    const { code, stdout } = await run('import', DomainName, file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ created: (ROWS * 9) / 10, rejected: ROWS / 10 });
    await expectWhole(database, file, ROWS);
  });

  test('SIGINT ends after what is running, and says how to go on', async () => {
    const { database, start, run, write } = await serve();
    const file = write('many.ndjson', manyLines(ROWS));
    const process = start('import', DomainName, file);
    await untilStored(database, 1, process);
    process.child.kill('SIGINT');
    expect(await process.stop('SIGINT')).toBe(1);
    const [, line] = /The same command goes on from line (\d+)\./.exec(process.stdout) ?? [];
    expect(Number(line)).toBeGreaterThan(1);
    expect(Number(line)).toBeLessThan(ROWS);
    expect((await run('import', DomainName, file)).stdout).toContain('9000 created');
    await expectWhole(database, file, ROWS);
    const before = await run('import', DomainName, file);
    expect(before).toMatchObject({ code: 1 });
    expect(before.stdout).toContain('Imported before');
  });

  test('a table with a mapping, beside a running service that finds it at once', async () => {
    const { client, run, write } = await serve();
    const file = write('table.csv', 'E-Mail,Card,Internal\nAda@x.y,"[""1"",""2""]",x\n');
    const unmapped = await run('import', DomainName, file);
    expect(unmapped).toMatchObject({ code: 1, stdout: '' });
    expect(unmapped.stderr).toContain("nobody knows the columns 'E-Mail', 'Card', 'Internal'");
    const columns = { 'E-Mail': 'EmailAddress', Card: 'Keys.card', Internal: null };
    const mapping = write('mapping.json', JSON.stringify({ columns }));
    const { code, stdout } = await run('import', DomainName, file, '--mapping', mapping);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^Imported: 1 created, 0 updated, 0 rejected \(/);
    expect(existsSync(`${file}.rejects.ndjson`)).toBe(false);
    const search = new SearchProfilesCommand({ DomainName, KeyName: 'card', Values: ['2'] });
    const { Items = [] } = await client.send(search);
    expect(Items).toMatchObject([{ EmailAddress: 'Ada@x.y' }]);
    const keys = await run('keys', DomainName, Items[0]?.ProfileId ?? '', '--json');
    expect(
      keys.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { keyName: '_email', value: 'Ada@x.y', from: 'FIELD', fields: ['EmailAddress'] },
      { keyName: '_profileId', value: Items[0]?.ProfileId, from: 'FIELD' },
      { keyName: 'card', value: '1', from: 'API' },
      { keyName: 'card', value: '2', from: 'API' },
    ]);
    const lines = await run('keys', DomainName, Items[0]?.ProfileId ?? '');
    expect(lines.stdout).toContain('_email  Ada@x.y  from EmailAddress\n');
    expect(await run('keys', DomainName, 'a'.repeat(32))).toEqual({
      code: 1,
      stdout: '',
      stderr: `keyfold: domain 'customers' has no profile ${'a'.repeat(32)}\n`,
    });
  });

  test.each([
    [['x.txt'], "the name of x.txt doesn't tell its format: say --format csv or ndjson"],
    [['x.csv', '--format', 'xml'], "--format must be csv or ndjson, not 'xml'"],
    [['x.ndjson', '--mapping', 'm'], '--mapping is for columns of CSV'],
  ])('%j is a wrong command', async (args, problem) => {
    const { code, stderr } = await (await serve()).run('import', DomainName, ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `keyfold: ${problem}\n` });
  });
});

describe('export', () => {
  test('writes the same to a file and to standard output, and import gives it back', async () => {
    const { folder, client, run, write } = await serve();
    for (const FirstName of ['"Ada"', 'line\nbreak']) {
      const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName, FirstName }));
      const key = { DomainName, ProfileId, KeyName: 'card', Values: [FirstName, ' x '] };
      await client.send(new AddProfileKeyCommand(key));
    }
    await client.send(new CreateDomainCommand({ DomainName: 'copy', DefaultExpirationDays: 1 }));
    for (const format of ['ndjson', 'csv']) {
      const file = join(folder, `out.${format}`);
      const exported = await run('export', DomainName, file, '--json');
      expect(JSON.parse(exported.stdout)).toEqual({ profiles: 2, file });
      expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
      const text = readFileSync(file, 'utf8');
      expect((await run('export', DomainName, '--format', format)).stdout).toBe(text);
      const copy = write(`copy.${format}`, text);
      expect((await run('import', 'copy', copy)).code).toBe(0);
      expect((await run('export', 'copy', '--format', format)).stdout).toBe(text);
    }
  });

  test('leaves a file that is there as it is, unless told to give it up', async () => {
    const { folder, run, write } = await serve();
    const file = write('out.ndjson', 'mine');
    const line = `keyfold: ${file} exists: --replace gives it up\n`;
    expect(await run('export', DomainName, file)).toEqual({ code: 1, stdout: '', stderr: line });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await run('export', DomainName, file, '--replace')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('');
    mkdirSync(join(folder, 'taken.csv'));
    const taken = await run('export', DomainName, join(folder, 'taken.csv'), '--replace');
    expect(taken.code).toBe(1);
    expect(taken.stderr).toMatch(/^keyfold: .*taken\.csv can't be replaced: it is not a file\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  test('replaces no database, its own least of all', async () => {
    const { folder, database, run } = await serve();
    const before = readFileSync(database);
    for (const file of [database, `${database}-wal`]) {
      const { code, stderr } = await run(
        'export',
        DomainName,
        file,
        '--replace',
        '--format',
        'csv',
      );
      const line = `keyfold: ${file} is not replaced: it is a SQLite database\n`;
      expect({ code, stderr }).toEqual({ code: 1, stderr: line });
    }
    expect(readFileSync(database).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  test('follows no link and touches no file beside it, and is for its owner only', async () => {
    const { folder, run, write } = await serve();
    const victim = write('victim', 'mine');
    const file = join(folder, 'out.csv');
    symlinkSync(victim, `${file}.partial`);
    expect((await run('export', DomainName, file)).code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s leaves nothing of the file',
    async (signal) => {
      const { folder, start, run, write } = await serve();
      const lines = Array.from({ length: 5_000 }, (_, index) => `{"FirstName":"n${index}"}\n`);
      const source = write('many.ndjson', lines.join(''));
      expect((await run('import', DomainName, source)).code).toBe(0);
      // CSV: its first look at all profiles writes nothing.
      const file = join(folder, 'out.csv');
      const parts = () => readdirSync(folder).filter((name) => name.startsWith('out.csv.'));
      for (;;) {
        const process = start('export', DomainName, file);
        while (parts().length === 0 && process.child.exitCode === null)
          await new Promise((resolve) => setTimeout(resolve, 1));
        // Another one, where one has ended before it was told to.
        if ((await process.stop(signal)) === 0) {
          rmSync(file);
          continue;
        }
        const line = `keyfold: ${file} is not written: stopped by ${signal}\n`;
        expect([await process.exited(), process.stdout, process.stderr]).toEqual([1, '', line]);
        break;
      }
      expect(parts()).toEqual([]);
      expect(existsSync(file)).toBe(false);
    },
  );

  test('says what can not be written, and leaves nothing of it', async () => {
    const { folder, run } = await serve();
    const file = join(folder, 'nowhere', 'out.csv');
    const { code, stderr } = await run('export', DomainName, file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^keyfold: .*out\.csv can't be written: ENOENT/);
    const absent = await run('export', 'nobody', join(folder, 'out.csv'));
    expect(absent.stderr).toBe("keyfold: account 000000000000 has no domain 'nobody'\n");
    expect(existsSync(join(folder, 'out.csv'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('out.csv'))).toEqual([]);
  });
});
