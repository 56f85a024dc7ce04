import {
  CreateDomainCommand,
  type CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteIntegrationCommand,
  type FlowDefinition,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  type ListAccountIntegrationsCommandInput,
  ListIntegrationsCommand,
  type ListIntegrationsCommandInput,
  PutIntegrationCommand,
  type PutIntegrationCommandInput,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { defaultLimits, publishedQuotas } from '../../src/limits/limits.ts';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { FakeClock } from '../support/clock.ts';
import type { Complete } from '../support/complete.ts';
import { sharedDatabase } from '../support/database.ts';
import { everyFlowMember, flow } from '../support/flows.ts';
import { badRequest, domainNotFound, expectAllRejected, violation } from '../support/outcomes.ts';
import { send, startTestService } from '../support/service.ts';

const DomainName = 'customers';
const Uri = 's3://bucket/käse?a=b#c';
const ObjectTypeName = 'CTR';
const notFound = {
  name: 'ResourceNotFoundException',
  message: 'The integration does not exist',
  $metadata: { httpStatusCode: 404 },
};

type Settings = Omit<PutIntegrationCommandInput, 'DomainName' | 'FlowDefinition'>;

/** Every member that PutIntegration takes besides the definition of a flow. */
const everySetting: Complete<Settings> = {
  Uri,
  ObjectTypeName: '_object-Type9',
  ObjectTypeNames: {
    SegmentIdentify: 'Segment-Template-Identify',
    constructor: 'a',
    'odd key': 'b',
  },
  RoleArn: 'arn:aws:iam::000000000000:role/one',
  EventTriggerNames: ['trigger-1'],
  Scope: 'DOMAIN',
  Tags: { team: 'support', 'cost:center/1,2;3=4': '' },
};

async function createDomain(client: CustomerProfilesClient, name: string) {
  await client.send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 1 }));
}

/** A service with the domain `customers`, and a clock that stands still. */
async function start(options: Parameters<typeof startTestService>[0] = {}) {
  const clock = new FakeClock();
  const { service, client } = await startTestService({ clock: clock.read, ...options });
  await createDomain(client, DomainName);
  return { service, client, clock };
}

/** PutIntegration without the transport's metadata. */
async function put(
  client: CustomerProfilesClient,
  input: Partial<PutIntegrationCommandInput> = { Uri },
) {
  const { $metadata, ...integration } = await client.send(
    new PutIntegrationCommand({ DomainName, ObjectTypeName, ...input }),
  );
  return integration;
}

async function get(client: CustomerProfilesClient, uri = Uri, domainName = DomainName) {
  const { $metadata, ...integration } = await client.send(
    new GetIntegrationCommand({ DomainName: domainName, Uri: uri }),
  );
  return integration;
}

function remove(client: CustomerProfilesClient, uri = Uri, domainName = DomainName) {
  return client.send(new DeleteIntegrationCommand({ DomainName: domainName, Uri: uri }));
}

function list(client: CustomerProfilesClient, input: Partial<ListIntegrationsCommandInput> = {}) {
  return client.send(new ListIntegrationsCommand({ DomainName, ...input }));
}

function listAccount(
  client: CustomerProfilesClient,
  input: Partial<ListAccountIntegrationsCommandInput> = {},
) {
  return client.send(new ListAccountIntegrationsCommand({ Uri, ...input }));
}

async function uris(client: CustomerProfilesClient): Promise<(string | undefined)[]> {
  const { Items } = await list(client);
  return (Items ?? []).map((item) => item.Uri);
}

