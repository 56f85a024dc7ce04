import { and, asc, eq, gt, gte, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName } from './domains.ts';
import { listParameters, sized } from './lists.ts';
import { findProfiles, type ProfileRow } from './profiles.ts';
import type { Repository } from './repository.ts';
import { type Database, type Session, statement, type Tables } from './session.ts';

const { placeholder } = sql;

/** A key with the values, in normal form, of which any one matches. */
export interface SearchPair {
  readonly keyName: string;
  readonly values: readonly string[];
  /** All the values together, as the value of a key of several fields: it matches too. */
  readonly composite?: { readonly keyName: string; readonly keyValue: string } | undefined;
}

export interface ProfileSearch extends DomainName {
  /** Milliseconds since the epoch: profiles that expired before are left out. */
  readonly now: number;
  readonly pairs: readonly SearchPair[];
  readonly operator: 'AND' | 'OR';
  /** The id from which the page begins: the `next` of the page before, empty for the first. */
  readonly from: string;
  /** How many profiles a page has, at most 100. */
  readonly limit: number;
}

interface Ids {
  readonly profileIds: readonly string[];
  /** Where the next page begins, if there is one. */
  readonly next: string | undefined;
  /**
   * Whether a profile of the page has a value of a pair. Known for OR; with AND it has some value of
   * every pair.
   */
  hasValue(profileId: string, pair: number, value: string): boolean;
}

/**
 * A page of a search, by profile id. Profiles that have expired are left out, and a search for the
 * overlap of large keys cuts its pages short: a page may have fewer profiles than were asked for,
 * even none, although another follows.
 */
export interface SearchPage extends Pick<Ids, 'next' | 'hasValue'> {
  readonly profiles: readonly Pick<ProfileRow, 'profileId' | 'document'>[];
}

/** How many keys one statement looks up. */
const KEYS_PER_STATEMENT = 16;
/** How many profiles of a pair are read at a time when pairs are held against one another. */
const BATCH_PROFILES = 128;
/** How many rows an AND search reads before it answers with what it has. */
const ROWS_MAX = 20_000;

interface Range extends DomainName {
  readonly from: string;
  readonly limit: number;
}

interface FirstKey {
  readonly keyName0: string;
  readonly keyValue0: string;
}

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
        gte(profileKeys.profileId, placeholder('from')),
      ),
    )
    .orderBy(asc(profileKeys.profileId))
    .limit(placeholder('limit'));
}

/** The profiles of several keys, each with the number of its key. No key costs more than `limit`. */
const holdersOf = sized(KEYS_PER_STATEMENT, (size) =>
  statement<Range>()((database, tables) => {
    const parts = Array.from({ length: size }, (_, index) => {
      const holders = holdersOfKey(database, tables, index);
      return sql`select profile_id, ${sql.raw(String(index))} as key_index from ${holders} as part`;
    });
    return database
      .select({ profileId: sql<string>`profile_id`, keyIndex: sql<number>`key_index` })
      .from(sql`(${sql.join(parts, sql` union all `)}) as holders`);
  }),
);

interface Key {
  readonly pair: number;
  readonly keyName: string;
  readonly keyValue: string;
}

function keysOf({ keyName, values, composite }: SearchPair, pair: number): Key[] {
  const keys = values.map((keyValue) => ({ pair, keyName, keyValue }));
  return composite === undefined ? keys : [...keys, { pair, ...composite }];
}

/** For each profile, which of the keys it has. */
type Holders = Map<string, Key[]>;

/**
 * The first `limit` profiles of each key, from the id `from` on. Up to the `limit`th of all of them,
 * these are all profiles that have any of the keys, each with every key it has: a key with more
 * would by itself fill the page before.
 */
async function findHolders(session: Session, range: Range, keys: readonly Key[]): Promise<Holders> {
  const { accountId, domainName, from, limit } = range;
  const holders: Holders = new Map();
  for (let start = 0; start < keys.length; start += KEYS_PER_STATEMENT) {
    const some = keys.slice(start, start + KEYS_PER_STATEMENT);
    const names = some.map(({ keyName }) => keyName);
    const values = some.map(({ keyValue }) => keyValue);
    const rows = await session.run(holdersOf(some.length), {
      accountId,
      domainName,
      from,
      limit,
      ...listParameters('keyName', names),
      ...listParameters('keyValue', values),
    });
    for (const { profileId, keyIndex } of rows) {
      // A list that was filled up repeats its last key.
      const key = some[keyIndex];
      if (key === undefined) continue;
      const held = holders.get(profileId);
      if (held === undefined) holders.set(profileId, [key]);
      else held.push(key);
    }
  }
  return holders;
}

/** The smallest text after an id, in front of every other id. */
function successorOf(profileId: string): string {
  return `${profileId} `;
}

