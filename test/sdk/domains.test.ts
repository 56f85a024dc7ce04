import {
  CreateDomainCommand,
  type CreateDomainCommandInput,
  type CustomerProfilesClient,
  DeleteDomainCommand,
  GetDomainCommand,
  ListDomainsCommand,
  type MatchingRequest,
  type RuleBasedMatchingRequest,
  UpdateDomainCommand,
  type UpdateDomainCommandInput,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { encodePageToken } from '../../src/protocol/page-token.ts';
import { FakeClock } from '../support/clock.ts';
import type { Complete } from '../support/complete.ts';
import { Customers, startCustomers } from '../support/customers.ts';
import { temporaryFolder } from '../support/folder.ts';
import { badRequest, domainNotFound, expectAllRejected, violation } from '../support/outcomes.ts';
import { send, startTestService } from '../support/service.ts';

const DomainName = 'customers';

type Settings = Omit<CreateDomainCommandInput, 'DomainName'>;

/** Every member that CreateDomain takes. */
const everySetting: Complete<Settings> = {
  DefaultExpirationDays: 1098,
  DefaultEncryptionKey: 'arn:aws:kms:us-east-1:000000000000:key/one',
  DeadLetterQueueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/letters',
  Matching: {
    Enabled: true,
    JobSchedule: { DayOfTheWeek: 'WEDNESDAY', Time: '23:59' },
    AutoMerging: {
      Enabled: true,
      Consolidation: { MatchingAttributesList: [['EmailAddress', 'PhoneNumber'], ['LastName']] },
      ConflictResolution: { ConflictResolvingModel: 'SOURCE', SourceName: 'any-name' },
      MinAllowedConfidenceScoreForMerging: 0.25,
    },
    ExportingConfig: { S3Exporting: { S3BucketName: 'matches.bucket-1', S3KeyName: 'a/b c' } },
  },
  RuleBasedMatching: {
    Enabled: true,
    MatchingRules: [{ Rule: ['AccountNumber', 'Address.Address1'] }, { Rule: ['LastName'] }],
    MaxAllowedRuleLevelForMerging: 1,
    MaxAllowedRuleLevelForMatching: 2,
    AttributeTypesSelector: {
      AttributeMatchingModel: 'MANY_TO_MANY',
      Address: ['Address', 'MailingAddress'],
      PhoneNumber: ['PhoneNumber'],
      EmailAddress: ['EmailAddress'],
    },
    ConflictResolution: { ConflictResolvingModel: 'RECENCY', SourceName: 'unused' },
    ExportingConfig: { S3Exporting: { S3BucketName: 'rules', S3KeyName: 'k' } },
  },
  DataStore: { Enabled: true },
  Tags: { team: 'support', 'cost:center/1,2;3=4': '' },
};

/** How {@link everySetting} is shown: what is switched on is ready at once. */
const everySettingShown = {
  ...everySetting,
  RuleBasedMatching: { ...everySetting.RuleBasedMatching, Status: 'ACTIVE' },
  DataStore: { Enabled: true, Readiness: { ProgressPercentage: 100 } },
};

const customRules: RuleBasedMatchingRequest = {
  Enabled: true,
  MatchingRules: [{ Rule: ['LastName'] }],
  MaxAllowedRuleLevelForMatching: 1,
  MaxAllowedRuleLevelForMerging: 1,
  ConflictResolution: { ConflictResolvingModel: 'RECENCY' },
};

function create(client: CustomerProfilesClient, settings: Partial<Settings> = {}) {
  const input = { DomainName, DefaultExpirationDays: 366, ...settings };
  return client.send(new CreateDomainCommand(input));
}

function update(client: CustomerProfilesClient, changes: Partial<UpdateDomainCommandInput> = {}) {
  return client.send(new UpdateDomainCommand({ DomainName, ...changes }));
}

/** GetDomain without the transport's metadata. */
async function get(client: CustomerProfilesClient, domainName = DomainName) {
  const { $metadata, ...domain } = await client.send(
    new GetDomainCommand({ DomainName: domainName }),
  );
  return domain;
}

function remove(client: CustomerProfilesClient, domainName = DomainName) {
  return client.send(new DeleteDomainCommand({ DomainName: domainName }));
}

async function names(client: CustomerProfilesClient) {
  const { Items } = await client.send(new ListDomainsCommand({}));
  return (Items ?? []).map((item) => item.DomainName);
}

async function createNamed(client: CustomerProfilesClient, ...domainNames: string[]) {
  for (const name of domainNames)
    await client.send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 1 }));
}

