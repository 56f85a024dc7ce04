import { join } from 'node:path';
import { GetMatchesCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { createService } from '../../src/index.ts';
import { Customers } from '../support/customers.ts';
import { createMatchingDomain, duplicates } from '../support/duplicates.ts';
import { temporaryFolder } from '../support/folder.ts';
import { serveDatabase, startProcess } from '../support/process.ts';
import { changeRows, countRows } from '../support/rows.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';

/** Runs `resolve` on a database and waits for its end. */
async function resolve(database: string, ...args: string[]) {
  const process = startProcess({ args: ['resolve', ...args, '--database', database] });
  const code = await process.exited();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** A database with duplicates. */
async function prepare(): Promise<string> {
  const database = join(temporaryFolder(), 'keyfold.db');
  const service = await createService({ database });
  try {
    const client = clientFor(service.url);
    await createMatchingDomain(client, DomainName);
    const customers = new Customers(service, client, DomainName);
    for (const fields of duplicates) await customers.create(fields);
  } finally {
    await service.close();
  }
  return database;
}

describe('resolve', () => {
  test('says what it has found', async () => {
    const { code, stdout, stderr } = await resolve(await prepare(), DomainName);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Job [0-9a-f]{32}: COMPLETED\nProfiles reviewed: {2}6\nMatches found: {6}2\nMerges done: {8}0\n$/,
    );
  });

  test('says it as JSON, beside a process that serves the same database', async () => {
    const database = await prepare();
    const { url } = await serveDatabase(database);
    const { code, stdout } = await resolve(database, DomainName, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETED', matchesFound: 2 });
    const found = await clientFor(url).send(new GetMatchesCommand({ DomainName }));
    expect(found).toMatchObject({ PotentialMatches: 2 });
    expect(found.Matches).toHaveLength(2);
  });

  test('looks in the account that it is told', async () => {
    const database = await prepare();
    const { code, stderr } = await resolve(database, DomainName, '--account-id', '111111111111');
    const line = "keyfold: account 111111111111 has no domain 'customers'\n";
    expect([code, stderr]).toEqual([1, line]);
  });

  test('refuses a domain in which Matching is off, with a line that says so', async () => {
    const database = await prepare();
    await changeRows(database, "update domains set settings = '{}'");
    const { code, stdout, stderr } = await resolve(database, DomainName);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('keyfold: Matching is not enabled in domain customers\n');
    expect(await countRows(database, 'identity_resolution_jobs')).toBe(0);
  });

  test('ends with 1 and the message when the job fails', async () => {
    const database = await prepare();
    // What no release has written: the job can't read it.
    await changeRows(database, "update profiles set document = 'broken'");
    const { code, stdout } = await resolve(database, DomainName, '--json', '--log-level', 'silent');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'FAILED',
      message: 'An internal error has ended the job',
    });
  });

  test.each([
    [[], "missing required argument 'domain'"],
    [['one', 'two'], "too many arguments for 'resolve'. Expected 1 argument but got 2: one, two."],
  ])('is a wrong command with the domains %o', async (names, message) => {
    const { code, stderr } = await resolve(':memory:', ...names);
    expect([code, stderr]).toEqual([2, `keyfold: ${message}\n`]);
  });

  test('refuses a database in memory', async () => {
    const { code, stderr } = await resolve(':memory:', DomainName);
    expect(code).toBe(2);
    expect(stderr).toContain('a database in memory ends with this command');
  });
});

test('a job that was killed goes on in a process that serves the database', async () => {
  const database = await prepare();
  const { code } = await resolve(database, DomainName);
  expect(code).toBe(0);
  // As a process leaves it that is killed before its first unit, more than a minute ago.
  await changeRows(
    database,
    "delete from job_matches; update identity_resolution_jobs set status = 'PREPROCESSING', position = '', ended_at = null, matches_found = 0, updated_at = updated_at - 60000",
  );
  const { url } = await serveDatabase(database);
  const client = clientFor(url);
  for (;;) {
    const { Matches } = await client.send(new GetMatchesCommand({ DomainName }));
    if (Matches?.length === 2) break;
  }
});
