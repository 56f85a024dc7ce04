import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { formatArn } from '../../src/model/arns.ts';
import type { ServiceError } from '../../src/model/errors.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { deleteIntegration } from '../../src/operations/integrations/delete-integration.ts';
import { listAccountIntegrations } from '../../src/operations/integrations/list-account-integrations.ts';
import { listIntegrations } from '../../src/operations/integrations/list-integrations.ts';
import { putIntegration } from '../../src/operations/integrations/put-integration.ts';
import { tagResource } from '../../src/operations/tags/tag-resource.ts';
import { untagResource } from '../../src/operations/tags/untag-resource.ts';
import { engine } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

/**
 * A random history of integrations and their tags must leave the store as a map of maps. Names are
 * few, so that histories collide all the time.
 */
const domainNames = ['one', 'two'] as const;
const uris = ['s3://a', 'b/c:d', 'é'] as const;
const keys = ['team', '__proto__', 'c'] as const;
const INTEGRATIONS_MAX = 2;

interface ModelIntegration {
  objectType: string;
  readonly tags: Map<string, string>;
}

const command = fc.record({
  kind: fc.constantFrom(
    'create domain',
    'delete domain',
    'put',
    'put',
    'put',
    'delete',
    'tag',
    'tag',
    'untag',
  ),
  domain: fc.constantFrom(...domainNames),
  uri: fc.constantFrom(...uris),
  key: fc.constantFrom(...keys),
  value: fc.constantFrom('x', 'y', ''),
});

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
type Outcome = 'done' | 'BadRequestException' | 'ResourceNotFoundException';

class Model {
  readonly domains = new Map<string, Map<string, ModelIntegration>>();

  /** What a command ends with. */
  run({ kind, domain, uri, key, value }: Command): Outcome {
    const integrations = this.domains.get(domain);
    if (kind === 'create domain') {
      if (integrations) return 'BadRequestException';
      this.domains.set(domain, new Map());
      return 'done';
    }
    if (integrations === undefined) return 'ResourceNotFoundException';
    if (kind === 'delete domain') this.domains.delete(domain);
    else if (kind === 'put') return this.#put(integrations, uri, key, value);
    else {
      const found = integrations.get(uri);
      if (found === undefined) return 'ResourceNotFoundException';
      if (kind === 'delete') integrations.delete(uri);
      else if (kind === 'tag') found.tags.set(key, value);
      else found.tags.delete(key);
    }
    return 'done';
  }

  #put(
    integrations: Map<string, ModelIntegration>,
    uri: string,
    key: string,
    value: string,
  ): Outcome {
    const before = integrations.get(uri);
    if (before !== undefined) {
      before.objectType = `_${value}`;
      return 'done';
    }
    const isTaken = [...this.domains.values()].some((others) => others.has(uri));
    if (isTaken || integrations.size >= INTEGRATIONS_MAX) return 'BadRequestException';
    integrations.set(uri, { objectType: `_${value}`, tags: new Map([[key, value]]) });
    return 'done';
  }

  /** As ListIntegrations shows them. */
  list(domain: string): [string, string, [string, string][]][] {
    return [...(this.domains.get(domain) ?? [])]
      .map(([uri, { objectType, tags }]): [string, string, [string, string][]] => [
        uri,
        objectType,
        [...tags].sort(),
      ])
      .sort();
  }
}

async function run(store: TestStore, { kind, domain, uri, key, value }: Command): Promise<Outcome> {
  const { caller } = store.context();
  const name = { DomainName: domain, Uri: uri };
  const inDomain = { kind: 'integrations', name: uri };
  const resourceArn = formatArn({ ...caller, domainName: domain, inDomain });
  const tags = Object.fromEntries([[key, value]]);
  const quotas = { ...publishedQuotas, integrations: INTEGRATIONS_MAX };
  const put = { ...name, ObjectTypeName: `_${value}`, Tags: tags };
  const requests: Readonly<Record<Command['kind'], () => Promise<unknown>>> = {
    'create domain': () =>
      store.run(createDomain, { DomainName: domain, DefaultExpirationDays: 1 }),
    'delete domain': () => store.run(deleteDomain, { DomainName: domain }),
    put: () => store.run(putIntegration, put, { quotas }),
    delete: () => store.run(deleteIntegration, name),
    tag: () => store.run(tagResource, { resourceArn, tags }),
    untag: () => store.run(untagResource, { resourceArn, tagKeys: [key] }),
  };
  try {
    await requests[kind]();
    return 'done';
  } catch (error) {
    return (error as ServiceError).code as Outcome;
  }
}

/** Every page, one integration each. */
async function list(store: TestStore, DomainName: string) {
  const items: [string, string | undefined, [string, string][]][] = [];
  let position: string | undefined;
  do {
    const after = position;
    const paging = { pagePosition: () => after };
    const page = await store.run(listIntegrations, { DomainName, MaxResults: 1 }, paging);
    for (const { Uri, ObjectTypeName, Tags } of page.Items ?? [])
      items.push([Uri, ObjectTypeName, Object.entries(Tags ?? {}).sort()]);
    position = page.NextToken;
  } while (position !== undefined);
  return items;
}

test('integrations and their tags agree with a simple model after any history', async () => {
  const store = await openTestStore();
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 60 }), async (commands) => {
      await store.repository.clear();
      const model = new Model();
      for (const next of commands) expect(await run(store, next)).toBe(model.run(next));
      for (const domain of model.domains.keys())
        expect(await list(store, domain)).toEqual(model.list(domain));
      for (const Uri of uris) {
        const { Items } = await store.run(listAccountIntegrations, { Uri });
        const owners = [...model.domains].filter(([, integrations]) => integrations.has(Uri));
        expect(Items?.map(({ DomainName }) => DomainName)).toEqual(owners.map(([name]) => name));
      }
    }),
    // Each statement is a round trip there.
    { numRuns: engine === 'postgres' ? 15 : 100 },
  );
});