function emptyStats(profiles = 0) {
  return {
    ProfileCount: profiles,
    MeteringProfileCount: profiles,
    ObjectCount: 0,
    TotalSize: 0,
  };
}

/** What CreateDomain and UpdateDomain refuse alike. */
const refusedSettings: [what: string, settings: Partial<Settings>, error: object][] = [
  [
    'no day',
    { DefaultExpirationDays: 0 },
    violation("Value '0' at 'defaultExpirationDays'", 'have value greater than or equal to 1'),
  ],
  [
    'more than 1098 days',
    { DefaultExpirationDays: 1099 },
    violation("Value '1099' at 'defaultExpirationDays'", 'have value less than or equal to 1098'),
  ],
  [
    'an encryption key of 256 characters',
    { DefaultEncryptionKey: 'k'.repeat(256) },
    violation(
      `Value '${'k'.repeat(256)}' at 'defaultEncryptionKey'`,
      'have length less than or equal to 255',
    ),
  ],
  [
    'a queue URL of 256 characters',
    { DeadLetterQueueUrl: 'q'.repeat(256) },
    violation(
      `Value '${'q'.repeat(256)}' at 'deadLetterQueueUrl'`,
      'have length less than or equal to 255',
    ),
  ],
  [
    'matching without Enabled',
    { Matching: {} as MatchingRequest },
    violation("Value at 'matching.enabled'", 'not be null'),
  ],
  [
    'an unknown day of the week',
    // The SDK's types know only the model's values.
    {
      Matching: {
        Enabled: true,
        JobSchedule: { DayOfTheWeek: 'SOMEDAY' as 'SUNDAY', Time: '1:00' },
      },
    },
    violation(
      "Value 'SOMEDAY' at 'matching.jobSchedule.dayOfTheWeek'",
      'satisfy enum value set: [SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY]',
    ),
  ],
  [
    'a time that is none',
    { Matching: { Enabled: true, JobSchedule: { DayOfTheWeek: 'SUNDAY', Time: '24:00' } } },
    violation(
      "Value '24:00' at 'matching.jobSchedule.time'",
      'satisfy regular expression pattern: ^([0-9]|0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$',
    ),
  ],
  [
    'a confidence above one',
    {
      Matching: {
        Enabled: true,
        AutoMerging: { Enabled: true, MinAllowedConfidenceScoreForMerging: 1.5 },
      },
    },
    violation(
      "Value '1.5' at 'matching.autoMerging.minAllowedConfidenceScoreForMerging'",
      'have value less than or equal to 1',
    ),
  ],
  [
    'an empty list of matching attributes',
    {
      Matching: {
        Enabled: true,
        AutoMerging: { Enabled: true, Consolidation: { MatchingAttributesList: [['a'], []] } },
      },
    },
    violation(
      "Value '[]' at 'matching.autoMerging.consolidation.matchingAttributesList.2.member'",
      'have length greater than or equal to 1',
    ),
  ],
  [
    'a bucket name with capitals',
    {
      Matching: { Enabled: true, ExportingConfig: { S3Exporting: { S3BucketName: 'Bucket' } } },
    },
    violation(
      "Value 'Bucket' at 'matching.exportingConfig.s3Exporting.s3BucketName'",
      'satisfy regular expression pattern: ^[a-z0-9.-]+$',
    ),
  ],
  [
    'rule level 16',
    { RuleBasedMatching: { Enabled: true, MaxAllowedRuleLevelForMerging: 16 } },
    violation(
      "Value '16' at 'ruleBasedMatching.maxAllowedRuleLevelForMerging'",
      'have value less than or equal to 15',
    ),
  ],
  [
    'a rule with an empty attribute',
    { RuleBasedMatching: { ...customRules, MatchingRules: [{ Rule: ['a', ''] }] } },
    violation(
      "Value '' at 'ruleBasedMatching.matchingRules.1.member.rule.2.member'",
      'have length greater than or equal to 1',
    ),
  ],
  [
    'four email attributes',
    {
      RuleBasedMatching: {
        Enabled: true,
        AttributeTypesSelector: {
          AttributeMatchingModel: 'ONE_TO_ONE',
          EmailAddress: ['a', 'b', 'c', 'd'],
        },
      },
    },
    violation(
      `Value '["a","b","c","d"]' at 'ruleBasedMatching.attributeTypesSelector.emailAddress'`,
      'have length less than or equal to 3',
    ),
  ],
  [
    'an empty map of tags',
    { Tags: {} },
    violation("Value '{}' at 'tags'", 'have length greater than or equal to 1'),
  ],
  [
    'a tag key of AWS',
    { Tags: { 'aws:x': 'y' } },
    violation(
      "Value 'y' at 'tags.aws:x.member'",
      'satisfy regular expression pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$',
    ),
  ],
  [
    'a tag value of 257 characters',
    { Tags: { team: 'v'.repeat(257) } },
    violation(
      `Value '${'v'.repeat(256)}…' at 'tags.team.member'`,
      'have length less than or equal to 256',
    ),
  ],
  ...(
    [
      'MaxAllowedRuleLevelForMatching',
      'MaxAllowedRuleLevelForMerging',
      'ConflictResolution',
    ] as const
  ).map((member): [string, Partial<Settings>, object] => [
    `custom rules without ${member}`,
    { RuleBasedMatching: { ...customRules, [member]: undefined } },
    badRequest(`RuleBasedMatching.${member} is required with MatchingRules`),
  ]),
  ...(['MaxAllowedRuleLevelForMatching', 'MaxAllowedRuleLevelForMerging'] as const).map(
    (member): [string, Partial<Settings>, object] => [
      `a ${member} above the number of rules`,
      { RuleBasedMatching: { ...customRules, [member]: 2 } },
      badRequest(
        `RuleBasedMatching.${member} must not be greater than the number of MatchingRules, 1`,
      ),
    ],
  ),
  [
    'rules that resolve conflicts by a source without its name',
    {
      RuleBasedMatching: {
        ...customRules,
        ConflictResolution: { ConflictResolvingModel: 'SOURCE' },
      },
    },
    badRequest(
      'RuleBasedMatching.ConflictResolution.SourceName is required with ConflictResolvingModel SOURCE',
    ),
  ],
  [
    'rules by an attribute that profiles don’t have',
    { RuleBasedMatching: { ...customRules, MatchingRules: [{ Rule: ['LastName', 'Surname'] }] } },
    badRequest("RuleBasedMatching names Surname, which profiles can't be matched by"),
  ],
  [
    'a selector of a field that is none of its type',
    {
      RuleBasedMatching: {
        ...customRules,
        AttributeTypesSelector: {
          AttributeMatchingModel: 'ONE_TO_ONE',
          EmailAddress: ['EmailAddress', 'PhoneNumber'],
        },
      },
    },
    badRequest("RuleBasedMatching names PhoneNumber, which profiles can't be matched by"),
  ],
  [
    'auto-merging that resolves conflicts by a source without its name',
    {
      Matching: {
        Enabled: true,
        AutoMerging: { Enabled: true, ConflictResolution: { ConflictResolvingModel: 'SOURCE' } },
      },
    },
    badRequest(
      'Matching.AutoMerging.ConflictResolution.SourceName is required with ConflictResolvingModel SOURCE',
    ),
  ],
];

