import { expect } from 'vitest';
import type * as z from 'zod';
import { shapeInfo } from '../../src/model/shapes.ts';
import {
  DOMAIN,
  domainBefore,
  INTEGRATION_URI,
  integrationBefore,
  matchBefore,
  OBJECT_TYPE,
  otherProfileBefore,
  PROFILE_ID,
  profileBefore,
  typeBefore,
  type World,
  worldPath,
} from './world.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A JSON value as text in which the order of members doesn't count and `__proto__` does. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.sort().join()}}`;
}

function expectSame(actual: unknown, expected: unknown): void {
  expect(canonical(actual)).toBe(canonical(expected));
}

/** What the shape keeps of a value: members that it knows and that aren't null. */
export function kept(schema: z.ZodType, value: unknown): unknown {
  const info = shapeInfo(schema);
  if (info.kind === 'list')
    return (value as unknown[]).map((item) => kept(info.member as z.ZodType, item));
  if (info.kind !== 'structure') return value;
  const members = Object.entries(info.members ?? {}).flatMap(([name, member]) => {
    const own = Object.hasOwn(value as object, name) ? (value as Fields)[name] : undefined;
    return own === undefined || own === null ? [] : [[name, kept(member, own)]];
  });
  return Object.fromEntries(members);
}

/** Amazon's guide: in an update an absent field stays and an empty text removes. */
function merged(before: Fields, changes: Fields): Fields {
  const after = new Map(Object.entries(before));
  for (const [name, change] of Object.entries(changes)) {
    const isParts = typeof change === 'object' && name !== 'EngagementPreferences';
    const value = isParts ? merged((after.get(name) ?? {}) as Fields, change as Fields) : change;
    if (value === '' || (isParts && Object.keys(value as Fields).length === 0)) after.delete(name);
    else after.set(name, value);
  }
  return Object.fromEntries(after);
}

/** A domain's settings as every answer shows them. */
function shown(settings: Fields): Fields {
  const { Matching, RuleBasedMatching, DataStore, ...rest } = settings as Record<string, Fields>;
  const texts = Object.entries(rest).filter(([, value]) => (value as unknown) !== '');
  const JobSchedule = { DayOfTheWeek: 'SATURDAY', Time: '00:00' };
  return {
    ...Object.fromEntries(texts),
    Matching: Matching?.Enabled ? { JobSchedule, ...Matching } : undefined,
    RuleBasedMatching: RuleBasedMatching?.Enabled
      ? { ...RuleBasedMatching, Status: 'ACTIVE' }
      : undefined,
    DataStore: DataStore?.Enabled
      ? { Enabled: true, Readiness: { ProgressPercentage: 100 } }
      : undefined,
  };
}

async function expectDomain(world: World, name: string, settings: Fields): Promise<void> {
  const { CreatedAt, LastUpdatedAt, Stats, ...domain } = await world.call(
    'GET',
    `/domains/${name}`,
  );
  expectSame(domain, { ...shown(settings), DomainName: name });
  const { Items } = await world.call('GET', '/domains');
  const item = (Items as Fields[]).find(({ DomainName }) => DomainName === name);
  expectSame(item, { DomainName: name, CreatedAt, LastUpdatedAt, Tags: settings.Tags });
}

async function search(world: World, KeyName: string, Values: string[]): Promise<Fields[]> {
  const { Items } = await world.call('POST', `${worldPath}/profiles/search`, { KeyName, Values });
  return Items as Fields[];
}

/** The values that an attribute is said to have, of profiles or of objects. */
async function valuesOf(world: World, of: string, attributeName: string): Promise<unknown[]> {
  const name = encodeURIComponent(attributeName);
  const { Items } = await world.call('GET', `${worldPath}/${of}/${name}/values`);
  return (Items as Fields[]).map(({ Value }) => Value);
}

async function expectAttributes(world: World, { LastName, Attributes }: Fields): Promise<void> {
  const custom = Object.entries((Attributes ?? {}) as Fields).map(
    ([name, value]) => [`Attributes.${name}`, value] as const,
  );
  for (const [name, value] of [['LastName', LastName] as const, ...custom])
    if (value !== undefined && [...name].length <= 255)
      expect(await valuesOf(world, 'profile-attributes', name)).toContain(value);
}

async function expectProfile(world: World, ProfileId: string, fields: Fields): Promise<void> {
  const expected = { ProfileId, ...fields };
  const path = `${worldPath}/batch-get-profiles`;
  const read = await world.call('POST', path, { ProfileIds: [ProfileId] });
  expectSame(read, { Profiles: [expected], Errors: [] });
  await expectAttributes(world, fields);
  const FoundByItems = [{ KeyName: '_profileId', Values: [ProfileId] }];
  expectSame(await search(world, '_profileId', [ProfileId]), [{ ...expected, FoundByItems }]);
  for (const [key, field] of [
    ['_account', 'AccountNumber'],
    ['_email', 'EmailAddress'],
    ['_phone', 'HomePhoneNumber'],
  ] as const) {
    const value = fields[field];
    if (typeof value !== 'string' || value.trim() === '') continue;
    const found = await search(world, key, [value]);
    const FoundByItems = [{ KeyName: key, Values: [value] }];
    expectSame(
      found.find((item) => item.ProfileId === ProfileId),
      { ...expected, FoundByItems },
    );
  }
}

/** Texts that look like a value, or are the same to whoever normalises or cuts them. */
function lookalikes(value: string): string[] {
  return [
    value.normalize('NFC'),
    value.normalize('NFD'),
    value.normalize('NFKC'),
    value.toLowerCase(),
    value.toUpperCase(),
    value.trim(),
    `${value} `,
    value.slice(0, -1),
  ].filter((text) => text !== '' && text.isWellFormed() && [...text].length <= 255);
}

const standardKeys = ['_email', '_fullName', '_phone', '_profileId', '_account'];

async function expectKeys(world: World, input: Fields): Promise<void> {
  const { ProfileId, KeyName, Values } = input as { KeyName: string; Values: string[] } & Fields;
  const all = new Set([...Values, ...(KeyName === 'k' ? ['v'] : [])]);
  for (const value of Values.slice(0, 3)) {
    const found = await search(world, KeyName, [value]);
    const item = found.find((profile) => profile.ProfileId === ProfileId);
    expectSame(item?.FoundByItems, [{ KeyName, Values: [value] }]);
    if (standardKeys.includes(KeyName)) continue;
    const others = lookalikes(value).filter((other) => !all.has(other));
    if (others.length > 0) expectSame(await search(world, KeyName, others), []);
  }
}

function expectFoundBy(input: Fields, items: readonly Fields[]): void {
  const { KeyName, Values, AdditionalSearchKeys = [], LogicalOperator } = input;
  const requested = [{ KeyName, Values }, ...(AdditionalSearchKeys as Fields[])];
  for (const { FoundByItems } of items) {
    if (LogicalOperator === 'AND') expectSame(FoundByItems, requested);
    else expect((FoundByItems as Fields[]).length).toBeGreaterThan(0);
    for (const found of FoundByItems as Fields[]) {
      const isWithin = ({ KeyName, Values }: Fields) =>
        KeyName === found.KeyName &&
        (found.Values as string[]).every((value) => (Values as string[]).includes(value));
      expect(requested.some(isWithin)).toBe(true);
    }
  }
}

async function expectObjectType(world: World, input: Fields): Promise<void> {
  const { DomainName: _, ObjectTypeName: name, TemplateId, ...definition } = input;
  const path = `${worldPath}/object-types`;
  const type = await world.call('GET', `${path}/${name}`);
  const template =
    TemplateId === undefined ? {} : await world.call('GET', `/templates/${TemplateId}`);
  const { AllowProfileCreation = false, Fields, Keys } = { ...definition, ...template } as Fields;
  const Tags = name === OBJECT_TYPE ? typeBefore.Tags : definition.Tags;
  const { CreatedAt, LastUpdatedAt, MaxAvailableProfileObjectCount } = type;
  expectSame(type, {
    ...definition,
    ObjectTypeName: name,
    TemplateId,
    AllowProfileCreation,
    Fields,
    Keys,
    EncryptionKey: definition.EncryptionKey || undefined,
    Tags,
    CreatedAt,
    LastUpdatedAt,
    MaxAvailableProfileObjectCount,
  });
  const { Items } = await world.call('GET', path);
  const item = (Items as Fields[]).find(({ ObjectTypeName }) => ObjectTypeName === name);
  expectSame([item?.Description, item?.Tags], [type.Description, Tags]);
}

async function expectTags(world: World, resourceArn: unknown, tags: Fields): Promise<void> {
  const arn = String(resourceArn);
  // The ARN as it is, where an SDK would encode it.
  const read = await world.call('GET', `/tags/${encodeURI(arn)}`);
  expectSame(read, { tags });
  const shown = arn.includes('/integrations/')
    ? await world.call('POST', `${worldPath}/integrations`, { Uri: INTEGRATION_URI })
    : await world.call('GET', worldPath);
  expectSame(shown.Tags, Object.keys(tags).length > 0 ? tags : undefined);
}

/** The tags of what an ARN of the world names. */
function tagsBefore(resourceArn: unknown): Fields {
  return String(resourceArn).includes('/integrations/')
    ? integrationBefore.Tags
    : domainBefore.Tags;
}

async function expectIntegration(world: World, input: Fields, output: Fields): Promise<void> {
  const { DomainName, FlowDefinition, ...settings } = input as Record<string, Fields>;
  const flowUri = `arn:aws:appflow:us-east-1:000000000000:flow/${FlowDefinition?.FlowName}`;
  const { CreatedAt, LastUpdatedAt, ...shown } = output;
  const isUnstructured = FlowDefinition && input.ObjectTypeName === '_unstructured';
  const expected = {
    Scope: 'PROFILE',
    Uri: flowUri,
    ...settings,
    DomainName,
    IsUnstructured: isUnstructured ? true : undefined,
    // Those of the integration that is there stay.
    Tags: input.Uri === INTEGRATION_URI ? integrationBefore.Tags : settings.Tags,
  };
  expectSame(shown, expected);
  const { Uri } = output;
  expectSame(await world.call('POST', `${worldPath}/integrations`, { Uri }), output);
  expectSame(await world.call('POST', '/integrations', { Uri }), { Items: [output] });
  const { Items } = await world.call('GET', `${worldPath}/integrations`);
  expectSame(
    (Items as Fields[]).find((item) => item.Uri === Uri),
    output,
  );
}

/** The main profile with the fields of both: each from its source, or else from whoever has it. */
async function expectMerged(world: World, input: Fields): Promise<void> {
  const { MainProfileId, ProfileIdsToBeMerged, FieldSourceProfileIds = {} } = input;
  const [other = ''] = ProfileIdsToBeMerged as string[];
  const of = (id: unknown): Fields => (id === PROFILE_ID ? profileBefore : otherProfileBefore);
  const unite = (main: Fields, merged: Fields, sources: Fields): Fields => {
    const names = new Set([...Object.keys(main), ...Object.keys(merged)]);
    const fields = [...names].map((name) => {
      const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
      const isMain = source === undefined ? Object.hasOwn(main, name) : source === MainProfileId;
      const from = isMain ? main : merged;
      return [name, Object.hasOwn(from, name) ? from[name] : undefined] as const;
    });
    return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  };
  const { Attributes: sources = {}, ...fieldSources } = FieldSourceProfileIds as Record<
    string,
    Fields
  >;
  const { Attributes: own = {}, ...main } = of(MainProfileId) as Record<string, Fields>;
  const { Attributes: others = {}, ...merged } = of(other) as Record<string, Fields>;
  const Attributes = unite(own, others, sources);
  const expected = unite(main, merged, fieldSources);
  await expectProfile(world, String(MainProfileId), {
    ...expected,
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
  });
  expectSame(await search(world, '_profileId', [other]), []);
}

/** The group that is found by its id or by one of its profiles, and nothing by anything else. */
function expectSimilar(input: Fields, output: Fields): void {
  const { MatchType, SearchKey, SearchValue, MaxResults = 100, NextToken } = input;
  if (NextToken !== undefined) return;
  const { MatchId, ProfileIds, ConfidenceScore } = matchBefore;
  const isMatch = String(SearchKey).toLowerCase() === 'matchid';
  const isFound = isMatch ? SearchValue === MatchId : ProfileIds.includes(String(SearchValue));
  const page = ProfileIds.slice(0, Number(MaxResults));
  const { NextToken: _next, ...shown } = output;
  expectSame(
    shown,
    MatchType === 'ML_BASED_MATCHING' && isFound
      ? { MatchType, MatchId, ConfidenceScore, ProfileIds: page }
      : { MatchType, ProfileIds: [] },
  );
}

/** Looks for what an accepted input has left, by the operations that read; by operation. */
export const readBack: Readonly<
  Record<string, (world: World, input: Fields, output: Fields) => Promise<void> | void>
> = {
  CreateDomain: (world, input) => expectDomain(world, String(input.DomainName), input),
  UpdateDomain: (world, { Tags: _, ...changes }) =>
    expectDomain(world, DOMAIN, { ...domainBefore, ...changes }),
  CreateProfile: (world, { DomainName: _, ...fields }, output) =>
    expectProfile(world, String(output.ProfileId), merged({}, fields)),
  UpdateProfile: (world, { DomainName: _, ProfileId, ...changes }) =>
    expectProfile(
      world,
      String(ProfileId),
      merged(ProfileId === PROFILE_ID ? profileBefore : otherProfileBefore, changes),
    ),
  MergeProfiles: (world, input) => expectMerged(world, input),
  AddProfileKey: (world, input, output) => {
    expectSame(output, { KeyName: input.KeyName, Values: input.Values });
    return expectKeys(world, input);
  },
  PutProfileObjectType: (world, input) => expectObjectType(world, input),
  DeleteProfileObjectType: async (world, { ObjectTypeName }) => {
    const { Items } = await world.call('GET', `${worldPath}/object-types`);
    expect(Items).toHaveLength(ObjectTypeName === OBJECT_TYPE ? 0 : 1);
    const integrations = await world.call('GET', `${worldPath}/integrations`);
    const isDisabled = ObjectTypeName === integrationBefore.ObjectTypeName;
    expect(integrations.Items).toHaveLength(isDisabled ? 0 : 1);
  },
  PutProfileObject: async (world, { ObjectTypeName, Object: text }) => {
    const of = { ProfileId: PROFILE_ID, ObjectTypeName };
    const { Items } = await world.call('POST', `${worldPath}/profiles/objects`, of);
    expect((Items as Fields[]).map((item) => item.Object)).toContain(text);
    if (ObjectTypeName !== OBJECT_TYPE) return;
    // What has bound the object to its profile.
    const { k } = JSON.parse(String(text));
    expect(await valuesOf(world, `object-types/${OBJECT_TYPE}/attributes`, 'k')).toContain(k);
  },
  TagResource: (world, { resourceArn, tags }) =>
    expectTags(world, resourceArn, {
      ...tagsBefore(resourceArn),
      ...(tags as Fields),
    }),
  UntagResource: (world, { resourceArn, tagKeys }) => {
    const left = Object.entries(tagsBefore(resourceArn)).filter(
      ([key]) => !(tagKeys as string[]).includes(key),
    );
    return expectTags(world, resourceArn, Object.fromEntries(left));
  },
  ListTagsForResource: (_, { resourceArn }, output) =>
    expectSame(output, { tags: tagsBefore(resourceArn) }),
  PutIntegration: expectIntegration,
  DeleteIntegration: async (world, { Uri }) => {
    expectSame(await world.call('POST', '/integrations', { Uri }), { Items: [] });
    expectSame(await world.call('GET', `${worldPath}/integrations`), { Items: [] });
  },
  GetMatches: (_, { NextToken }, output) => {
    if (NextToken !== undefined) return;
    const { MatchGenerationDate: _date, ...shown } = output;
    expectSame(shown, { PotentialMatches: 1, Matches: [matchBefore] });
  },
  GetSimilarProfiles: (_, input, output) => expectSimilar(input, output),
  GetIdentityResolutionJob: (_, { JobId }, output) => {
    expect([output.JobId, output.Status]).toEqual([JobId, 'COMPLETED']);
  },
  ListIdentityResolutionJobs: (_, { NextToken }, { IdentityResolutionJobsList: jobs }) => {
    if (NextToken === undefined) expect(jobs).toHaveLength(1);
  },
  GetAutoMergingPreview: (_, _input, output) => {
    const { NumberOfMatchesInSample, NumberOfProfilesInSample } = output;
    expect([NumberOfMatchesInSample, NumberOfProfilesInSample]).toEqual([1, 2]);
    expect([0, 1]).toContain(output.NumberOfProfilesWillBeMerged);
  },
  SearchProfiles: (_, input, output) => expectFoundBy(input, output.Items as Fields[]),
};
