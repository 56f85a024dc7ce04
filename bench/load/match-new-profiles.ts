import { ruleMatchId } from '../../src/identity/matching-rules.ts';
import { customer, DOMAIN, profileIdOf, scramble } from '../domains/customers.ts';
import { Connection } from './connection.ts';
import { requestOf } from './requests.ts';

export interface MatchNewJob {
  readonly url: string;
  readonly domainId: string;
  /** How many profiles the domain was built with. */
  readonly profiles: number;
  /** The number of the first new profile, and how many. */
  readonly first: number;
  readonly count: number;
}

/** How often a list is read again that doesn't have the match yet. */
const READS_MAX = 1_000;

async function send(connection: Connection, text: string): Promise<unknown> {
  const { status, body } = await connection.request(text);
  if (status !== 200) throw new Error(`answered ${status} ${body.slice(0, 300)}`);
  return JSON.parse(body);
}

/** Reads ListRuleBasedMatches, page by page, until a match is in it. */
async function untilListed(connection: Connection, matchId: string): Promise<void> {
  const path = `/domains/${DOMAIN}/profiles/ruleBasedMatches?max-results=100`;
  let token = '';
  for (let reads = 0; reads < READS_MAX; reads++) {
    const list = await send(connection, requestOf('GET', `${path}${token}`, ''));
    const { MatchIds = [], NextToken } = list as { MatchIds?: string[]; NextToken?: string };
    if (MatchIds.includes(matchId)) return;
    token = NextToken === undefined ? '' : `&next-token=${encodeURIComponent(NextToken)}`;
  }
  throw new Error('a new profile that is like another was not listed as a match of it');
}

/**
 * Creates profiles that are like one that is there already, one after another, and waits for each until
 * ListRuleBasedMatches shows the match. Returns the median of how long that took.
 */
export async function matchNewProfiles(job: MatchNewJob): Promise<{ readonly p50Ms: number }> {
  const { url, domainId, profiles, first, count } = job;
  const connection = await Connection.open(url);
  try {
    const latencies: number[] = [];
    for (let index = first; index < first + count; index++) {
      const original = scramble(index) % profiles;
      const matchId = ruleMatchId(domainId, 1, profileIdOf(original));
      const path = `/domains/${DOMAIN}/profiles`;
      const start = performance.now();
      await send(connection, requestOf('POST', path, JSON.stringify(customer(original))));
      await untilListed(connection, matchId);
      latencies.push(performance.now() - start);
    }
    latencies.sort((a, b) => a - b);
    return { p50Ms: latencies[Math.floor(count / 2)] ?? Number.NaN };
  } finally {
    connection.close();
  }
}
