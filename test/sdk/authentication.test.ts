import {
  AccessDeniedException,
  AddProfileKeyCommand,
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  DeleteDomainCommand,
  DeleteIntegrationCommand,
  DeleteProfileCommand,
  DeleteProfileKeyCommand,
  GetDomainCommand,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  ListDomainsCommand,
  ListIntegrationsCommand,
  ListTagsForResourceCommand,
  ListWorkflowsCommand,
  PutIntegrationCommand,
  ResourceNotFoundException,
  SearchProfilesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDomainCommand,
  UpdateProfileCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/index.ts';
import { FakeClock } from '../support/clock.ts';
import { sharedDatabase } from '../support/database.ts';
import { allow, clientAllowed, domainArn } from '../support/policies.ts';
import { changeRows } from '../support/rows.ts';
import { sendAsIs, sign, signedClient, startSignedService } from '../support/signing.ts';

const DomainName = 'customers';
const ProfileId = '0123456789abcdef0123456789abcdef';
const createDomain = new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 });
const Tags = { team: 'a' };

describe('requests signed by the official client', () => {
  test('are answered', async () => {
    const service = await startSignedService();
    const client = signedClient(service, await service.createCredentials());
    await client.send(createDomain);
    const { Items } = await client.send(new ListDomainsCommand({ MaxResults: 1 }));
    expect(Items?.map((item) => item.DomainName)).toEqual([DomainName]);
  });

  test('are answered with a session token', async () => {
    const service = await startSignedService();
    const issued = await service.createCredentials({ expiresInSeconds: 900 });
    expect(issued.sessionToken).toBeDefined();
    await signedClient(service, issued).send(createDomain);
  });

  test('are answered in any region and for names that need encoding', async () => {
    const service = await startSignedService();
    const issued = await service.createCredentials();
    const path = '/domains/a%3Ab%20%2A?next-token=x%2By&max-results=1&max-results=2';
    const signed = sign(service, issued, 'GET', path, { region: 'eu-south-7' });
    const answer = await sendAsIs(service, signed);
    // The name is against its pattern, which only somebody who is let in hears.
    expect([answer.status, answer.errorType]).toEqual([400, 'BadRequestException']);
  });

  test('are answered with the signature in the query', async () => {
    const service = await startSignedService();
    for (const expiresInSeconds of [undefined, 900]) {
      const issued = await service.createCredentials({ expiresInSeconds });
      const body = '{"DefaultExpirationDays":1}';
      const path = `/domains/${issued.accessKeyId}`;
      const signed = sign(service, issued, 'POST', path, { body, inQuery: true });
      const answer = await sendAsIs(service, signed);
      expect([answer.status, answer.body.DomainName]).toEqual([200, issued.accessKeyId]);
    }
  });
});

test.each([
  ['a lifetime that is no number', { expiresInSeconds: Number.NaN }, 'expiresInSeconds'],
  ['no lifetime', { expiresInSeconds: 0 }, 'expiresInSeconds'],
  ['an account that is none', { accountId: '1' }, 'accountId'],
  ['a name of two lines', { userName: 'a\nb' }, 'userName'],
])('credentials with %s are not made', async (_, wanted, name) => {
  const service = await startSignedService();
  await expect(service.createCredentials(wanted)).rejects.toThrow(new RegExp(`^${name} must be`));
});

test('an access key id that no database would take is unknown', async () => {
  const service = await startSignedService();
  const issued = { ...(await service.createCredentials()), accessKeyId: 'KFAK\0' };
  const answer = await sendAsIs(
    service,
    sign(service, issued, 'GET', '/domains', { inQuery: true }),
  );
  expect([answer.status, answer.errorType]).toEqual([403, 'UnrecognizedClientException']);
});

test('credentials are refused five seconds after they were revoked at the latest', async () => {
  const clock = new FakeClock();
  const options = { database: await sharedDatabase(), clock: clock.read };
  const [one, other] = [await startSignedService(options), await startSignedService(options)];
  const issued = await one.createCredentials();
  const send = (service: Service) =>
    sendAsIs(service, sign(service, issued, 'GET', '/domains', { time: clock.now }));
  // Made in one process, good in the other at once.
  expect((await send(other)).status).toBe(200);
  expect(await other.revokeCredentials(issued.accessKeyId)).toBe(true);
  expect(await other.revokeCredentials(issued.accessKeyId)).toBe(false);
  clock.advanceMs(5_000);
  for (const service of [one, other])
    expect((await send(service)).errorType).toBe('UnrecognizedClientException');
});

