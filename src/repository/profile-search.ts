import { aliasedTable, and, asc, eq, gt, inArray, or, type SQL, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName } from './domains.ts';
import { listParameters, listPlaceholders } from './lists.ts';
import { type Database, type Session, statement, type Tables } from './session.ts';

const { placeholder } = sql;

/** A key with the values, in normal form, of which any one matches. */
export interface SearchPair {
  readonly keyName: string;
  readonly values: readonly string[];
}

export interface ProfileSearch extends DomainName {
  /** Milliseconds since the epoch: profiles that expired before are not shown. */
  readonly now: number;
  readonly pairs: readonly SearchPair[];
  readonly operator: 'AND' | 'OR';
  /** The profile id after which the page begins. */
  readonly after: string;
  /** How many profiles a page has. */
  readonly limit: number;
}

/** One profile that matches; no document when it has expired. */
export interface SearchHit {
  readonly profileId: string;
  readonly document: string | null;
}

interface PageParameters extends DomainName {
  readonly now: number;
  readonly after: string;
  readonly limit: number;
}

type ProfileKeys = Tables['profileKeys'];

/** The size of the list of placeholders that takes so many values. */
function paddedSize(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}

function pairMatches(keys: ProfileKeys, pair: number, size: number): SQL | undefined {
  const values = listPlaceholders(`pair${pair}value`, size);
  const [only] = values;
  return and(
    eq(keys.keyName, placeholder(`pair${pair}key`)),
    size === 1 && only ? eq(keys.keyValue, only) : inArray(keys.keyValue, values),
  );
}

/** Any pair matches with OR; with AND the first drives and the others are looked up by the index. */
function allMatches(
  database: Database,
  keys: ProfileKeys,
  operator: 'AND' | 'OR',
  sizes: readonly number[],
): SQL | undefined {
  if (operator === 'OR') return or(...sizes.map((size, pair) => pairMatches(keys, pair, size)));
  const others = sizes.slice(1).map((size, index) => {
    const other = aliasedTable(keys, `pair${index + 1}`);
    const lookup = database
      .select({ one: sql`1` })
      .from(other)
      .where(
        and(
          eq(other.domainId, keys.domainId),
          pairMatches(other, index + 1, size),
          eq(other.profileId, keys.profileId),
        ),
      );
    return sql`exists (${lookup})`;
  });
  return and(pairMatches(keys, 0, sizes[0] ?? 1), ...others);
}

/**
 * Finds a page of profile ids in the key index, in the order of its primary key where one value is
 * sought, and joins the documents. All of it is one statement.
 */
function pageStatement(operator: 'AND' | 'OR', sizes: readonly number[]) {
  return statement<PageParameters>()((database, tables) => {
    const { profileKeys, profiles } = tables;
    const page = database
      .selectDistinct({ profileId: profileKeys.profileId })
      .from(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, sql`(${domainIdByName(database, tables)})`),
          allMatches(database, profileKeys, operator, sizes),
          gt(profileKeys.profileId, placeholder('after')),
        ),
      )
      .orderBy(asc(profileKeys.profileId))
      .limit(placeholder('limit'))
      .as('page');
    return database
      .select({ profileId: page.profileId, document: profiles.document })
      .from(page)
      .leftJoin(
        profiles,
        and(
          eq(profiles.domainId, sql`(${domainIdByName(database, tables)})`),
          eq(profiles.profileId, page.profileId),
          gt(profiles.expiresAt, placeholder('now')),
        ),
      )
      .orderBy(asc(page.profileId));
  });
}

type PageStatement = ReturnType<typeof pageStatement>;

/**
 * The statements of the usual searches, made once: those with one value in each pair, and those with
 * several values in a single pair. Any other shape is rare, and there are too many of them to keep.
 */
const usualStatements = new Map<string, PageStatement>();

function pageStatementFor(search: ProfileSearch): PageStatement {
  const sizes = search.pairs.map(({ values }) => paddedSize(values.length));
  if (sizes.length > 1 && sizes.some((size) => size > 1))
    return pageStatement(search.operator, sizes);
  const shape = `${search.operator} ${sizes.join(' ')}`;
  let found = usualStatements.get(shape);
  if (found === undefined) {
    found = pageStatement(search.operator, sizes);
    usualStatements.set(shape, found);
  }
  return found;
}

function pairParameters(pairs: readonly SearchPair[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [index, { keyName, values }] of pairs.entries()) {
    parameters[`pair${index}key`] = keyName;
    Object.assign(parameters, listParameters(`pair${index}value`, values));
  }
  return parameters;
}

/**
 * A page of the profiles that match, by profile id, plus one more profile if there is a next page.
 * An unknown domain or key matches nothing.
 */
export async function searchProfiles(
  session: Session,
  search: ProfileSearch,
): Promise<SearchHit[]> {
  const { accountId, domainName, now, after, limit, pairs } = search;
  return session.run(pageStatementFor(search), {
    accountId,
    domainName,
    now,
    after,
    limit: limit + 1,
    ...pairParameters(pairs),
  });
}

/** A row of the key index that made a profile match. */
export interface KeyMatch {
  readonly profileId: string;
  readonly keyName: string;
  readonly keyValue: string;
}

/** Which of the pairs' values the given profiles have; other values of their keys may be among them. */
export async function findKeyMatches(
  session: Session,
  search: ProfileSearch,
  profileIds: readonly string[],
): Promise<KeyMatch[]> {
  const { accountId, domainName, pairs } = search;
  // Made for this search alone: a statement for every number of names, values and profiles would be
  // too many to keep, and only searches for several values come here.
  const matches = statement<DomainName>()((database, tables) => {
    const { profileKeys } = tables;
    return database
      .selectDistinct({
        profileId: profileKeys.profileId,
        keyName: profileKeys.keyName,
        keyValue: profileKeys.keyValue,
      })
      .from(profileKeys)
      .where(
        and(
          eq(profileKeys.domainId, sql`(${domainIdByName(database, tables)})`),
          inArray(profileKeys.keyName, [...new Set(pairs.map(({ keyName }) => keyName))]),
          inArray(profileKeys.keyValue, [...new Set(pairs.flatMap(({ values }) => values))]),
          inArray(profileKeys.profileId, [...profileIds]),
        ),
      );
  });
  return session.run(matches, { accountId, domainName });
}