describe('PutIntegration', () => {
  test('shows every member as it was put, and so do the others', async () => {
    const { client, clock } = await start();
    const now = new Date(clock.now);
    const shown = { DomainName, ...everySetting, CreatedAt: now, LastUpdatedAt: now };
    expect(await put(client, everySetting)).toEqual(shown);
    expect(await get(client)).toEqual(shown);
    expect((await list(client)).Items).toEqual([shown]);
    expect((await listAccount(client)).Items).toEqual([shown]);
  });

  test('shows the scope PROFILE and nothing else that was not put', async () => {
    const { client, clock } = await start();
    const now = new Date(clock.now);
    const shown = { DomainName, Uri, ObjectTypeName, Scope: 'PROFILE' };
    expect(await put(client)).toEqual({ ...shown, CreatedAt: now, LastUpdatedAt: now });
  });

  test('replaces all but the tags and CreatedAt of the integration of that Uri', async () => {
    const { client, clock } = await start();
    const CreatedAt = new Date(clock.now);
    await put(client, everySetting);
    clock.advanceMs(1234);
    const after = {
      DomainName,
      Uri,
      ObjectTypeNames: { SegmentIdentify: 'other' },
      Scope: 'PROFILE',
      Tags: everySetting.Tags,
      CreatedAt,
      LastUpdatedAt: new Date(clock.now),
    };
    const { ObjectTypeNames } = after;
    const changes = { ObjectTypeName: undefined, ObjectTypeNames, Tags: { other: 'x' } };
    expect(await put(client, { Uri, ...changes })).toEqual(after);
    expect(await get(client)).toEqual(after);
    expect(await uris(client)).toEqual([Uri]);
  });

  test('gives no tags to an integration that has none', async () => {
    const { client } = await start();
    await put(client);
    expect(await put(client, { Uri, Tags: { late: 'x' } })).not.toHaveProperty('Tags');
  });

  test('404 in a domain that is not there, whatever else is wrong', async () => {
    const { client } = await start();
    const elsewhere = { DomainName: 'nowhere', ObjectTypeName: undefined };
    await expect(put(client, elsewhere)).rejects.toMatchObject(domainNotFound('nowhere'));
  });

  test('BadRequestException without a Uri and a flow', async () => {
    const { client } = await start();
    await expect(put(client, {})).rejects.toMatchObject(
      badRequest('One of Uri and FlowDefinition is required'),
    );
  });

  test.each([{}, { ObjectTypeNames: {} }])(
    'BadRequestException without an object type: %j',
    async (names) => {
      const { client } = await start();
      await expect(put(client, { Uri, ObjectTypeName: undefined, ...names })).rejects.toMatchObject(
        badRequest('One of ObjectTypeName and ObjectTypeNames is required'),
      );
      expect(await uris(client)).toEqual([]);
    },
  );

  test('BadRequestException when another domain of the account has the Uri', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    await put(client, { Uri, DomainName: 'others' });
    await expect(put(client)).rejects.toMatchObject(
      badRequest(`The integration ${Uri} belongs to another domain`),
    );
    expect(await uris(client)).toEqual([]);
    await remove(client, Uri, 'others');
    await put(client);
    expect(await uris(client)).toEqual([Uri]);
  });

  test('takes a Uri that another account has', async () => {
    const database = await sharedDatabase();
    const mine = await start({ database });
    const theirs = await start({ database, accountId: '111111111111' });
    await put(mine.client);
    await put(theirs.client);
    await remove(mine.client);
    expect(await uris(theirs.client)).toEqual([Uri]);
  });

  test('takes a Uri of 255 characters, and pages by it', async () => {
    const { client } = await start();
    const long = ['ä', 'b'].map((character) => character.repeat(255)).sort();
    for (const uri of long) await put(client, { Uri: uri });
    const first = await list(client, { MaxResults: 1 });
    const second = await list(client, { MaxResults: 1, NextToken: first.NextToken });
    const pages = [first, second].map(({ Items }) => Items?.map((item) => item.Uri));
    expect(pages).toEqual(long.map((uri) => [uri]));
    expect(second.NextToken).toBeUndefined();
  });

  test('BadRequestException for a Uri that no NextToken could name', async () => {
    const { client } = await start();
    for (const long of ['🙂'.repeat(255), '\u0001'.repeat(255)])
      await expect(put(client, { Uri: long })).rejects.toMatchObject(
        badRequest('Uri may have 640 bytes as JSON'),
      );
  });

  test('many at once through two services leave one, whole', async () => {
    const database = await sharedDatabase();
    const [one, two] = [await start({ database }), await startTestService({ database })];
    const clients = [one.client, two.client];
    const names = Array.from({ length: 16 }, (_, index) => `type-${index}`);
    const made = await Promise.all(
      names.map((name, index) =>
        put(clients[index % 2] ?? one.client, {
          Uri,
          ObjectTypeName: name,
          EventTriggerNames: [name],
          Tags: { name },
        }),
      ),
    );
    const after = await get(one.client);
    expect(names).toContain(after.ObjectTypeName);
    expect(after.EventTriggerNames).toEqual([after.ObjectTypeName]);
    // The tags are those of whoever came first, and everybody who came later saw them.
    for (const { Tags } of made) expect(Tags).toEqual(after.Tags);
  });

  test('two domains that want one Uri at once: one has it', async () => {
    const database = await sharedDatabase();
    const [one, two] = [await start({ database }), await startTestService({ database })];
    await createDomain(one.client, 'others');
    for (let turn = 0; turn < 8; turn++) {
      const input = { Uri: `s3://bucket/${turn}` };
      const outcomes = await Promise.allSettled([
        put(one.client, input),
        put(two.client, { ...input, DomainName: 'others' }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: badRequest(`The integration ${input.Uri} belongs to another domain`),
      });
    }
  });
});

