import { createHash } from 'node:crypto';
import { publishedQuotas } from '../../src/limits/limits.ts';
import { type Context, localCaller } from '../../src/model/operation.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { advanceMatching } from '../../src/operations/matching/advance.ts';
import { findDomain } from '../../src/repository/domains.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { createIds } from '../../src/service/ids.ts';
import { ACCOUNT_ID, cardOf, customer, DOMAIN, REGION } from './customers.ts';

/** What a domain is made of. */
export interface DomainPlan {
  readonly profiles: number;
  /** How many loyalty cards each profile has, added in one AddProfileKey. */
  readonly keys: number;
  /** Whether profiles have the fields of customers, or none. */
  readonly hasFields: boolean;
  /** Whether they are matched by Keyfold's own rules. */
  readonly isMatching: boolean;
}

/** The longest there is: what is built once must last. */
export const EXPIRATION_DAYS = 1_098;

/** Bytes that look random and never change. */
function repeatable(): (bytes: number) => Buffer {
  let count = 0;
  return (bytes) => createHash('sha256').update(`bench ${count++}`).digest().subarray(0, bytes);
}

/** What handlers work with, outside of a service: ids are the same on every run. */
export function contextOf(repository: Repository, now: number): Context {
  return {
    repository,
    caller: localCaller(ACCOUNT_ID, REGION),
    ids: createIds(repeatable()),
    quotas: publishedQuotas,
    now,
    pagePosition: () => undefined,
    nextToken: () => '',
    wakeSweeper: () => {},
  };
}

/** Creates the domain, without profiles, and lets matching settle. Returns its id. */
export async function makeDomain(context: Context, { isMatching }: DomainPlan): Promise<string> {
  await createDomain.handler(context, {
    DomainName: DOMAIN,
    DefaultExpirationDays: EXPIRATION_DAYS,
    ...(isMatching && { RuleBasedMatching: { Enabled: true } }),
  });
  const name = { accountId: ACCOUNT_ID, domainName: DOMAIN };
  const domain = await findDomain(context.repository.autocommit, name);
  if (domain === undefined) throw new Error('the domain is not there');
  await settleMatching(context, domain.domainId);
  return domain.domainId;
}

/** Has matching look at everything that waits. Returns how many steps that took. */
export async function settleMatching(context: Context, domainId: string): Promise<number> {
  let steps = 1;
  while ((await advanceMatching(context, domainId)).hasMore) steps += 1;
  return steps;
}

/** The fields of profile number `index`, and its cards. */
export function profileInputs(index: number, { hasFields, keys }: DomainPlan) {
  return {
    fields: hasFields ? customer(index) : {},
    cards: Array.from({ length: keys }, (_, key) => cardOf(index * keys + key)),
  };
}
