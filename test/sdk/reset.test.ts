import { CreateDomainCommand, ListDomainsCommand } from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/index.ts';
import { sharedDatabase } from '../support/database.ts';
import { allow } from '../support/policies.ts';
import { type Answer, type clientFor, send, startTestService } from '../support/service.ts';
import { sendAsIs, sign, signedClient, startSignedService } from '../support/signing.ts';

const PATH = '/_keyfold/reset';
const createDomain = new CreateDomainCommand({ DomainName: 'customers', DefaultExpirationDays: 1 });

async function namesOf(client: ReturnType<typeof clientFor>) {
  const { Items = [] } = await client.send(new ListDomainsCommand({}));
  return Items.map(({ DomainName }) => DomainName);
}

test('without authentication, reset empties the store and answers 204', async () => {
  const { service, client } = await startTestService();
  await client.send(createDomain);
  const answer = await fetch(`${service.url}${PATH}`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([204, '']);
  expect(answer.headers.get('x-amzn-requestid')).not.toBeNull();
  expect(await namesOf(client)).toEqual([]);
});

test('a process beside it finds the store empty as well', async () => {
  const database = await sharedDatabase();
  const { service } = await startTestService({ database });
  const { client } = await startTestService({ database });
  await client.send(createDomain);
  await fetch(`${service.url}${PATH}`, { method: 'POST' });
  expect(await namesOf(client)).toEqual([]);
});

test('only POST does it, and no page of another site', async () => {
  const { service, client } = await startTestService();
  await client.send(createDomain);
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect(await send(service, method, PATH)).toMatchObject({
      status: 404,
      errorType: 'UnknownOperationException',
    });
  const page = { Origin: 'https://app.example.com' };
  expect(await send(service, 'POST', PATH, undefined, page)).toMatchObject({
    status: 403,
    errorType: 'AccessDeniedException',
  });
  expect(await namesOf(client)).toEqual(['customers']);
});

describe('with authentication', () => {
  /** Asks as somebody with one policy; the request is the answer's, or the one that is needed. */
  async function resetWith(service: Service, policy?: object): Promise<Answer | 204> {
    const policies = policy && {
      policies: [JSON.stringify({ Version: '2012-10-17', Statement: policy })],
    };
    const credentials = await service.createCredentials(policies);
    const { path, headers, method } = sign(service, credentials, 'POST', PATH);
    const answer = await fetch(`${service.url}${path}`, { method, headers });
    if (answer.status === 204) return 204;
    return sendAsIs(service, sign(service, credentials, 'POST', PATH));
  }

  async function startFilled() {
    const service = await startSignedService();
    const client = signedClient(service, await service.createCredentials());
    await client.send(createDomain);
    return { service, client };
  }

  test.each([
    ['who may do everything in an account', undefined],
    ['whom a policy allows every action', allow('*')],
    ['whom a policy allows the API', allow('profile:*')],
    [
      'whom a policy allows all but something',
      { ...allow('*'), Action: undefined, NotAction: 'iam:*' },
    ],
    [
      'whom it allows on one domain',
      allow('keyfold:Reset', 'arn:aws:profile:*:*:domains/customers'),
    ],
    [
      'whom another statement denies it',
      [allow('keyfold:Reset'), { ...allow('*'), Effect: 'Deny' }],
    ],
  ])('somebody %s is refused', async (_, policy) => {
    const { service, client } = await startFilled();
    expect(await resetWith(service, policy)).toMatchObject({
      status: 403,
      errorType: 'AccessDeniedException',
      body: { Message: expect.stringContaining('not authorized to perform: keyfold:Reset') },
    });
    expect(await namesOf(client)).toEqual(['customers']);
  });

  test.each(['keyfold:Reset', 'keyfold:*', 'KEYFOLD:reset'])(
    'somebody whom a policy allows %s empties the store',
    async (action) => {
      const { service, client } = await startFilled();
      expect(await resetWith(service, allow(action))).toBe(204);
      // The credentials are still there.
      expect(await namesOf(client)).toEqual([]);
    },
  );

  test('nobody does without a signature, or with one over something else', async () => {
    const { service, client } = await startFilled();
    expect(await send(service, 'POST', PATH)).toMatchObject({
      status: 403,
      errorType: 'MissingAuthenticationTokenException',
    });
    const policies = [JSON.stringify({ Version: '2012-10-17', Statement: allow('keyfold:*') })];
    const credentials = await service.createCredentials({ policies });
    const signed = sign(service, credentials, 'POST', '/domains/customers');
    expect(await sendAsIs(service, { ...signed, path: PATH })).toMatchObject({
      status: 403,
      errorType: 'InvalidSignatureException',
    });
    expect(await namesOf(client)).toEqual(['customers']);
  });
});

test('a body that is larger than any signature needs is refused', async () => {
  const { service } = await startTestService();
  expect((await send(service, 'POST', PATH, 'x'.repeat(2_000))).status).toBe(413);
});
