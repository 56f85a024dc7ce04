import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { ACCOUNT_ID, customer, DOMAIN, NEW } from '../domains/customers.ts';
import { settleMatching } from '../domains/plan.ts';
import { contextOn } from './store.ts';

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
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      createProfile.handler(context, { DomainName: DOMAIN, ...customer(NEW + first + index) }),
    ),
  );
  const start = performance.now();
  const steps = await settleMatching(context, domain.domainId);
  const elapsedMs = performance.now() - start;
  if (steps < count / 10) throw new Error(`matching took ${steps} steps for ${count} profiles`);
  return { profilesPerSecond: (count * 1000) / elapsedMs };
}
