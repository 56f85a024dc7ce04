import {
  AccessDeniedException,
  BadRequestException,
  CreateDomainCommand,
  CreateIntegrationWorkflowCommand,
  DeleteIntegrationCommand,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  ListIntegrationsCommand,
  ListTagsForResourceCommand,
  ListWorkflowsCommand,
  PutIntegrationCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { flow } from '../support/flows.ts';
import { allow, clientAllowed, domainArn } from '../support/policies.ts';
import { sendAsIs, sign, signedClient, startSignedService } from '../support/signing.ts';

const DomainName = 'customers';
const ObjectTypeName = 'CTR';
const arn = domainArn(DomainName);
const integrationArn = (uri: string) => `${arn}/integrations/${uri}`;

/** A service with a domain and two integrations, `s3://a/b` with the tag `team` and `plain`. */
async function start() {
  const service = await startSignedService();
  const owner = signedClient(service, await service.createCredentials());
  await owner.send(
    new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1, Tags: { of: 'domain' } }),
  );
  const Tags = { team: 'a' };
  await owner.send(
    new PutIntegrationCommand({ DomainName, Uri: 's3://a/b', ObjectTypeName, Tags }),
  );
  await owner.send(new PutIntegrationCommand({ DomainName, Uri: 'plain', ObjectTypeName }));
  return { service, owner };
}

const get = (Uri: string) => new GetIntegrationCommand({ DomainName, Uri });
const tagsOf = (resourceArn: string) => new ListTagsForResourceCommand({ resourceArn });
const tag = (resourceArn: string, tags: Record<string, string>) =>
  new TagResourceCommand({ resourceArn, tags });
const untag = (resourceArn: string, ...tagKeys: string[]) =>
  new UntagResourceCommand({ resourceArn, tagKeys });

