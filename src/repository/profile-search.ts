import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName } from './domains.ts';
import { listParameters, listPlaceholders } from './lists.ts';
import { type Database, type Session, sized, statement, type Tables } from './session.ts';

const { placeholder } = sql;

/** A key with the values, in normal form, of which any one matches. */
export interface SearchPair {
  readonly keyName: string;
  readonly values: readonly string[];
}

export interface ProfileSearch extends DomainName {
  readonly pairs: readonly SearchPair[];
  readonly operator: 'AND' | 'OR';
  /** The profile id after which the page begins. */
  readonly after: string;
  /** How many profiles a page has, at most 100. */
  readonly limit: number;
}

interface Holders extends DomainName {
  readonly after: string;
  readonly limit: number;
}

/** How many keys one statement looks up. */
const KEYS_PER_STATEMENT = 16;
/** How many profiles of a pair are held against the other pairs at once. */
const CANDIDATES = 256;
/** How many times that a page may take; a search for the rare overlap of large keys has short pages. */
const BATCHES_MAX = 40;
const VALUES_MAX = 255;

/** The profiles of one key, by id: a range of the search index, read in its order. */
function holdersOfKey(database: Database, tables: Tables, index: number) {
  const { profileKeys } = tables;
  return database
    .selectDistinct({ profileId: profileKeys.profileId })
    .from(profileKeys)
    .where(
      and(
        eq(profileKeys.domainId, domainIdByName(database, tables)),
        eq(profileKeys.keyName, placeholder(`keyName${index}`)),
        eq(profileKeys.keyValue, placeholder(`keyValue${index}`)),
        gt(profileKeys.profileId, placeholder('after')),
      ),
    )
    .orderBy(asc(profileKeys.profileId))
    .limit(placeholder('limit'));
}

const holdersOfOne = statement<Holders>()((database, tables) => holdersOfKey(database, tables, 0));

/**
 * The profiles of several keys. Each key's part is cut to the page before they are joined, so that
 * no part costs more than a page, however many profiles its key has.
 */
const holdersOfSeveral = sized(KEYS_PER_STATEMENT, (size) =>
  statement<Holders>()((database, tables) => {
    const parts = Array.from(
      { length: size },
      (_, index) => sql`select profile_id from ${holdersOfKey(database, tables, index)} as part`,
    );
    const profileId = sql<string>`profile_id`;
    return database
      .select({ profileId })
      .from(sql`(${sql.join(parts, sql` union `)}) as holders`)
      .orderBy(profileId)
      .limit(placeholder('limit'));
  }),
);

interface Key {
  readonly keyName: string;
  readonly keyValue: string;
}

function keysOf(pairs: readonly SearchPair[]): Key[] {
  return pairs.flatMap(({ keyName, values }) => values.map((keyValue) => ({ keyName, keyValue })));
}

/** The first `limit` profiles after `after` that have any of the keys, by id. */
async function findHolders(
  session: Session,
  page: Holders,
  keys: readonly Key[],
): Promise<string[]> {
  const { accountId, domainName, after, limit } = page;
  const found = new Set<string>();
  for (let start = 0; start < keys.length; start += KEYS_PER_STATEMENT) {
    const some = keys.slice(start, start + KEYS_PER_STATEMENT);
    const parameters = {
      accountId,
      domainName,
      after,
      limit,
      ...listParameters(
        'keyName',
        some.map(({ keyName }) => keyName),
      ),
      ...listParameters(
        'keyValue',
        some.map(({ keyValue }) => keyValue),
      ),
    };
    const holders = some.length === 1 ? holdersOfOne : holdersOfSeveral(some.length);
    for (const { profileId } of await session.run(holders, parameters)) found.add(profileId);
  }
  return [...found].sort().slice(0, limit);
}

/** A row of the key index: a profile and one of the values sought. */
interface Match {
  readonly profileId: string;
  readonly keyValue: string;
}

