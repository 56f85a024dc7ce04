import {
  CreateDomainCommand,
  type CustomerProfilesClient,
  DeleteDomainCommand,
  GetDomainCommand,
  GetIntegrationCommand,
  ListDomainsCommand,
  ListTagsForResourceCommand,
  PutIntegrationCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDomainCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/clock.ts';
import { sharedDatabase } from '../support/database.ts';
import { badRequest, expectAllRejected, violation } from '../support/outcomes.ts';
import { send, startTestService } from '../support/service.ts';

const DomainName = 'customers';
const Uri = 'https://example.com/a:b?c=d#e';
const arnOf = (resource: string) => `arn:aws:profile:us-east-1:000000000000:${resource}`;
const domainArn = arnOf(`domains/${DomainName}`);
const integrationArn = `${domainArn}/integrations/${Uri}`;
const notFound = { name: 'ResourceNotFoundException', message: 'The resource does not exist' };

type Tags = Record<string, string>;

const createDomain = (client: CustomerProfilesClient, Tags?: Tags) =>
  client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1, Tags }));
const putIntegration = (client: CustomerProfilesClient, Tags?: Tags) =>
  client.send(new PutIntegrationCommand({ DomainName, Uri, ObjectTypeName: 'CTR', Tags }));

const tag = (client: CustomerProfilesClient, resourceArn: string, tags: Tags) =>
  client.send(new TagResourceCommand({ resourceArn, tags }));
const untag = (client: CustomerProfilesClient, resourceArn: string, ...tagKeys: string[]) =>
  client.send(new UntagResourceCommand({ resourceArn, tagKeys }));
const tagsOf = async (client: CustomerProfilesClient, resourceArn: string) =>
  (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;

/** So many tags; the prefix makes them others. */
const tags = (count: number, prefix = 'k'): Tags =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 'v']));

/** A service with a domain and an integration in it. */
async function start(Tags?: Tags, clock = new FakeClock()) {
  const { service, client } = await startTestService({ clock: clock.read });
  await createDomain(client, Tags);
  await putIntegration(client, Tags);
  return { service, client, clock };
}

describe.each([
  {
    kind: 'a domain',
    arn: domainArn,
    get: (client: CustomerProfilesClient) => client.send(new GetDomainCommand({ DomainName })),
  },
  {
    kind: 'an integration',
    arn: integrationArn,
    get: (client: CustomerProfilesClient) =>
      client.send(new GetIntegrationCommand({ DomainName, Uri })),
  },
])('the tags of $kind', ({ arn, get }) => {
  test('are those it was created with, and an empty map when there are none', async () => {
    expect(await tagsOf((await start({ a: '1', b: '' })).client, arn)).toEqual({ a: '1', b: '' });
    expect(await tagsOf((await start()).client, arn)).toEqual({});
  });

  test('are added, and a key that is there gets the new value', async () => {
    const { client } = await start({ a: '1', b: '2' });
    const answer = await tag(client, arn, { b: '3', c: '' });
    expect(answer).toEqual({ $metadata: expect.anything() });
    expect(await tagsOf(client, arn)).toEqual({ a: '1', b: '3', c: '' });
    expect((await get(client)).Tags).toEqual({ a: '1', b: '3', c: '' });
  });

  test('are taken away, and a key that is not there changes nothing', async () => {
    const { client } = await start({ a: '1', b: '2' });
    const answer = await untag(client, arn, 'a', 'absent');
    expect(answer).toEqual({ $metadata: expect.anything() });
    expect(await tagsOf(client, arn)).toEqual({ b: '2' });
    await untag(client, arn, 'b');
    expect(await tagsOf(client, arn)).toEqual({});
    // The model's map of tags has at least one entry: without any, there is no map.
    expect(await get(client)).not.toHaveProperty('Tags');
    await untag(client, arn, 'b');
    await tag(client, arn, { b: '4' });
    expect(await tagsOf(client, arn)).toEqual({ b: '4' });
  });

  test('change nothing else, LastUpdatedAt included', async () => {
    const { client, clock } = await start({ a: '1' });
    const { $metadata: _, Tags, ...before } = await get(client);
    clock.advanceMs(1000);
    await tag(client, arn, { b: '2' });
    await untag(client, arn, 'a');
    expect(await get(client)).toEqual({
      ...before,
      Tags: { b: '2' },
      $metadata: expect.anything(),
    });
    expect(Tags).toEqual({ a: '1' });
  });

  test('may have keys that mean something to JavaScript, and all others of the pattern', async () => {
    const { client } = await start();
    const keys = ['__proto__', 'constructor', 'toString', '0', 'a:b/c=d;e,f<g_h.i-j+k'];
    const odd = Object.fromEntries(keys.map((key) => [key, `of ${key}`]));
    for (const [key, value] of Object.entries(odd))
      await tag(client, arn, Object.fromEntries([[key, value]]));
    expect(Object.entries((await tagsOf(client, arn)) ?? {}).sort()).toEqual(
      Object.entries(odd).sort(),
    );
    await untag(client, arn, 'constructor', 'valueOf');
    await untag(client, arn, '__proto__');
    expect(Object.keys((await tagsOf(client, arn)) ?? {}).sort()).toEqual(
      keys.filter((key) => key !== '__proto__' && key !== 'constructor').sort(),
    );
  });

  test('are at most fifty, those that were there included', async () => {
    const { client } = await start(tags(49));
    await expect(tag(client, arn, tags(2, 'new'))).rejects.toMatchObject(
      badRequest('The resource would have 51 tags, and may have 50'),
    );
    expect(await tagsOf(client, arn)).toEqual(tags(49));
    await tag(client, arn, { ...tags(1), ...tags(1, 'new') });
    // All fifty at once, of which none is new.
    await tag(client, arn, { ...tags(49), new0: 'w' });
    expect(await tagsOf(client, arn)).toEqual({ ...tags(49), new0: 'w' });
    await untag(client, arn, ...Object.keys({ ...tags(49), new0: '' }));
    expect(await tagsOf(client, arn)).toEqual({});
  });

  test('are not lost when many change them at once, through two services', async () => {
    const database = await sharedDatabase();
    const [one, two] = [await startTestService({ database }), await startTestService({ database })];
    const clients = [one.client, two.client];
    await createDomain(one.client, { old: '1' });
    await putIntegration(one.client, { old: '1' });
    const keys = Object.keys(tags(12));
    await Promise.all([
      ...keys.map((key, index) =>
        tag(clients[index % 2] ?? one.client, arn, { [key]: String(index) }),
      ),
      untag(two.client, arn, 'old'),
    ]);
    expect(await tagsOf(one.client, arn)).toEqual(
      Object.fromEntries(keys.map((key, index) => [key, String(index)])),
    );
  });

  test('are those of the resource, not of the one that was there before', async () => {
    const { client } = await start({ a: '1' });
    await client.send(new DeleteDomainCommand({ DomainName }));
    await expect(tagsOf(client, arn)).rejects.toMatchObject(notFound);
    await createDomain(client);
    await putIntegration(client);
    expect(await tagsOf(client, arn)).toEqual({});
  });
});

