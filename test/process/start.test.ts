import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder, serveDatabase, startProcess } from '../support/process.ts';

describe('starting', () => {
  test('creates ./data/keyfold.db and serves the default address', async () => {
    const cwd = temporaryFolder();
    const process = startProcess({ cwd, env: { KEYFOLD_PORT: '0' } });
    const url = await process.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(readFileSync(join(cwd, 'data/keyfold.db')).toString('latin1', 0, 6)).toBe('SQLite');
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    const live = await fetch(`${url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'live' }]);
  });

  test('an option wins over its variable', async () => {
    const folder = temporaryFolder();
    const process = startProcess({
      args: ['--database', join(folder, 'option.db'), '--port=0'],
      env: { KEYFOLD_DATABASE: join(folder, 'variable.db'), KEYFOLD_PORT: '1' },
    });
    await process.url();
    expect(process.stdout).toContain('option.db');
  });

  test('shows the settings that apply, and where they are from', async () => {
    const folder = temporaryFolder();
    const process = startProcess({
      cwd: folder,
      args: ['--port', '0', '--pool-size', '3'],
      env: { KEYFOLD_REGION: 'eu-west-1' },
    });
    await process.url();
    const [block = ''] = process.stdout.split('Keyfold serves');
    const lines = block.trimEnd().split('\n');
    const settings = lines.map((line) => line.trim().split(/ {2,}/));
    expect(settings).toEqual([
      ['host', '127.0.0.1', '(default)'],
      ['port', '0', '(--port)'],
      ['database', './data/keyfold.db', '(default)'],
      ['durability', 'full', '(default)'],
      ['checkpoint-pages', '8000', '(default)'],
      ['workers', '1', '(default)'],
      ['requests-max', '1000', '(default)'],
      ['log-level', 'warn', '(KEYFOLD_LOG_LEVEL)'],
      ['region', 'eu-west-1', '(KEYFOLD_REGION)'],
      ['account-id', '000000000000', '(default)'],
      ['auth', 'off (loopback)', '(default)'],
    ]);
  });

  test('says with --json in one line what it serves, and no secret', async () => {
    const key = 'a'.repeat(64);
    const process = startProcess({
      args: ['--port', '0', '--database', ':memory:', '--metrics-port', '0'],
      env: { KEYFOLD_JSON: 'true', KEYFOLD_CREDENTIALS_KEY: key, FORCE_COLOR: '1' },
    });
    const { url, metricsUrl, settings } = JSON.parse(await process.printed(/^(.*)\n/));
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(metricsUrl)).status).toBe(200);
    expect(settings).toMatchObject({
      database: { value: ':memory:', from: '--database' },
      region: { value: 'us-east-1', from: 'default' },
      'credentials-key': { value: '********', from: 'KEYFOLD_CREDENTIALS_KEY' },
    });
    expect(Object.keys(settings)).not.toContain('durability');
    await process.stop('SIGTERM');
    expect(process.stdout.split('\n')).toHaveLength(2);
    expect(process.stdout).not.toContain(key);
  });

  test('prints plain text to what is no terminal, whatever is said of colours', async () => {
    const process = startProcess({
      args: ['--port', '0', '--database', ':memory:'],
      env: { FORCE_COLOR: '1' },
    });
    expect(await process.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(process.stdout).not.toContain('\u001b');
  });

  test('warns in one line of variables that nothing reads', async () => {
    const process = startProcess({
      args: ['--port', '0', '--database', ':memory:', '--workers', '1'],
      env: { KEYFOLD_PROT: '1', KEYFOLD_REGOIN: 'x', KEYFOLD_EXPIRES_IN: '60' },
    });
    await process.url();
    expect(await process.stop('SIGTERM')).toBe(0);
    expect(process.stderr).toBe(
      'keyfold: unknown variables, which nothing reads: KEYFOLD_PROT, KEYFOLD_REGOIN\n',
    );
  });

  test('shows its settings with --help', async () => {
    const process = startProcess({ args: ['serve', '--help'] });
    expect(await process.exited()).toBe(0);
    for (const setting of ['--port', '4577', '--durability', 'KEYFOLD_CREDENTIALS_KEY '])
      expect(process.stdout).toContain(setting);
  });

  test('ends with one line that names a wrong setting', async () => {
    const process = startProcess({ env: { KEYFOLD_DURABILITY: 'some' } });
    expect(await process.exited()).toBe(2);
    expect(process.stderr).toBe("keyfold: KEYFOLD_DURABILITY must be full or normal, not 'some'\n");
    expect(process.stdout).toBe('');
  });

  test('ends with one line that names a wrong file of limits', async () => {
    const file = join(temporaryFolder(), 'limits.json');
    writeFileSync(file, '{\n  "rates": { "SearchProfile": 1 }\n}\n');
    const process = startProcess({ args: ['--limits', file, '--database', ':memory:'] });
    expect(await process.exited()).toBe(2);
    expect(process.stderr).toBe(
      `keyfold: limits ${file}: rates.SearchProfile is not an operation of the API\n`,
    );
    expect(process.stdout).toBe('');
  });

  test('ends with one line when the port is taken', async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const process = startProcess({ args: ['--database', ':memory:', '--port', String(port)] });
    expect(await process.exited()).toBe(1);
    expect(process.stderr).toMatch(new RegExp(`^keyfold: [^\n]*${port}[^\n]*\n$`));
  });

  test('ends with one line when the database is refused', async () => {
    const file = join(temporaryFolder(), 'empty.db');
    writeFileSync(file, '');
    const process = startProcess({ args: ['--database', file, '--port', '0'] });
    expect(await process.exited()).toBe(1);
    expect(process.stderr).toMatch(/^keyfold: database [^\n]*empty\.db is empty[^\n]*\n$/);
    expect(readFileSync(file)).toHaveLength(0);
  });

  test('keeps what Node has compiled beside the bundle', async () => {
    const process = startProcess({ args: ['--port', '0', '--database', ':memory:'] });
    await process.url();
    await process.stop('SIGTERM');
    const cache = join(projectFolder, 'dist/compile-cache');
    expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(1);
  });

  test('starts where compiled code can not be kept', async () => {
    const folder = temporaryFolder();
    cpSync(join(projectFolder, 'dist/keyfold'), join(folder, 'dist/keyfold'), { recursive: true });
    symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'dist/compile-cache'), 'no folder');
    const start = join(folder, 'dist/keyfold/start.js');
    const said = execFileSync(process.execPath, [start, '--help'], { encoding: 'utf8', env: {} });
    expect(said).toContain('Usage: keyfold');
  });

  test('ends with one line on a Node that is too old, before anything native loads', async () => {
    const pretend =
      "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
    const process = startProcess({ nodeArgs: ['--import', pretend] });
    expect(await process.exited()).toBe(1);
    expect(process.stderr).toMatch(/^keyfold: needs Node 22\.18 or later[^\n]*20\.20\.2[^\n]*\n$/);
  });

  test('several starters on no file all serve one database', async () => {
    const database = join(temporaryFolder(), 'keyfold.db');
    const started = await Promise.all([1, 2, 3, 4].map(() => serveDatabase(database)));
    const [first, ...others] = started.map(({ url }) => url);
    const created = await fetch(`${first}/domains/shared`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"DefaultExpirationDays": 1}',
    });
    expect(created.status).toBe(200);
    for (const url of others) expect((await fetch(`${url}/domains/shared`)).status).toBe(200);
  });

  test('logs a request as one JSON line without any value of it', async () => {
    const process = startProcess({
      args: ['--database', ':memory:', '--port', '0', '--log-level', 'info'],
    });
    const url = await process.url();
    const answer = await fetch(`${url}/domains/secret-name`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"DefaultExpirationDays": 1, "DefaultEncryptionKey": "secret-key"}',
    });
    await process.stop('SIGTERM');
    const lines = process.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      {
        level: 30,
        time: expect.any(String),
        requestId: answer.headers.get('x-amzn-requestid'),
        operation: 'CreateDomain',
        status: 200,
        durationMs: expect.any(Number),
      },
    ]);
  });
});