describe('an integration', () => {
  test('is a resource of its own, named by the Uri in the body', async () => {
    const { service } = await start();
    const client = await clientAllowed(service, allow('profile:*', integrationArn('s3://a/*')));
    const put = (Uri: string) => new PutIntegrationCommand({ DomainName, Uri, ObjectTypeName });
    const remove = (Uri: string) => new DeleteIntegrationCommand({ DomainName, Uri });
    await client.send(put('s3://a/c'));
    await client.send(get('s3://a/b'));
    await client.send(remove('s3://a/b'));
    await expect(client.send(get('s3://a/b'))).rejects.toThrow(ResourceNotFoundException);
    for (const attempt of [
      () => client.send(put('plain')),
      () => client.send(get('plain')),
      () => client.send(remove('plain')),
      () => client.send(new ListIntegrationsCommand({ DomainName })),
      () => client.send(new ListAccountIntegrationsCommand({ Uri: 's3://a/c' })),
    ])
      await expect(attempt()).rejects.toThrow(AccessDeniedException);
    await expect(client.send(get('plain'))).rejects.toThrow(
      `profile:GetIntegration on resource: ${integrationArn('plain')} because`,
    );
  });

  test('of a flow is named by the ARN of the flow', async () => {
    const { service } = await start();
    const flowArn = 'arn:aws:appflow:us-east-1:000000000000:flow/mine-*';
    const client = await clientAllowed(service, allow('profile:*', integrationArn(flowArn)));
    const put = (FlowName: string) =>
      client.send(
        new PutIntegrationCommand({ DomainName, ObjectTypeName, FlowDefinition: flow(FlowName) }),
      );
    await put('mine-1');
    await expect(put('other')).rejects.toThrow(AccessDeniedException);
  });

  test('lists belong to the domain, and to no single resource', async () => {
    const { service } = await start();
    const client = await clientAllowed(service, allow('profile:List*', arn));
    await client.send(new ListIntegrationsCommand({ DomainName }));
    await client.send(new ListWorkflowsCommand({ DomainName }));
    const ofAccount = new ListAccountIntegrationsCommand({ Uri: 'plain' });
    await expect(client.send(ofAccount)).rejects.toThrow(/on resource: \* because/);
    const anybody = await clientAllowed(service, allow('profile:ListAccountIntegrations'));
    expect((await anybody.send(ofAccount)).Items).toHaveLength(1);
  });

  test('that gets tags takes the permission to tag', async () => {
    const { service } = await start();
    const put = (Tags?: Record<string, string>) =>
      new PutIntegrationCommand({ DomainName, Uri: 'new', ObjectTypeName, ...(Tags && { Tags }) });
    const without = await clientAllowed(service, allow('profile:PutIntegration'));
    await expect(without.send(put({ team: 'a' }))).rejects.toThrow(
      `profile:TagResource on resource: ${integrationArn('new')}`,
    );
    await without.send(put());
    const both = await clientAllowed(
      service,
      allow(['profile:PutIntegration', 'profile:TagResource'], '*', {
        StringEquals: { 'aws:RequestTag/team': 'a' },
      }),
    );
    await expect(both.send(put({ team: 'b' }))).rejects.toThrow(AccessDeniedException);
    await both.send(put({ team: 'a' }));
  });

  test('is known by its own tags, not by those of its domain', async () => {
    const { service } = await start();
    const condition = (key: string, value: string) => ({
      StringEquals: { [`aws:ResourceTag/${key}`]: value },
    });
    const client = await clientAllowed(
      service,
      allow('profile:*Integration', '*', condition('team', 'a')),
    );
    await client.send(get('s3://a/b'));
    for (const uri of ['plain', 'absent'])
      await expect(client.send(get(uri))).rejects.toThrow(AccessDeniedException);
    const byDomain = await clientAllowed(
      service,
      allow('profile:*', '*', condition('of', 'domain')),
    );
    await byDomain.send(new ListIntegrationsCommand({ DomainName }));
    await expect(byDomain.send(get('s3://a/b'))).rejects.toThrow(AccessDeniedException);
  });

  test('whoever is denied hears nothing of what is wrong with the request', async () => {
    const { service } = await start();
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: allow('profile:*', arn) });
    const issued = await service.createCredentials({ policies: [policy] });
    for (const body of ['{"no json', '{"Uri":7}', '{"FlowDefinition":[]}', '[]', '{}']) {
      const path = `/domains/${DomainName}/integrations`;
      const answer = await sendAsIs(service, sign(service, issued, 'PUT', path, { body }));
      expect(answer.errorType, body).toBe('AccessDeniedException');
    }
  });

  test('workflow is authorized as the domain, and needs the permission to tag for tags', async () => {
    const { service } = await start();
    const create = (Tags?: Record<string, string>) =>
      new CreateIntegrationWorkflowCommand({
        DomainName,
        WorkflowType: 'APPFLOW_INTEGRATION',
        IntegrationConfig: {},
        ObjectTypeName,
        RoleArn: 'arn:aws:iam::000000000000:role/one',
        ...(Tags && { Tags }),
      });
    const client = await clientAllowed(service, allow('profile:CreateIntegrationWorkflow', arn));
    await expect(client.send(create())).rejects.toThrow(BadRequestException);
    await expect(client.send(create({ a: '1' }))).rejects.toThrow(/profile:TagResource on/);
    const other = await clientAllowed(
      service,
      allow('profile:CreateIntegrationWorkflow', `${arn}/*`),
    );
    await expect(other.send(create())).rejects.toThrow(AccessDeniedException);
  });
});