const matches = sized(VALUES_MAX, (values) =>
  sized(CANDIDATES, (profiles) =>
    statement<DomainName & { keyName: string }>()((database, tables) => {
      const { profileKeys } = tables;
      return database
        .selectDistinct({ profileId: profileKeys.profileId, keyValue: profileKeys.keyValue })
        .from(profileKeys)
        .where(
          and(
            eq(profileKeys.domainId, domainIdByName(database, tables)),
            inArray(profileKeys.profileId, listPlaceholders('profileId', profiles)),
            eq(profileKeys.keyName, placeholder('keyName')),
            inArray(profileKeys.keyValue, listPlaceholders('value', values)),
          ),
        );
    }),
  ),
);

/** Which values of a pair the given profiles (at most 256) have. */
export async function findMatches(
  session: Session,
  { accountId, domainName }: DomainName,
  { keyName, values }: SearchPair,
  profileIds: readonly string[],
): Promise<Match[]> {
  if (profileIds.length === 0) return [];
  return session.run(matches(values.length)(profileIds.length), {
    accountId,
    domainName,
    keyName,
    ...listParameters('value', values),
    ...listParameters('profileId', profileIds),
  });
}

async function haveAll(
  session: Session,
  search: ProfileSearch,
  pairs: readonly SearchPair[],
  candidates: readonly string[],
): Promise<string[]> {
  let remaining = [...candidates];
  for (const pair of pairs) {
    const rows = await findMatches(session, search, pair, remaining);
    const holders = new Set(rows.map(({ profileId }) => profileId));
    remaining = remaining.filter((profileId) => holders.has(profileId));
  }
  return remaining;
}

/** A page of a search: ids, ascending, and the position of the next page if there is one. */
export interface SearchPage {
  readonly profileIds: readonly string[];
  readonly next: string | undefined;
}

/** The page of `limit` out of what was found, one more than that if there is a next page. */
function pageOf(found: readonly string[], limit: number): SearchPage {
  const profileIds = found.slice(0, limit);
  return { profileIds, next: found.length > limit ? profileIds.at(-1) : undefined };
}

/**
 * Goes through the profiles of one pair and keeps those that all others match. The pair to go
 * through is one with few profiles, if there is one: the others may have a million.
 */
async function findHoldersOfAll(session: Session, search: ProfileSearch): Promise<SearchPage> {
  const { pairs, limit } = search;
  const batchOf = (pair: SearchPair, after: string) =>
    findHolders(session, { ...search, after, limit: CANDIDATES }, keysOf([pair]));
  let driver: { pair: SearchPair; batch: string[] } | undefined;
  for (const pair of pairs) {
    const batch = await batchOf(pair, search.after);
    if (driver === undefined || batch.length < driver.batch.length) driver = { pair, batch };
    if (batch.length < CANDIDATES) break;
  }
  const others = pairs.filter((pair) => pair !== driver?.pair);
  const found: string[] = [];
  let batch = driver?.batch ?? [];
  for (let batches = 1; driver !== undefined; batches++) {
    found.push(...(await haveAll(session, search, others, batch)));
    const last = batch.at(-1);
    if (found.length > limit || batch.length < CANDIDATES || last === undefined) break;
    if (batches === BATCHES_MAX) return { profileIds: found, next: last };
    batch = await batchOf(driver.pair, last);
  }
  return pageOf(found, limit);
}

/**
 * A page of the profiles that match. Expired profiles may be among them, and a page may have fewer
 * than `limit` although another follows. An unknown domain or key matches nothing.
 */
export async function searchProfileIds(
  session: Session,
  search: ProfileSearch,
): Promise<SearchPage> {
  const { operator, pairs, limit } = search;
  if (operator === 'AND' && pairs.length > 1) return findHoldersOfAll(session, search);
  const found = await findHolders(session, { ...search, limit: limit + 1 }, keysOf(pairs));
  return pageOf(found, limit);
}
