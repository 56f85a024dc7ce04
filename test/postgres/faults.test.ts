import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { IssuedCredentials } from '../../src/index.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { openPostgres } from '../../src/repository/engine/postgres.ts';
import { withoutPassword } from '../../src/repository/engine/postgres-url.ts';
import { DatabaseRefusedError } from '../../src/repository/errors.ts';
import { migrationsOf } from '../../src/repository/migrations.ts';
import { PostgresProxy } from '../support/postgres-proxy.ts';
import { onDatabase, PostgresServer, query } from '../support/postgres-server.ts';
import { countRows } from '../support/rows.ts';
import { send, startTestService } from '../support/service.ts';
import { credentialsKey, sendAsIs, sign } from '../support/signing.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { inFrontOf } from '../support/units.ts';

const DomainName = 'customers';
const WRITERS = 16;

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.create();
});

afterAll(() => server.remove());

async function newDatabase(): Promise<string> {
  const name = `faults_${randomUUID().replaceAll('-', '')}`;
  await query(server.url(), `create database ${name}`);
  return onDatabase(server.url(), name);
}

const terminateAll =
  "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keyfold'";

/**
 * Writers that go on until each has written after the fault too. Every write is a profile with a key,
 * in two units; returns the ids of the answered ones.
 */