describe('tags that come with the resource', () => {
  test('UpdateDomain and PutIntegration leave the tags as TagResource made them', async () => {
    const { client } = await start({ a: '1' });
    for (const arn of [domainArn, integrationArn]) await tag(client, arn, { b: '2' });
    await client.send(new UpdateDomainCommand({ DomainName, Tags: { c: '3' } }));
    await putIntegration(client, { c: '3' });
    for (const arn of [domainArn, integrationArn])
      expect(await tagsOf(client, arn)).toEqual({ a: '1', b: '2' });
  });

  test('ListDomains shows what TagResource made of them', async () => {
    const { client } = await start();
    await tag(client, domainArn, { b: '2' });
    const { Items } = await client.send(new ListDomainsCommand({}));
    expect(Items?.map((item) => item.Tags)).toEqual([{ b: '2' }]);
  });
});

/** Each of the three operations, on some ARN. */
const attempts = (client: CustomerProfilesClient, arn: string) => [
  tag(client, arn, { a: '1' }),
  untag(client, arn, 'a'),
  tagsOf(client, arn),
];

describe('an ARN', () => {
  test.each([
    arnOf('domains/absent'),
    `${domainArn}/integrations/absent`,
    `${domainArn}/integrations/${Uri}/`,
    arnOf(`domains/absent/integrations/${Uri}`),
    // Names of kinds that aren't there, of kinds that aren't known, and of no kind.
    `${domainArn}/object-types/CTR`,
    `${domainArn}/calculated-attributes/sum`,
    `${domainArn}/constructor/x`,
    domainArn.replace('us-east-1', 'eu-west-1'),
    domainArn.replace('customers', 'CUSTOMERS'),
  ])('404 when nothing is there: %s', async (arn) => {
    const { client } = await start();
    await expectAllRejected(attempts(client, arn), notFound);
  });

  test.each([
    domainArn.replace('000000000000', '111111111111'),
    `${arnOf('domains')}`,
    arnOf('domains/'),
    arnOf(`/domains/${DomainName}`),
    `${domainArn}/integrations`,
    `${domainArn}/integrations/`,
    arnOf('others/customers'),
    'arn:aws:profile',
    'arn:aws:profiler:us-east-1:000000000000:domains/customers',
    domainArn.replace('000000000000', ''),
    domainArn.replace('us-east-1', ''),
  ])('BadRequestException when it is malformed or of another account: %s', async (arn) => {
    const { client } = await start();
    await expectAllRejected(
      attempts(client, arn),

      badRequest('resourceArn is not the ARN of a resource of this account'),
    );
  });

  test('may have any partition, those with dashes included', async () => {
    const { client } = await start({ a: '1' });
    for (const partition of ['aws-cn', 'aws-us-gov', 'aws'])
      expect(await tagsOf(client, domainArn.replace('aws', partition))).toEqual({ a: '1' });
  });

  test('BadRequestException against the constraints of the model', async () => {
    const { client } = await start();
    const pattern = '^arn:[a-z0-9-]{1,10}:profile';
    await expectAllRejected(
      attempts(client, 'arn:aws:s3:::bucket'),

      violation(
        "Value 'arn:aws:s3:::bucket' at 'resourceArn'",
        `satisfy regular expression pattern: ${pattern}`,
      ),
    );
    const long = `${domainArn}/integrations/`.padEnd(257, 'x');
    await expectAllRejected(
      attempts(client, long),

      violation(`Value '${long.slice(0, 256)}…' at 'resourceArn'`, lengthAtMost(256)),
    );
  });

  test('may come with its slashes and colons as they are', async () => {
    const { service, client } = await start({ a: '1' });
    for (const arn of [domainArn, `${domainArn}/integrations/s3://bucket/a/b`]) {
      if (arn !== domainArn)
        await client.send(
          new PutIntegrationCommand({
            DomainName,
            Uri: 's3://bucket/a/b',
            ObjectTypeName: 'CTR',
            Tags: { a: '1' },
          }),
        );
      expect((await send(service, 'GET', `/tags/${arn}`)).body).toEqual({ tags: { a: '1' } });
      const added = await send(service, 'POST', `/v1/tags/${arn}`, { tags: { b: '2' } });
      expect([added.status, added.body]).toEqual([200, {}]);
      const removed = await send(service, 'DELETE', `/tags/${arn}?tagKeys=a`);
      expect([removed.status, removed.body]).toEqual([200, {}]);
      expect(await tagsOf(client, arn)).toEqual({ b: '2' });
    }
  });
});

