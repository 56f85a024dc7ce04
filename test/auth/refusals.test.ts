import { describe, expect, test } from 'vitest';
import type { IssuedCredentials, Service } from '../../src/index.ts';
import { FakeClock } from '../support/clock.ts';
import type { Answer } from '../support/service.ts';
import {
  type Signed,
  type SignOptions,
  sendAsIs,
  sign,
  startSignedService,
  timestamp,
} from '../support/signing.ts';

const MINUTE_MS = 60_000;

/** A service with a clock that stands still, and credentials for it. */
class Signing {
  readonly clock = new FakeClock();
  readonly service: Service;
  readonly credentials: IssuedCredentials;

  private constructor(clock: FakeClock, service: Service, credentials: IssuedCredentials) {
    this.clock = clock;
    this.service = service;
    this.credentials = credentials;
  }

  static async start(expiresInSeconds?: number): Promise<Signing> {
    const clock = new FakeClock();
    const service = await startSignedService({ clock: () => clock.now });
    return new Signing(clock, service, await service.createCredentials({ expiresInSeconds }));
  }

  sign(options: SignOptions = {}, credentials: Partial<IssuedCredentials> = {}): Signed {
    const given = { ...this.credentials, ...credentials };
    return sign(this.service, given, 'GET', '/domains', { time: this.clock.now, ...options });
  }

  /** Changes a signed request, and sends it. */
  send(signed: Signed, change: (signed: Signed) => void = () => {}): Promise<Answer> {
    change(signed);
    return sendAsIs(this.service, signed);
  }

  at(minutes: number): string {
    return timestamp(this.clock.now + minutes * MINUTE_MS);
  }
}

function replaceInAuthorization(from: RegExp, to: string) {
  return ({ headers }: Signed) => {
    headers.Authorization = headers.Authorization?.replace(from, to) ?? '';
  };
}

function expectRefusal(answer: Answer, errorType: string, message: string): void {
  expect([answer.status, answer.errorType, answer.body]).toEqual([403, errorType, { message }]);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('date')).not.toBeNull();
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const unknownToken = 'The security token included in the request is invalid.';

