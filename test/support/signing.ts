import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CustomerProfilesClient } from '@aws-sdk/client-customer-profiles';
import aws4 from 'aws4';
import { onTestFinished } from 'vitest';
import type { IssuedCredentials, Service, ServiceOptions } from '../../src/index.ts';
import { type Answer, startTestService } from './service.ts';

/** Any 32 bytes: what seals the secrets of the tests. */
export const credentialsKey = Buffer.alloc(32, 7).toString('base64');

/** A service whose requests must be signed, on the engine of this run. */
export async function startSignedService(options: ServiceOptions = {}): Promise<Service> {
  const { service } = await startTestService({ auth: 'sigv4', credentialsKey, ...options });
  return service;
}

/** The official client with these credentials; it tries once, so that a test sees each refusal. */
export function signedClient(
  service: Pick<Service, 'url'>,
  credentials: IssuedCredentials,
): CustomerProfilesClient {
  const client = new CustomerProfilesClient({
    endpoint: service.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}

export interface SignOptions {
  readonly body?: string;
  /** What the request is signed as of; now when absent. */
  readonly time?: number;
  readonly inQuery?: boolean;
  readonly service?: string;
  readonly region?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Signed {
  readonly method: string;
  /** With the query. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** `YYYYMMDDTHHMMSSZ`. */
export function timestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** A request as aws4 signs it: for what the official client wouldn't send. */
export function sign(
  service: Pick<Service, 'url'>,
  credentials: IssuedCredentials,
  method: string,
  path: string,
  options: SignOptions = {},
): Signed {
  const { body = '', time = Date.now(), inQuery = false, headers = {} } = options;
  const date = timestamp(time);
  const mark = path.includes('?') ? '&' : '?';
  const { host } = new URL(service.url);
  const signed = aws4.sign(
    {
      service: options.service ?? 'profile',
      region: options.region ?? 'us-east-1',
      method,
      path: inQuery ? `${path}${mark}X-Amz-Date=${date}` : path,
      body,
      signQuery: inQuery,
      headers: {
        Host: host,
        'Content-Type': 'application/json',
        ...(inQuery ? {} : { 'X-Amz-Date': date }),
        ...headers,
      },
    },
    credentials,
  );
  // aws4 gives the headers as it was given them, with its own beside.
  return {
    method,
    path: signed.path ?? '',
    headers: signed.headers as Record<string, string>,
    body,
  };
}

/** Sends a request exactly as it is: `fetch` would normalise its path. */
export function sendAsIs(service: Pick<Service, 'url'>, signed: Signed): Promise<Answer> {
  const { method, path, headers, body } = signed;
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, method, path, headers, agent: false }, (incoming) => {
      text(incoming).then((answer) => {
        const received = new Headers(incoming.headers as Record<string, string>);
        resolve({
          status: incoming.statusCode ?? 0,
          errorType: received.get('x-amzn-errortype'),
          headers: received,
          body: JSON.parse(answer),
        });
      }, reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
