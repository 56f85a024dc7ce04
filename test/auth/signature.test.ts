import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSignedWith, readSignedRequest, SigningKeys } from '../../src/auth/signature.ts';
import type { WireRequest } from '../../src/protocol/http-request.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const accessKeyId = 'KFAKAAAAAAAAAAAAAAAA';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** What is signed: the same for every signer. */
interface Plain {
  readonly method: string;
  /** Segments before they are percent-encoded. */
  readonly segments: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly region: string;
}

/** RFC 3986, as the SDKs encode. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function pathOf({ segments }: Plain): string {
  return `/${segments.map(encode).join('/')}`;
}

function queryOf({ query }: Plain): string {
  return query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

/** Names and values in turn, as Node gives them. */
function rawHeaders(headers: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
}

type Signer = (plain: Plain, inQuery: boolean) => Promise<WireRequest>;

/** Signs by aws4. */
const byAws4: Signer = async (plain, inQuery) => {
  const { method, body, region } = plain;
  const query = queryOf(plain);
  const timestamp = '20260102T030405Z';
  const mark = query === '' ? '?' : '&';
  const date = inQuery ? `${mark}X-Amz-Date=${timestamp}` : '';
  const path = `${pathOf(plain)}${query === '' ? '' : `?${query}`}${date}`;
  const signed = aws4.sign(
    {
      service: 'profile',
      region,
      method,
      path,
      body,
      signQuery: inQuery,
      headers: {
        Host: 'localhost:4577',
        ...(inQuery ? {} : { 'X-Amz-Date': timestamp }),
        ...plain.headers,
      },
    },
    { accessKeyId, secretAccessKey },
  );
  return { method, target: signed.path ?? '', rawHeaders: rawHeaders(signed.headers ?? {}) };
};

/** Signs by the official SDK's signer. */
const bySmithy: Signer = async (plain, inQuery) => {
  const { method, body, region } = plain;
  const signer = new SignatureV4({
    service: 'profile',
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const query: Record<string, string | string[]> = {};
  for (const [name, value] of plain.query) {
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  const request = new HttpRequest({
    method,
    hostname: 'localhost',
    path: pathOf(plain),
    query,
    body,
    headers: { host: 'localhost:4577', ...plain.headers },
  });
  const options = { signingDate: new Date(now) };
  const signed = inQuery
    ? await signer.presign(request, options)
    : await signer.sign(request, options);
  const parameters = Object.entries(signed.query ?? {}).flatMap(([name, values]) =>
    [values ?? ''].flat().map((value) => `${encode(name)}=${encode(value)}`),
  );
  return {
    method,
    target: `${signed.path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`,
    rawHeaders: rawHeaders(signed.headers),
  };
};

function isAccepted(request: WireRequest, body: string, secret = secretAccessKey): boolean {
  const signed = readSignedRequest(request, now);
  return isSignedWith(new SigningKeys(secret), signed, Buffer.from(body));
}

/** Text that can be percent-encoded. */
const text = (minLength: number) =>
  fc.string({ unit: 'binary', minLength, maxLength: 12 }).filter((value) => value.isWellFormed());
const segment = fc.oneof(text(1), fc.constantFrom('.', '..', '', 'a b', '%2F', ':', '*', '~', '+'));
const headerValue = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

const plainRequest: fc.Arbitrary<Plain> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
  segments: fc.array(segment, { maxLength: 5 }),
  query: fc.array(fc.tuple(fc.oneof(text(1), fc.constantFrom('tagKeys', 'next-token')), text(0)), {
    maxLength: 4,
  }),
  headers: fc.dictionary(fc.stringMatching(/^x-(amz-)?meta-[a-z]{1,4}$/), headerValue, {
    maxKeys: 3,
  }),
  body: fc.string({ unit: 'grapheme', maxLength: 40 }),
  region: fc.constantFrom('us-east-1', 'eu-west-2', 'local'),
});

/** One character more, less or different. */
function tamper(value: string): string {
  const last = value.at(-1);
  return `${value.slice(0, -1)}${last === 'x' ? 'y' : 'x'}`;
}

describe.each([
  ['aws4', byAws4],
  ['the official SDK', bySmithy],
])('requests signed by %s', (name, sign) => {
  test.each([
    ['header', false],
    ['query', true],
  ])('are accepted in the %s form, and no other way', async (_, inQuery) => {
    await fc.assert(
      fc.asyncProperty(plainRequest, async (plain) => {
        // aws4 reads its own path as a URL: names of the prototype and empty names get lost there.
        if (name === 'aws4') fc.pre(plain.query.every(([key]) => !(key in {})));
        const request = await sign(plain, inQuery);
        const { body } = plain;
        expect(isAccepted(request, body)).toBe(true);
        expect(isAccepted(request, `${body}x`)).toBe(false);
        expect(isAccepted(request, body, tamper(secretAccessKey))).toBe(false);
        expect(isAccepted({ ...request, method: `${request.method}X` }, body)).toBe(false);
        const [path = '', query] = request.target.split('?');
        const other = `${path}/x${query === undefined ? '' : `?${query}`}`;
        expect(isAccepted({ ...request, target: other }, body)).toBe(false);
        const more = `${request.target}${query === undefined ? '?' : '&'}x=1`;
        expect(isAccepted({ ...request, target: more }, body)).toBe(false);
        const host = request.rawHeaders.map((value) => value.replace('localhost', 'localhosT'));
        expect(isAccepted({ ...request, rawHeaders: host }, body)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});
