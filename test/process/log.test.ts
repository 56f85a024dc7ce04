import { connect } from 'node:net';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/process.ts';
import { credentialsKey, sendAsIs, sign } from '../support/signing.ts';

const info = { KEYFOLD_LOG_LEVEL: 'info' };

function linesOf(log: string): Record<string, unknown>[] {
  return log
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Sends the beginning of a request and goes away; resolves when the connection is gone. */
function abandon(url: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(bytes, () => socket.destroy()),
    );
    socket.on('close', () => resolve());
  });
}

test('clients that go away are a count, without a line or a stack for each', async () => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const process = startProcess({ args: ['--port', '0', '--database', database], env: info });
  const url = await process.url();
  const head = 'POST /domains/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  for (let count = 0; count < 3; count++) await abandon(url, `${head}Content-Length: 100\r\n\r\n{`);
  // One that goes away while the database keeps its request waiting.
  const other = new BetterSqlite3(database);
  other.exec('begin immediate');
  const body = '{"DefaultExpirationDays":1}';
  await abandon(url, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  await fetch(`${url}/domains`);
  other.exec('commit');
  other.close();
  expect(await process.stop('SIGTERM')).toBe(0);
  const lines = linesOf(process.stderr);
  expect(lines.filter((line) => 'abortedRequests' in line)).toMatchObject([{ abortedRequests: 3 }]);
  expect(lines.filter((line) => 'err' in line)).toEqual([]);
  // What it said at its start is all: the settings, and the address.
  expect(process.stdout).toMatch(/\nKeyfold serves [^\n]+\n$/);
});

test('nothing of a request can forge a line of the log, or shows up in it', async () => {
  const env = { ...info, KEYFOLD_AUTH: 'sigv4', KEYFOLD_CREDENTIALS_KEY: credentialsKey };
  const database = join(temporaryFolder(), 'keyfold.db');
  const create = startProcess({
    args: ['credentials', 'create', '--json', '--database', database],
    env,
  });
  expect(await create.exited()).toBe(0);
  const credentials = JSON.parse(create.stdout);
  const process = startProcess({ args: ['--port', '0', '--database', database], env });
  const service = { url: await process.url() };
  const forged = '"}\n{"level":50,"forged":"secret-value"}';
  const name = encodeURIComponent(forged);
  const requests: [string, string, object | undefined][] = [
    ['POST', '/domains/secret-name', { DefaultExpirationDays: 1, Tags: { 'secret-tag': forged } }],
    ['POST', `/domains/${name}`, { DefaultExpirationDays: forged }],
    ['POST', '/domains/secret-name/profiles', { FirstName: forged }],
    ['POST', '/domains/secret-name/profiles/search', { KeyName: forged, Values: [forged] }],
    ['GET', `/domains?next-token=${name}`, undefined],
    ['GET', `/${name}`, undefined],
  ];
  for (const [method, path, body] of requests) {
    const text = body && JSON.stringify(body);
    await sendAsIs(service, sign(service, credentials, method, path, text ? { body: text } : {}));
  }
  await process.stop('SIGTERM');
  const lines = linesOf(process.stderr);
  expect(lines).toHaveLength(requests.length);
  for (const line of lines) {
    expect(Object.keys(line).filter((member) => member !== 'errorType')).toEqual([
      'level',
      'time',
      'requestId',
      'operation',
      'status',
      'durationMs',
    ]);
    expect(line.operation).toMatch(/^\w+$/);
  }
  for (const secret of ['secret', 'forged', 'Signature', credentials.accessKeyId])
    expect(process.stderr).not.toContain(secret);
});