describe('CreateDomain', () => {
  test('repeats every setting, and GetDomain shows them', async () => {
    const clock = new FakeClock();
    const { client } = await startTestService({ clock: clock.read });
    const { $metadata, ...created } = await create(client, everySetting);
    expect($metadata.httpStatusCode).toBe(200);
    const at = new Date(clock.now);
    expect(created).toEqual({
      ...everySettingShown,
      DomainName,
      CreatedAt: at,
      LastUpdatedAt: at,
    });
    expect(await get(client)).toEqual({ ...created, Stats: emptyStats() });
  });

  test('leaves absent settings out of the answer', async () => {
    const { client } = await startTestService();
    const { $metadata, ...created } = await create(client, { DefaultExpirationDays: 1 });
    expect(created).toEqual({
      DomainName,
      DefaultExpirationDays: 1,
      CreatedAt: expect.any(Date),
      LastUpdatedAt: created.CreatedAt,
    });
  });

  test('gives timestamps with milliseconds', async () => {
    const clock = new FakeClock();
    clock.advanceMs(123);
    const { client } = await startTestService({ clock: clock.read });
    const { CreatedAt } = await create(client);
    expect(CreatedAt?.toISOString()).toBe('2026-01-01T00:00:00.123Z');
  });

  test('matching without a schedule runs on Saturdays at midnight', async () => {
    const { client } = await startTestService();
    const { Matching } = await create(client, { Matching: { Enabled: true } });
    const shown = { Enabled: true, JobSchedule: { DayOfTheWeek: 'SATURDAY', Time: '00:00' } };
    expect(Matching).toEqual(shown);
    expect(await get(client)).toMatchObject({ Matching: shown });
  });

  test('takes capabilities that are switched off and leaves them out of the answer', async () => {
    const { client } = await startTestService();
    const off = { Enabled: false };
    const { $metadata, ...created } = await create(client, {
      Matching: off,
      RuleBasedMatching: off,
      DataStore: off,
    });
    expect(Object.keys(created).sort()).toEqual([
      'CreatedAt',
      'DefaultExpirationDays',
      'DomainName',
      'LastUpdatedAt',
    ]);
    expect(await get(client)).toEqual({ ...created, Stats: emptyStats() });
  });

  test('rule-based matching without rules uses the default ones and is active at once', async () => {
    const { client } = await startTestService();
    const { RuleBasedMatching } = await create(client, { RuleBasedMatching: { Enabled: true } });
    expect(RuleBasedMatching).toEqual({ Enabled: true, Status: 'ACTIVE' });
  });

  test('takes levels below the number of rules', async () => {
    const { client } = await startTestService();
    const MatchingRules = ['FirstName', 'LastName', 'Gender'].map((name) => ({ Rule: [name] }));
    const { RuleBasedMatching } = await create(client, {
      RuleBasedMatching: { ...customRules, MatchingRules },
    });
    expect(RuleBasedMatching).toEqual({ ...customRules, MatchingRules, Status: 'ACTIVE' });
  });

  test('leaves empty texts out of the answer', async () => {
    const { client } = await startTestService();
    const created = await create(client, { DefaultEncryptionKey: '', DeadLetterQueueUrl: '' });
    expect(created).not.toHaveProperty('DefaultEncryptionKey');
    expect(created).not.toHaveProperty('DeadLetterQueueUrl');
  });

  test('takes tags named like members of an object', async () => {
    const { client } = await startTestService();
    const Tags: Record<string, string> = JSON.parse(
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    );
    await create(client, { Tags });
    const shown = (await get(client)).Tags ?? {};
    expect(Object.entries(shown)).toEqual(Object.entries(Tags));
  });

  test('takes fifty tags and no more', async () => {
    const { client } = await startTestService();
    const tags = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, '']));
    await expect(create(client, { Tags: tags(51) })).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringContaining(
        "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
      ),
    });
    expect((await create(client, { Tags: tags(50) })).Tags).toEqual(tags(50));
  });

  test('BadRequestException when the name is taken, even with the same settings', async () => {
    const { client } = await startTestService();
    await create(client);
    await expect(create(client)).rejects.toMatchObject(
      badRequest('Domain customers already exists'),
    );
    await expect(create(client, { DefaultExpirationDays: 2 })).rejects.toMatchObject(
      badRequest('Domain customers already exists'),
    );
    expect(await get(client)).toMatchObject({ DefaultExpirationDays: 366 });
  });

  test('of two at the same time one gets the name', async () => {
    const { client } = await startTestService();
    const outcomes = await Promise.allSettled([create(client), create(client), create(client)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ]);
  });

  test.each(refusedSettings)('BadRequestException for %s', async (_what, settings, error) => {
    const { client } = await startTestService();
    await expect(create(client, settings)).rejects.toMatchObject(error);
    expect(await names(client)).toEqual([]);
  });

  test('BadRequestException without DefaultExpirationDays', async () => {
    const { client } = await startTestService();
    await expect(
      client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: undefined })),
    ).rejects.toMatchObject(violation("Value at 'defaultExpirationDays'", 'not be null'));
  });

  test('BadRequestException names every violation at once', async () => {
    const { client } = await startTestService();
    const refused = create(client, {
      DefaultExpirationDays: 0,
      Matching: { Enabled: true, JobSchedule: { DayOfTheWeek: 'SUNDAY', Time: 'x' } },
    });
    await expect(refused).rejects.toMatchObject(
      badRequest(
        [
          "3 validation errors detected: Value '0' at 'defaultExpirationDays' failed to satisfy constraint: Member must have value greater than or equal to 1",
          "Value 'x' at 'matching.jobSchedule.time' failed to satisfy constraint: Member must have length greater than or equal to 3",
          "Value 'x' at 'matching.jobSchedule.time' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([0-9]|0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$",
        ].join('; '),
      ),
    );
  });

  test('SerializationException for a setting of the wrong JSON type', async () => {
    const { service, client } = await startTestService();
    for (const DefaultExpirationDays of ['1', 1.5, true, 2 ** 31, [1]]) {
      const answer = await send(service, 'POST', '/domains/customers', { DefaultExpirationDays });
      expect(answer).toMatchObject({ status: 400, errorType: 'SerializationException' });
    }
    expect(await names(client)).toEqual([]);
  });

  test('takes names of 1 to 64 letters, digits, underscores and dashes', async () => {
    const { client } = await startTestService();
    const domainNames = ['-', 'Z_9-a', 'n'.repeat(64)];
    await createNamed(client, ...domainNames);
    expect(await names(client)).toEqual([...domainNames].sort());
  });
});

