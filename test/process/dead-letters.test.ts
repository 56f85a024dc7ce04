import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CustomerProfilesClient } from '@aws-sdk/client-customer-profiles';
import { CreateDomainCommand } from '@aws-sdk/client-customer-profiles';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Customers } from '../support/customers.ts';
import { temporaryFolder } from '../support/folder.ts';
import { Objects, ticketType } from '../support/objects.ts';
import { type KeyfoldProcess, serveDatabase, startProcess } from '../support/process.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';
const root = 'arn:aws:iam::000000000000:root';
const noProfile = 'No profile has a key of the object, and its type makes none';
const withoutId = 'The object lacks a field of the unique key of its type';

/** A process that serves a database in which tickets of nobody are refused, until it is told otherwise. */
async function serveTickets() {
  const database = join(temporaryFolder(), 'keyfold.db');
  const { process, url } = await serveDatabase(database);
  const client: CustomerProfilesClient = clientFor(url);
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const service = { url } as Customers['service'];
  const customers = new Customers(service, client, DomainName);
  const tickets = new Objects(customers, 'ticket');
  await tickets.define({ ...ticketType, AllowProfileCreation: false });
  const refuse = async (...objects: (object | string)[]) => {
    for (const object of objects)
      await expect(tickets.put(object)).rejects.toMatchObject({ name: 'BadRequestException' });
  };
  return { process, database, customers, tickets, refuse, allow: () => tickets.define(ticketType) };
}

function start(database: string, args: readonly string[]): KeyfoldProcess {
  return startProcess({ args: ['dead-letters', ...args, '--database', database] });
}