function lengthAtMost(length: number): string {
  return `have length less than or equal to ${length}`;
}

describe('constraints', () => {
  test.each<[string, Tags, string, string]>([
    ['no tags', {}, "Value '{}' at 'tags'", 'have length greater than or equal to 1'],
    ['a value of 257 characters', { a: 'x'.repeat(257) }, '', lengthAtMost(256)],
    ['a key of 129 characters', { ['a'.repeat(129)]: '' }, '', lengthAtMost(128)],
    [
      'a key of Amazon',
      { 'aws:a': '' },
      "Value '' at 'tags.aws:a.member'",
      'satisfy regular expression pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$',
    ],
  ])('BadRequestException for %s', async (_, wrong, subject, constraint) => {
    const { client } = await start();
    await expect(tag(client, domainArn, wrong)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining(
        `${subject} failed to satisfy constraint: Member must ${constraint}`,
      ),
    });
    expect(await tagsOf(client, domainArn)).toEqual({});
  });

  test('BadRequestException without the map of tags', async () => {
    const { service } = await start();
    const answer = await send(service, 'POST', `/tags/${encodeURIComponent(domainArn)}`, {});
    expect(answer.body.Message).toBe(
      "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must not be null",
    );
  });

  test('values take 256 characters, whatever their bytes', async () => {
    const { client } = await start();
    const value = '🙂'.repeat(256);
    await tag(client, domainArn, { a: value });
    expect(await tagsOf(client, domainArn)).toEqual({ a: value });
  });

  test.each([
    ['', "Value at 'tagKeys' failed to satisfy constraint: Member must not be null"],
    [
      '?tagKeys=',
      "Value '' at 'tagKeys.1.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      '?tagKeys=a&other=x&tagKeys=b%20c',
      "Value 'b c' at 'tagKeys.2.member' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$",
    ],
    [
      `?${Array.from({ length: 51 }, () => 'tagKeys=a').join('&')}`,
      "at 'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 50",
    ],
  ])('BadRequestException for the query %s', async (query, message) => {
    const { service, client } = await start({ a: '1' });
    const path = `/tags/${encodeURIComponent(domainArn)}`;
    const answer = await send(service, 'DELETE', `${path}${query}`);
    expect([answer.status, answer.errorType]).toEqual([400, 'BadRequestException']);
    expect(answer.body.Message).toContain(message);
    expect(await tagsOf(client, domainArn)).toEqual({ a: '1' });
  });
});