describe('an integration of a flow', () => {
  const arn = (name: string) => `arn:aws:appflow:us-east-1:000000000000:flow/${name}`;

  test('has the ARN of the flow as its Uri, and shows nothing of the definition', async () => {
    const { client, clock } = await start();
    const now = new Date(clock.now);
    const shown = {
      DomainName,
      Uri: arn('contacts'),
      ObjectTypeName,
      Scope: 'PROFILE',
      CreatedAt: now,
      LastUpdatedAt: now,
    };
    expect(await put(client, { FlowDefinition: everyFlowMember })).toEqual(shown);
    expect(await get(client, arn('contacts'))).toEqual(shown);
  });

  test('is unstructured when its object type is', async () => {
    const { client } = await start();
    const unstructured = { ObjectTypeName: '_unstructured' };
    const made = await put(client, { FlowDefinition: flow('one'), ...unstructured });
    expect(made.IsUnstructured).toBe(true);
    expect((await get(client, arn('one'))).IsUnstructured).toBe(true);
    expect(await put(client, { Uri, ...unstructured })).not.toHaveProperty('IsUnstructured');
  });

  test('BadRequestException for a second flow of that name in the account', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    await put(client, { FlowDefinition: flow('contacts') });
    await expectAllRejected(
      [DomainName, 'others'].map((domain) =>
        put(client, { FlowDefinition: flow('contacts'), DomainName: domain }),
      ),
      badRequest('Flow with name contacts already exists.'),
    );
    await remove(client, arn('contacts'));
    await put(client, { FlowDefinition: flow('contacts'), DomainName: 'others' });
  });

  test('is replaced by its Uri, with the definition or without', async () => {
    const { client } = await start();
    await put(client, { FlowDefinition: flow('contacts') });
    for (const more of [{}, { FlowDefinition: flow('contacts') }]) {
      const changes = { Uri: arn('contacts'), EventTriggerNames: ['one'], ...more };
      expect(await put(client, changes)).toMatchObject({ EventTriggerNames: ['one'] });
    }
    expect(await uris(client)).toEqual([arn('contacts')]);
  });

  test('BadRequestException when the ARN would be longer than a Uri', async () => {
    const { client } = await start();
    const longest = 'x'.repeat(255 - arn('').length);
    await put(client, { FlowDefinition: flow(longest) });
    await expect(put(client, { FlowDefinition: flow(`${longest}x`) })).rejects.toMatchObject(
      badRequest(
        'FlowDefinition.FlowName is too long: the ARN of the flow may have 255 characters',
      ),
    );
  });

  test.each<[string, (definition: FlowDefinition) => void, string]>([
    ['a KMS key', (f) => Object.assign(f, { KmsArn: 'x'.repeat(20) }), 'kmsArn'],
    [
      'a connector',
      (f) => Object.assign(f.SourceFlowConfig ?? {}, { ConnectorType: 'x' }),
      'connectorType',
    ],
    ['a trigger', (f) => Object.assign(f, { TriggerConfig: {} }), 'triggerType'],
    [
      'a task',
      (f) => Object.assign(f, { Tasks: [{ TaskType: 'x', SourceFields: [] }] }),
      'tasks.1.member.taskType',
    ],
  ])('BadRequestException for %s that is wrong, without a word of it', async (_, spoil, path) => {
    const { service } = await start();
    const FlowDefinition = structuredClone(flow('contacts'));
    spoil(FlowDefinition);
    const body = { ObjectTypeName, FlowDefinition };
    const answer = await send(service, 'PUT', `/domains/${DomainName}/integrations`, body);
    expect([answer.status, answer.errorType]).toEqual([400, 'BadRequestException']);
    expect(answer.body.Message).toMatch(
      new RegExp(`^1 validation error detected: Value at 'flowDefinition.*${path}' failed`),
    );
  });
});

