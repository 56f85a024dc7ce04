import { DeleteProfileObjectTypeCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { defaultLimits, publishedQuotas } from '../../src/limits/limits.ts';
import { type Customers, startCustomers } from '../support/customers.ts';
import { sharedDatabase } from '../support/database.ts';
import { Objects } from '../support/objects.ts';
import { domainNotFound, objectTypeNotFound, profileNotFound } from '../support/outcomes.ts';
import { changeRows, countRows } from '../support/rows.ts';

const unknown = '0123456789abcdef0123456789abcdef';

/** Purchases are orders of the profile with their customer's number. */
const purchaseType = {
  Fields: {
    id: { Source: '_source.id', Target: '_order.OrderId' },
    customer: { Source: '_source.customer' },
    title: { Source: '_source.lines[].title', Target: '_order.OrderItems[].Title' },
    total: { Source: '_source.total', Target: '_order.TotalPrice' },
  },
  Keys: {
    purchase: [{ StandardIdentifiers: ['ORDER', 'UNIQUE'], FieldNames: ['id'] }],
    customerNumber: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['customer'] }],
  },
} satisfies Parameters<Objects['define']>[0];

async function start(customers?: Customers) {
  const started = customers ?? (await startCustomers());
  const purchases = await new Objects(started, 'purchase').define(purchaseType);
  const profileId = await started.create();
  await started.addKey(profileId, 'customerNumber', 'c1');
  await started.addKey(profileId, '_shopifyCustomerId', 'c1');
  return { customers: started, profileId, purchases, orders: new Objects(started, '_order') };
}

const shopifyOrder = (id: number, more: object = {}) => ({
  detail: { event: { detail: { payload: { id, customer: { id: 'c1' }, ...more } } } },
});

