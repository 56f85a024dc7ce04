import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  ListDomainsCommand,
  ThrottlingException,
} from '@aws-sdk/client-customer-profiles';
import { expect, onTestFinished, test } from 'vitest';
import type { Rate, ServiceOptions } from '../../src/index.ts';
import { createService } from '../../src/index.ts';
import { publishedQuotas, readLimits } from '../../src/limits/limits.ts';
import { FakeClock } from '../support/clock.ts';
import { send } from '../support/service.ts';

/** A service at these rates whose time stands still, and a client that tries once. */
async function startLimited(limits: NonNullable<ServiceOptions['limits']>) {
  const clock = new FakeClock();
  const service = await createService({ limits, clock: clock.read });
  onTestFinished(() => service.close());
  const client = new CustomerProfilesClient({
    endpoint: service.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return { service, clock, client, list: () => client.send(new ListDomainsCommand({})) };
}

const startWith = (rates: Readonly<Record<string, Rate>>) =>
  startLimited({ rates: new Map(Object.entries(rates)), quotas: publishedQuotas });

/** What the SDK throws for a refused request that may be sent again after so many seconds. */
function refusedFor(seconds: number) {
  return {
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 429 },
    $response: { headers: { 'retry-after': String(seconds) } },
  };
}

test('ThrottlingException over the rate, and the request passes after Retry-After', async () => {
  const { clock, list } = await startWith({ ListDomains: { perSecond: 0.4, burst: 3 } });
  for (let turn = 0; turn < 3; turn++) await list();
  const refused = list();
  await expect(refused).rejects.toBeInstanceOf(ThrottlingException);
  // A token takes 2.5 seconds; Retry-After has whole ones.
  await expect(refused).rejects.toMatchObject(refusedFor(3));
  clock.advanceMs(2499);
  await expect(list()).rejects.toMatchObject(refusedFor(1));
  clock.advanceMs(1);
  await list();
  await expect(list()).rejects.toMatchObject(refusedFor(3));
});

test('a refusal has the headers and the body of every other error', async () => {
  const { service } = await startWith({ ListDomains: { perSecond: 100, burst: 1 } });
  await send(service, 'GET', '/domains');
  const answer = await send(service, 'GET', '/domains');
  expect(answer).toMatchObject({
    status: 429,
    errorType: 'ThrottlingException',
    body: { Message: 'Rate exceeded' },
  });
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
});

test('an operation over its rate leaves the others alone', async () => {
  const rate = { perSecond: 1, burst: 1 };
  const { client, list } = await startWith({ ListDomains: rate, CreateDomain: rate });
  await list();
  await expect(list()).rejects.toMatchObject(refusedFor(1));
  const domain = { DomainName: 'customers', DefaultExpirationDays: 1 };
  await client.send(new CreateDomainCommand(domain));
  // No rate, no limit.
  for (let turn = 0; turn < 10; turn++)
    await client.send(new GetDomainCommand({ DomainName: 'customers' }));
});

test('a refused request changes nothing', async () => {
  const { client, list } = await startWith({ CreateDomain: { perSecond: 1, burst: 1 } });
  const create = (DomainName: string) =>
    client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 }));
  await create('first');
  await expect(create('second')).rejects.toMatchObject(refusedFor(1));
  expect((await list()).Items).toMatchObject([{ DomainName: 'first' }]);
});

test('invalid input is told before the rate, and a missing domain after it', async () => {
  const { client } = await startWith({ GetDomain: { perSecond: 1, burst: 1 } });
  const get = (DomainName: string) => client.send(new GetDomainCommand({ DomainName }));
  for (let turn = 0; turn < 3; turn++)
    await expect(get('no name')).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(get('nowhere')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(get('nowhere')).rejects.toMatchObject(refusedFor(1));
  await expect(get('no name')).rejects.toMatchObject({ name: 'BadRequestException' });
});

test('the published rates let five ListDomains through in a second', async () => {
  const { clock, list } = await startLimited(readLimits('aws'));
  for (let second = 0; second < 2; second++) {
    for (let turn = 0; turn < 5; turn++) await list();
    await expect(list()).rejects.toMatchObject(refusedFor(1));
    clock.advanceMs(1000);
  }
});

test('there are no rates unless they are asked for', async () => {
  const service = await createService({ clock: () => 0 });
  onTestFinished(() => service.close());
  const answers = Array.from({ length: 200 }, () => service.app.request('/domains'));
  for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
});
