import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/index.ts';
import { BODY_BYTES_MAX } from '../../src/protocol/body-limits.ts';
import { type Answer, send, startTestService } from '../support/service.ts';

const keysPath = '/domains/customers/profiles/keys';
const ProfileId = '0123456789abcdef0123456789abcdef';

async function startWithDomain(): Promise<Service> {
  const { service } = await startTestService();
  const created = await send(service, 'POST', '/domains/customers', { DefaultExpirationDays: 1 });
  expect(created.status).toBe(200);
  return service;
}

function expectError(answer: Answer, status: number, errorType: string): void {
  expect([answer.status, answer.errorType]).toEqual([status, errorType]);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
}

/** Sends bytes over a socket and reads the answer's head and body to the end. */
function sendBytes(service: Service, ...bytes: (string | Uint8Array)[]): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    for (const part of bytes) socket.write(part);
  });
}

describe('routing', () => {
  test('the optional prefix /v1 and an encoded literal reach the same operation', async () => {
    const service = await startWithDomain();
    for (const path of ['/v1/domains/customers', '/domain%73/customers', '/domains/c%75stomers'])
      expect((await send(service, 'GET', path)).body.DomainName, path).toBe('customers');
  });

  test.each([
    ['GET', '/'],
    ['GET', '/domains/'],
    ['GET', '/domains/customers/'],
    ['GET', '/domains//profiles'],
    ['PATCH', '/domains/customers'],
    ['GET', '/domains/customers/profiles'],
    ['GET', '/v1/v1/domains'],
    ['GET', '/domains/%ff'],
    ['GET', '/domains/%'],
    ['POST', '/domains/..%2f..'.replace('..%2f..', 'a/b/c/d')],
  ])('404 UnknownOperationException for %s %s', async (method, path) => {
    const service = await startWithDomain();
    const answer = await send(service, method, path);
    expectError(answer, 404, 'UnknownOperationException');
    expect(answer.body).toEqual({ message: expect.any(String) });
  });

  test('501 for an operation of the API that Keyfold lacks', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'GET', '/recommender-recipes');
    expectError(answer, 501, 'NotImplementedException');
    expect(answer.body.message).toContain('ListRecommenderRecipes');
  });

  test('a label is decoded once', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'GET', '/domains/a%252Fb');
    expectError(answer, 400, 'BadRequestException');
    expect(answer.body.Message).toContain("Value 'a%2Fb' at 'domainName'");
  });

  test('a label in the body is ignored', async () => {
    const service = await startWithDomain();
    const body = { DefaultExpirationDays: 1, DomainName: 'other' };
    const answer = await send(service, 'POST', '/domains/mine', body);
    expect(answer.body.DomainName).toBe('mine');
  });

  test('a request target in absolute form is served', async () => {
    const service = await startWithDomain();
    const answer = await sendBytes(
      service,
      `GET ${service.url}/domains/customers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a Host header that is none is refused in the API's form", async () => {
    const service = await startWithDomain();
    const answer = await sendBytes(
      service,
      'GET /domains HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).toContain('x-amzn-requestid');
    expect(answer).toContain('"message"');
  });
});

describe('bytes that are no request', () => {
  test.each([
    ['a request line that is none', 'HELLO\r\n\r\n', 400],
    [
      'a header that is too large',
      `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    [
      'more than 100 headers',
      `GET /domains HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(100)}\r\n`,
      431,
    ],
    ['two Hosts', 'GET /domains HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n', 400],
    [
      'a length and chunks',
      'POST /domains/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['HTTP/1.1 without a Host', 'GET /domains HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ])("%s is refused in the API's form", async (_, bytes, status) => {
    const service = await startWithDomain();
    const answer = await sendBytes(service, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.toLowerCase()).toMatch(/x-amzn-requestid: [0-9a-f-]{36}/);
    expect(answer).toMatch(/x-amzn-errortype: \w+Exception\r\n/);
    expect(answer).toMatch(/\{"message":"[^"]+"\}$/);
  });

  test('a request before them is answered first', async () => {
    const service = await startWithDomain();
    const body = '{"DefaultExpirationDays":1}';
    const head = `POST /domains/new HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    const answer = await sendBytes(service, `${head}\r\n\r\n${body}HELLO\r\n\r\n`);
    expect(answer.match(/HTTP\/1\.1 [0-9]{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  test('HTTP/1.0 needs no Host', async () => {
    const service = await startWithDomain();
    expect(await sendBytes(service, 'GET /health/live HTTP/1.0\r\n\r\n')).toMatch(/ 200 OK/);
  });

  test('an unknown expectation is ignored', async () => {
    const service = await startWithDomain();
    const request =
      'GET /domains HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\nConnection: close\r\n\r\n';
    expect(await sendBytes(service, request)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('content negotiation', () => {
  test('415 for a body of another type', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, '{}', { 'Content-Type': 'text/plain' });
    expectError(answer, 415, 'UnsupportedMediaTypeException');
  });

  test('a charset is ignored', async () => {
    const service = await startWithDomain();
    const type = { 'Content-Type': 'Application/JSON; charset=utf-8' };
    const answer = await send(service, 'POST', '/domains/a', '{"DefaultExpirationDays":1}', type);
    expect(answer.status).toBe(200);
  });

  test('an empty body is an empty document, whatever its type', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, '', { 'Content-Type': 'text/plain' });
    expectError(answer, 400, 'BadRequestException');
  });

  test.each(['text/html', 'application/xml, text/*'])('406 for Accept: %s', async (Accept) => {
    const service = await startWithDomain();
    const answer = await send(service, 'GET', '/domains', undefined, { Accept });
    expectError(answer, 406, 'NotAcceptableException');
  });

  test.each(['*/*', 'application/*', 'application/json', 'text/html, application/json;q=0.9'])(
    'Accept: %s is served',
    async (Accept) => {
      const service = await startWithDomain();
      expect((await send(service, 'GET', '/domains', undefined, { Accept })).status).toBe(200);
    },
  );

  test('a body of an operation without one is ignored', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'DELETE', '/domains/customers', 'not json', {
      'Content-Type': 'text/plain',
    });
    expect(answer.status).toBe(200);
  });
});

describe('documents', () => {
  const valid = { ProfileId, KeyName: 'k', Values: ['v'] };

  test.each<[string, string | Uint8Array]>([
    ['trailing garbage', `${JSON.stringify(valid)}x`],
    ['a trailing comma', '{"KeyName":"k",}'],
    ['a comment', '{/* */}'],
    ['single quotes', "{'KeyName':'k'}"],
    ['two documents', '{}{}'],
    ['a list', '[]'],
    ['a string', '"a"'],
    ['null', 'null'],
    ['an unfinished document', '{"KeyName":'],
    ['a byte order mark', '\ufeff{}'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a NUL in a text', '{"KeyName":"a\\u0000b"}'],
    ['a lone surrogate', '{"KeyName":"\\ud800"}'],
    ['a number for a string', '{"KeyName":1}'],
    ['a string for a list', '{"Values":"v"}'],
    ['an object for a list', '{"Values":{}}'],
    ['null in a list', '{"Values":[null]}'],
    ['a number in a list', '{"Values":["a",1]}'],
    ['101 levels', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['five hundred thousand levels', '['.repeat(500_000)],
  ])('400 SerializationException for %s', async (_, body) => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, body);
    expectError(answer, 400, 'SerializationException');
    expect(answer.body).toEqual({ message: expect.any(String) });
  });

  test.each([
    ['a string for an integer', '{"DefaultExpirationDays":"1"}'],
    ['a fraction for an integer', '{"DefaultExpirationDays":1.5}'],
    ['an integer out of range', '{"DefaultExpirationDays":2147483648}'],
    ['an infinite number', '{"DefaultExpirationDays":1e999}'],
    ['true for an integer', '{"DefaultExpirationDays":true}'],
    ['a string for a boolean', '{"DefaultExpirationDays":1,"Matching":{"Enabled":"true"}}'],
    ['a list for a map', '{"DefaultExpirationDays":1,"Tags":[]}'],
    ['null as the value of a map', '{"DefaultExpirationDays":1,"Tags":{"a":null}}'],
    ['a string for a structure', '{"DefaultExpirationDays":1,"Matching":"on"}'],
  ])('400 SerializationException for %s', async (_, body) => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', '/domains/new', body);
    expectError(answer, 400, 'SerializationException');
    expect((await send(service, 'GET', '/domains/new')).status).toBe(404);
  });

  test.each(['1.0', '1e0', '10e-1'])('%s is an integer', async (number) => {
    const service = await startWithDomain();
    const body = `{"DefaultExpirationDays":${number}}`;
    const answer = await send(service, 'POST', '/domains/new', body);
    expect(answer.body.DefaultExpirationDays).toBe(1);
  });

  test('100 levels in an unknown member are ignored with it', async () => {
    const service = await startWithDomain();
    const body = `{"DefaultExpirationDays":1,"Unknown":${'['.repeat(99)}${']'.repeat(99)}}`;
    expect((await send(service, 'POST', '/domains/new', body)).status).toBe(200);
  });

  test('null is the same as absent', async () => {
    const service = await startWithDomain();
    const body = { DefaultExpirationDays: 1, Matching: null, DefaultEncryptionKey: null };
    const answer = await send(service, 'POST', '/domains/new', body);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual([
      'CreatedAt',
      'DefaultExpirationDays',
      'DomainName',
      'LastUpdatedAt',
    ]);
  });

  test('a malformed document is refused before any constraint', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, { KeyName: '', Values: 1 });
    expectError(answer, 400, 'SerializationException');
    expect(answer.body.message).toBe("Member 'values' must be a list.");
  });
});

describe('constraints', () => {
  const refusal = async (body: unknown) => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, body);
    expectError(answer, 400, 'BadRequestException');
    return answer.body.Message;
  };

  test('one violation', async () => {
    expect(await refusal({ ProfileId, KeyName: 'a b', Values: ['v'] })).toBe(
      "1 validation error detected: Value 'a b' at 'keyName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$",
    );
  });

  test('all violations in one message', async () => {
    const Values = ['', 'x'.repeat(256)];
    expect(await refusal({ ProfileId: 'XYZ', KeyName: '', Values })).toBe(
      [
        "5 validation errors detected: Value 'XYZ' at 'profileId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-f0-9]{32}",
        "Value '' at 'keyName' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "Value '' at 'keyName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$",
        "Value '' at 'values.1.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
        `Value '${'x'.repeat(256)}' at 'values.2.member' failed to satisfy constraint: Member must have length less than or equal to 255`,
      ].join('; '),
    );
  });

  test('missing members', async () => {
    expect(await refusal({ KeyName: null })).toBe(
      [
        "3 validation errors detected: Value at 'profileId' failed to satisfy constraint: Member must not be null",
        "Value at 'keyName' failed to satisfy constraint: Member must not be null",
        "Value at 'values' failed to satisfy constraint: Member must not be null",
      ].join('; '),
    );
  });

  test('no values, and too many', async () => {
    expect(await refusal({ ProfileId, KeyName: 'k', Values: [] })).toContain(
      "Value '[]' at 'values' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    expect(await refusal({ ProfileId, KeyName: 'k', Values: Array(256).fill('v') })).toContain(
      "at 'values' failed to satisfy constraint: Member must have length less than or equal to 255",
    );
  });

  test('the size of a list and of its items together, a hundred violations at most', async () => {
    const message = await refusal({ ProfileId, KeyName: 'k', Values: Array(256).fill('') });
    expect(message).toMatch(
      /^100 validation errors detected: .* at 'values' failed .*'values.99.member'/,
    );
    expect(message).not.toContain('values.100.member');
  });

  test('a body full of violations costs no more than its size', async () => {
    const service = await startWithDomain();
    const many = Array.from({ length: 100_000 }, (_, index) => [`a${index}`, '']);
    const answer = await send(service, 'POST', '/domains/customers/profiles', {
      Attributes: Object.fromEntries(many),
      EngagementPreferences: { Phone: Array(100_000).fill({ KeyName: '' }) },
    });
    expectError(answer, 400, 'BadRequestException');
    expect(answer.body.Message).toMatch(/^100 validation errors detected: /);
    expect(answer.body.Message.length).toBeLessThan(20_000);
  });

  test('a long name in a path is cut like a long value', async () => {
    const service = await startWithDomain();
    const body = { DefaultExpirationDays: 1, Tags: { ['k'.repeat(100_000)]: 'v' } };
    const answer = await send(service, 'POST', '/domains/new', body);
    expectError(answer, 400, 'BadRequestException');
    expect(answer.body.Message.length).toBeLessThan(1_000);
  });

  test('lengths count code points, not UTF-16 units', async () => {
    const service = await startWithDomain();
    const add = (value: string) =>
      send(service, 'POST', keysPath, { ProfileId, KeyName: 'k', Values: [value] });
    expect((await add('😀'.repeat(255))).errorType).toBe('ResourceNotFoundException');
    expect((await add('😀'.repeat(256))).errorType).toBe('BadRequestException');
  });

  test('sensitive values are not repeated', async () => {
    const service = await startWithDomain();
    const body = {
      FirstName: 'x'.repeat(256),
      Gender: 'SECRET',
      Address: { City: 'y'.repeat(256) },
      Attributes: { ok: '1', hidden: '' },
      EngagementPreferences: { Phone: [{ ContactType: 'Fax' }] },
    };
    const answer = await send(service, 'POST', '/domains/customers/profiles', body);
    expect(answer.body.Message).toBe(
      [
        "5 validation errors detected: Value at 'firstName' failed to satisfy constraint: Member must have length less than or equal to 255",
        "Value at 'gender' failed to satisfy constraint: Member must satisfy enum value set: [MALE, FEMALE, UNSPECIFIED]",
        "Value at 'address.city' failed to satisfy constraint: Member must have length less than or equal to 255",
        "Value at 'attributes.2.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
        "Value at 'engagementPreferences.phone.1.member.contactType' failed to satisfy constraint: Member must satisfy enum value set: [PhoneNumber, MobilePhoneNumber, HomePhoneNumber, BusinessPhoneNumber, EmailAddress, PersonalEmailAddress, BusinessEmailAddress]",
      ].join('; '),
    );
  });

  test('the entries of a map', async () => {
    const service = await startWithDomain();
    const body = { DefaultExpirationDays: 0, Tags: { 'aws:x': 'v', ok: 'v'.repeat(257) } };
    const answer = await send(service, 'POST', '/domains/new', body);
    expect(answer.body.Message).toBe(
      [
        "3 validation errors detected: Value '0' at 'defaultExpirationDays' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "Value 'v' at 'tags.aws:x.member' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$",
        `Value '${'v'.repeat(256)}…' at 'tags.ok.member' failed to satisfy constraint: Member must have length less than or equal to 256`,
      ].join('; '),
    );
  });

  test.each(['true', '1.5', '0x10', '2A', 'Infinity', ''])(
    '400 SerializationException for max-results=%s',
    async (size) => {
      const service = await startWithDomain();
      const answer = await send(service, 'GET', `/domains?max-results=${size}`);
      expectError(answer, 400, 'SerializationException');
    },
  );

  test('a query value out of range is a violated constraint', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'GET', '/domains?max-results=101&next-token=');
    expectError(answer, 400, 'BadRequestException');
    expect(answer.body.Message).toMatch(
      /^2 validation errors detected: .*'nextToken'.*'maxResults'/,
    );
  });

  test('a repeated query parameter counts once; unknown ones are ignored', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'GET', '/domains?max-results=1&max-results=x&unknown=1');
    expect(answer.status).toBe(200);
  });
});

describe('size', () => {
  test('413 for a body that says it is too large', async () => {
    const service = await startWithDomain();
    const answer = await send(service, 'POST', keysPath, 'x'.repeat(BODY_BYTES_MAX + 1));
    expectError(answer, 413, 'RequestEntityTooLargeException');
  });

  test('413 for a body that turns out too large, and the connection goes on', async () => {
    const service = await startWithDomain();
    const chunk = 'x'.repeat(1024 * 1024);
    const head = `POST ${keysPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunks = Array(5).fill(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    const next = 'GET /domains HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const answer = await sendBytes(service, head, ...chunks, '0\r\n\r\n', next);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('RequestEntityTooLargeException');
    expect(answer).toContain('HTTP/1.1 200 OK');
  });

  test('a body of the largest size is read', async () => {
    const service = await startWithDomain();
    const body = `{"FirstName":"Ada"}${' '.repeat(BODY_BYTES_MAX - 19)}`;
    expect((await send(service, 'POST', '/domains/customers/profiles', body)).status).toBe(200);
  });

  test('a body may be as large as its operation lets its input become, and no larger', async () => {
    const service = await startWithDomain();
    const Values = Array.from({ length: 255 }, (_, index) => `${'€'.repeat(252)}${100 + index}`);
    // In ASCII, as some clients write it.
    const body = JSON.stringify({ ProfileId, KeyName: 'k', Values }).replaceAll('€', '\\u20ac');
    expectError(await send(service, 'POST', keysPath, body), 404, 'ResourceNotFoundException');
    const path = `/domains/customers/profiles/delete`;
    expectError(await send(service, 'POST', path, body), 413, 'RequestEntityTooLargeException');
  });

  test('a client that goes away during its request harms nobody', async () => {
    const service = await startWithDomain();
    const { hostname, port } = new URL(service.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST ${keysPath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`,
          () => {
            socket.destroy();
            resolve();
          },
        );
      });
    });
    expect((await send(service, 'GET', '/domains')).status).toBe(200);
  });
});

describe('without a socket', () => {
  test('app.request() serves the same operations', async () => {
    const service = await startWithDomain();
    const answer = await service.app.request('/v1/domains/customers');
    expect(answer.status).toBe(200);
    const created = await service.app.request('/domains/two', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"DefaultExpirationDays": 2}',
    });
    expect(await created.json()).toMatchObject({ DomainName: 'two', DefaultExpirationDays: 2 });
    const large = await service.app.request('/domains/three', {
      method: 'POST',
      body: 'x'.repeat(BODY_BYTES_MAX + 1),
    });
    expect(large.status).toBe(413);
  });
});