test('a secret that was changed in the database, or what it is bound to, is no use', async () => {
  const database = await sharedDatabase();
  const service = await startSignedService({ database });
  const issued = await service.createCredentials({ policies: [] });
  await changeRows(database, "update credentials set user_name = 'root'");
  const answer = await sendAsIs(service, sign(service, issued, 'GET', '/domains'));
  expect(answer.errorType).toBe('InternalServerException');
});

describe('accounts are walls', () => {
  test('no operation finds the domain or the profile of another account', async () => {
    const service = await startSignedService();
    const [mine, other] = await Promise.all(
      ['111111111111', '222222222222'].map(async (accountId) =>
        signedClient(service, await service.createCredentials({ accountId })),
      ),
    );
    if (mine === undefined || other === undefined) throw new Error('two were made');
    await mine.send(createDomain);
    const profile = await mine.send(new CreateProfileCommand({ DomainName, FirstName: 'Ada' }));
    const named = { DomainName, ProfileId: profile.ProfileId };
    const key = { ...named, KeyName: 'k', Values: ['v'] };
    const integration = { DomainName, Uri: 's3://bucket' };
    await mine.send(new PutIntegrationCommand({ ...integration, ObjectTypeName: 'CTR' }));
    for (const attempt of [
      () => other.send(new GetDomainCommand({ DomainName })),
      () => other.send(new UpdateDomainCommand({ DomainName })),
      () => other.send(new DeleteDomainCommand({ DomainName })),
      () => other.send(new CreateProfileCommand({ DomainName })),
      () => other.send(new UpdateProfileCommand(named)),
      () => other.send(new DeleteProfileCommand(named)),
      () => other.send(new BatchGetProfileCommand({ DomainName, ProfileIds: [ProfileId] })),
      () => other.send(new AddProfileKeyCommand(key)),
      () => other.send(new DeleteProfileKeyCommand(key)),
      () => other.send(new SearchProfilesCommand({ DomainName, KeyName: 'k', Values: ['v'] })),
      () => other.send(new PutIntegrationCommand({ ...integration, ObjectTypeName: 'CTR' })),
      () => other.send(new GetIntegrationCommand(integration)),
      () => other.send(new DeleteIntegrationCommand(integration)),
      () => other.send(new ListIntegrationsCommand({ DomainName })),
      () => other.send(new ListWorkflowsCommand({ DomainName })),
    ])
      await expect(attempt()).rejects.toThrow(ResourceNotFoundException);
    expect((await other.send(new ListDomainsCommand({}))).Items).toEqual([]);
    expect((await other.send(new ListAccountIntegrationsCommand(integration))).Items).toEqual([]);
    const resourceArn = domainArn(DomainName).replace('000000000000', '111111111111');
    await mine.send(new ListTagsForResourceCommand({ resourceArn }));
    for (const attempt of [
      () => other.send(new TagResourceCommand({ resourceArn, tags: Tags })),
      () => other.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] })),
      () => other.send(new ListTagsForResourceCommand({ resourceArn })),
    ])
      await expect(attempt()).rejects.toThrow(/not the ARN of a resource of this account/);
    // The same name is free there, and is another domain.
    await other.send(createDomain);
    await expect(other.send(new UpdateProfileCommand(named))).rejects.toThrow(
      ResourceNotFoundException,
    );
    const { Stats } = await mine.send(new GetDomainCommand({ DomainName }));
    expect(Stats?.ProfileCount).toBe(1);
  });
});

