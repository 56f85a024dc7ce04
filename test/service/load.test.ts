import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BodyReader, RequestAbortedError } from '../../src/protocol/request-body.ts';
import { Load } from '../../src/service/load.ts';
import { temporaryFolder } from '../support/folder.ts';
import { send, startTestService } from '../support/service.ts';

const overloaded = {
  code: 'ServiceUnavailableException',
  message: 'The service is overloaded. Try again.',
  retryAfterSeconds: 1,
};

/** A service with as many requests in progress as it takes: they wait for a database that another holds. */
async function startFullService(corsOrigins: readonly string[] = []) {
  const database = join(temporaryFolder(), 'keyfold.db');
  const { service } = await startTestService({ database, requestsMax: 2, corsOrigins });
  const create = (name: string) =>
    send(service, 'POST', `/domains/${name}`, { DefaultExpirationDays: 1 });
  const other = new BetterSqlite3(database);
  onTestFinished(() => void other.close());
  other.exec('begin immediate');
  const waiting = Promise.all([create('one'), create('two')]);
  const metrics = async () => (await fetch(`${service.url}/metrics`)).text();
  while (!(await metrics()).includes('keyfold_requests_in_progress 2'));
  return { service, create, other, waiting };
}

/** What a server has said on a connection until it has said so much. */
function received(socket: Socket, includes: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
      if (includes.test(said)) resolve(said);
    });
  });
}

