import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Fetch, listen } from '../../src/service/http-server.ts';
import { send, startTestService } from '../support/service.ts';

/** Short enough to wait for; what is measured here is what happens, not when. */
const timeouts = { headersMs: 100, requestMs: 200, stillMs: 400, checkMs: 20 };

async function startImpatient(fetch?: Fetch) {
  const { service } = await startTestService();
  const server = await listen(fetch ?? service.app.fetch, {
    host: '127.0.0.1',
    port: 0,
    ownsProcess: false,
    timeouts,
  });
  onTestFinished(() => server.stop(0));
  return server;
}

/** Sends bytes and no more, and reads until the server has had enough. */
function sendAndWait({ url }: { url: string }, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('a client that does not go on', () => {
  test.each([
    ['before its request', ''],
    ['in the head of its request', 'GET /domains HTTP/1.1\r\nHost: local'],
    [
      'in the body of its request',
      'POST /domains/late HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{"DefaultExpirationDays": 1',
    ],
    [
      'in a chunk of its request',
      'POST /domains/late HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"Def',
    ],
  ])('%s is answered 408 in the form of the API', async (_, bytes) => {
    const server = await startImpatient();
    const answer = await sendAndWait(server, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\nx-amzn-errortype: RequestTimeoutException\r\n/);
    expect(answer).toMatch(/\r\nx-amzn-RequestId: [0-9a-f-]{36}\r\n/);
    expect(answer).toMatch(/\r\n\r\n\{"message":"[^"]+"\}$/);
    const domains = await send(server, 'GET', '/domains');
    expect(domains.body.Items).toEqual([]);
  });

  test('in its second request is answered 408 after the answer to its first', async () => {
    const server = await startImpatient();
    const first = 'GET /domains HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answer = await sendAndWait(server, `${first}GET /dom`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\{"Items":\[\]\}HTTP\/1\.1 408 /);
  });

  test('after it was refused in the middle of its request hears that once', async () => {
    const server = await startImpatient();
    const answer = await sendAndWait(
      server,
      'POST /domains/late HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\nx',
    );
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

test('a client that takes nothing of its answer is given up', async () => {
  let stopped = () => {};
  const isGivenUp = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  // More than the sockets between the two can hold.
  const endless = () =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
      cancel: () => stopped(),
    });
  const { url } = await startImpatient(() => new Response(endless()));
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  onTestFinished(() => void socket.destroy());
  await isGivenUp;
});
