import { CreateDomainCommand, ListDomainsCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { createService } from '../../src/index.ts';
import { clientFor, startTestService } from '../support/service.ts';

async function domainNames(url: string): Promise<(string | undefined)[]> {
  const { Items } = await clientFor(url).send(new ListDomainsCommand({}));
  return (Items ?? []).map(({ DomainName }) => DomainName);
}

const createDomain = (DomainName: string) =>
  new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 });

describe('createService', () => {
  test('parallel services share nothing', async () => {
    const services = await Promise.all([1, 2, 3].map(() => startTestService()));
    await Promise.all(
      services.map(({ client }, index) => client.send(createDomain(`of-${index}`))),
    );
    const urls = services.map(({ service }) => service.url);
    expect(new Set(urls).size).toBe(3);
    expect(await Promise.all(urls.map(domainNames))).toEqual([['of-0'], ['of-1'], ['of-2']]);
  });

  test('reset leaves an empty store that goes on', async () => {
    const { service, client } = await startTestService();
    await client.send(createDomain('before'));
    await service.reset();
    expect(await domainNames(service.url)).toEqual([]);
    await client.send(createDomain('before'));
    expect(await domainNames(service.url)).toEqual(['before']);
  });

  test('close ends it, twice as well as once, and refuses later requests', async () => {
    const service = await createService();
    await Promise.all([service.close(), service.close()]);
    await expect(fetch(service.url)).rejects.toThrow();
    expect((await service.app.request('/health/ready')).status).toBe(503);
  });

  test("leaves the process's Request and Response alone", async () => {
    const before = [globalThis.Request, globalThis.Response];
    await startTestService();
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  test('uses the clock, the account and the region it is given', async () => {
    const { client } = await startTestService({
      clock: () => 1_000_500,
      accountId: '123456789012',
    });
    const created = await client.send(createDomain('timed'));
    expect(created.CreatedAt).toEqual(new Date(1_000_500));
  });
});

describe('health', () => {
  test('live and ready while it serves', async () => {
    const { service } = await startTestService();
    for (const [path, status] of [
      ['/health/live', 'live'],
      ['/health/ready', 'ready'],
    ]) {
      const answer = await fetch(`${service.url}${path}`);
      expect([answer.status, await answer.json()]).toEqual([200, { status }]);
      expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