describe('a request is refused', () => {
  test('with a signature in the query and one in the header', async () => {
    const signing = await Signing.start();
    const answer = await signing.send(signing.sign({ inQuery: true }), ({ headers }) => {
      headers.Authorization = 'AWS4-HMAC-SHA256 Credential=a';
    });
    expectRefusal(
      answer,
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  });

  test.each([
    ['no signature', undefined],
    ['another scheme', 'Bearer token'],
    ['nothing in its Authorization', ''],
  ])('with %s', async (_, authorization) => {
    const signing = await Signing.start();
    const answer = await signing.send(signing.sign(), ({ headers }) => {
      delete headers.Authorization;
      if (authorization !== undefined) headers.Authorization = authorization;
    });
    expectRefusal(answer, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  });

  test('without any part of the Authorization header, all of them named', async () => {
    const signing = await Signing.start();
    const answer = await signing.send(signing.sign(), ({ headers }) => {
      headers.Authorization = 'AWS4-HMAC-SHA256 Nothing=1';
      delete headers['X-Amz-Date'];
    });
    expectRefusal(
      answer,
      'IncompleteSignatureException',
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Nothing=1",
    );
  });

  test.each([
    ['Credential', /Credential=[^,]+, /],
    ['SignedHeaders', /SignedHeaders=[^,]+, /],
    ['Signature', /, Signature=.*/],
  ])('without %s alone', async (name, part) => {
    const signing = await Signing.start();
    const signed = signing.sign();
    const answer = await signing.send(signed, replaceInAuthorization(part, ''));
    expectRefusal(
      answer,
      'IncompleteSignatureException',
      `Authorization header requires '${name}' parameter. Authorization=${signed.headers.Authorization}`,
    );
  });

  test('with a part of the Authorization header twice', async () => {
    const signing = await Signing.start();
    const change = replaceInAuthorization(/Credential=/, 'Credential=other, Credential=');
    const answer = await signing.send(signing.sign(), change);
    expect(answer.body.message).toContain("requires 'Credential' parameter");
  });

  test.each(['Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date'])(
    'without X-Amz-%s in the query form',
    async (name) => {
      const signing = await Signing.start();
      const answer = await signing.send(signing.sign({ inQuery: true }), (signed) => {
        signed.path = signed.path.replace(new RegExp(`X-Amz-${name}=[^&]*`), '');
      });
      if (name === 'Algorithm')
        expectRefusal(
          answer,
          'MissingAuthenticationTokenException',
          'Missing Authentication Token',
        );
      else
        expectRefusal(
          answer,
          'IncompleteSignatureException',
          `AWS query-string parameters must include 'X-Amz-${name}'. Re-examine the query-string parameters.`,
        );
    },
  );

  test.each([
    'Fri, 02 Jan 2026 03:04:05 GMT',
    '20260230T000000Z',
    '20260102T030405',
    '2026-01-02T03:04:05Z',
  ])('with the date %s', async (date) => {
    const signing = await Signing.start();
    const answer = await signing.send(signing.sign(), ({ headers }) => {
      headers['X-Amz-Date'] = date;
    });
    expectRefusal(
      answer,
      'IncompleteSignatureException',
      `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  });

  test('more than five minutes after it was signed', async () => {
    const signing = await Signing.start();
    const time = signing.clock.now - 5 * MINUTE_MS - 1_000;
    expectRefusal(
      await signing.send(signing.sign({ time })),
      'InvalidSignatureException',
      `Signature expired: ${timestamp(time)} is now earlier than ${signing.at(-5)} (${signing.at(0)} - 5 min.)`,
    );
    const last = signing.sign({ time: time + 1_000 });
    expect((await signing.send(last)).status).toBe(200);
  });

  test('more than five minutes before it was signed', async () => {
    const signing = await Signing.start();
    const time = signing.clock.now + 5 * MINUTE_MS + 1_000;
    expectRefusal(
      await signing.send(signing.sign({ time })),
      'InvalidSignatureException',
      `Signature not yet current: ${timestamp(time)} is still later than ${signing.at(5)} (${signing.at(0)} + 5 min.)`,
    );
    const first = signing.sign({ time: time - 1_000 });
    expect((await signing.send(first)).status).toBe(200);
  });

  test('after X-Amz-Expires, where that is sooner', async () => {
    const signing = await Signing.start();
    const signed = () =>
      sign(signing.service, signing.credentials, 'GET', '/domains?X-Amz-Expires=60', {
        inQuery: true,
        time: signing.clock.now - 60_000,
      });
    expect((await signing.send(signed())).status).toBe(200);
    const late = signed();
    signing.clock.advanceMs(1_000);
    const answer = await signing.send(late);
    expect(answer.errorType).toBe('InvalidSignatureException');
    expect(answer.body.message).toMatch(/^Signature expired: .* - 60 s\.\)$/);
  });

  test('without Host among its signed headers', async () => {
    const signing = await Signing.start();
    const change = replaceInAuthorization(/SignedHeaders=[^,]+/, 'SignedHeaders=x-amz-date');
    expectRefusal(
      await signing.send(signing.sign(), change),
      'InvalidSignatureException',
      "'Host' must be a 'SignedHeader' in the AWS Authorization.",
    );
  });

  test('with another algorithm', async () => {
    const signing = await Signing.start();
    const change = replaceInAuthorization(/AWS4-HMAC-SHA256/, 'AWS4-HMAC-SHA512');
    expectRefusal(
      await signing.send(signing.sign(), change),
      'IncompleteSignatureException',
      "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). ",
    );
  });

  test('with a credential that is not five parts', async () => {
    const signing = await Signing.start();
    const change = replaceInAuthorization(/Credential=[^,]+/, 'Credential=a/b');
    expectRefusal(
      await signing.send(signing.sign(), change),
      'IncompleteSignatureException',
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
    );
  });

  test('with a wrong scope, all that is wrong with it named', async () => {
    const signing = await Signing.start();
    const change = replaceInAuthorization(
      /Credential=[^,]+/,
      'Credential=key/20200101/US!/customer-profiles/aws5_request',
    );
    const day = signing.at(0).slice(0, 8);
    expectRefusal(
      await signing.send(signing.sign(), change),
      'InvalidSignatureException',
      `Credential should be scoped to a valid region, not 'US!'. Credential should be scoped to correct service: 'profile'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20200101' != '${day}', from '${signing.at(0)}'. `,
    );
  });

  test("with an access key id that nobody has, whoever's secret signs it", async () => {
    const signing = await Signing.start();
    const signed = signing.sign({}, { accessKeyId: 'KFAKAAAAAAAAAAAAAAAA' });
    expectRefusal(await signing.send(signed), 'UnrecognizedClientException', unknownToken);
  });

  test.each<[string, Partial<IssuedCredentials>, (signed: Signed) => void]>([
    ['of another secret', { secretAccessKey: 'other' }, () => {}],
    [
      'of another body',
      {},
      (signed) => {
        signed.body = '{"a":2}';
      },
    ],
    [
      'of another path',
      {},
      (signed) => {
        signed.path = '/domains/x';
      },
    ],
    [
      'of another query',
      {},
      (signed) => {
        signed.path = '/domains?max-results=1';
      },
    ],
    [
      'of another host',
      {},
      (signed) => {
        signed.headers.Host = 'localhost';
      },
    ],
    [
      'of another media type',
      {},
      (signed) => {
        signed.headers['Content-Type'] = 'text/json';
      },
    ],
    ['that is none', {}, replaceInAuthorization(/Signature=.*/, 'Signature=no')],
    [
      'in capitals',
      {},
      ({ headers }) => {
        headers.Authorization =
          headers.Authorization?.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase()) ?? '';
      },
    ],
    [
      'whose signed headers are not all there',
      {},
      replaceInAuthorization(/host;/, 'host;x-absent;'),
    ],
    [
      'whose signed headers are not in order',
      {},
      replaceInAuthorization(/content-type;host/, 'host;content-type'),
    ],
  ])('with a signature %s', async (_, credentials, change) => {
    const signing = await Signing.start();
    const answer = await signing.send(signing.sign({ body: '{"a":1}' }, credentials), change);
    expectRefusal(answer, 'InvalidSignatureException', mismatch);
  });

  test('that is the signature of the method alone that differs', async () => {
    const signing = await Signing.start();
    const signed = sign(signing.service, signing.credentials, 'GET', '/domains/x', {
      time: signing.clock.now,
    });
    const answer = await signing.send({ ...signed, method: 'DELETE' });
    expectRefusal(answer, 'InvalidSignatureException', mismatch);
  });

  test.each([
    'UNSIGNED-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  ])('with the payload marker %s, although it is signed', async (marker) => {
    const signing = await Signing.start();
    const headers = { 'X-Amz-Content-Sha256': marker };
    const answer = await signing.send(signing.sign({ headers }));
    expectRefusal(
      answer,
      'InvalidSignatureException',
      `The payload must be signed: x-amz-content-sha256 must be the SHA-256 of the body in lower-case hex, not '${marker}'.`,
    );
  });

  test('with the hash of another payload, although it is signed', async () => {
    const signing = await Signing.start();
    const headers = { 'X-Amz-Content-Sha256': '0'.repeat(64) };
    const answer = await signing.send(signing.sign({ headers }));
    expectRefusal(answer, 'InvalidSignatureException', mismatch);
  });

  test('with a session token for credentials that have none', async () => {
    const signing = await Signing.start();
    const signed = signing.sign({}, { sessionToken: 'token' });
    expectRefusal(await signing.send(signed), 'UnrecognizedClientException', unknownToken);
  });

  test.each([
    ['none', undefined],
    ['another', 'token'],
  ])('with temporary credentials and %s of their session tokens', async (_, sessionToken) => {
    const signing = await Signing.start(900);
    const { accessKeyId, secretAccessKey, accountId } = signing.credentials;
    const token = sessionToken === undefined ? {} : { sessionToken };
    const time = signing.clock.now;
    const given = { accessKeyId, secretAccessKey, accountId, ...token };
    const signed = sign(signing.service, given, 'GET', '/domains', { time });
    expectRefusal(await signing.send(signed), 'UnrecognizedClientException', unknownToken);
  });

  test('when its temporary credentials have expired', async () => {
    const signing = await Signing.start(900);
    signing.clock.advanceMs(900_000 - 1);
    expect((await signing.send(signing.sign())).status).toBe(200);
    signing.clock.advanceMs(1);
    expectRefusal(
      await signing.send(signing.sign()),
      'ExpiredTokenException',
      'The security token included in the request is expired',
    );
  });

  test('before its body is read, when nobody can have signed it', async () => {
    const signing = await Signing.start();
    const signed = signing.sign({}, { accessKeyId: 'KFAKAAAAAAAAAAAAAAAA' });
    // Says that a body comes, and sends none: an answer proves that nobody waits for it.
    signed.headers['Content-Length'] = '10';
    signed.headers.Expect = '100-continue';
    const answer = await signing.send({ ...signed, body: '' }).catch((error) => error);
    expect(answer.errorType).toBe('UnrecognizedClientException');
  });

  test('where it is not implemented or unknown: nothing there to sign for', async () => {
    const { service } = await Signing.start();
    expect((await fetch(`${service.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${service.url}/domains/x/layouts`)).status).toBe(501);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  test.each(['/domains/./x', '/domains/y/../x', '//domains/x', '/domains//x'])(
    'at the path %s: its signature is that of another path',
    async (path) => {
      const signing = await Signing.start();
      const signed = sign(signing.service, signing.credentials, 'GET', '/domains/x', {
        time: signing.clock.now,
      });
      expect((await signing.send({ ...signed, path })).errorType).toBe('UnknownOperationException');
      // Signed for what it is called with, it is still no operation.
      const time = signing.clock.now;
      const own = sign(signing.service, signing.credentials, 'GET', path, { time });
      expect((await signing.send(own)).errorType).toBe('UnknownOperationException');
    },
  );
});
