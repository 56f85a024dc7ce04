import aws4 from 'aws4';
import { isSignedWith, readSignedRequest, SigningKeys } from '../../src/auth/signature.ts';
import type { WireRequest } from '../../src/protocol/http-request.ts';
import type { Measured, Part, PartContext } from '../part.ts';
import { compare } from '../side-by-side.ts';
import { outcome } from './common.ts';

const credentials = {
  accessKeyId: 'KFAKAAAAAAAAAAAAAAAA',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const timestamp = '20260102T030405Z';
const path = '/domains/customers/profiles/search?max-results=10';

function sign(body: string): aws4.Request {
  return aws4.sign(
    {
      service: 'profile',
      region: 'us-east-1',
      method: 'POST',
      path,
      body,
      headers: {
        Host: '127.0.0.1:4577',
        'Content-Type': 'application/json',
        'X-Amz-Date': timestamp,
        'X-Amz-User-Agent': 'aws-sdk-js/3.1019.0',
        'Amz-Sdk-Invocation-Id': '2b0d2ba2-7a9f-4c39-8e4c-5f2a8c9d1e11',
        'Amz-Sdk-Request': 'attempt=1; max=3',
      },
    },
    credentials,
  );
}

async function run({ isQuick }: PartContext) {
  const measured: Measured[] = [];
  const rows: (number | string)[][] = [];
  for (const bytes of [100, 10_000, 250_000]) {
    const text = JSON.stringify({ KeyName: '_phone', Values: ['x'.repeat(bytes)] });
    const body = Buffer.from(text);
    const rawHeaders = Object.entries(sign(text).headers ?? {}).flatMap(([name, value]) => [
      name,
      String(value),
    ]);
    const request: WireRequest = { method: 'POST', target: path, rawHeaders };
    const keys = new SigningKeys(credentials.secretAccessKey);
    const verify = () => isSignedWith(keys, readSignedRequest(request, now), body);
    if (!verify()) throw new Error('the signature was not accepted');
    const { own, others, ratio } = compare(verify, () => sign(text), isQuick ? 2 : 40);
    const name = `a body of ${bytes.toLocaleString('en-GB')} bytes`;
    measured.push({
      name: `Keyfold checks / aws4 signs, in time, ${name}`,
      value: ratio,
      unit: '×',
    });
    rows.push([name, own, others]);
  }
  return outcome({
    notes: [
      'Checking a signature beside making one: what Keyfold adds to each request, in terms of what the client pays for it. Both keep their signing keys; both hash the body.',
    ],
    measured,
    tables: [{ columns: ['µs', 'Keyfold checks', 'aws4 signs'], rows }],
  });
}

/** Checking a signature beside making one. */
export const signatures: Part = { name: 'signatures', title: 'Checking a signature', run };