describe('every operation on one domain', () => {
  const badNames = [
    ['a space', 'a b', 'satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$'],
    ['a slash', 'a/b', 'satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$'],
    ['65 characters', 'n'.repeat(65), 'have length less than or equal to 64'],
  ] as const;

  test.each(badNames)('BadRequestException for a name with %s', async (_what, bad, constraint) => {
    const { client, service } = await startTestService();
    const input = { DomainName: bad, DefaultExpirationDays: 1 };
    const customers = new Customers(service, client, bad);
    const requests = [
      client.send(new CreateDomainCommand(input)),
      get(client, bad),
      client.send(new UpdateDomainCommand(input)),
      remove(client, bad),
      customers.create(),
      customers.update('0'.repeat(32), {}),
      customers.delete('0'.repeat(32)),
      customers.get('0'.repeat(32)),
      customers.addKey('0'.repeat(32), 'k', 'v'),
      customers.deleteKey('0'.repeat(32), 'k', 'v'),
      customers.foundBy('k', 'v'),
    ];
    await expectAllRejected(requests, violation(`Value '${bad}' at 'domainName'`, constraint));
  });

  test("ResourceNotFoundException when it doesn't exist", async () => {
    const { client, nowhere } = await startCustomers();
    const requests = [
      get(client, 'nowhere'),
      client.send(new UpdateDomainCommand({ DomainName: 'nowhere' })),
      remove(client, 'nowhere'),
      nowhere.create(),
      nowhere.update('0'.repeat(32), {}),
      nowhere.delete('0'.repeat(32)),
      nowhere.get('0'.repeat(32)),
      nowhere.addKey('0'.repeat(32), 'k', 'v'),
      nowhere.deleteKey('0'.repeat(32), 'k', 'v'),
      nowhere.foundBy('k', 'v'),
    ];
    await expectAllRejected(requests, domainNotFound('nowhere'));
  });

  test('ResourceNotFoundException when the case of the name differs', async () => {
    const { client } = await startCustomers();
    await expect(get(client, 'Customers')).rejects.toMatchObject(domainNotFound('Customers'));
  });

  test("ResourceNotFoundException when it is another account's", async () => {
    const database = `${temporaryFolder()}/keyfold.db`;
    const mine = await startCustomers({ database, accountId: '111111111111' });
    const profileId = await mine.create({ AccountNumber: '1' });
    const { client, service } = await startTestService({ database, accountId: '222222222222' });
    const theirs = new Customers(service, client, DomainName);
    const requests = [
      get(client),
      update(client),
      remove(client),
      theirs.create(),
      theirs.get(profileId),
      theirs.foundBy('_account', '1'),
      theirs.addKey(profileId, 'k', 'v'),
      theirs.delete(profileId),
    ];
    await expectAllRejected(requests, domainNotFound(DomainName));
    expect(await names(client)).toEqual([]);
    await theirs.open();
    expect(await theirs.foundBy('_account', '1')).toEqual([]);
    expect(await mine.foundBy('_account', '1')).toEqual([profileId]);
  });
});

