import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import {
  DOMAIN,
  emailOf,
  fullNameOf,
  NEW,
  phoneOf,
  profileIdOf,
  scramble,
} from '../domains/customers.ts';
import { contextOn } from './store.ts';

/** Operations that read, as they can be measured without a service around them. */
export type InsideOperation = 'search-hit' | 'search-miss' | 'search-and';

export interface InsideJob {
  readonly database: string;
  readonly operation: InsideOperation;
  /** How many profiles the domain was built with. */
  readonly profiles: number;
  readonly seconds: number;
  /** The number of the first operation. */
  readonly first: number;
}

export interface InsideResult {
  readonly operations: number;
  readonly microseconds: number;
}

function inputOf(operation: InsideOperation, index: number, profiles: number) {
  const wanted = scramble(index) % profiles;
  switch (operation) {
    case 'search-hit':
      return { DomainName: DOMAIN, KeyName: '_email', Values: [emailOf(wanted)] };
    case 'search-miss':
      return { DomainName: DOMAIN, KeyName: '_email', Values: [emailOf(NEW + index)] };
    case 'search-and':
      return {
        DomainName: DOMAIN,
        KeyName: '_fullName',
        Values: [fullNameOf(wanted)],
        AdditionalSearchKeys: [{ KeyName: '_phone', Values: [phoneOf(wanted)] }],
        LogicalOperator: 'AND' as const,
      };
  }
}

/**
 * Runs an operation's handler on a database, one after another, and tells how long each took on
 * average: what the store costs, without HTTP and JSON.
 *
 * @throws Error when an answer isn't the expected one.
 */
export async function measureOperation(job: InsideJob): Promise<InsideResult> {
  const { database, operation, profiles, seconds, first } = job;
  const context = await contextOn(database, 'full');
  const start = performance.now();
  const end = start + seconds * 1000;
  let operations = 0;
  for (; performance.now() < end; operations++) {
    const index = first + operations;
    const input = inputOf(operation, index, profiles);
    const { Items = [] } = await searchProfiles.handler(context, input);
    const found = Items.map(({ ProfileId }) => ProfileId).join();
    const expected = operation === 'search-miss' ? '' : profileIdOf(scramble(index) % profiles);
    if (found !== expected) throw new Error(`${operation} found '${found}', not '${expected}'`);
  }
  return { operations, microseconds: ((performance.now() - start) * 1000) / operations };
}