describe('GetIntegration and DeleteIntegration', () => {
  const both = (client: CustomerProfilesClient, uri: string, domainName = DomainName) => [
    get(client, uri, domainName),
    remove(client, uri, domainName),
  ];

  test('404 when the integration is not there, or is another domain’s', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    await put(client, { Uri, DomainName: 'others' });
    await expectAllRejected([...both(client, Uri), ...both(client, 'absent')], notFound);
    expect((await listAccount(client)).Items).toHaveLength(1);
  });

  test('404 when the domain is not there', async () => {
    const { client } = await start();
    await expectAllRejected(both(client, Uri, 'nowhere'), domainNotFound('nowhere'));
  });

  test('BadRequestException without a Uri, and for one that is too long', async () => {
    const { service, client } = await start();
    for (const path of ['integrations', 'integrations/delete']) {
      const answer = await send(service, 'POST', `/domains/${DomainName}/${path}`, {});
      expect(answer.body.Message).toBe(
        "1 validation error detected: Value at 'uri' failed to satisfy constraint: Member must not be null",
      );
    }
    const long = 'x'.repeat(256);
    await expectAllRejected(
      both(client, long),
      violation(`Value '${long}' at 'uri'`, 'have length less than or equal to 255'),
    );
  });

  test('a deleted integration is gone, and a second delete finds nothing', async () => {
    const { client } = await start();
    await put(client);
    await put(client, { Uri: 'other' });
    expect((await remove(client)).Message).toBe('OK');
    await expectAllRejected(both(client, Uri), notFound);
    expect(await uris(client)).toEqual(['other']);
  });

  test('a deleted domain has no integrations when it is made anew', async () => {
    const { client } = await start();
    await put(client);
    await client.send(new DeleteDomainCommand({ DomainName }));
    await expect(list(client)).rejects.toMatchObject(domainNotFound(DomainName));
    await createDomain(client, DomainName);
    expect((await list(client)).Items).toEqual([]);
  });
});

