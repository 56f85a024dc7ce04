import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateDomainCommand,
  GetProfileObjectTypeCommand,
  ListDomainsCommand,
  ListProfileObjectsCommand,
  SearchProfilesCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { createService, type Seed, SeedRefusedError } from '../../src/index.ts';
import { sharedDatabase, testDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { clientFor, startTestService } from '../support/service.ts';

const DomainName = 'customers';
const createDomain = {
  operation: 'CreateDomain',
  input: { DomainName, DefaultExpirationDays: 366 },
};

/** A domain, an object type, a profile with a key, and an object that finds it. */
const seed: Seed = [
  createDomain,
  {
    operation: 'PutProfileObjectType',
    input: {
      DomainName,
      ObjectTypeName: 'Order',
      Description: 'Orders',
      Fields: { id: { Source: '_source.id' }, card: { Source: '_source.card' } },
      Keys: {
        orderId: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
        card: [{ StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['card'] }],
      },
    },
  },
  { operation: 'CreateProfile', as: 'ada', input: { DomainName, FirstName: 'Ada' } },
  {
    operation: 'AddProfileKey',
    input: { DomainName, ProfileId: '$ada.ProfileId', KeyName: 'card', Values: ['1'] },
  },
  {
    operation: 'PutProfileObject',
    input: { DomainName, ObjectTypeName: 'Order', Object: '{"id":"o1","card":"1"}' },
  },
];

async function domainsOf(url: string) {
  const { Items = [] } = await clientFor(url).send(new ListDomainsCommand({}));
  return Items.map((item) => item.DomainName);
}

async function refusalOf(wrong: unknown, database: string): Promise<string> {
  try {
    const service = await createService({ database, seed: wrong as Seed });
    await service.close();
  } catch (error) {
    expect(error).toBeInstanceOf(SeedRefusedError);
    return (error as Error).message;
  }
  throw new Error('the seed was taken');
}

describe('a seed', () => {
  test('fills an empty store with domains, types, profiles with keys, and objects', async () => {
    const { client } = await startTestService({ seed });
    const search = new SearchProfilesCommand({ DomainName, KeyName: 'card', Values: ['1'] });
    const [found] = (await client.send(search)).Items ?? [];
    expect(found?.FirstName).toBe('Ada');
    await client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName: 'Order' }));
    const ProfileId = found?.ProfileId;
    const objects = { DomainName, ObjectTypeName: 'Order', ProfileId };
    expect((await client.send(new ListProfileObjectsCommand(objects))).Items).toHaveLength(1);
  });

  test('is read from a JSON file', async () => {
    const file = join(temporaryFolder(), 'seed.json');
    writeFileSync(file, JSON.stringify(seed));
    const { service } = await startTestService({ seed: file });
    expect(await domainsOf(service.url)).toEqual([DomainName]);
  });

  test('such as the documentation shows finds its profile by its key', async () => {
    const guide = new URL('../../docs/testing-with-keyfold.md', import.meta.url);
    const [, shown = ''] = /```json\n(\[[\s\S]*?)```/.exec(readFileSync(guide, 'utf8')) ?? [];
    const { client } = await startTestService({ seed: JSON.parse(shown) as Seed });
    const search = new SearchProfilesCommand({ DomainName, KeyName: 'card', Values: ['4711'] });
    const [found] = (await client.send(search)).Items ?? [];
    expect(found?.FirstName).toBe('Ada');
    const objects = { DomainName, ObjectTypeName: 'Order', ProfileId: found?.ProfileId };
    expect((await client.send(new ListProfileObjectsCommand(objects))).Items).toHaveLength(1);
  });

  test('leaves a store alone that has a domain', async () => {
    const database = await sharedDatabase();
    const first = await startTestService({ database });
    await first.client.send(
      new CreateDomainCommand({ DomainName: 'mine', DefaultExpirationDays: 1 }),
    );
    const second = await startTestService({ database, seed });
    expect(await domainsOf(second.service.url)).toEqual(['mine']);
  });

  test('is there again after a reset, over HTTP too', async () => {
    const { service, client } = await startTestService({ seed });
    await client.send(new CreateDomainCommand({ DomainName: 'more', DefaultExpirationDays: 1 }));
    await service.reset();
    expect(await domainsOf(service.url)).toEqual([DomainName]);
    await client.send(new CreateDomainCommand({ DomainName: 'more', DefaultExpirationDays: 1 }));
    await fetch(`${service.url}/_keyfold/reset`, { method: 'POST' });
    expect(await domainsOf(service.url)).toEqual([DomainName]);
  });

  test.each([
    ['is no list', { operation: 'CreateDomain' }, /^the seed must be a list/],
    ['has a step with something else', [{ ...createDomain, inputs: {} }], /inputs/],
    ['names no operation', [{ operation: 'MakeDomain' }], /^seed step 1: .* MakeDomain$/],
    [
      'has an input against its shape',
      [{ operation: 'CreateDomain', input: { DomainName, DefaultExpirationDays: 0 } }],
      /^seed step 1, CreateDomain: .*defaultExpirationDays/,
    ],
    [
      'refers to what is not there',
      [createDomain, { operation: 'DeleteDomain', input: { DomainName: '$a.b' } }],
      /^seed step 2, DeleteDomain: \$a\.b is no member/,
    ],
  ])('that %s is refused by its step', async (_, wrong, message) => {
    expect(await refusalOf(wrong, await testDatabase())).toMatch(message);
  });

  test('of which a step is refused leaves nothing behind', async () => {
    const database = await sharedDatabase();
    const twice = [createDomain, createDomain];
    expect(await refusalOf(twice, database)).toMatch(/^seed step 2, CreateDomain: .* already/);
    const { service } = await startTestService({ database });
    expect(await domainsOf(service.url)).toEqual([]);
  });

  test('that is no file, or no JSON, is refused', async () => {
    const file = join(temporaryFolder(), 'seed.json');
    expect(await refusalOf(file, await testDatabase())).toContain(file);
    writeFileSync(file, '[');
    expect(await refusalOf(file, await testDatabase())).toContain(file);
  });
});
