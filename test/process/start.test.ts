import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { serveDatabase, startProcess } from '../support/process.ts';

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
