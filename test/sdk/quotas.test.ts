import {
  CreateDomainCommand,
  type CustomerProfilesClient,
  DeleteDomainCommand,
  ListDomainsCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { defaultLimits, publishedQuotas } from '../../src/limits/limits.ts';
import type { Quotas } from '../../src/model/operation.ts';
import { startCustomers } from '../support/customers.ts';
import { sharedDatabase } from '../support/database.ts';
import { badRequest } from '../support/outcomes.ts';
import { startTestService } from '../support/service.ts';

const limitsOf = (quotas: Partial<Quotas>) => ({
  ...defaultLimits,
  quotas: { ...publishedQuotas, ...quotas },
});

const create = (client: CustomerProfilesClient, DomainName: string) =>
  client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 }));

async function names(client: CustomerProfilesClient): Promise<(string | undefined)[]> {
  const { Items } = await client.send(new ListDomainsCommand({}));
  return (Items ?? []).map(({ DomainName }) => DomainName);
}

describe('the quota of domains', () => {
  const limits = limitsOf({ domains: 2 });
  const overQuota = badRequest('The account has 2 domains, and the quota is 2');

  test('BadRequestException above it, and a deleted domain makes room', async () => {
    const { client } = await startTestService({ limits });
    await create(client, 'one');
    await create(client, 'two');
    await expect(create(client, 'three')).rejects.toMatchObject(overQuota);
    expect(await names(client)).toEqual(['one', 'two']);
    await client.send(new DeleteDomainCommand({ DomainName: 'one' }));
    await create(client, 'three');
    await expect(create(client, 'one')).rejects.toMatchObject(overQuota);
    expect(await names(client)).toEqual(['three', 'two']);
  });

  test('a taken name is told rather than the quota', async () => {
    const { client } = await startTestService({ limits });
    await create(client, 'one');
    await create(client, 'two');
    await expect(create(client, 'one')).rejects.toMatchObject(
      badRequest('Domain one already exists'),
    );
  });

  test('holds for each account by itself', async () => {
    const database = await sharedDatabase();
    const mine = await startTestService({ database, limits });
    const theirs = await startTestService({ database, limits, accountId: '111111111111' });
    for (const name of ['one', 'two']) {
      await create(mine.client, name);
      await create(theirs.client, name);
    }
    await expect(create(mine.client, 'three')).rejects.toMatchObject(overQuota);
    await expect(create(theirs.client, 'three')).rejects.toMatchObject(overQuota);
  });

  test('holds when two services on one store create many domains at once', async () => {
    const database = await sharedDatabase();
    const one = await startTestService({ database, limits });
    const two = await startTestService({ database, limits });
    for (let turn = 0; turn < 5; turn++) {
      const racing = Array.from({ length: 16 }, (_, index) =>
        create((index % 2 === 0 ? one : two).client, `domain-${index}`),
      );
      const outcomes = await Promise.allSettled(racing);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(overQuota);
      expect(await names(one.client)).toHaveLength(2);
      await one.service.reset();
    }
  });

  test('lifted, takes more than the published 100', async () => {
    const { client } = await startTestService({
      limits: limitsOf({ domains: Number.POSITIVE_INFINITY }),
    });
    for (let index = 0; index < 101; index++) await create(client, `domain-${index}`);
  });

  test('is 100 unless the limits say otherwise', async () => {
    const { client } = await startTestService();
    for (let index = 0; index < 100; index++) await create(client, `domain-${index}`);
    await expect(create(client, 'one-more')).rejects.toMatchObject(
      badRequest('The account has 100 domains, and the quota is 100'),
    );
  });
});

describe('the quota of bytes of a profile', () => {
  /** So many attributes of 255 characters. */
  function attributes(count: number, character: string, prefix = 'a'): Record<string, string> {
    const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    return Object.fromEntries(names.map((name) => [name, character.repeat(255)]));
  }

  const sizeOf = (fields: object) => Buffer.byteLength(JSON.stringify(fields));
  const full = { AccountNumber: '1', Attributes: attributes(40, '🙂') };
  const limits = limitsOf({ profileBytes: sizeOf(full) });
  const overQuota = badRequest(`The profile is larger than ${sizeOf(full)} bytes`);

  test('BadRequestException when a profile is created above it, and nothing is stored', async () => {
    const customers = await startCustomers({ limits });
    const profileId = await customers.create(full);
    // As many characters, and a byte more.
    await expect(customers.create({ ...full, AccountNumber: '12' })).rejects.toMatchObject(
      overQuota,
    );
    expect(await customers.foundBy('_account', '12')).toEqual([]);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...full });
  });

  test('BadRequestException when what an update leaves is above it, and nothing changes', async () => {
    const customers = await startCustomers({ limits });
    const before = { AccountNumber: '1', Attributes: attributes(20, '🙂') };
    const profileId = await customers.create(before);
    const changes = { AccountNumber: '2', Attributes: attributes(21, '🙂', 'b') };
    await expect(customers.update(profileId, changes)).rejects.toMatchObject(overQuota);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...before });
    expect(await customers.foundBy('_account', '1')).toEqual([profileId]);
    expect(await customers.foundBy('_account', '2')).toEqual([]);
  });

  test('lifted, takes a profile larger than the published 250 KB', async () => {
    const customers = await startCustomers({
      limits: limitsOf({ profileBytes: Number.POSITIVE_INFINITY }),
    });
    const large = { Attributes: attributes(300, '🙂') };
    expect(sizeOf(large)).toBeGreaterThan(256_000);
    const profileId = await customers.create(large);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...large });
  });
});
