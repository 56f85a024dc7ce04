import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  type CustomerProfilesClient,
  SearchProfilesCommand,
} from '@aws-sdk/client-customer-profiles';
import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { type KeyfoldProcess, serveDatabase } from '../support/process.ts';
import { clientFor } from '../support/service.ts';

const DomainName = 'customers';
const KeyName = 'card';
const WRITERS = 16;
/** Each write adds this many values, so that a half-applied one would show. */
const VALUES_PER_WRITE = 3;

async function prepare(database: string) {
  const { process, url } = await serveDatabase(database);
  const client = clientFor(url);
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName }));
  return { process, client, ProfileId };
}

function valuesOf(write: string): string[] {
  return Array.from({ length: VALUES_PER_WRITE }, (_, index) => `${write}/${index}`);
}

interface Writes {
  readonly sent: string[];
  readonly answered: string[];
  readonly failed: Error[];
}

/** Writers that go on until `isOver`; then each ends with its answer or its error. */
async function writeUntil(
  client: CustomerProfilesClient,
  ProfileId: string | undefined,
  name: string,
  onAnswer: (answered: number) => void,
  isOver: () => boolean,
): Promise<Writes> {
  const writes: Writes = { sent: [], answered: [], failed: [] };
  const writer = async (number: number) => {
    for (let count = 0; !isOver(); count++) {
      const write = `${name}-${number}-${count}`;
      writes.sent.push(write);
      const Values = valuesOf(write);
      try {
        await client.send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values }));
      } catch (error) {
        writes.failed.push(error as Error);
        return;
      }
      writes.answered.push(write);
      onAnswer(writes.answered.length);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  return writes;
}

async function isFound(client: CustomerProfilesClient, value: string): Promise<boolean> {
  const search = new SearchProfilesCommand({ DomainName, KeyName, Values: [value] });
  const { Items } = await client.send(search);
  return Items?.length === 1;
}

async function expectKept(database: string, writes: Writes): Promise<void> {
  const { process, url } = await serveDatabase(database);
  const client = clientFor(url);
  const answered = new Set(writes.answered);
  for (const write of writes.sent) {
    const found = await Promise.all(valuesOf(write).map((value) => isFound(client, value)));
    if (answered.has(write)) expect(found, `${write} was answered`).not.toContain(false);
    else expect(new Set(found).size, `${write} is stored in part`).toBe(1);
  }
  await process.stop('SIGTERM');
  const connection = new BetterSqlite3(database, { readonly: true });
  expect(connection.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(connection.pragma('foreign_key_check')).toEqual([]);
  connection.close();
}

function stopAfter(process: KeyfoldProcess, signal: NodeJS.Signals, answers: number) {
  let exit: Promise<number | string> | undefined;
  return {
    onAnswer: (answered: number) => {
      if (answered >= answers) exit ??= process.stop(signal);
    },
    isStopping: () => exit !== undefined,
    exit: () => exit,
  };
}

test.each([50, 200, 400])(
  'kill -9 after %i answers under 16 writers loses none',
  async (answers) => {
    const database = join(temporaryFolder(), 'keyfold.db');
    const { process, client, ProfileId } = await prepare(database);
    const stop = stopAfter(process, 'SIGKILL', answers);
    // Retries would find nobody: the client need not wait for them.
    client.config.maxAttempts = async () => 1;
    const writes = await writeUntil(client, ProfileId, 'kill', stop.onAnswer, () => false);
    expect(await stop.exit()).toBe('SIGKILL');
    expect(writes.failed).toHaveLength(WRITERS);
    await expectKept(database, writes);
  },
);

test('SIGTERM under 16 busy clients ends the process cleanly and loses no answer', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const { process, client, ProfileId } = await prepare(database);
  const stop = stopAfter(process, 'SIGTERM', 200);
  client.config.maxAttempts = async () => 1;
  const writes = await writeUntil(client, ProfileId, 'stop', stop.onAnswer, () => false);
  expect(await stop.exit()).toBe(0);
  // Whoever was not answered could not even connect, or was told so by a closed connection.
  for (const { message } of writes.failed)
    expect(message).toMatch(/ECONNREFUSED|ECONNRESET|socket hang up|EPIPE/);
  expect(existsSync(`${database}-wal`)).toBe(false);
  await expectKept(database, writes);
});

test('a second signal changes nothing about the first', async () => {
  const { process, client, ProfileId } = await prepare(join(temporaryFolder(), 'keyfold.db'));
  const add = (value: string) =>
    client.send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values: [value] }));
  await add('before');
  process.child.kill('SIGINT');
  expect(await process.stop('SIGINT')).toBe(0);
});