describe('policies', () => {
  test('a condition on tags takes a domain name that no database would take', async () => {
    const service = await startSignedService();
    const condition = { StringEquals: { 'aws:ResourceTag/team': 'a' } };
    const policies = [
      JSON.stringify({ Version: '2012-10-17', Statement: allow('*', '*', condition) }),
    ];
    const issued = await service.createCredentials({ policies });
    const answer = await sendAsIs(service, sign(service, issued, 'GET', '/domains/a%00'));
    expect([answer.status, answer.errorType]).toEqual([403, 'AccessDeniedException']);
  });

  test('what no policy allows is denied, in the words of IAM', async () => {
    const service = await startSignedService();
    const client = await clientAllowed(service, allow('profile:GetDomain'));
    const refusal = await client.send(createDomain).catch((error) => error);
    expect(refusal).toBeInstanceOf(AccessDeniedException);
    expect(refusal.message).toBe(
      `User: arn:aws:iam::000000000000:user/ada is not authorized to perform: profile:CreateDomain on resource: ${domainArn(DomainName)} because no identity-based policy allows the profile:CreateDomain action`,
    );
    // Nothing was made; and who may ask hears so.
    await expect(client.send(new GetDomainCommand({ DomainName }))).rejects.toThrow(
      ResourceNotFoundException,
    );
  });

  test('an explicit deny wins, and says so', async () => {
    const service = await startSignedService();
    const deny = { Effect: 'Deny', Action: 'profile:Create*', Resource: domainArn('*') };
    const client = await clientAllowed(service, allow('*'), deny);
    await client.send(new ListDomainsCommand({}));
    await expect(client.send(createDomain)).rejects.toThrow(
      /CreateDomain on resource: .* with an explicit deny in an identity-based policy$/,
    );
  });

  test('a domain, its profiles and its keys are one resource', async () => {
    const service = await startSignedService();
    const client = await clientAllowed(service, allow('profile:*', domainArn('cust*')));
    await client.send(createDomain);
    const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName }));
    const key = { DomainName, ProfileId, KeyName: 'k', Values: ['v'] };
    await client.send(new AddProfileKeyCommand(key));
    const elsewhere = { ...key, DomainName: 'other' };
    for (const command of [
      () => client.send(new AddProfileKeyCommand(elsewhere)),
      () => client.send(new CreateDomainCommand({ ...elsewhere, DefaultExpirationDays: 1 })),
      // It is about no single domain.
      () => client.send(new ListDomainsCommand({})),
    ])
      await expect(command()).rejects.toThrow(AccessDeniedException);
  });

  test('giving tags takes the permission to tag', async () => {
    const service = await startSignedService();
    const tagged = new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1, Tags });
    const without = await clientAllowed(service, allow('profile:CreateDomain'));
    await expect(without.send(tagged)).rejects.toThrow(/perform: profile:TagResource on resource/);
    const both = await clientAllowed(
      service,
      allow(['profile:CreateDomain', 'profile:TagResource']),
    );
    await both.send(tagged);
  });

  test('conditions depend on the tags of the request and of the domain', async () => {
    const service = await startSignedService();
    const owner = signedClient(service, await service.createCredentials());
    await owner.send(new CreateDomainCommand({ DomainName: 'a', DefaultExpirationDays: 1, Tags }));
    await owner.send(new CreateDomainCommand({ DomainName: 'b', DefaultExpirationDays: 1 }));
    const client = await clientAllowed(
      service,
      allow('profile:GetDomain', '*', { StringEquals: { 'aws:ResourceTag/team': 'a' } }),
      allow(['profile:CreateDomain', 'profile:TagResource'], '*', {
        StringEquals: { 'aws:RequestTag/team': 'a' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
      }),
    );
    await client.send(new GetDomainCommand({ DomainName: 'a' }));
    for (const DomainName of ['b', 'absent'])
      await expect(client.send(new GetDomainCommand({ DomainName }))).rejects.toThrow(
        AccessDeniedException,
      );
    const create = (DomainName: string, tags?: Record<string, string>) =>
      client.send(
        new CreateDomainCommand({
          DomainName,
          DefaultExpirationDays: 1,
          ...(tags && { Tags: tags }),
        }),
      );
    await create('c', { team: 'a' });
    for (const tags of [undefined, { team: 'b' }, { team: 'a', more: 'x' }])
      await expect(create('d', tags)).rejects.toThrow(AccessDeniedException);
  });

  test('whoever is denied hears nothing of what is wrong with the request', async () => {
    const service = await startSignedService();
    const policy = { Version: '2012-10-17', Statement: allow('profile:ListDomains') };
    const issued = await service.createCredentials({ policies: [JSON.stringify(policy)] });
    const signed = sign(service, issued, 'POST', '/domains/customers', { body: '{"no json' });
    expect((await sendAsIs(service, signed)).errorType).toBe('AccessDeniedException');
  });

  test('a policy that cannot be taken is refused before anybody has it', async () => {
    const service = await startSignedService();
    await expect(service.createCredentials({ policies: ['{}'] })).rejects.toThrow(/Version/);
  });
});