describe('GetDomain', () => {
  test('Stats counts the profiles that are there', async () => {
    const customers = await startCustomers();
    const others = await customers.openOther();
    await others.create();
    const ids: string[] = [];
    for (let made = 0; made < 20; made++) ids.push(await customers.create());
    expect((await get(customers.client)).Stats).toEqual(emptyStats(20));
    for (const id of ids.slice(0, 5)) await customers.delete(id);
    expect((await get(customers.client)).Stats).toEqual(emptyStats(15));
    expect((await get(customers.client, 'others')).Stats).toEqual(emptyStats(1));
  });
});

describe('UpdateDomain', () => {
  test('changes every setting but the tags, and GetDomain shows them', async () => {
    const clock = new FakeClock();
    const { client } = await startTestService({ clock: clock.read });
    const { CreatedAt } = await create(client, { Tags: { team: 'sales' } });
    clock.advanceMs(1500);
    const { $metadata, ...updated } = await update(client, everySetting);
    expect($metadata.httpStatusCode).toBe(200);
    expect(updated).toEqual({
      ...everySettingShown,
      DomainName,
      CreatedAt,
      LastUpdatedAt: new Date(clock.now),
      Tags: { team: 'sales' },
    });
    expect(await get(client)).toEqual({ ...updated, Stats: emptyStats() });
  });

  test('leaves absent settings as they were', async () => {
    const { client } = await startTestService();
    await create(client, everySetting);
    expect(await update(client)).toMatchObject(everySettingShown);
    expect(await update(client, { DefaultExpirationDays: 5 })).toMatchObject({
      ...everySettingShown,
      DefaultExpirationDays: 5,
    });
    expect(await get(client)).toMatchObject({ ...everySettingShown, DefaultExpirationDays: 5 });
  });

  test('an empty text removes the encryption key and the queue', async () => {
    const { client } = await startTestService();
    await create(client, everySetting);
    const { DeadLetterQueueUrl } = await update(client, { DefaultEncryptionKey: '' });
    expect(DeadLetterQueueUrl).toBe(everySetting.DeadLetterQueueUrl);
    await update(client, { DeadLetterQueueUrl: '' });
    const domain = await get(client);
    expect(domain).not.toHaveProperty('DefaultEncryptionKey');
    expect(domain).not.toHaveProperty('DeadLetterQueueUrl');
  });

  test('replaces matching and rules as a whole', async () => {
    const { client } = await startTestService();
    await create(client, everySetting);
    const JobSchedule = { DayOfTheWeek: 'SATURDAY', Time: '00:00' };
    const { Matching, RuleBasedMatching } = await update(client, {
      Matching: { Enabled: true },
      RuleBasedMatching: { Enabled: true },
    });
    expect(Matching).toEqual({ Enabled: true, JobSchedule });
    expect(RuleBasedMatching).toEqual({ Enabled: true, Status: 'ACTIVE' });
  });

  test('what is switched off is absent', async () => {
    const { client } = await startTestService();
    await create(client, everySetting);
    const off = { Enabled: false };
    await update(client, { Matching: off, RuleBasedMatching: off, DataStore: off });
    const domain = await get(client);
    expect(domain).not.toHaveProperty('Matching');
    expect(domain).not.toHaveProperty('RuleBasedMatching');
    expect(domain).not.toHaveProperty('DataStore');
  });

  test.each(refusedSettings)('BadRequestException for %s', async (_what, settings, error) => {
    const { client } = await startTestService();
    await create(client);
    const before = await get(client);
    await expect(update(client, settings)).rejects.toMatchObject(error);
    expect(await get(client)).toEqual(before);
  });

  test('concurrent updates of different settings all stay', async () => {
    const { client } = await startTestService();
    await create(client);
    await Promise.all([
      update(client, { DefaultExpirationDays: 7 }),
      update(client, { DefaultEncryptionKey: 'key' }),
      update(client, { DeadLetterQueueUrl: 'queue' }),
      update(client, { DataStore: { Enabled: true } }),
    ]);
    expect(await get(client)).toMatchObject({
      DefaultExpirationDays: 7,
      DefaultEncryptionKey: 'key',
      DeadLetterQueueUrl: 'queue',
      DataStore: { Enabled: true },
    });
  });
});