describe('ListIntegrations', () => {
  test('lists those of the domain by Uri, page by page', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    await put(client, { Uri: 'b-other', DomainName: 'others' });
    const all = ['b', 'Z', 'a', 'ä', '🙂'];
    for (const uri of all) await put(client, { Uri: uri });
    const expected = ['Z', 'a', 'b', 'ä', '🙂'];
    expect(await uris(client)).toEqual(expected);
    const seen: (string | undefined)[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await list(client, { MaxResults: 2, NextToken });
      seen.push((page.Items ?? []).map((item) => item.Uri));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(seen).toEqual([['Z', 'a'], ['b', 'ä'], ['🙂']]);
  });

  test('a page goes on where the one before ended, whatever was deleted since', async () => {
    const { client } = await start();
    for (const uri of ['a', 'b', 'c']) await put(client, { Uri: uri });
    const { NextToken } = await list(client, { MaxResults: 2 });
    await remove(client, 'b');
    await put(client, { Uri: 'aa' });
    const { Items } = await list(client, { NextToken });
    expect(Items?.map((item) => item.Uri)).toEqual(['c']);
  });

  test('shows the same with hidden ones', async () => {
    const { client } = await start();
    await put(client);
    for (const IncludeHidden of [true, false]) {
      expect((await list(client, { IncludeHidden })).Items).toHaveLength(1);
      expect((await listAccount(client, { IncludeHidden })).Items).toHaveLength(1);
    }
  });

  test('404 when the domain is not there', async () => {
    const { client } = await start();
    await expect(list(client, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('BadRequestException for a token of another request', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    for (const uri of ['a', 'b']) await put(client, { Uri: uri });
    const { NextToken } = await list(client, { MaxResults: 1 });
    await expect(list(client, { DomainName: 'others', NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
    await expect(list(client, { NextToken: 'x' })).rejects.toMatchObject(
      badRequest('NextToken is not valid'),
    );
  });

  test.each([
    ['max-results=0', "Value '0' at 'maxResults'"],
    ['max-results=101', "Value '101' at 'maxResults'"],
  ])('BadRequestException for %s', async (query, subject) => {
    const { service } = await start();
    for (const [method, path, body] of [
      ['GET', `/domains/${DomainName}/integrations`, undefined],
      ['POST', '/integrations', { Uri }],
    ] as const) {
      const answer = await send(service, method, `${path}?${query}`, body);
      expect(answer.body.Message).toContain(subject);
    }
  });

  test('SerializationException for include-hidden that is neither true nor false', async () => {
    const { service } = await start();
    const path = `/domains/${DomainName}/integrations?include-hidden=True`;
    expect((await send(service, 'GET', path)).errorType).toBe('SerializationException');
  });
});

describe('ListAccountIntegrations', () => {
  test('finds the integration of a Uri in whichever domain, and an empty list without', async () => {
    const { client } = await start();
    await createDomain(client, 'others');
    await put(client, { Uri, DomainName: 'others' });
    await put(client, { Uri: 'other' });
    const found = await listAccount(client, { MaxResults: 1 });
    expect(found.Items).toMatchObject([{ DomainName: 'others', Uri }]);
    expect(found.NextToken).toBeUndefined();
    expect((await listAccount(client, { Uri: 'absent' })).Items).toEqual([]);
  });

  test('shows nothing of another account', async () => {
    const database = await sharedDatabase();
    const mine = await start({ database });
    const theirs = await start({ database, accountId: '111111111111' });
    await put(mine.client);
    expect((await listAccount(theirs.client)).Items).toEqual([]);
  });

  test('BadRequestException for a token that is not valid, and nothing after the only page', async () => {
    const { client } = await start();
    await put(client);
    await expect(listAccount(client, { NextToken: 'x' })).rejects.toMatchObject(
      badRequest('NextToken is not valid'),
    );
    const NextToken = encodePageToken('ListAccountIntegrations', { Uri } as object, 'customers');
    expect((await listAccount(client, { NextToken })).Items).toEqual([]);
  });
});

describe('the quota of integrations', () => {
  const limitsOf = (integrations: number) => ({
    ...defaultLimits,
    quotas: { ...publishedQuotas, integrations },
  });
  const overQuota = badRequest('The domain has 2 integrations, and the quota is 2');

  test('BadRequestException above it; one that is there may be replaced', async () => {
    const { client } = await start({ limits: limitsOf(2) });
    await createDomain(client, 'others');
    for (const uri of ['a', 'b']) await put(client, { Uri: uri });
    await expect(put(client)).rejects.toMatchObject(overQuota);
    expect(await uris(client)).toEqual(['a', 'b']);
    await put(client, { Uri: 'a', Scope: 'DOMAIN' });
    await put(client, { Uri: 'c', DomainName: 'others' });
    // What else is wrong is told rather than the quota.
    await expect(put(client, { Uri: 'c' })).rejects.toMatchObject(
      badRequest('The integration c belongs to another domain'),
    );
    await remove(client, 'a');
    await put(client);
  });

  test('holds when two services on one store put many at once', async () => {
    const database = await sharedDatabase();
    const options = { database, limits: limitsOf(2) };
    const [one, two] = [await start(options), await startTestService(options)];
    const outcomes = await Promise.allSettled(
      Array.from({ length: 16 }, (_, index) =>
        put((index % 2 === 0 ? one : two).client, { Uri: `uri-${index}` }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(overQuota);
    expect(await uris(one.client)).toHaveLength(2);
  });

  test('is 50 unless the limits say otherwise, and can be lifted', async () => {
    const { client } = await start();
    for (let index = 0; index < 50; index++) await put(client, { Uri: `uri-${index}` });
    await expect(put(client)).rejects.toMatchObject(
      badRequest('The domain has 50 integrations, and the quota is 50'),
    );
    const lifted = await start({ limits: limitsOf(Number.POSITIVE_INFINITY) });
    for (let index = 0; index < 101; index++) await put(lifted.client, { Uri: `uri-${index}` });
    const { Items, NextToken } = await list(lifted.client);
    expect(Items).toHaveLength(100);
    expect((await list(lifted.client, { NextToken })).Items).toHaveLength(1);
  });
});
