import {
  type CustomerProfilesClient,
  GetMatchesCommand,
  type GetMatchesCommandInput,
  GetSimilarProfilesCommand,
  type GetSimilarProfilesCommandInput,
  UpdateDomainCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { createMatchingDomain, startMatching } from '../support/duplicates.ts';
import { badRequest, domainNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const DomainName = 'customers';

async function matches(
  client: CustomerProfilesClient,
  input: Partial<GetMatchesCommandInput> = {},
) {
  const { $metadata, ...answer } = await client.send(
    new GetMatchesCommand({ DomainName, ...input }),
  );
  return answer;
}

async function similar(
  client: CustomerProfilesClient,
  SearchKey: string,
  SearchValue: string,
  input: Partial<GetSimilarProfilesCommandInput> = {},
) {
  const search = { DomainName, MatchType: 'ML_BASED_MATCHING', SearchKey, SearchValue } as const;
  const { $metadata, ...answer } = await client.send(
    new GetSimilarProfilesCommand({ ...search, ...input }),
  );
  return answer;
}

/** The duplicates, after a job has found them: the groups by the oldest profile of each. */
async function startMatched() {
  const started = await startMatching();
  const ids = await started.seed();
  await started.service.resolve(DomainName);
  const { Matches = [] } = await matches(started.client);
  const groupOf = (profileId = '') =>
    Matches.find(({ ProfileIds }) => ProfileIds?.includes(profileId))?.MatchId ?? 'none';
  return { ...started, ids, johns: groupOf(ids[0]), adas: groupOf(ids[3]) };
}

const nobody = { PotentialMatches: 0, Matches: [] };

describe('GetMatches', () => {
  test('lists the groups of the latest job by MatchId, with their scores', async () => {
    const { client, clock, ids, johns, adas } = await startMatched();
    const byId = [
      { MatchId: johns, ProfileIds: ids.slice(0, 3), ConfidenceScore: 0.6351 },
      { MatchId: adas, ProfileIds: ids.slice(3, 5), ConfidenceScore: 1 },
    ].sort((a, b) => (a.MatchId < b.MatchId ? -1 : 1));
    expect(await matches(client)).toEqual({
      MatchGenerationDate: new Date(clock.now),
      PotentialMatches: 2,
      Matches: byId,
    });
    expect(johns).toMatch(/^[0-9a-f]{32}$/);
  });

  test('has pages of MaxResults groups', async () => {
    const { client } = await startMatched();
    const { Matches: all = [] } = await matches(client);
    const first = await matches(client, { MaxResults: 1 });
    expect(first.Matches).toEqual(all.slice(0, 1));
    const { NextToken } = first;
    const second = await matches(client, { MaxResults: 1, NextToken });
    expect(second.Matches).toEqual(all.slice(1));
    expect(second.NextToken).toBeUndefined();
    expect(second).toMatchObject({ PotentialMatches: 2 });
  });

  test('leaves out profiles that are gone, and groups of which one is left', async () => {
    const { client, customers, ids, johns } = await startMatched();
    await customers.delete(ids[1] ?? '');
    await customers.delete(ids[3] ?? '');
    expect(await matches(client)).toMatchObject({
      PotentialMatches: 2,
      Matches: [{ MatchId: johns, ProfileIds: [ids[0], ids[2]] }],
    });
  });

  test('leaves out profiles that have expired', async () => {
    const { client, clock, service, customers, ids, johns } = await startMatched();
    clock.advanceDays(300);
    for (const id of [ids[0], ids[2], ids[4]]) await customers.update(id ?? '', { Gender: 'MALE' });
    await service.resolve(DomainName);
    expect((await matches(client)).Matches).toHaveLength(2);
    clock.advanceDays(66);
    expect((await matches(client)).Matches).toMatchObject([
      { MatchId: johns, ProfileIds: [ids[0], ids[2]] },
    ]);
    expect((await similar(client, 'profileId', ids[1] ?? '')).ProfileIds).toEqual([]);
    expect((await similar(client, 'matchId', johns)).ProfileIds).toEqual([ids[0], ids[2]]);
  });

  test('shows the old matches until a new job is complete', async () => {
    const { client, service, clock, customers, ids, johns } = await startMatched();
    const before = await matches(client);
    const PersonalEmailAddress = 'grace@anycompany.com';
    const another = await customers.create({ LastName: 'Hopper', PersonalEmailAddress });
    expect(await matches(client)).toEqual(before);
    clock.advanceMs(1234);
    await service.resolve(DomainName);
    const after = await matches(client);
    expect(after).toMatchObject({ PotentialMatches: 3, MatchGenerationDate: new Date(clock.now) });
    const members = after.Matches?.map(({ ProfileIds }) => ProfileIds);
    expect(members).toContainEqual([ids[5], another]);
    // Groups keep their ids.
    expect(after.Matches?.map(({ MatchId }) => MatchId)).toContain(johns);
  });

  test('200 with nothing before the first job', async () => {
    const { client, seed } = await startMatching();
    await seed();
    expect(await matches(client)).toEqual(nobody);
  });

  test('200 with nothing while Matching is off', async () => {
    const { client } = await startMatched();
    const set = (Enabled: boolean) =>
      client.send(new UpdateDomainCommand({ DomainName, Matching: { Enabled } }));
    await set(false);
    expect(await matches(client)).toEqual(nobody);
    await set(true);
    expect(await matches(client)).toMatchObject({ PotentialMatches: 2 });
  });

  test('shows nothing of another domain', async () => {
    const { client } = await startMatched();
    await createMatchingDomain(client, 'others');
    expect(await matches(client, { DomainName: 'others' })).toEqual(nobody);
    const { NextToken } = await matches(client, { MaxResults: 1 });
    await expect(matches(client, { DomainName: 'others', NextToken })).rejects.toMatchObject(
      badRequest('NextToken belongs to another request'),
    );
  });

  test('404 when the domain does not exist', async () => {
    const { client } = await startMatching();
    await expect(matches(client, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });

  test('400 for a page of no or too many groups', async () => {
    const { client } = await startMatching();
    await expect(matches(client, { MaxResults: 0 })).rejects.toMatchObject(
      violation("Value '0' at 'maxResults'", 'have value greater than or equal to 1'),
    );
    await expect(matches(client, { MaxResults: 101 })).rejects.toMatchObject(
      violation("Value '101' at 'maxResults'", 'have value less than or equal to 100'),
    );
  });
});

describe('GetSimilarProfiles of a job', () => {
  test.each(['profileId', 'ProfileId', '_profileId', 'PROFILEID'])(
    'finds the group of a profile by %s',
    async (key) => {
      const { client, ids, johns } = await startMatched();
      expect(await similar(client, key, ids[1] ?? '')).toEqual({
        ProfileIds: ids.slice(0, 3),
        MatchId: johns,
        MatchType: 'ML_BASED_MATCHING',
        ConfidenceScore: 0.6351,
      });
    },
  );

  test.each(['matchId', 'MatchId', 'matchid'])('finds a group by %s', async (key) => {
    const { client, ids, adas } = await startMatched();
    expect(await similar(client, key, adas)).toMatchObject({
      ProfileIds: ids.slice(3, 5),
      MatchId: adas,
      ConfidenceScore: 1,
    });
  });

  test('has pages by profile id', async () => {
    const { client, ids, johns } = await startMatched();
    const first = await similar(client, 'matchId', johns, { MaxResults: 2 });
    expect(first.ProfileIds).toEqual(ids.slice(0, 2));
    const { NextToken } = first;
    const second = await similar(client, 'matchId', johns, { MaxResults: 2, NextToken });
    expect(second).toEqual({
      ProfileIds: ids.slice(2, 3),
      MatchId: johns,
      MatchType: 'ML_BASED_MATCHING',
      ConfidenceScore: 0.6351,
    });
    expect((await similar(client, 'matchId', johns, { MaxResults: 3 })).NextToken).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['a profile that matches nobody', 'profileId', '5'],
    ['a profile that is not there', 'profileId', 'ffffffffffffffffffffffffffffffff'],
    ['a group that is not there', 'matchId', 'ffffffffffffffffffffffffffffffff'],
    ['a text that is no id', 'matchId', 'é'],
  ])('200 with nothing for %s', async (_, key, value) => {
    const { client, ids } = await startMatched();
    expect(await similar(client, key, ids[Number(value)] ?? value)).toEqual({
      ProfileIds: [],
      MatchType: 'ML_BASED_MATCHING',
    });
  });

  test('200 with nothing for a profile that is the last of its group', async () => {
    const { client, customers, ids, adas } = await startMatched();
    await customers.delete(ids[3] ?? '');
    const nothing = { ProfileIds: [], MatchType: 'ML_BASED_MATCHING' };
    expect(await similar(client, 'profileId', ids[4] ?? '')).toEqual(nothing);
    expect(await similar(client, 'matchId', adas)).toEqual(nothing);
  });

  test('200 with nothing while Matching is off', async () => {
    const { client, johns } = await startMatched();
    await client.send(new UpdateDomainCommand({ DomainName, Matching: { Enabled: false } }));
    expect((await similar(client, 'matchId', johns)).ProfileIds).toEqual([]);
  });

  test.each(['id', '_email', 'matchIds', 'profile'])('400 for the SearchKey %s', async (key) => {
    const { client } = await startMatching();
    await expect(similar(client, key, 'x')).rejects.toMatchObject(
      badRequest('SearchKey must be matchId or profileId'),
    );
  });

  test('400 for another MatchType, and without what is required', async () => {
    const { service } = await startMatching();
    const path = `/domains/${DomainName}/matches`;
    const search = { MatchType: 'ML', SearchKey: 'matchId', SearchValue: 'x' };
    const answer = await send(service, 'POST', path, search);
    expect([answer.status, answer.errorType]).toEqual([400, 'BadRequestException']);
    expect(answer.body.Message).toContain('[RULE_BASED_MATCHING, ML_BASED_MATCHING]');
    const empty = await send(service, 'POST', path, {});
    expect(empty.body.Message).toContain('3 validation errors detected');
  });

  test('404 when the domain does not exist, whatever else is wrong', async () => {
    const { client } = await startMatching();
    await expect(similar(client, 'id', 'x', { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });
});