describe('too many requests in progress', () => {
  test('503 at once for one more, and those that are in progress end well', async () => {
    const { service, create, other, waiting } = await startFullService();
    const refused = await create('three');
    expect([refused.status, refused.errorType]).toEqual([503, 'ServiceUnavailableException']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body).toEqual({ Message: overloaded.message });
    // Health is asked by those who would otherwise end the process.
    expect((await send(service, 'GET', '/health/live')).status).toBe(200);
    other.exec('commit');
    other.close();
    expect((await waiting).map(({ status }) => status)).toEqual([200, 200]);
    expect((await create('three')).status).toBe(200);
  });

  test('503 before the body has come, which is passed over: the connection stays', async () => {
    const { service, other, waiting } = await startFullService();
    const { port, hostname } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    const body = 'x'.repeat(100_000);
    const refused = received(socket, /overloaded/);
    socket.write(
      `POST /domains/four HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    expect(await refused).toMatch(/^HTTP\/1.1 503 /);
    const live = received(socket, /"live"/);
    socket.write(`${body}GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(await live).toContain('HTTP/1.1 200 ');
    other.exec('commit');
    await waiting;
  });

  test('503 before the body, and the end of a connection on which it does not come', async () => {
    const { service, other, waiting } = await startFullService();
    const { port, hostname } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    const refused = received(socket, /overloaded/);
    socket.write('POST /domains/four HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1');
    await refused;
    await ended;
    other.exec('commit');
    await waiting;
  });

  test.each(['/docsome', '/metrics/', '/healthy', '/domains?/metrics'])(
    '503 at %s, which is no page of the reference and no health',
    async (path) => {
      const { service, other, waiting } = await startFullService();
      const headers = { origin: 'https://elsewhere.example.com' };
      expect((await fetch(`${service.url}${path}`, { headers })).status).toBe(503);
      other.exec('commit');
      await waiting;
    },
  );

  test('503 that a page of a listed origin can read', async () => {
    const origin = 'https://app.example.com';
    const { service, other, waiting } = await startFullService([origin]);
    const answer = await fetch(`${service.url}/domains`, { headers: { origin } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    other.exec('commit');
    await waiting;
  });
});

/** A load with a clock of its own, and requests that go on until they are ended. */
class Waiting {
  now = 0;
  readonly load: Load;
  readonly #ends: (() => void)[] = [];

  constructor(requestsMax: number) {
    this.load = new Load(requestsMax, () => this.now);
    this.load.stop();
  }

  /** Begins some requests. How many of them are let in. */
  async begin(count: number): Promise<number> {
    let refused = 0;
    for (let begun = 0; begun < count; begun++)
      this.load
        .run(() => new Promise<void>((resolve) => this.#ends.push(resolve)))
        .catch((error) => {
          expect(error).toMatchObject(overloaded);
          refused += 1;
        });
    // Those that are refused say so by then.
    await new Promise((resolve) => setImmediate(resolve));
    return count - refused;
  }

  /** Ends the oldest requests. */
  async end(count: number): Promise<void> {
    for (const end of this.#ends.splice(0, count)) end();
    await new Promise((resolve) => setImmediate(resolve));
  }

  sample(afterMs = 100): void {
    this.now += afterMs;
    this.load.sample();
  }

  /** Lets so many end in each tenth of a second, while others come in their place. */
  async replace(count: number, samples: number): Promise<void> {
    for (let sample = 0; sample < samples; sample++) {
      await this.end(count);
      await this.begin(count);
      this.sample();
    }
  }
}

describe('an event loop that is held up', () => {
  test('refuses nobody after a single pause', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(80);
    waiting.sample(5_000);
    expect(await waiting.begin(100)).toBe(100);
  });

  test('time after time lets few in', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(80);
    waiting.sample(5_000);
    waiting.sample(5_000);
    await waiting.end(80);
    expect(await waiting.begin(100)).toBe(64);
  });
});

describe('more requests than can be answered', () => {
  test('no more are let in than end in a fifth of a second', async () => {
    const waiting = new Waiting(1_000);
    expect(await waiting.begin(200)).toBe(200);
    // Forty end in a tenth of a second, and others come.
    await waiting.replace(40, 10);
    expect(waiting.load.requests).toBe(80);
    expect(await waiting.begin(1)).toBe(0);
    await waiting.end(16);
    expect(await waiting.begin(100)).toBe(16);
  });

  test('more are let in than from rest once it is seen that they are answered', async () => {
    const waiting = new Waiting(1_000);
    expect(await waiting.begin(300)).toBe(256);
    await waiting.replace(250, 3);
    // Five hundred would end in time, but no more come at once than so many beside those before.
    expect(await waiting.begin(1_000)).toBe(128);
  });

  test('after a pause, no more come at once than 128, or than end in a tenth of a second', async () => {
    for (const [perSample, letIn] of [
      [100, 128],
      // The last two hundred end in a sample of their own, and count as well.
      [400, 380],
    ] as const) {
      const waiting = new Waiting(1_000);
      await waiting.begin(200);
      for (let sample = 0; sample < 10; sample++) {
        for (let part = 0; part < perSample; part += 100) {
          await waiting.end(100);
          await waiting.begin(100);
        }
        waiting.sample();
      }
      await waiting.end(1_000);
      for (let sample = 0; sample < 3; sample++) waiting.sample();
      expect(await waiting.begin(1_000), String(perSample)).toBe(letIn);
    }
  });

  test('steady requests are not refused because it is looked when a commit has just answered all of them', async () => {
    const waiting = new Waiting(1_000);
    for (let sample = 0; sample < 10; sample++) {
      for (let commit = 0; commit < 4; commit++) {
        expect(await waiting.begin(200)).toBe(200);
        await waiting.end(200);
      }
      waiting.sample();
    }
  });

  test('refusals because of strangers say nothing of how much can be done', async () => {
    const waiting = new Waiting(100);
    const { promise, resolve } = Promise.withResolvers<void>();
    const preparing = Array.from({ length: 100 }, () => waiting.load.prepare(() => promise));
    for (let sample = 0; sample < 3; sample++) {
      expect(await waiting.begin(10)).toBe(0);
      waiting.sample();
    }
    resolve();
    await Promise.all(preparing);
    expect(await waiting.begin(100)).toBe(100);
  });

  test('while more are refused than end, only what ends then counts', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(100);
    await waiting.replace(60, 10);
    // A hundred and twenty, by ten times sixty in a second.
    expect(await waiting.begin(200)).toBe(20);
    await waiting.end(36);
    waiting.sample();
    expect(waiting.load.requests).toBe(84);
    expect(await waiting.begin(200)).toBe(0);
    await waiting.end(20);
    expect(await waiting.begin(1)).toBe(1);
  });

  test('no more are let in than the service was told to', async () => {
    const waiting = new Waiting(100);
    expect(await waiting.begin(300)).toBe(100);
  });

  test('nobody is refused who is one of a few, however slow they are', async () => {
    const waiting = new Waiting(1_000);
    expect(await waiting.begin(63)).toBe(63);
    for (let sample = 0; sample < 50; sample++) waiting.sample();
    expect(await waiting.begin(1)).toBe(1);
    expect(await waiting.begin(1)).toBe(0);
  });

  test('few are let in while many have waited for long, whatever else ends', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(100);
    const searches = Array.from({ length: 100 }, () => async () => {});
    for (let sample = 0; sample < 5; sample++) {
      await Promise.all(searches.map((search) => waiting.load.run(search)));
      waiting.sample();
    }
    expect(await waiting.begin(1)).toBe(1);
    for (let sample = 0; sample < 2; sample++) waiting.sample();
    expect(await waiting.begin(1)).toBe(0);
    await waiting.end(90);
    expect(await waiting.begin(100)).toBe(53);
  });

  test('nobody is refused because there was little to do before', async () => {
    const waiting = new Waiting(1_000);
    for (let sample = 0; sample < 10; sample++) {
      await waiting.begin(1);
      await waiting.end(1);
      waiting.sample();
    }
    expect(await waiting.begin(1_000)).toBe(256);
  });

  test('nobody is refused because many came just before it was looked', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(200);
    await waiting.end(20);
    waiting.sample();
    expect(await waiting.begin(76)).toBe(76);
  });

  test('to look twice at once tells nothing', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(40);
    waiting.sample();
    await waiting.end(8);
    // In five milliseconds it would be five times as many as in a tenth of a second.
    waiting.sample(5);
    waiting.sample(95);
    expect(await waiting.begin(100)).toBe(32);
  });

  test('five seconds after it all are let in again', async () => {
    const waiting = new Waiting(1_000);
    await waiting.begin(200);
    for (let sample = 0; sample < 10; sample++) waiting.sample();
    expect(await waiting.begin(1)).toBe(0);
    await waiting.end(200);
    for (let sample = 0; sample < 50; sample++) waiting.sample();
    // Two hundred in a second.
    expect(await waiting.begin(65)).toBe(64);
    await waiting.end(64);
    waiting.sample();
    expect(await waiting.begin(1_000)).toBe(256);
  });

  test('to find out who sends a request takes no room for work, and says nothing of how much can be done', async () => {
    const waiting = new Waiting(100);
    await waiting.begin(40);
    for (let sample = 0; sample < 20; sample++) {
      for (let count = 0; count < 100; count++) await waiting.load.prepare(async () => {});
      waiting.sample();
    }
    expect(await waiting.begin(100)).toBe(24);
    const { promise, resolve } = Promise.withResolvers<void>();
    const preparing = Array.from({ length: 36 }, () => waiting.load.prepare(() => promise));
    await expect(waiting.load.prepare(async () => {})).rejects.toMatchObject(overloaded);
    resolve();
    await Promise.all(preparing);
    await waiting.load.prepare(async () => {});
  });
});

