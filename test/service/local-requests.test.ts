import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createService } from '../../src/index.ts';
import { startTestService } from '../support/service.ts';
import { sendAsIs, startSignedService } from '../support/signing.ts';

const page = 'https://app.example.com';

async function getDomains(headers: Record<string, string>, corsOrigins: string[] = []) {
  const { service } = await startTestService({ corsOrigins });
  const { host } = new URL(service.url);
  return sendAsIs(service, {
    method: 'GET',
    path: '/domains',
    headers: { Host: host, ...headers },
    body: '',
  });
}

describe('without authentication', () => {
  test.each([
    'localhost',
    'localhost:4577',
    'LOCALHOST:1',
    '127.0.0.1:4577',
    '127.1.2.3',
    '[::1]:4577',
    'keyfold.localhost:4577',
  ])('a request to the host %s is answered', async (Host) => {
    expect((await getDomains({ Host })).status).toBe(200);
  });

  test.each([
    'example.com',
    'example.com:4577',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '192.0.2.1',
    '[::2]:80',
    '0.0.0.0',
  ])('403 AccessDeniedException for the host %s, whatever address it has', async (Host) => {
    const answer = await getDomains({ Host });
    expect([answer.status, answer.errorType]).toEqual([403, 'AccessDeniedException']);
    expect(answer.body.Message).toContain('Host');
  });

  test.each([
    ['of a page of another site', { Origin: page }],
    ['of a page without an origin', { Origin: 'null' }],
    ['of a page on another local port', { Origin: 'http://localhost:3000' }],
    ['of a page of another site that hides it', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of a page on another local port that hides it', { 'Sec-Fetch-Site': 'same-site' }],
  ])('403 AccessDeniedException for a request %s', async (_, headers) => {
    const answer = await getDomains(headers);
    expect([answer.status, answer.errorType]).toEqual([403, 'AccessDeniedException']);
    expect(answer.body.Message).toContain('KEYFOLD_CORS_ORIGINS');
  });

  test.each([
    ['of a page whose origin is listed', { Origin: page, 'Sec-Fetch-Site': 'cross-site' }],
    ['that somebody has typed', { 'Sec-Fetch-Site': 'none' }],
  ])('a request %s is answered', async (_, headers) => {
    expect((await getDomains(headers, [page])).status).toBe(200);
  });

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], [undefined]])(
    '415 for a body sent as %s: pages can send that anywhere without asking',
    async (type) => {
      const { service } = await startTestService();
      const body = '{"DefaultExpirationDays":1}';
      const answer = await sendAsIs(service, {
        method: 'POST',
        path: '/domains/customers',
        headers: {
          Host: new URL(service.url).host,
          'Content-Length': String(body.length),
          ...(type && { 'Content-Type': type }),
        },
        body,
      });
      expect([answer.status, answer.errorType]).toEqual([415, 'UnsupportedMediaTypeException']);
    },
  );

  test('a request without any Host, as HTTP/1.0 has it, is answered', async () => {
    const { service } = await startTestService();
    const { hostname, port } = new URL(service.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write('GET /domains HTTP/1.0\r\n\r\n');
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a service of a library on another address is refused', async () => {
    await expect(createService({ host: '0.0.0.0', auth: 'off' })).rejects.toThrow(
      /would let everybody/,
    );
    await expect(createService({ host: '0.0.0.0' })).rejects.toThrow(/must be signed/);
  });
});

test('signed requests may come from any page to any host: the signature decides', async () => {
  const service = await startSignedService();
  const answer = await sendAsIs(service, {
    method: 'GET',
    path: '/domains',
    headers: { Host: 'example.com', Origin: page },
    body: '',
  });
  expect(answer.errorType).toBe('MissingAuthenticationTokenException');
});

describe('CORS', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      Origin: page,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers':
        'amz-sdk-invocation-id,authorization,content-type,x-amz-date',
    },
  };

  test('is off unless origins are listed', async () => {
    const service = await startSignedService();
    const answer = await fetch(`${service.url}/domains`, preflight);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('lets listed origins send what the SDK sends', async () => {
    for (const start of [startSignedService, startLocal]) {
      const service = await start({ corsOrigins: ['http://localhost:3000', page] });
      const answer = await fetch(`${service.url}/domains/a/profiles/search`, preflight);
      expect(answer.status).toBe(204);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
        'access-control-allow-headers':
          'amz-sdk-invocation-id,authorization,content-type,x-amz-date',
      });
    }
  });

  test('lets listed origins read what the SDK reads, of errors too', async () => {
    const service = await startSignedService({ corsOrigins: [page] });
    const answer = await fetch(`${service.url}/domains`, { headers: { Origin: page } });
    expect(answer.status).toBe(403);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-expose-headers': 'x-amzn-RequestId,x-amzn-errortype,Date,Retry-After',
      vary: 'Origin',
    });
  });

  test('lets no other origin in', async () => {
    const service = await startSignedService({ corsOrigins: [page] });
    const headers = { ...preflight.headers, Origin: 'https://other.example.com' };
    const answer = await fetch(`${service.url}/domains`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

async function startLocal(options: { corsOrigins: string[] }) {
  return (await startTestService(options)).service;
}
