import type { z } from 'zod';
import { normalKeyValue } from '../../identity/normal-forms.ts';
import { domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import {
  enumeration,
  integer,
  label,
  list,
  optional,
  query,
  structure,
} from '../../model/shapes.ts';
import { findDomain } from '../../repository/domains.ts';
import {
  findMatches,
  type ProfileSearch,
  searchProfileIds,
} from '../../repository/profile-search.ts';
import { findProfiles } from '../../repository/profiles.ts';
import type { Session } from '../../repository/session.ts';
import { name, requestValueList, token } from '../shapes.ts';
import { describeProfile } from './document.ts';
import { AdditionalSearchKey, Profile } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 20;

/** A pair as it was requested. */
type RequestedPair = z.output<typeof AdditionalSearchKey>;

/** For each profile of a page, the requested pairs that found it. */
type FoundBy = (profileId: string) => RequestedPair[];

/**
 * With AND every pair has found every profile, as it was requested; with OR a profile lists the
 * pairs that matched it, each with the values that did.
 */
async function foundBy(
  session: Session,
  search: ProfileSearch,
  requested: readonly RequestedPair[],
  profileIds: readonly string[],
): Promise<FoundBy> {
  const hasOneValue = search.pairs.length === 1 && search.pairs[0]?.values.length === 1;
  if (search.operator === 'AND' || hasOneValue) return () => [...requested];
  const identity = (profileId: string, pair: number, value: string) =>
    `${profileId} ${pair} ${value}`;
  const held = new Set<string>();
  for (const [index, pair] of search.pairs.entries())
    for (const { profileId, keyValue } of await findMatches(session, search, pair, profileIds))
      held.add(identity(profileId, index, keyValue));
  return (profileId) =>
    requested.flatMap(({ KeyName, Values }, index) => {
      const matched = Values.filter((value) =>
        held.has(identity(profileId, index, normalKeyValue(KeyName, value))),
      );
      return matched.length > 0 ? [{ KeyName, Values: matched }] : [];
    });
}

/**
 * Finds profiles by up to five keys, each with values of which any one matches. The order is that of
 * creation and stays the same over all pages; every answered write is seen.
 */
export const searchProfiles = operation({
  name: 'SearchProfiles',
  method: 'POST',
  path: '/domains/{DomainName}/profiles/search',
  input: structure({
    DomainName: label(name),
    NextToken: query('next-token', optional(token)),
    MaxResults: query('max-results', optional(integer({ min: 1, max: 100 }))),
    KeyName: name,
    Values: requestValueList,
    AdditionalSearchKeys: optional(list(AdditionalSearchKey, { min: 1, max: 4 })),
    LogicalOperator: optional(enumeration('AND', 'OR')),
  }),
  output: structure({ Items: optional(list(Profile)), NextToken: optional(token) }),
  async handler(context, input) {
    const { DomainName: domainName, MaxResults: limit = PAGE_SIZE_DEFAULT } = input;
    const { KeyName, Values, AdditionalSearchKeys = [], LogicalOperator = 'OR' } = input;
    const requested = [{ KeyName, Values }, ...AdditionalSearchKeys];
    const search: ProfileSearch = {
      accountId: context.caller.accountId,
      domainName,
      pairs: requested.map((pair) => ({
        keyName: pair.KeyName,
        values: [...new Set(pair.Values.map((value) => normalKeyValue(pair.KeyName, value)))],
      })),
      operator: LogicalOperator,
      after: context.pagePosition() ?? '',
      limit,
    };
    return context.repository.read(async (session) => {
      const { profileIds, next } = await searchProfileIds(session, search);
      const isEmpty = profileIds.length === 0 && next === undefined;
      if (isEmpty && (await findDomain(session, search)) === undefined)
        throw domainNotFound(domainName);
      const rows = await findProfiles(session, search, profileIds, context.now);
      const matched = await foundBy(session, search, requested, profileIds);
      return {
        Items: rows.map((row) => ({
          ...describeProfile(row),
          FoundByItems: matched(row.profileId),
        })),
        NextToken: next === undefined ? undefined : context.nextToken(next),
      };
    });
  },
});