describe('the operations on tags', () => {
  test('are authorized on the resource that the ARN names', async () => {
    const { service } = await start();
    const client = await clientAllowed(service, allow('profile:*', integrationArn('s3://a/b')));
    await client.send(tag(integrationArn('s3://a/b'), { more: '1' }));
    await client.send(untag(integrationArn('s3://a/b'), 'more'));
    await client.send(tagsOf(integrationArn('s3://a/b')));
    for (const other of [arn, integrationArn('plain'), integrationArn('s3://a/b/c')])
      for (const attempt of [
        () => client.send(tag(other, { more: '1' })),
        () => client.send(untag(other, 'more')),
        () => client.send(tagsOf(other)),
      ])
        await expect(attempt()).rejects.toThrow(AccessDeniedException);
  });

  test('are denied however the ARN is written', async () => {
    const { service } = await start();
    const Statement = [
      allow('profile:*'),
      { Effect: 'Deny', Action: 'profile:*', Resource: integrationArn('s3://a/b') },
    ];
    const client = await clientAllowed(service, ...Statement);
    const denied = integrationArn('s3://a/b');
    for (const partition of ['aws', 'aws-cn', 'x'])
      await expect(
        client.send(tagsOf(denied.replace('arn:aws', `arn:${partition}`))),
      ).rejects.toThrow(/with an explicit deny/);
    const policy = JSON.stringify({ Version: '2012-10-17', Statement });
    const issued = await service.createCredentials({ policies: [policy] });
    const answerTo = async (path: string) => {
      const answer = await sendAsIs(service, sign(service, issued, 'GET', path));
      return [answer.status, answer.errorType];
    };
    expect(await answerTo(`/tags/${arn}/integrations/plain`)).toEqual([200, null]);
    // Half of it as it is, half of it encoded.
    const mixed = `/tags/${arn}/integrations/s3%3A%2F%2Fa%2Fb`;
    expect(await answerTo(mixed)).toEqual([403, 'AccessDeniedException']);
    // A signature is about a path without empty segments: this one is no operation's.
    expect(await answerTo(`/tags/${denied}`)).toEqual([404, 'UnknownOperationException']);
  });

  test('depend on the tags that the resource has', async () => {
    const { service } = await start();
    const client = await clientAllowed(
      service,
      allow('profile:*', '*', { StringEquals: { 'aws:ResourceTag/team': 'a' } }),
    );
    const tagged = integrationArn('s3://a/b');
    expect((await client.send(tagsOf(tagged))).tags).toEqual({ team: 'a' });
    for (const other of [arn, integrationArn('plain'), domainArn('absent')])
      await expect(client.send(tagsOf(other))).rejects.toThrow(AccessDeniedException);
    // Giving the tag that the policy asks for is no way around it.
    await expect(client.send(tag(arn, { team: 'a' }))).rejects.toThrow(AccessDeniedException);
    await client.send(untag(tagged, 'team'));
    await expect(client.send(tagsOf(tagged))).rejects.toThrow(AccessDeniedException);
  });

  test('tell nothing of the tags of another account or region', async () => {
    const { service, owner } = await start();
    const client = await clientAllowed(
      service,
      allow('profile:*', '*', { StringEquals: { 'aws:ResourceTag/of': 'domain' } }),
    );
    const other = signedClient(
      service,
      await service.createCredentials({ accountId: '111111111111' }),
    );
    const Tags = { of: 'domain' };
    await other.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1, Tags }));
    await client.send(tagsOf(arn));
    for (const elsewhere of [
      arn.replace('000000000000', '111111111111'),
      arn.replace('us-east-1', 'eu-west-1'),
    ]) {
      await expect(client.send(tagsOf(elsewhere))).rejects.toThrow(AccessDeniedException);
      await expect(owner.send(tagsOf(elsewhere))).rejects.not.toThrow(AccessDeniedException);
    }
  });

  test('depend on the tags that they give and on the keys that they take away', async () => {
    const { service, owner } = await start();
    const keys = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost'] } };
    const client = await clientAllowed(
      service,
      allow('profile:TagResource', '*', {
        ...keys,
        StringEquals: { 'aws:RequestTag/team': ['a', 'b'] },
      }),
      allow('profile:UntagResource', '*', { ...keys, Null: { 'aws:TagKeys': 'false' } }),
    );
    await client.send(tag(arn, { team: 'b', cost: '1' }));
    for (const tags of [{ cost: '1' }, { team: 'c' }, { team: 'a', other: '1' }])
      await expect(client.send(tag(arn, tags))).rejects.toThrow(AccessDeniedException);
    for (const denied of [['of'], ['cost', 'of']])
      await expect(client.send(untag(arn, ...denied))).rejects.toThrow(AccessDeniedException);
    await client.send(untag(arn, 'cost', 'team'));
    expect((await owner.send(tagsOf(arn))).tags).toEqual({ of: 'domain' });
  });

  test('that take tags away bring none: aws:RequestTag is absent', async () => {
    const { service } = await start();
    const client = await clientAllowed(
      service,
      allow('profile:UntagResource', '*', { Null: { 'aws:RequestTag/of': 'false' } }),
    );
    await expect(client.send(untag(arn, 'of'))).rejects.toThrow(AccessDeniedException);
  });
});
