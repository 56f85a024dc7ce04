import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { inParts } from '../../src/repository/lists.ts';
import { ACCOUNT_ID, customer, DOMAIN, NEW } from '../domains/customers.ts';
import { settleMatching } from '../domains/plan.ts';
import { contextOn } from './store.ts';

/** More than that many would wait for a connection for longer than a unit may. */
const CREATED_AT_ONCE = 64;

export interface MatchingJob {
  readonly database: string;
  /** The number of the first new profile, and how many. */
  readonly first: number;
  readonly count: number;
}

/**
 * Adds profiles that are like no other and has matching look at them. Tells how many it looks at in a
 * second; neither creating them nor flushing to disk is part of that.
 */
export async function measureMatching({
  database,
  first,
  count,
}: MatchingJob): Promise<{ readonly profilesPerSecond: number }> {
  const context = await contextOn(database, 'normal');
  const name = { accountId: ACCOUNT_ID, domainName: DOMAIN };
  const domain = await findDomain(context.repository.autocommit, name);
  if (domain === undefined) throw new Error('the domain is not there');
  await settleMatching(context, domain.domainId);
  const profiles = Array.from({ length: count }, (_, index) => customer(NEW + first + index));
  for (const some of inParts(profiles, CREATED_AT_ONCE))
    await Promise.all(
      some.map((fields) => createProfile.handler(context, { DomainName: DOMAIN, ...fields })),
    );
  const start = performance.now();
  const steps = await settleMatching(context, domain.domainId);
  const elapsedMs = performance.now() - start;
  if (steps < count / 10) throw new Error(`matching took ${steps} steps for ${count} profiles`);
  return { profilesPerSecond: (count * 1000) / elapsedMs };
}
