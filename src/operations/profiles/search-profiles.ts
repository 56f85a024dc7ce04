import type * as z from 'zod';
import { compositeName, compositeValue } from '../../identity/object-keys.ts';
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
import {
  searchProfiles as findPage,
  type ProfileSearch,
  type SearchPage,
} from '../../repository/profile-search.ts';
import { requireDomain } from '../domains/require-domain.ts';
import { type NormalForm, normalFormOf } from '../profile-keys/compare.ts';
import { name, requestValueList, token } from '../shapes.ts';
import { describeProfile } from './document.ts';
import { AdditionalSearchKey, Profile } from './shapes.ts';

const PAGE_SIZE_DEFAULT = 20;

/** A pair as it was requested. */
type RequestedPair = z.output<typeof AdditionalSearchKey>;

/**
 * The pairs that found a profile: with AND all of them, as they were requested; with OR those that
 * matched, each with the values that did.
 */
function foundBy(
  { operator }: ProfileSearch,
  page: SearchPage,
  requested: readonly RequestedPair[],
  normalForm: NormalForm,
  profileId: string,
): RequestedPair[] {
  if (operator === 'AND') return [...requested];
  return requested.flatMap(({ KeyName, Values }, pair) => {
    if (page.hasValue(profileId, pair, compositeValue(Values))) return [{ KeyName, Values }];
    const matched = Values.filter((value) =>
      page.hasValue(profileId, pair, normalForm(KeyName, value)),
    );
    return matched.length > 0 ? [{ KeyName, Values: matched }] : [];
  });
}

/**
 * Finds profiles by up to five keys, each with values of which any one matches; all of them in their
 * order also match a key of as many fields. The order is that of
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
    const domain = { accountId: context.caller.accountId, domainName };
    const keyNames = requested.map((pair) => pair.KeyName);
    const normalForm = await normalFormOf(context.repository.autocommit, domain, keyNames);
    const search: ProfileSearch = {
      accountId: context.caller.accountId,
      domainName,
      now: context.now,
      pairs: requested.map((pair) => ({
        keyName: pair.KeyName,
        values: [...new Set(pair.Values.map((value) => normalForm(pair.KeyName, value)))],
        composite:
          pair.Values.length > 1
            ? {
                keyName: compositeName(pair.KeyName, pair.Values.length),
                keyValue: compositeValue(pair.Values),
              }
            : undefined,
      })),
      operator: LogicalOperator,
      from: context.pagePosition() ?? '',
      limit,
    };
    const page = await findPage(context.repository, search);
    if (page.profiles.length === 0 && page.next === undefined)
      await requireDomain(context.repository, search);
    return {
      Items: page.profiles.map((profile) => ({
        ...describeProfile(profile),
        FoundByItems: foundBy(search, page, requested, normalForm, profile.profileId),
      })),
      NextToken: page.next === undefined ? undefined : context.nextToken(page.next),
    };
  },
});