describe('the bodies of all requests together', () => {
  /** A server that keeps the bodies it has read until it is told otherwise. */
  async function startKeeper(bytesMax: number) {
    const bodies = new BodyReader(bytesMax);
    const kept: Uint8Array[] = [];
    const server = createServer((incoming, outgoing) => {
      bodies.read(incoming, 8).then(
        (body) => {
          kept.push(body);
          outgoing.end('kept');
        },
        (error) => outgoing.end(error.code),
      );
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const post = async (body: string) =>
      (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body })).text();
    const release = () => kept.splice(0).forEach((body) => void bodies.release(body));
    return { post, release };
  }

  test('503 past their bound, until there is room again', async () => {
    const { post, release } = await startKeeper(10);
    expect(await post('123456')).toBe('kept');
    expect(await post('78901')).toBe('ServiceUnavailableException');
    expect(await post('7890')).toBe('kept');
    expect(await post('1')).toBe('ServiceUnavailableException');
    release();
    expect(await post('12345678')).toBe('kept');
  });

  test('a client that is gone before its body is asked for is not waited for', async () => {
    const { incoming, socket } = await new Promise<{
      incoming: IncomingMessage;
      socket: Socket;
    }>((resolve) => {
      const server = createServer((incoming) => resolve({ incoming, socket }));
      onTestFinished(() => void server.close());
      let socket: Socket;
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        socket = connect(port, '127.0.0.1');
        socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n1');
      });
    });
    const gone = new Promise((resolve) => incoming.once('close', resolve));
    socket.destroy();
    await gone;
    await expect(new BodyReader(10).read(incoming, 8)).rejects.toThrow(RequestAbortedError);
  });

  test('what was refused takes no room', async () => {
    const { post } = await startKeeper(10);
    for (let count = 0; count < 3; count++)
      expect(await post('123456789')).toBe('RequestEntityTooLargeException');
    expect(await post('12345678')).toBe('kept');
    expect(await post('123')).toBe('ServiceUnavailableException');
    expect(await post('12')).toBe('kept');
  });
});
