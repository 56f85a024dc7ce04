import { expect, test } from 'vitest';
import { sequentialIds } from '../../src/index.ts';
import { send, startTestService } from '../support/service.ts';

const DomainName = 'customers';

/** A conversation that makes domains, profiles, keys, objects and history, and reads all of it back. */
const script: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['POST', `/domains/${DomainName}`, { DefaultExpirationDays: 366 }],
  ['POST', `/domains/${DomainName}/profiles`, { FirstName: 'Ada', PhoneNumber: '+15553337777' }],
  ['POST', `/domains/${DomainName}/profiles`, { FirstName: 'Ada', PhoneNumber: '+15553337777' }],
  [
    'PUT',
    `/domains/${DomainName}/object-types/Order`,
    {
      Description: 'Orders',
      AllowProfileCreation: true,
      Fields: { id: { Source: '_source.id' } },
      Keys: { orderId: [{ StandardIdentifiers: ['PROFILE', 'UNIQUE'], FieldNames: ['id'] }] },
    },
  ],
  [
    'PUT',
    `/domains/${DomainName}/profiles/objects`,
    { ObjectTypeName: 'Order', Object: '{"id":"1"}' },
  ],
  [
    'POST',
    `/domains/${DomainName}/profiles/search`,
    { KeyName: '_phone', Values: ['+15553337777'] },
  ],
  [
    'POST',
    `/domains/${DomainName}/profiles/search?max-results=1`,
    { KeyName: '_phone', Values: ['+15553337777'] },
  ],
  ['GET', `/domains/${DomainName}`],
  ['GET', '/domains/none'],
];

async function transcript() {
  const { service } = await startTestService({
    ids: sequentialIds(),
    clock: () => Date.UTC(2026, 0, 1),
  });
  const answers = [];
  for (const [method, path, body] of script) {
    const { status, body: answered, headers } = await send(service, method, path, body);
    // The date is the machine's, as is how long the connection stays.
    const named = ['content-type', 'x-amzn-requestid', 'x-amzn-errortype'];
    answers.push([status, answered, named.map((name) => headers.get(name))]);
  }
  return answers;
}

test('the same ids, the same clock and the same requests give the same answers', async () => {
  const first = await transcript();
  expect(first.map(([status]) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 404]);
  expect(await transcript()).toEqual(first);
});

test('ids of a sequence look like those of a service, and ascend', () => {
  const ids = sequentialIds();
  const profileIds = Array.from({ length: 5_000 }, () => ids.profileId(0));
  expect(profileIds).toEqual([...profileIds].sort());
  expect(new Set(profileIds).size).toBe(5_000);
  for (const id of profileIds) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(ids.domainId()).toMatch(/^[0-9a-f]{16}$/);
});