async function findHoldersOfAny(session: Session, search: ProfileSearch): Promise<Ids> {
  const { pairs, limit } = search;
  // One more than the page tells whether there is a next one.
  const range = { ...search, limit: limit + 1 };
  const holders = await findHolders(session, range, pairs.flatMap(keysOf));
  const found = [...holders.keys()].sort();
  return {
    profileIds: found.slice(0, limit),
    next: found[limit],
    hasValue: (profileId, pair, value) =>
      holders.get(profileId)?.some((key) => key.pair === pair && key.keyValue === value) ?? false,
  };
}

/** The profiles of a pair, by id, read in batches where they are looked for. */
class PairHolders {
  readonly #session: Session;
  readonly #domain: DomainName;
  readonly #keys: readonly Key[];
  #batch: readonly string[] = [];
  /** Whether no profile follows the batch. */
  #isLast = false;
  /** How many rows were read so far. */
  rows = 0;

  constructor(session: Session, domain: DomainName, pair: SearchPair) {
    this.#session = session;
    this.#domain = domain;
    this.#keys = keysOf(pair, 0);
  }

  /** The first profile whose id is `from` or later, where `from` is never less than before. */
  async firstFrom(from: string): Promise<string | undefined> {
    const inBatch = this.#batch.find((profileId) => profileId >= from);
    if (inBatch !== undefined || this.#isLast) return inBatch;
    const { accountId, domainName } = this.#domain;
    const range = { accountId, domainName, from, limit: BATCH_PROFILES };
    const holders = await findHolders(this.#session, range, this.#keys);
    this.rows += holders.size + this.#keys.length;
    this.#batch = [...holders.keys()].sort().slice(0, BATCH_PROFILES);
    this.#isLast = holders.size < BATCH_PROFILES;
    return this.#batch[0];
  }
}

/**
 * Goes through all pairs side by side, each time from the latest profile that one of them has: what
 * lies between is skipped, so a pair with few profiles makes short work of one with a million.
 */
async function findHoldersOfAll(session: Session, search: ProfileSearch): Promise<Ids> {
  const { pairs, from, limit } = search;
  const all = pairs.map((pair) => new PairHolders(session, search, pair));
  const profileIds: string[] = [];
  const page = (next: string | undefined) => ({ profileIds, next, hasValue: () => true });
  for (let candidate = from; ; ) {
    let latest = candidate;
    for (const holders of all) {
      const first = await holders.firstFrom(latest);
      if (first === undefined) return page(undefined);
      latest = first;
    }
    const isMatch = latest === candidate;
    if (isMatch && profileIds.length === limit) return page(candidate);
    if (isMatch) profileIds.push(candidate);
    candidate = isMatch ? successorOf(candidate) : latest;
    const rows = all.reduce((sum, holders) => sum + holders.rows, 0);
    // Every profile before the candidate has been looked at.
    if (rows > ROWS_MAX) return page(candidate);
  }
}

/** The page of a single key with its documents, null for those that have expired. */
const pageOfKey = statement<Range & FirstKey & { now: number }>()((database, tables) => {
  const { profiles } = tables;
  const holders = holdersOfKey(database, tables, 0).as('holders');
  return database
    .select({ profileId: holders.profileId, document: profiles.document })
    .from(holders)
    .leftJoin(
      profiles,
      and(
        eq(profiles.domainId, domainIdByName(database, tables)),
        eq(profiles.profileId, holders.profileId),
        gt(profiles.expiresAt, placeholder('now')),
      ),
    )
    .orderBy(asc(holders.profileId));
});

/** Nearly every search: one key with one value is one statement. */
async function searchOneKey(
  session: Session,
  { accountId, domainName, from, limit, now }: ProfileSearch,
  { keyName, keyValue }: Key,
): Promise<SearchPage> {
  const rows = await session.run(pageOfKey, {
    accountId,
    domainName,
    from,
    limit: limit + 1,
    now,
    keyName0: keyName,
    keyValue0: keyValue,
  });
  return {
    profiles: rows
      .slice(0, limit)
      .flatMap(({ profileId, document }) => (document === null ? [] : [{ profileId, document }])),
    next: rows[limit]?.profileId,
    hasValue: () => true,
  };
}

/** The page of profiles that match. An unknown domain or key matches nothing. */
export async function searchProfiles(
  repository: Repository,
  search: ProfileSearch,
): Promise<SearchPage> {
  const { operator, pairs, now } = search;
  const [key, ...others] = pairs.flatMap(keysOf);
  if (key !== undefined && others.length === 0)
    return searchOneKey(repository.autocommit, search, key);
  return repository.read(async (session) => {
    const find = operator === 'AND' && pairs.length > 1 ? findHoldersOfAll : findHoldersOfAny;
    const { profileIds, ...page } = await find(session, search);
    return { ...page, profiles: await findProfiles(session, search, profileIds, now) };
  });
}