/** The keys of a listing's pages. */
async function pages(objects: Objects, profileId: string, more: Parameters<Objects['page']>[1]) {
  const found: (string | undefined)[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await objects.page(profileId, { ...more, NextToken });
    found.push((page.Items ?? []).map((item) => item.ProfileObjectUniqueKey));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return found;
}

describe('ListProfileObjects of a standard object', () => {
  test('shows what objects of several types map to it, by the objects’ keys', async () => {
    const { customers, profileId, purchases, orders } = await start();
    const shop = new Objects(customers, 'Shopify-Order');
    const keys = [
      await purchases.put({ id: 1, customer: 'c1', total: 1.5, lines: [{ title: 'a' }, {}] }),
      await shop.put(shopifyOrder(7, { total_price: '3.00' })),
      await purchases.put({ id: 2, customer: 'c1' }),
    ];
    const { Items, NextToken } = await orders.page(profileId);
    expect(NextToken).toBeUndefined();
    expect(Items).toEqual(
      [
        { OrderId: '1', OrderItems: [{ Title: 'a' }], TotalPrice: '1.5' },
        { Attributes: { ShopifyOrderId: '7', ShopifyCustomerId: 'c1' }, TotalPrice: '3.00' },
        { OrderId: '2' },
      ].map((order, index) => ({
        ObjectTypeName: '_order',
        ProfileObjectUniqueKey: keys[index],
        Object: expect.toSatisfy((text: string) => {
          expect(JSON.parse(text)).toEqual(order);
          return true;
        }),
      })),
    );
    for (const other of ['_asset', '_case'])
      expect(await new Objects(customers, other).of(profileId)).toEqual([]);
  });

  test.each([
    ['_case', 'Zendesk-tickets', '_zendeskUserId', { id: 1, requester_id: 'c1', subject: 'Help' }],
    ['_asset', 'Salesforce-Asset', '_salesforceContactId', { Id: '1', ContactId: 'c1', Price: 2 }],
  ])('%s is made of objects of the template %s', async (standard, template, key, object) => {
    const { customers, profileId } = await start();
    await customers.addKey(profileId, key, 'c1');
    await new Objects(customers, template).put(object);
    const [made, ...more] = await new Objects(customers, standard).of(profileId);
    expect(made).toMatchObject(standard === '_case' ? { Title: 'Help' } : { Price: '2' });
    expect(more).toEqual([]);
  });

  test('has none of an object that maps nothing, of an expired one and of another profile’s', async () => {
    const database = await sharedDatabase();
    const { customers, profileId, purchases, orders } = await start(
      await startCustomers({ database }),
    );
    const visits = await new Objects(customers, 'visit').define({
      Fields: {
        at: { Source: '_source.at' },
        customer: { Source: '_source.customer' },
        order: { Source: '_source.order', Target: '_order.OrderId' },
      },
      Keys: {
        visit: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['at'] }],
        customerNumber: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['customer'] }],
      },
    });
    await visits.put({ at: 1, customer: 'c1' });
    await visits.put({ at: 2, customer: 'c1', order: 'o2' });
    const expired = await purchases.put({ id: 3, customer: 'c1' });
    await changeRows(
      database,
      `update profile_objects set expires_at = 1 where object_key = '${expired}'`,
    );
    const other = await customers.create();
    await customers.addKey(other, 'customerNumber', 'c2');
    await purchases.put({ id: 4, customer: 'c2' });
    expect(await orders.of(profileId)).toEqual([{ OrderId: 'o2' }]);
    expect(await orders.of(other)).toEqual([{ OrderId: '4' }]);
  });

  test('has pages across the types, each object once', async () => {
    const { customers, profileId, purchases, orders } = await start();
    const shop = new Objects(customers, 'Shopify-Order');
    const keys: string[] = [];
    for (const id of [1, 2, 3]) {
      keys.push(await purchases.put({ id, customer: 'c1' }));
      keys.push(await shop.put(shopifyOrder(id)));
    }
    expect(await pages(orders, profileId, { MaxResults: 4 })).toEqual([
      keys.slice(0, 4),
      keys.slice(4),
    ]);
    expect(await pages(orders, profileId, { MaxResults: 3 })).toEqual([
      keys.slice(0, 3),
      keys.slice(3),
    ]);
    expect(await pages(orders, profileId, {})).toEqual([keys]);
  });

  test('filters by the predefined keys, and by the keys of the objects', async () => {
    const { customers, profileId, purchases, orders } = await start();
    const keys = [];
    for (const id of [1, 2, 3]) keys.push(await purchases.put({ id, customer: 'c1' }));
    keys.push(await new Objects(customers, 'Shopify-Order').put(shopifyOrder(9)));
    const find = (KeyName: string, ...Values: string[]) =>
      pages(orders, profileId, { MaxResults: 1, ObjectFilter: { KeyName, Values } });
    expect(await find('_orderId', '3')).toEqual([[keys[2]], []]);
    expect(await find('_orderId', '2', '1', '8')).toEqual([[keys[0]], [keys[1]], []]);
    expect(await find('_shopifyOrderId', '9')).toEqual([[keys[3]]]);
    expect(await find('purchase', '3')).toEqual([[keys[2]], []]);
    expect(await find('_assetId', '1')).toEqual([[]]);
  });

  test('reads at most ten objects’ worth of bytes for a page', async () => {
    const { profileId, purchases, orders } = await start();
    const keys: string[] = [];
    for (let id = 1; id <= 12; id++)
      keys.push(await purchases.put({ id, customer: 'c1', more: 'x'.repeat(255_000) }));
    expect(await pages(orders, profileId, {})).toEqual([keys.slice(0, 10), keys.slice(10)]);
  });

  test('goes on after a thousand objects, where more are allowed', async () => {
    const database = await sharedDatabase();
    const quotas = { ...publishedQuotas, objectsPerProfile: Number.POSITIVE_INFINITY };
    const customers = await startCustomers({ database, limits: { ...defaultLimits, quotas } });
    const { profileId, purchases, orders } = await start(customers);
    await changeRows(
      database,
      `with recursive numbers (n) as (select 1000 union all select n + 1 from numbers where n < 1999)
       insert into profile_objects (domain_id, profile_id, object_type_name, object_key, unique_value, document, created_at, updated_at, expires_at)
       select domain_id, profile_id, 'CTR', '0' || n, 'v' || n, '{}', 0, 0, 4000000000000 from profiles, numbers`,
    );
    const key = await purchases.put({ id: 1, customer: 'c1' });
    expect(await countRows(database, 'profile_objects')).toBe(1_001);
    expect(await pages(orders, profileId, {})).toEqual([[], [key]]);
  });

  test('follows the definitions of the types, and has nothing of a deleted one', async () => {
    const { customers, profileId, purchases, orders } = await start();
    await purchases.put({ id: 1, customer: 'c1', total: 2 });
    expect(await orders.of(profileId)).toEqual([{ OrderId: '1', TotalPrice: '2' }]);
    const { total, ...Fields } = purchaseType.Fields;
    await purchases.define({ ...purchaseType, Fields });
    expect(await orders.of(profileId)).toEqual([{ OrderId: '1' }]);
    const { client, DomainName } = customers;
    const type = { DomainName, ObjectTypeName: 'purchase' };
    await client.send(new DeleteProfileObjectTypeCommand(type));
    expect(await orders.of(profileId)).toEqual([]);
  });

  test('shows the objects of a type of that name, where one is defined', async () => {
    const { customers, profileId, purchases } = await start();
    await purchases.put({ id: 1, customer: 'c1' });
    const own = await new Objects(customers, '_order').define(purchaseType);
    await own.put({ id: 2, customer: 'c1', more: true });
    expect(await own.of(profileId)).toEqual([{ id: 2, customer: 'c1', more: true }]);
  });

  test('404 in an unknown domain, for an unknown profile, and for other names of the service', async () => {
    const { customers, profileId, orders } = await start();
    const nowhere = new Objects(customers.nowhere, '_order');
    await expect(nowhere.of(profileId)).rejects.toMatchObject(domainNotFound('nowhere'));
    await expect(orders.of(unknown)).rejects.toMatchObject(profileNotFound);
    for (const name of ['_profile', '_loyalty', '_orders'])
      await expect(new Objects(customers, name).of(profileId)).rejects.toMatchObject(
        objectTypeNotFound(name),
      );
  });
});

test('a standard object can be neither put nor deleted: 404', async () => {
  const { customers, profileId, purchases } = await start();
  const key = await purchases.put({ id: 1, customer: 'c1' });
  for (const name of ['_asset', '_case', '_order']) {
    const standard = new Objects(customers, name);
    await expect(standard.put({ id: 1 })).rejects.toMatchObject(objectTypeNotFound(name));
    await expect(standard.delete(profileId, key)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The object does not exist',
    });
  }
});