async function writeThrough(
  store: TestStore,
  fault: () => Promise<void>,
): Promise<{ profileIds: string[]; failures: unknown[] }> {
  const profileIds: string[] = [];
  const failures: unknown[] = [];
  let isFaultOver = false;
  const writer = async () => {
    let isDone = false;
    while (!isDone) {
      // A write that begins after the fault and is answered shows that service has resumed.
      const beginsAfter = isFaultOver;
      try {
        const { ProfileId } = await store.run(createProfile, { DomainName });
        const key = { DomainName, ProfileId, KeyName: 'card', Values: [ProfileId] };
        await store.run(addProfileKey, key);
        profileIds.push(ProfileId);
        isDone = beginsAfter;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const writers = Array.from({ length: WRITERS }, () => writer());
  while (profileIds.length < WRITERS) await new Promise((resolve) => setTimeout(resolve, 1));
  await fault();
  isFaultOver = true;
  await Promise.all(writers);
  return { profileIds, failures };
}

async function expectStored(
  database: string,
  { profileIds, failures }: { profileIds: string[]; failures: unknown[] },
): Promise<void> {
  for (const failure of failures)
    expect(failure).toMatchObject({ code: 'ServiceUnavailableException' });
  const rows = await query(database, "select profile_id from profile_keys where key_name = 'card'");
  const stored = rows.map(({ profile_id }) => profile_id);
  expect(stored).toEqual(expect.arrayContaining(profileIds));
  // Nothing twice: a profile that nobody was told of can only be one whose write failed.
  const profiles = await countRows(database, 'profiles');
  expect(profiles).toBeGreaterThanOrEqual(profileIds.length);
  expect(profiles - profileIds.length).toBeLessThanOrEqual(failures.length);
  const [counts] = await query(database, 'select sum(profile_count)::int as n from domain_counts');
  expect(counts?.n).toBe(profiles);
}

describe('under load, no answered write is lost, none is applied twice, and service resumes', () => {
  test('when every connection is killed on the server', async () => {
    const database = await newDatabase();
    const store = await openTestStore(database);
    await store.seed.domain(DomainName);
    const writes = await writeThrough(store, async () => {
      for (let kill = 0; kill < 5; kill++) await query(database, terminateAll);
    });
    await expectStored(database, writes);
  });

  test('when every connection is cut on the network', async () => {
    const database = await newDatabase();
    const proxy = await PostgresProxy.open(database);
    onTestFinished(() => proxy.close());
    const store = await openTestStore(proxy.url);
    await store.seed.domain(DomainName);
    const writes = await writeThrough(store, async () => {
      for (let cut = 0; cut < 20; cut++) {
        proxy.cut();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    await expectStored(database, writes);
  });

  test.each(['SIGINT', 'SIGQUIT'] as const)('when the server restarts after %s', async (signal) => {
    const database = await newDatabase();
    const store = await openTestStore(database);
    await store.seed.domain(DomainName);
    const writes = await writeThrough(store, async () => {
      await server.stop(signal);
      await server.start();
    });
    await expectStored(database, writes);
  });

  test('when the pool has one connection for all of them', async () => {
    const database = await newDatabase();
    const { service } = await startTestService({ database, poolSize: 1 });
    await send(service, 'POST', `/domains/${DomainName}`, { DefaultExpirationDays: 1 });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        send(service, 'POST', `/domains/${DomainName}/profiles`, {}),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await countRows(database, 'profiles')).toBe(60);
  });
});

describe('a connection that breaks during a commit', () => {
  test.each([
    ['before the server has it: the unit runs again', 'before the server', 2],
    ['after the server has done it: it does not run again', 'after the server', 1],
    ['while it is on its way: it does not run again', 'long before the server', 1],
  ] as const)('%s', async (_, moment, runs) => {
    const database = await newDatabase();
    const proxy = await PostgresProxy.open(database);
    onTestFinished(() => proxy.close());
    const store = await openTestStore(proxy.url);
    const DomainName = await store.seed.domain();
    const { repository } = store;
    let units = 0;
    const counting = inFrontOf(repository, {
      write: (work) =>
        repository.write((session) => {
          units++;
          return work(session);
        }),
    });
    proxy.breakNext = moment;
    const { ProfileId } = await store.run(createProfile, { DomainName }, { repository: counting });
    expect(proxy.breakNext).toBeUndefined();
    expect(units).toBe(runs);
    expect(await query(database, 'select profile_id from profiles')).toEqual([
      { profile_id: ProfileId },
    ]);
  });
});

test('a commit that a crash of the server swallowed is never answered as if it were stored', async () => {
  const database = await newDatabase();
  const proxy = await PostgresProxy.open(database);
  onTestFinished(() => proxy.close());
  const store = await openTestStore(proxy.url);
  const DomainName = await store.seed.domain();
  proxy.breakNext = 'before the server';
  const created = store.run(createProfile, { DomainName });
  while (proxy.breakNext !== undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.stop('SIGQUIT');
  await server.start();
  // Transactions of others take the numbers that the crash has made free again.
  for (let number = 0; number < 5; number++)
    await query(database, `create table other_${number} (id int)`);
  const outcome = await created.then(
    ({ ProfileId }) => ProfileId,
    (error) => error,
  );
  const stored = await query(database, 'select profile_id from profiles');
  if (typeof outcome === 'string') expect(stored).toEqual([{ profile_id: outcome }]);
  else expect(outcome).toMatchObject({ code: 'ServiceUnavailableException' });
});

test('a key whose adding was stored and not answered is added once', async () => {
  const database = await newDatabase();
  const proxy = await PostgresProxy.open(database);
  onTestFinished(() => proxy.close());
  const store = await openTestStore(proxy.url);
  const DomainName = await store.seed.domain();
  const ProfileId = await store.seed.profile(DomainName);
  proxy.breakNext = 'after the server';
  const key = { DomainName, ProfileId, KeyName: 'card', Values: ['1'] };
  expect(await store.run(addProfileKey, key)).toEqual({ KeyName: 'card', Values: ['1'] });
  expect(proxy.breakNext).toBeUndefined();
  expect(await countRows(database, 'profile_keys', "key_name = 'card'")).toBe(1);
  const added = "action_type = 'ADDED_PROFILE_KEY'";
  expect(await countRows(database, 'profile_history', added)).toBe(1);
});

test('a connection that the server ends as soon as it is ready harms nobody', async () => {
  const proxy = await PostgresProxy.open(await newDatabase());
  onTestFinished(() => proxy.close());
  const { service } = await startTestService({ database: proxy.url });
  proxy.cut();
  proxy.endedWhenReady = 3;
  expect((await send(service, 'GET', '/domains')).status).toBe(200);
  expect(proxy.endedWhenReady).toBe(0);
});

describe('while the database is away', () => {
  test('requests are 503, readiness says so, and both recover by themselves', async () => {
    const database = await newDatabase();
    const { service } = await startTestService({ database });
    const path = `/domains/${DomainName}`;
    await send(service, 'POST', path, { DefaultExpirationDays: 1 });
    await server.stop('SIGQUIT');
    const [away, ready] = await Promise.all([
      send(service, 'GET', path),
      fetch(`${service.url}/health/ready`),
    ]);
    expect([away.status, away.errorType]).toEqual([503, 'ServiceUnavailableException']);
    expect(away.body).toEqual({ Message: expect.any(String) });
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'database unavailable' }]);
    await server.start();
    expect((await send(service, 'GET', path)).status).toBe(200);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  test('who signs is answered 503 where their credentials or their tags are read', async () => {
    const { service } = await startTestService({
      database: await newDatabase(),
      auth: 'sigv4',
      credentialsKey,
    });
    const policy =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/team":true}}}}';
    const known = await service.createCredentials({ policies: [policy] });
    const unread = await service.createCredentials();
    const get = (credentials: IssuedCredentials) =>
      sendAsIs(service, sign(service, credentials, 'GET', `/domains/${DomainName}`));
    expect((await get(known)).status).toBe(404);
    await server.stop('SIGQUIT');
    for (const away of await Promise.all([get(known), get(unread)]))
      expect([away.status, away.errorType]).toEqual([503, 'ServiceUnavailableException']);
    await server.start();
    expect((await get(unread)).status).toBe(404);
  });

  test('whoever waits for their credentials is one of the requests in progress', async () => {
    const proxy = await PostgresProxy.open(await newDatabase());
    onTestFinished(() => proxy.close());
    const { service } = await startTestService({
      database: proxy.url,
      auth: 'sigv4',
      credentialsKey,
      requestsMax: 1,
    });
    const issued = await service.createCredentials();
    const get = () => sendAsIs(service, sign(service, issued, 'GET', '/domains'));
    proxy.isSilent = true;
    const messages = (await Promise.all([get(), get()])).map(({ body }) => body.Message);
    expect(messages.sort()).toEqual([
      'The service is overloaded. Try again.',
      'The service is unable to store or read data at the moment. Try again.',
    ]);
    proxy.isSilent = false;
    expect((await get()).status).toBe(200);
  });

  test('a network that swallows everything is 503 too, not a wait without end', async () => {
    const proxy = await PostgresProxy.open(await newDatabase());
    onTestFinished(() => proxy.close());
    const { service } = await startTestService({ database: proxy.url });
    proxy.isSilent = true;
    expect((await send(service, 'GET', '/domains')).status).toBe(503);
    proxy.isSilent = false;
    expect((await send(service, 'GET', '/domains')).status).toBe(200);
  });
});

describe('starting', () => {
  const open = (url: string) => openPostgres({ url, poolSize: 2 });

  test('several starters on a new database migrate it once', async () => {
    const url = await newDatabase();
    const opened = await Promise.all(Array.from({ length: 6 }, () => open(url)));
    await Promise.all(opened.map((repository) => repository.close()));
    const applied = await countRows(url, '__drizzle_migrations');
    expect(applied).toBe(migrationsOf('postgres').length);
  });

  test.each([
    [
      'a newer version made it',
      "insert into __drizzle_migrations values (99, 'of the future', 0)",
      /newer Keyfold made it/,
    ],
    [
      "its tables are another program's",
      'drop table __drizzle_migrations',
      /can't be opened: relation "\w+" already exists/,
    ],
  ])('is refused with one line when %s', async (_, sql, reason) => {
    const url = await newDatabase();
    await (await open(url)).close();
    await query(url, sql);
    const refusal = await open(url).catch((error) => error);
    expect(refusal).toBeInstanceOf(DatabaseRefusedError);
    expect(refusal.message).toMatch(reason);
    expect(refusal.message).not.toMatch(/\n|:keyfold@/);
  });

  test('needs no right to create tables once they are there', async () => {
    const url = await newDatabase();
    await (await open(url)).close();
    await query(url, 'drop role if exists runner');
    await query(url, 'create role runner login');
    await query(url, 'revoke create on schema public from public');
    await query(url, 'grant all on all tables in schema public to runner');
    const asRunner = new URL(url);
    asRunner.username = 'runner';
    await (await open(asRunner.href)).close();
  });

  test('is refused with one line when the database is not UTF-8', async () => {
    const name = `latin_${randomUUID().replaceAll('-', '')}`;
    await query(
      server.url(),
      `create database ${name} encoding 'LATIN1' locale 'C' template template0`,
    );
    const refusal = await open(onDatabase(server.url(), name)).catch((error) => error);
    expect(refusal.message).toMatch(/has the encoding LATIN1: it must be UTF8/);
  });

  test.each([
    ['postgres://me:secret@h/d', 'postgres://me@h/d'],
    ['postgres://me:se@cret@h/d', 'postgres://me@h/d'],
    ['postgres://h/d?user=me&password=secret', 'postgres://h/d?user=me'],
    ['postgres://me:sec/ret@h/d', 'postgres://…'],
  ])('shows %s as %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });

  test('is refused with one line, without the password, when nobody answers', async () => {
    const url = 'postgres://me:secret@127.0.0.1:1/nowhere';
    const refusal = await open(url).catch((error) => error);
    expect(refusal).toBeInstanceOf(DatabaseRefusedError);
    expect(refusal.message).toMatch(
      /^database postgres:\/\/me@127\.0\.0\.1:1\/nowhere can't be opened/,
    );
    expect(refusal.message).not.toContain('secret');
  });
});