async function run(database: string, ...args: string[]) {
  const process = start(database, args);
  const code = await process.exited();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

function parseLines(text: string) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The letters that a database holds, oldest first. */
function lettersIn(database: string): { letterId: string; reason: string }[] {
  const connection = new BetterSqlite3(database, { readonly: true });
  try {
    const select = 'select letter_id as letterId, reason from dead_letters order by letter_id';
    return connection.prepare(select).all() as { letterId: string; reason: string }[];
  } finally {
    connection.close();
  }
}

/** So many letters, past the service: `hundredthousands` of spaces make one large. */
function insertLetters(database: string, count: number, hundredthousands = 0): Promise<void> {
  const document = `'{"id":' || n || ',"email":"' || n || '@x.y"}' || printf('%*s', ${hundredthousands * 100_000}, '')`;
  return changeRows(
    database,
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
     insert into dead_letters select domain_id, printf('%032x', n), 'ticket', ${document}, 'r', '${root}', 0 from domains, numbers`,
  );
}

describe('dead-letters list', () => {
  test('shows each letter on a line, oldest first, and nothing of the object', async () => {
    const { database, refuse } = await serveTickets();
    await refuse({ id: 1, email: 'secret@x.y' }, 'no JSON');
    const { code, stdout, stderr } = await run(database, 'list', DomainName);
    expect([code, stderr]).toEqual([0, '']);
    const line = (reason: string) => `[0-9a-f]{32}  \\S+Z  ticket  ${root}  ${reason}\n`;
    expect(stdout).toMatch(
      new RegExp(`^${line(noProfile)}${line('The object is not a JSON object')}$`),
    );
  });

  test('--json shows the object too, as it came', async () => {
    const { database, refuse } = await serveTickets();
    await refuse('{ "id": 1.50, "email": "é\\u0000" }');
    const { stdout } = await run(database, 'list', DomainName, '--json');
    expect(parseLines(stdout)).toEqual([
      {
        letterId: expect.stringMatching(/^[0-9a-f]{32}$/),
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        objectTypeName: 'ticket',
        performedBy: root,
        reason: 'The value of field email must be well-formed Unicode text without NUL',
        document: '{ "id": 1.50, "email": "é\\u0000" }',
      },
    ]);
  });

  test('keeps to one line, whatever a reason quotes', async () => {
    const { database, tickets, refuse } = await serveTickets();
    await tickets.define({
      ...ticketType,
      SourceLastUpdatedTimestampFormat: 'yyyy\n\u001b[2J',
      Fields: { ...ticketType.Fields, sourceLastUpdatedTimestamp: { Source: '_source.at' } },
    });
    await refuse({ id: 1, email: 'ada@x.y', at: 'now' });
    const { stdout } = await run(database, 'list', DomainName);
    expect(stdout).toMatch(/in the format yyyy {2}\[2J\n$/);
    expect(stdout.split('\n')).toHaveLength(2);
  });

  test('shows nothing where there is nothing, and not the letters of other domains', async () => {
    const { database, customers, refuse } = await serveTickets();
    await refuse({ id: 1 });
    await customers.openOther('others');
    expect(await run(database, 'list', 'others')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('does not hold them in memory', async () => {
    const { database } = await serveTickets();
    await insertLetters(database, 400, 4);
    // All of them are three times as much as the process may have.
    const process = startProcess({
      nodeArgs: ['--max-old-space-size=50'],
      args: ['dead-letters', 'list', DomainName, '--database', database],
    });
    expect([await process.exited(), process.stderr]).toEqual([0, '']);
    expect(process.stdout.split('\n')).toHaveLength(401);
  });

  test('ends when nobody reads it any more', async () => {
    const { database } = await serveTickets();
    await insertLetters(database, 100);
    const process = start(database, ['list', DomainName, '--json']);
    process.child.stdout?.destroy();
    expect([await process.exited(), process.stderr]).toEqual([1, '']);
  });
});

describe('dead-letters replay', () => {
  test('puts all again beside a serving process, which then has the objects', async () => {
    const { database, customers, tickets, refuse, allow } = await serveTickets();
    await refuse({ id: 1, email: 'ada@x.y' }, { id: 2, email: 'ada@x.y' });
    await allow();
    const { code, stdout } = await run(database, 'replay', DomainName, '--all');
    expect([code, stdout]).toEqual([0, '2 stored, 0 refused again, 0 not there (any more)\n']);
    const [ada = ''] = await customers.foundBy('mail', 'ada@x.y');
    expect(await tickets.of(ada)).toEqual([
      { id: 1, email: 'ada@x.y' },
      { id: 2, email: 'ada@x.y' },
    ]);
    expect(lettersIn(database)).toEqual([]);
  });

  test('exits with 1 when some are refused again, which stay with the new reason', async () => {
    const { database, refuse, allow } = await serveTickets();
    await refuse({ id: 1, email: 'ada@x.y' }, { email: 'ada@x.y' });
    const [first, second] = lettersIn(database);
    await changeRows(database, "update dead_letters set reason = 'old'");
    await allow();
    const { code, stdout } = await run(database, 'replay', DomainName, '--all', '--json');
    expect(code).toBe(1);
    expect(parseLines(stdout)).toEqual([
      { letterId: first?.letterId, outcome: 'stored', objectKey: expect.any(String) },
      { letterId: second?.letterId, outcome: 'refused', reason: withoutId },
      { total: { stored: 1, refused: 1, gone: 0 } },
    ]);
    expect(lettersIn(database)).toEqual([second]);
  });

  test('puts those again that are named, the oldest first, and each once', async () => {
    const { database, customers, tickets, refuse, allow } = await serveTickets();
    await refuse(...['first', 'second', 'third'].map((plan) => ({ id: 1, email: 'a@x.y', plan })));
    const [first = '', second = '', third] = lettersIn(database).map(({ letterId }) => letterId);
    await allow();
    const { code, stdout } = await run(database, 'replay', DomainName, second, first, second);
    expect([code, stdout]).toEqual([0, '2 stored, 0 refused again, 0 not there (any more)\n']);
    const [profileId = ''] = await customers.foundBy('mail', 'a@x.y');
    expect(await tickets.of(profileId)).toMatchObject([{ plan: 'second' }]);
    expect(lettersIn(database)).toMatchObject([{ letterId: third }]);
  });

  test('exits with 1 when one that is named is not there', async () => {
    const { database } = await serveTickets();
    const absent = '0'.repeat(32);
    const { code, stdout } = await run(database, 'replay', DomainName, absent, '--json');
    expect(code).toBe(1);
    expect(parseLines(stdout)).toEqual([
      { letterId: absent, outcome: 'gone' },
      { total: { stored: 0, refused: 0, gone: 1 } },
    ]);
  });

  test('holds to the quotas that the service has', async () => {
    const { database, refuse, allow } = await serveTickets();
    await refuse({ id: 1, email: 'ada@x.y' });
    await allow();
    const limits = join(temporaryFolder(), 'limits.json');
    writeFileSync(limits, '{"quotas":{"objectBytes":5}}');
    expect((await run(database, 'replay', DomainName, '--all', '--limits', limits)).code).toBe(1);
    const reason = 'The object is larger than 5 bytes';
    expect(lettersIn(database)).toMatchObject([{ reason }]);
  });

  test('twice at once stores each object once', async () => {
    const { database, allow } = await serveTickets();
    await insertLetters(database, 300);
    await allow();
    const both = [1, 2].map(() => run(database, 'replay', DomainName, '--all', '--json'));
    const counts = (await Promise.all(both)).map(({ code, stdout, stderr }) => {
      expect([code, stderr]).toEqual([0, '']);
      return parseLines(stdout).at(-1).total;
    });
    expect(counts[0].stored + counts[1].stored).toBe(300);
    expect(await countRows(database, 'profile_objects')).toBe(300);
    expect(await countRows(database, 'profile_history', "action_type = 'INGESTED'")).toBe(300);
    expect(await countRows(database, 'dead_letters')).toBe(0);
  });

  test('that is killed leaves each object stored or a letter, and never both', async () => {
    const { database, allow } = await serveTickets();
    await insertLetters(database, 600);
    await allow();
    const process = start(database, ['replay', DomainName, '--all', '--json']);
    process.child.stdout?.once('data', () => process.child.kill('SIGKILL'));
    await process.exited();
    const connection = new BetterSqlite3(database, { readonly: true });
    const documents = (table: string): string[] =>
      connection.prepare(`select document from ${table}`).pluck().all() as string[];
    const [stored, letters] = [documents('profile_objects'), documents('dead_letters')];
    connection.close();
    expect(stored.length).toBeGreaterThan(0);
    expect(new Set([...stored, ...letters]).size).toBe(600);
    expect(stored.length + letters.length).toBe(600);
    expect((await run(database, 'replay', DomainName, '--all')).code).toBe(0);
    expect(await countRows(database, 'profile_history', "action_type = 'INGESTED'")).toBe(600);
  });
});

describe('dead-letters delete', () => {
  test('deletes those that are named, and 1 says that one was not there', async () => {
    const { database, refuse } = await serveTickets();
    await refuse({ id: 1 }, { id: 2 });
    const [first = '', second = ''] = lettersIn(database).map(({ letterId }) => letterId);
    const deleted = { code: 0, stdout: '1 deleted\n', stderr: '' };
    expect(await run(database, 'delete', DomainName, first)).toEqual(deleted);
    const again = await run(database, 'delete', DomainName, second, first);
    expect(again).toEqual({ ...deleted, code: 1 });
    expect(lettersIn(database)).toEqual([]);
    const none = await run(database, 'delete', DomainName, first, '--json');
    expect([none.code, JSON.parse(none.stdout)]).toEqual([1, { deleted: 0 }]);
  });

  test('--all deletes every letter of the domain, and no others', async () => {
    const { database, customers, refuse } = await serveTickets();
    await refuse({ id: 1 });
    await customers.openOther('others');
    await insertLetters(database, 250);
    // As a service with a clock that is ahead would have named it.
    const future = 'f'.repeat(32);
    await changeRows(
      database,
      `update dead_letters set letter_id = '${future}' where reason <> 'r'`,
    );
    const { code, stdout } = await run(database, 'delete', DomainName, '--all');
    expect([code, stdout]).toEqual([0, '251 deleted\n']);
    expect(await countRows(database, 'dead_letters')).toBe(250);
  });
});

test('a wrong command is told in one line, and exits with 2', async () => {
  const { code, stdout, stderr } = await run(join(temporaryFolder(), 'keyfold.db'), 'rename');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^keyfold: dead-letters has no 'rename', but one of: list, replay, delete\n$/,
  );
});