test('UpdateDomain: ResourceNotFoundException, not the rules, when the domain is missing', async () => {
  const { client } = await startTestService();
  const MatchingRules = [{ Rule: ['LastName'] }];
  await expect(
    update(client, { RuleBasedMatching: { Enabled: true, MatchingRules } }),
  ).rejects.toMatchObject(domainNotFound(DomainName));
});

describe('ListDomains', () => {
  test('is empty without domains', async () => {
    const { client } = await startTestService();
    const { $metadata, ...answer } = await client.send(new ListDomainsCommand({}));
    expect(answer).toEqual({ Items: [] });
  });

  test('shows name, timestamps and tags of each domain', async () => {
    const clock = new FakeClock();
    const { client } = await startTestService({ clock: clock.read });
    const { Tags } = everySetting;
    await create(client, everySetting);
    const CreatedAt = new Date(clock.now);
    clock.advanceMs(7);
    await update(client);
    await createNamed(client, 'others');
    const updatedAt = new Date(clock.now);
    const { Items } = await client.send(new ListDomainsCommand({}));
    expect(Items).toEqual([
      { DomainName, CreatedAt, LastUpdatedAt: updatedAt, Tags },
      { DomainName: 'others', CreatedAt: updatedAt, LastUpdatedAt: updatedAt },
    ]);
  });

  test('pages by name to the end without repeating or losing one', async () => {
    const { client } = await startTestService();
    await createNamed(client, 'e', 'b', 'D', 'a', '_', '-', '0');
    const pages: (string | undefined)[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListDomainsCommand({ MaxResults: 3, NextToken }));
      pages.push((page.Items ?? []).map((item) => item.DomainName));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual([['-', '0', 'D'], ['_', 'a', 'b'], ['e']]);
  });

  test('a full last page has no NextToken', async () => {
    const { client } = await startTestService();
    await createNamed(client, 'a', 'b');
    const page = await client.send(new ListDomainsCommand({ MaxResults: 2 }));
    expect(page.Items).toHaveLength(2);
    expect(page).not.toHaveProperty('NextToken');
  });

  test('a page may have another size than the one before', async () => {
    const { client } = await startTestService();
    await createNamed(client, 'a', 'b', 'c', 'd');
    const { NextToken } = await client.send(new ListDomainsCommand({ MaxResults: 1 }));
    const rest = await client.send(new ListDomainsCommand({ NextToken }));
    expect(rest.Items?.map((item) => item.DomainName)).toEqual(['b', 'c', 'd']);
  });

  test.each([
    ['0', 0, 'have value greater than or equal to 1'],
    ['101', 101, 'have value less than or equal to 100'],
  ] as const)('BadRequestException for MaxResults %s', async (_what, MaxResults, constraint) => {
    const { client } = await startTestService();
    await expect(client.send(new ListDomainsCommand({ MaxResults }))).rejects.toMatchObject(
      violation(`Value '${MaxResults}' at 'maxResults'`, constraint),
    );
  });

  test('SerializationException for a MaxResults that is no integer', async () => {
    const { service } = await startTestService();
    for (const value of ['true', '1.001', '2ABC', '0x42', 'Infinity'])
      expect(await send(service, 'GET', `/domains?max-results=${value}`)).toMatchObject({
        status: 400,
        errorType: 'SerializationException',
      });
  });

  test.each(['garbage', 'e30', '%%%', 'x'.repeat(1024)])(
    'BadRequestException for the token %s',
    async (NextToken) => {
      const { client } = await startTestService();
      await expect(client.send(new ListDomainsCommand({ NextToken }))).rejects.toMatchObject(
        badRequest('NextToken is not valid'),
      );
    },
  );

  test.each(['a\0', 'a\ud800'])(
    'BadRequestException for a token of the position %j, which no store can compare',
    async (position) => {
      const { client } = await startTestService();
      const NextToken = encodePageToken('ListDomains', {}, position);
      await expect(client.send(new ListDomainsCommand({ NextToken }))).rejects.toMatchObject(
        badRequest('NextToken is not valid'),
      );
    },
  );

  test('BadRequestException for a token of 1025 characters', async () => {
    const { client } = await startTestService();
    const NextToken = 'x'.repeat(1025);
    await expect(client.send(new ListDomainsCommand({ NextToken }))).rejects.toMatchObject(
      violation(
        `Value '${'x'.repeat(256)}…' at 'nextToken'`,
        'have length less than or equal to 1024',
      ),
    );
  });

  test("BadRequestException for a search's token", async () => {
    const customers = await startCustomers();
    for (let made = 0; made < 2; made++) await customers.create({ AccountNumber: '1' });
    const search = { KeyName: '_account', Values: ['1'], MaxResults: 1 };
    const { NextToken } = await customers.search(search);
    expect(NextToken).toBeDefined();
    await expect(
      customers.client.send(new ListDomainsCommand({ NextToken })),
    ).rejects.toMatchObject(badRequest('NextToken belongs to another request'));
  });
});

