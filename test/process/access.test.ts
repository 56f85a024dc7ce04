import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomerProfilesClient, ListDomainsCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/process.ts';

/** A folder with a database's name, a key file, and what points at both. */
function prepare(key = Buffer.alloc(32, 1).toString('base64')) {
  const folder = temporaryFolder();
  const keyFile = join(folder, 'keyfold.key');
  writeFileSync(keyFile, `${key}\n`);
  const database = join(folder, 'keyfold.db');
  const env = { KEYFOLD_DATABASE: database, KEYFOLD_CREDENTIALS_KEY_FILE: keyFile };
  return { folder, keyFile, database, env };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const process = startProcess({ args, env });
  const code = await process.exited();
  return { code, stdout: process.stdout, stderr: process.stderr };
}

/** A start that is expected to be refused. */
async function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await run(['--port', '0', ...args], env);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^keyfold: [^\n]+\n$/);
  return { code, line: stderr };
}

async function createCredentials(env: Readonly<Record<string, string>>, ...args: string[]) {
  const { code, stdout, stderr } = await run(['credentials', 'create', '--json', ...args], env);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

async function domainsOf(
  url: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
) {
  const client = new CustomerProfilesClient({
    endpoint: url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  try {
    return (await client.send(new ListDomainsCommand({}))).Items;
  } finally {
    client.destroy();
  }
}

describe('a start', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', 'localhost.example.com'])(
    'without authentication on %s is refused with a line that says what to do',
    async (host) => {
      const { line } = await refusal(['--host', host, '--auth', 'off', '--database', ':memory:']);
      expect(line).toContain(
        `without authentication ${host} would let everybody who reaches it read`,
      );
      expect(line).toContain('listen on 127.0.0.1, or set KEYFOLD_AUTH=sigv4');
    },
  );

  test('on another address wants signatures by default, and a key for the credentials', async () => {
    const { line } = await refusal(['--host', '0.0.0.0', '--database', ':memory:']);
    expect(line).toContain('requests to 0.0.0.0 must be signed, and there is no key');
    expect(line).toContain('(umask 077; openssl rand -base64 32 > keyfold.key)');
  });

  test('on another address without credentials in the database is refused', async () => {
    const { line } = await refusal(['--host', '0.0.0.0'], prepare().env);
    expect(line).toContain(
      'has no credentials: run "keyfold credentials create" (npx keyfold …, or npm run keyfold -- … in a clone)',
    );
  });

  test('on another address with nothing but expired credentials is refused', async () => {
    const { env } = prepare();
    await createCredentials(env, '--expires-in', '1');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { line } = await refusal(['--host', '0.0.0.0'], env);
    expect(line).toContain('has no credentials');
  });

  test('with a key that does not open the credentials is refused', async () => {
    const { env, keyFile } = prepare();
    await createCredentials(env);
    writeFileSync(keyFile, Buffer.alloc(32, 2).toString('base64'));
    const { line } = await refusal(['--auth', 'sigv4'], env);
    expect(line).toContain("the credentials key doesn't open the credentials in the database");
    expect(line).toContain('use the key that sealed them, or revoke them and make new ones');
  });

  test.each([
    ['no file', {}, /credentials key file .* can't be read: ENOENT/],
    ['a short key', { KEYFOLD_CREDENTIALS_KEY: 'c2hvcnQ=' }, /KEYFOLD_CREDENTIALS_KEY must be 32/],
    [
      'two keys',
      { KEYFOLD_CREDENTIALS_KEY: 'a'.repeat(64), KEYFOLD_CREDENTIALS_KEY_FILE: 'x' },
      /can't both be set/,
    ],
  ])('with %s is a wrong command', async (_, env, message) => {
    const file = { KEYFOLD_CREDENTIALS_KEY_FILE: join(temporaryFolder(), 'absent') };
    const { code, line } = await refusal([], Object.keys(env).length === 0 ? file : env);
    expect(code).toBe(2);
    expect(line).toMatch(message);
    expect(line).not.toContain('c2hvcnQ=');
    expect(line).not.toContain('aaaa');
  });

  test('on all addresses serves those who sign, and nobody else', async () => {
    const { env } = prepare();
    const credentials = await createCredentials(env);
    const process = startProcess({ args: ['--port', '0', '--host', '0.0.0.0'], env });
    const url = (await process.url()).replace('0.0.0.0', '127.0.0.1');
    expect(process.stdout).toContain('signed requests only');
    expect(await domainsOf(url, credentials)).toEqual([]);
    const secretAccessKey = 'wrong';
    await expect(domainsOf(url, { ...credentials, secretAccessKey })).rejects.toThrow(/signature/);
    expect((await fetch(`${url}/domains`)).status).toBe(403);
  });
});

describe('keyfold credentials', () => {
  test('create shows the secret once, and keeps it sealed', async () => {
    const { env, database } = prepare();
    const { stdout } = await run(['credentials', 'create', '--user', 'ada'], env);
    const [, secret = 'none'] = /Secret access key: +(\S+)/.exec(stdout) ?? [];
    expect(stdout).toMatch(/Access key id: +KFAK[A-Z2-7]{16}\n/);
    expect(secret).toHaveLength(40);
    expect(readFileSync(database).includes(secret)).toBe(false);
    const list = await run(['credentials', 'list'], env);
    expect(list.stdout).toMatch(/^KFAK\S+ {2}account 000000000000 {2}ada {2}full access, created/);
    expect(list.stdout).not.toContain(secret);
  });

  test('create --json prints what the SDKs take, on one line', async () => {
    const { env, folder } = prepare();
    const policy = join(folder, 'policy.json');
    const document = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'profile:GetDomain', Resource: '*' },
    };
    writeFileSync(policy, JSON.stringify(document));
    const created = await createCredentials(
      env,
      ...['--account-id', '123456789012', '--policy', policy, '--expires-in', '900'],
    );
    expect(created).toEqual({
      accessKeyId: expect.stringMatching(/^KFTK/),
      secretAccessKey: expect.any(String),
      accountId: '123456789012',
      sessionToken: expect.any(String),
      expiration: expect.stringMatching(/^\d{4}-/),
    });
    const { stdout } = await run(['credentials', 'list', '--json'], env);
    expect(JSON.parse(stdout)).toEqual({
      accessKeyId: created.accessKeyId,
      accountId: '123456789012',
      userName: created.accessKeyId,
      policies: [document],
      created: expect.any(String),
      expiration: created.expiration,
    });
  });

  test('revoke takes them away', async () => {
    const { env } = prepare();
    const { accessKeyId } = await createCredentials(env);
    const revoked = await run(['credentials', 'revoke', accessKeyId], env);
    expect([revoked.code, revoked.stdout]).toEqual([0, expect.stringContaining('is revoked')]);
    expect((await run(['credentials', 'list', '--json'], env)).stdout).toBe('');
    const again = await run(['credentials', 'revoke', accessKeyId], env);
    expect(again.code).toBe(1);
    expect(again.stderr).toBe(`keyfold: nobody has the access key id '${accessKeyId}'\n`);
  });

  test('revoke --json prints which, on one line', async () => {
    const { env } = prepare();
    const { accessKeyId } = await createCredentials(env);
    const { stdout } = await run(['credentials', 'revoke', accessKeyId, '--json'], env);
    expect(JSON.parse(stdout)).toEqual({ accessKeyId, revoked: true });
  });

  test.each([
    [
      ['create', '--user', 'a b'],
      "--user must be 1 to 64 letters, digits or any of _+=,.@-, not 'a b'",
    ],
    [['create', '--expires-in', '1h'], '--expires-in must be a number of seconds'],
    [['create', '--policy', 'absent.json'], "policy absent.json can't be read"],
    [['create', '--database', ':memory:'], 'a database in memory ends with this command'],
    [['create', '--secret', 'x'], "unknown option '--secret'"],
  ])('%j is a wrong command', async (args, message) => {
    const { env } = prepare();
    const { code, stdout, stderr } = await run(['credentials', ...args], env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^keyfold: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });

  test('create without a key says how to make one', async () => {
    const database = join(temporaryFolder(), 'keyfold.db');
    const { code, stderr } = await run(['credentials', 'create', '--database', database]);
    expect(code).toBe(2);
    expect(stderr).toContain('openssl rand -base64 32 > keyfold.key');
  });

  test('create with a policy that cannot be taken says what is wrong with it', async () => {
    const { env, folder } = prepare();
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, '{"Version":"2012-10-17","Statement":{"Effect":"Permit"}}');
    const { code, stderr } = await run(['credentials', 'create', '--policy', policy], env);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^keyfold: policy [^\n]*Statement 1[^\n]*\n$/);
    expect((await run(['credentials', 'list', '--json'], env)).stdout).toBe('');
  });
});
