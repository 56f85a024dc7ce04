import { expect, test } from 'vitest';
import { formatArn } from '../../src/model/arns.ts';
import { deleteIntegration } from '../../src/operations/integrations/delete-integration.ts';
import { listIntegrations } from '../../src/operations/integrations/list-integrations.ts';
import { putIntegration } from '../../src/operations/integrations/put-integration.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { tagResource } from '../../src/operations/tags/tag-resource.ts';
import { sharedDatabase } from '../support/database.ts';
import { minimal } from '../support/object-types.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';

async function open() {
  const database = await sharedDatabase();
  const store = await openTestStore(database);
  await store.seed.domain(DomainName);
  for (const ObjectTypeName of ['Orders', 'Visits'])
    await store.run(putProfileObjectType, { DomainName, ObjectTypeName, ...minimal });
  return { store, database };
}

type Settings = Omit<Parameters<typeof putIntegration.handler>[1], 'DomainName'>;

const put = (store: TestStore, settings: Settings) =>
  store.run(putIntegration, { DomainName, ...settings });

const deleteType = (store: TestStore, ObjectTypeName = 'Orders') =>
  store.run(deleteProfileObjectType, { DomainName, ObjectTypeName });

async function integrations(store: TestStore) {
  const { Items = [] } = await store.run(listIntegrations, { DomainName });
  return Items;
}

test('an integration goes with its only object type, others stay as they are', async () => {
  const { store } = await open();
  await put(store, { Uri: 'orders', ObjectTypeName: 'Orders', Tags: { a: 'b' } });
  await put(store, { Uri: 'both', ObjectTypeNames: { one: 'Orders', two: 'Orders' } });
  const visits = await put(store, { Uri: 'visits', ObjectTypeName: 'Visits' });
  store.clock.advanceMs(1000);
  await deleteType(store);
  expect(await integrations(store)).toEqual([visits]);
  // Its Uri is free for another domain.
  await store.seed.domain('others');
  await store.run(putIntegration, { DomainName: 'others', Uri: 'orders', ObjectTypeName: 'CTR' });
});

test('an integration of several types loses the one that is deleted, and says when', async () => {
  const { store } = await open();
  const of = await put(store, {
    Uri: 'events',
    ObjectTypeName: 'Orders',
    ObjectTypeNames: {
      ShopifyCreateOrders: 'Orders',
      SegmentIdentify: 'Visits',
      __proto__x: 'Orders',
    },
    RoleArn: 'arn:aws:iam::000000000000:role/one',
    Tags: { a: 'b' },
  });
  const only = await put(store, {
    Uri: 'single',
    ObjectTypeName: 'Visits',
    ObjectTypeNames: { ShopifyCreateOrders: 'Orders' },
  });
  store.clock.advanceMs(1000);
  const LastUpdatedAt = store.clock.now / 1000;
  await deleteType(store);
  const { ObjectTypeName: _, ...rest } = of;
  const { ObjectTypeNames: __, ...single } = only;
  expect(await integrations(store)).toEqual([
    { ...rest, ObjectTypeNames: { SegmentIdentify: 'Visits' }, LastUpdatedAt },
    { ...single, LastUpdatedAt },
  ]);
  await deleteType(store, 'Visits');
  expect(await integrations(store)).toEqual([]);
});

test('an integration of a template goes when the data of the template are purged', async () => {
  const { store } = await open();
  await put(store, { Uri: 'contacts', ObjectTypeName: 'CTR' });
  await deleteType(store, 'CTR');
  expect(await integrations(store)).toEqual([]);
});

test('those of other domains stay, and so do all where there is no such type', async () => {
  const { store } = await open();
  await store.seed.domain('others');
  const inOther = { DomainName: 'others', Uri: 'orders', ObjectTypeName: 'Orders' };
  await store.run(putIntegration, inOther);
  await put(store, { Uri: 'nothing', ObjectTypeName: 'Nothing' });
  await deleteType(store);
  await expect(deleteType(store, 'Nothing')).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  expect(await integrations(store)).toHaveLength(1);
  expect((await store.run(listIntegrations, { DomainName: 'others' })).Items).toHaveLength(1);
});

test('of more integrations than a page none is passed over', async () => {
  const { store } = await open();
  const quotas = { ...store.context().quotas, integrations: Number.POSITIVE_INFINITY };
  for (let index = 0; index < 201; index++) {
    const ObjectTypeName = index % 2 === 0 ? 'Orders' : 'Visits';
    const integration = { DomainName, Uri: `uri ${1000 + index}`, ObjectTypeName };
    await store.run(putIntegration, integration, { quotas });
  }
  await deleteType(store);
  const left = await store.run(listIntegrations, { DomainName });
  expect(left.NextToken).toBeUndefined();
  expect(left.Items?.map(({ ObjectTypeName }) => ObjectTypeName)).toEqual(
    Array(100).fill('Visits'),
  );
});

test('put, tagged and deleted at once, none is left with a type that is gone', async () => {
  const { store, database } = await open();
  const other = await openTestStore(database);
  const { caller } = store.context();
  for (let turn = 0; turn < 20; turn++) {
    await store.run(putProfileObjectType, { DomainName, ObjectTypeName: 'Orders', ...minimal });
    const both = { Uri: 'both', ObjectTypeNames: { one: 'Orders', two: 'Visits' } };
    await put(store, both);
    const inDomain = { kind: 'integrations', name: 'both' };
    const resourceArn = formatArn({ ...caller, domainName: DomainName, inDomain });
    const outcomes = await Promise.allSettled([
      deleteType(store),
      other.run(tagResource, { resourceArn, tags: { turn: String(turn) } }),
      other.run(deleteIntegration, { DomainName, Uri: 'both' }),
    ]);
    expect(outcomes[0]).toMatchObject({ status: 'fulfilled' });
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ResourceNotFoundException' });
    for (const { ObjectTypeNames } of await integrations(store))
      expect(ObjectTypeNames).toEqual({ two: 'Visits' });
  }
});
