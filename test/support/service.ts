import { CustomerProfilesClient } from '@aws-sdk/client-customer-profiles';
import { onTestFinished } from 'vitest';
import { createService, type Service, type ServiceOptions } from '../../src/index.ts';
import { testDatabase } from './database.ts';

/** The official client, as a user of Keyfold makes it: only the endpoint is different. */
export function clientFor(url: string): CustomerProfilesClient {
  const client = new CustomerProfilesClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A service for the running test, on the engine of this run, with the official client. */
export async function startTestService(
  options: ServiceOptions = {},
): Promise<{ service: Service; client: CustomerProfilesClient }> {
  const service = await createService({ database: await testDatabase(), ...options });
  onTestFinished(() => service.close());
  return { service, client: clientFor(service.url) };
}

export interface Answer {
  readonly status: number;
  readonly errorType: string | null;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is what the test asserts
  readonly body: any;
}

/** Sends a request as it is, for what the SDK would not send. */
export async function send(
  service: Pick<Service, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init: RequestInit = { method, headers: { ...headers } };
  if (body !== undefined) {
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    init.body = isText ? (body as string) : JSON.stringify(body);
    init.headers = { 'Content-Type': 'application/json', ...headers };
  }
  const response = await fetch(`${service.url}${path}`, init);
  return {
    status: response.status,
    errorType: response.headers.get('x-amzn-errortype'),
    headers: response.headers,
    body: await response.json(),
  };
}
