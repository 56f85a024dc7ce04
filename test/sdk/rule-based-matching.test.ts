import {
  CreateDomainCommand,
  GetSimilarProfilesCommand,
  type GetSimilarProfilesCommandInput,
  ListRuleBasedMatchesCommand,
  type ListRuleBasedMatchesCommandInput,
  type RuleBasedMatchingRequest,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type { ServiceOptions } from '../../src/index.ts';
import { Customers } from '../support/customers.ts';
import { badRequest, domainNotFound, violation } from '../support/outcomes.ts';
import { startTestService } from '../support/service.ts';

const DomainName = 'customers';

/** Nobody here is a business: what matches by account is only listed. */
const rules: RuleBasedMatchingRequest = {
  Enabled: true,
  MatchingRules: [{ Rule: ['BusinessName'] }, { Rule: ['AccountNumber'] }],
  MaxAllowedRuleLevelForMatching: 2,
  MaxAllowedRuleLevelForMerging: 1,
  ConflictResolution: { ConflictResolvingModel: 'RECENCY' },
};

async function startMatching(
  RuleBasedMatching: RuleBasedMatchingRequest = rules,
  options: ServiceOptions = {},
): Promise<Customers> {
  const { service, client } = await startTestService(options);
  const domain = { DomainName, DefaultExpirationDays: 366, RuleBasedMatching };
  await client.send(new CreateDomainCommand(domain));
  return new Customers(service, client, DomainName);
}

function list({ client }: Customers, input: Partial<ListRuleBasedMatchesCommandInput> = {}) {
  return client.send(new ListRuleBasedMatchesCommand({ DomainName, ...input }));
}

async function similar(
  { client }: Customers,
  SearchKey: string,
  SearchValue: string,
  input: Partial<GetSimilarProfilesCommandInput> = {},
) {
  const search = { DomainName, MatchType: 'RULE_BASED_MATCHING', SearchKey, SearchValue } as const;
  const command = new GetSimilarProfilesCommand({ ...search, ...input });
  const { $metadata, ...answer } = await client.send(command);
  return answer;
}

describe('ListRuleBasedMatches', () => {
  test('shows the match of profiles that were created a moment ago', async () => {
    const customers = await startMatching();
    expect((await list(customers)).MatchIds).toEqual([]);
    await customers.create({ AccountNumber: '7' });
    await customers.create({ AccountNumber: '8' });
    expect((await list(customers)).MatchIds).toEqual([]);
    await customers.create({ AccountNumber: '7' });
    const { MatchIds, NextToken } = await list(customers);
    expect(MatchIds).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(NextToken).toBeUndefined();
  });

  test('has pages, each match on one of them', async () => {
    const customers = await startMatching();
    for (const AccountNumber of ['1', '2', '3', '1', '2', '3'])
      await customers.create({ AccountNumber });
    const { MatchIds: all = [] } = await list(customers);
    expect(all).toHaveLength(3);
    const paged: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await list(customers, { MaxResults: 1, NextToken });
      paged.push(...(page.MatchIds ?? []));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(paged).toEqual(all);
  });

  test('is empty where rule-based matching is off', async () => {
    const customers = await startMatching({ Enabled: false });
    await customers.create({ AccountNumber: '7' });
    await customers.create({ AccountNumber: '7' });
    expect((await list(customers)).MatchIds).toEqual([]);
  });

  test('400 for a NextToken that is none of its own', async () => {
    const customers = await startMatching();
    await expect(list(customers, { NextToken: 'x' })).rejects.toMatchObject({
      name: 'BadRequestException',
    });
  });

  test.each([
    [0, 'greater than or equal to 1'],
    [101, 'less than or equal to 100'],
  ])('400 for MaxResults %i', async (MaxResults, bound) => {
    const customers = await startMatching();
    await expect(list(customers, { MaxResults })).rejects.toMatchObject(
      violation(`Value '${MaxResults}' at 'maxResults'`, `have value ${bound}`),
    );
  });

  test('404 when the domain does not exist', async () => {
    const customers = await startMatching();
    await expect(list(customers, { DomainName: 'nowhere' })).rejects.toMatchObject(
      domainNotFound('nowhere'),
    );
  });
});

describe('GetSimilarProfiles by rules', () => {
  test('shows the group of a profile, and the same by its id', async () => {
    const customers = await startMatching();
    const [a, b] = [
      await customers.create({ AccountNumber: '7' }),
      await customers.create({ AccountNumber: '7' }),
    ];
    const [MatchId = ''] = (await list(customers)).MatchIds ?? [];
    const group = { MatchId, MatchType: 'RULE_BASED_MATCHING', RuleLevel: 2, ProfileIds: [a, b] };
    expect(await similar(customers, 'profileId', b)).toEqual(group);
    expect(await similar(customers, 'matchId', MatchId)).toEqual(group);
    expect(await similar(customers, '_profileId', a)).toEqual(group);
  });

  test('has pages in the order of the profiles', async () => {
    const customers = await startMatching();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++)
      ids.push(await customers.create({ AccountNumber: '7' }));
    const [first = ''] = ids;
    const page = await similar(customers, 'profileId', first, { MaxResults: 2 });
    expect(page.ProfileIds).toEqual(ids.slice(0, 2));
    const { NextToken } = page;
    const next = await similar(customers, 'profileId', first, { MaxResults: 2, NextToken });
    expect(next.ProfileIds).toEqual(ids.slice(2));
    expect(next.NextToken).toBeUndefined();
  });

  test('200 with nothing for a profile that matches nobody, and for what is not there', async () => {
    const customers = await startMatching();
    const nothing = { MatchType: 'RULE_BASED_MATCHING', ProfileIds: [] };
    const alone = await customers.create({ AccountNumber: '7' });
    expect(await similar(customers, 'profileId', alone)).toEqual(nothing);
    expect(await similar(customers, 'matchId', 'x')).toEqual(nothing);
  });

  test('400 for another SearchKey', async () => {
    const customers = await startMatching();
    await expect(similar(customers, 'email', 'x')).rejects.toMatchObject(
      badRequest('SearchKey must be matchId or profileId'),
    );
  });
});

describe('a running service', () => {
  test('merges what matches on a level for merging, without being asked', async () => {
    const customers = await startMatching({
      ...rules,
      MatchingRules: [{ Rule: ['AccountNumber'] }],
      MaxAllowedRuleLevelForMatching: 1,
    });
    const first = await customers.create({ AccountNumber: '7', FirstName: 'Ada' });
    const other = await customers.create({ AccountNumber: '7', LastName: 'Byron' });
    while ((await customers.profile(other)) !== undefined);
    expect(await customers.profile(first)).toEqual({
      ProfileId: first,
      AccountNumber: '7',
      FirstName: 'Ada',
      LastName: 'Byron',
    });
  });
});