describe('DeleteDomain', () => {
  test('answers OK, and the domain is gone', async () => {
    const { client } = await startCustomers();
    const { $metadata, ...answer } = await remove(client);
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ Message: 'OK' });
    await expect(get(client)).rejects.toMatchObject(domainNotFound(DomainName));
    expect(await names(client)).toEqual([]);
  });

  test('ResourceNotFoundException the second time', async () => {
    const { client } = await startCustomers();
    await remove(client);
    await expect(remove(client)).rejects.toMatchObject(domainNotFound(DomainName));
  });

  test('takes profiles and keys along: a domain of the same name starts empty', async () => {
    const customers = await startCustomers();
    const profileId = await customers.create({ EmailAddress: 'jane@example.com' });
    await customers.addKey(profileId, 'card', '1');
    await remove(customers.client);
    await customers.open();
    expect((await get(customers.client)).Stats).toEqual(emptyStats());
    expect(await customers.foundBy('_email', 'jane@example.com')).toEqual([]);
    expect(await customers.foundBy('card', '1')).toEqual([]);
    expect(await customers.foundBy('_profileId', profileId)).toEqual([]);
    expect(await customers.profile(profileId)).toBeUndefined();
  });

  test('leaves other domains alone', async () => {
    const customers = await startCustomers();
    const others = await customers.openOther();
    const profileId = await others.create({ AccountNumber: '1' });
    await remove(customers.client);
    expect(await others.foundBy('_account', '1')).toEqual([profileId]);
    expect(await names(customers.client)).toEqual(['others']);
  });
});
