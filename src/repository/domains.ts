import { crc32 } from 'node:zlib';
import { and, asc, eq, gt, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import { AbsentError, ConflictError } from './errors.ts';
import {
  type Database,
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** A domain as it is stored. Times are milliseconds since the epoch, settings are JSON text. */
export interface DomainRow {
  readonly domainId: string;
  readonly accountId: string;
  readonly name: string;
  readonly defaultExpirationDays: number;
  readonly settings: string;
  /** 1 while rule-based matching is on, else 0. */
  readonly isRuleMatching: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What names a domain: its name is unique in its account. */
export interface DomainName {
  readonly accountId: string;
  readonly domainName: string;
}

/** What is said of a domain that isn't there to those who look after the database. */
export function domainAbsent({ accountId, domainName }: DomainName): AbsentError {
  return new AbsentError(`account ${accountId} has no domain '${domainName}'`);
}

/** Whether a domain is the one that a statement's `accountId` and `domainName` name. */
export function isNamed({ domains }: Tables): SQL | undefined {
  return and(
    eq(domains.accountId, placeholder('accountId')),
    eq(domains.name, placeholder('domainName')),
  );
}

/** The id of the domain that a statement's `accountId` and `domainName` name. */
export function domainIdByName(database: Database, tables: Tables) {
  const { domains } = tables;
  return database.select({ domainId: domains.domainId }).from(domains).where(isNamed(tables));
}

const insert = writeStatement<DomainRow>()((database, { domains }) =>
  database
    .insert(domains)
    .values({
      domainId: placeholder('domainId'),
      accountId: placeholder('accountId'),
      name: placeholder('name'),
      defaultExpirationDays: placeholder('defaultExpirationDays'),
      settings: placeholder('settings'),
      isRuleMatching: placeholder('isRuleMatching'),
      createdAt: placeholder('createdAt'),
      updatedAt: placeholder('updatedAt'),
    })
    .returning({ domainId: domains.domainId }),
);

const lockByAccount = writeStatement<{ accountKey: number }>()((database, _tables, { account }) =>
  database.select({ isHeld: sql<number>`1` }).from(sql`${account} as held`),
);

/**
 * Holds an account until the unit ends, against all others that hold it. A statement sees what was
 * committed before it began: what must see everything that the holder before has stored comes after.
 */
export async function lockAccount(session: WriteSession, accountId: string): Promise<void> {
  // Two accounts with the same 32 bits only wait for one another.
  await session.run(lockByAccount, { accountKey: crc32(accountId) | 0 });
}

const anyDomain = statement<Record<never, never>>()((database, { domains }) =>
  database.select({ domainId: domains.domainId }).from(domains).limit(1),
);

/** Whether there is a domain, of any account; one that waits for the sweeper counts. */
export async function hasDomains(session: Session): Promise<boolean> {
  return (await session.run(anyDomain, {})).length > 0;
}

const countByAccount = statement<{ accountId: string }>()((database, { domains }) =>
  database
    .select({ domains: sql<number>`count(*)` })
    .from(domains)
    .where(and(eq(domains.accountId, placeholder('accountId')), isNotNull(domains.name))),
);

/** How many domains an account has, without those that wait for the sweeper. */
export async function domainCount(session: Session, accountId: string): Promise<number> {
  const [row] = await session.run(countByAccount, { accountId });
  return Number(row?.domains ?? 0);
}

/** @throws AlreadyExistsError when the account has a domain of that name. */
export async function insertDomain(session: WriteSession, row: DomainRow): Promise<void> {
  await session.run(insert, row);
}

const byName = statement<DomainName>()((database, tables) => {
  const { domains } = tables;
  return database
    .select({
      domainId: domains.domainId,
      defaultExpirationDays: domains.defaultExpirationDays,
      settings: domains.settings,
      isRuleMatching: domains.isRuleMatching,
      createdAt: domains.createdAt,
      updatedAt: domains.updatedAt,
    })
    .from(domains)
    .where(isNamed(tables));
});

/** The domain of that name, or undefined. */
export async function findDomain(
  session: Session,
  { accountId, domainName }: DomainName,
): Promise<DomainRow | undefined> {
  const [row] = await session.run(byName, { accountId, domainName });
  return row && { ...row, accountId, name: domainName };
}

const byId = statement<{ domainId: string }>()((database, { domains }) =>
  database
    .select()
    .from(domains)
    .where(and(eq(domains.domainId, placeholder('domainId')), isNotNull(domains.name))),
);

/** The domain of that id, or undefined once it is deleted. */
export async function findDomainById(
  session: Session,
  domainId: string,
): Promise<DomainRow | undefined> {
  const [row] = await session.run(byId, { domainId });
  return row && row.name !== null ? { ...row, name: row.name } : undefined;
}

const withRuleMatching = statement<{ after: string; limit: number }>()((database, { domains }) =>
  database
    .select({ domainId: domains.domainId })
    .from(domains)
    .where(
      and(
        gt(domains.domainId, placeholder('after')),
        eq(domains.isRuleMatching, 1),
        isNotNull(domains.name),
      ),
    )
    .orderBy(asc(domains.domainId))
    .limit(placeholder('limit')),
);

/** Up to `limit` domains, after one by id, that match profiles by rules. */
export async function domainsWithRuleMatching(
  session: Session,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await session.run(withRuleMatching, { after, limit });
  return rows.map(({ domainId }) => domainId);
}

const update = writeStatement<
  Pick<
    DomainRow,
    'domainId' | 'defaultExpirationDays' | 'settings' | 'isRuleMatching' | 'updatedAt'
  > & {
    readExpirationDays: number;
    readSettings: string;
    readUpdatedAt: number;
  }
>()((database, { domains }) =>
  database
    .update(domains)
    .set({
      defaultExpirationDays: sql`${placeholder('defaultExpirationDays')}`,
      settings: sql`${placeholder('settings')}`,
      isRuleMatching: sql`${placeholder('isRuleMatching')}`,
      updatedAt: sql`${placeholder('updatedAt')}`,
    })
    .where(
      and(
        eq(domains.domainId, placeholder('domainId')),
        isNotNull(domains.name),
        eq(domains.defaultExpirationDays, placeholder('readExpirationDays')),
        eq(domains.settings, placeholder('readSettings')),
        eq(domains.updatedAt, placeholder('readUpdatedAt')),
      ),
    )
    .returning({ domainId: domains.domainId }),
);

/**
 * Stores changes of a domain that the same unit has read as `read`.
 *
 * @throws ConflictError when another unit has changed or deleted the domain since.
 */
export async function updateDomain(
  session: WriteSession,
  read: DomainRow,
  changes: Pick<DomainRow, 'defaultExpirationDays' | 'settings' | 'updatedAt'> &
    Partial<Pick<DomainRow, 'isRuleMatching'>>,
): Promise<void> {
  const updated = await session.run(update, {
    domainId: read.domainId,
    isRuleMatching: read.isRuleMatching,
    readExpirationDays: read.defaultExpirationDays,
    readSettings: read.settings,
    readUpdatedAt: read.updatedAt,
    ...changes,
  });
  if (updated.length === 0) throw new ConflictError('the domain has changed');
}

const page = statement<{ accountId: string; after: string; limit: number }>()(
  (database, { domains }) =>
    database
      .select({
        name: domains.name,
        settings: domains.settings,
        createdAt: domains.createdAt,
        updatedAt: domains.updatedAt,
      })
      .from(domains)
      .where(
        and(
          eq(domains.accountId, placeholder('accountId')),
          isNotNull(domains.name),
          gt(domains.name, placeholder('after')),
        ),
      )
      .orderBy(asc(domains.name))
      .limit(placeholder('limit')),
);

/** Up to `limit` domains of an account by name, those after the name `after`. */
export async function listDomains(
  session: Session,
  accountId: string,
  after: string,
  limit: number,
): Promise<Pick<DomainRow, 'name' | 'settings' | 'createdAt' | 'updatedAt'>[]> {
  const rows = await session.run(page, { accountId, after, limit });
  return rows.flatMap(({ name, ...row }) => (name === null ? [] : [{ ...row, name }]));
}

const hide = writeStatement<{ domainId: string }>()((database, { domains }) =>
  database
    .update(domains)
    .set({ name: null })
    .where(eq(domains.domainId, placeholder('domainId')))
    .returning({ domainId: domains.domainId }),
);

/** Takes a domain's name away: from then on nothing finds it, and the name is free. */
export async function hideDomain(session: WriteSession, domainId: string): Promise<void> {
  await session.run(hide, { domainId });
}

const lockNamed = writeStatement<DomainName>()((database, tables, locks) => {
  const { domains } = tables;
  return database
    .select({ domainId: sql<string>`domain_id` })
    .from(
      sql`(select ${domains.domainId} from ${domains} where ${isNamed(tables)} ${locks.updateOfDomain}) as locked`,
    );
});

/**
 * Holds a domain until the unit ends: nobody else changes or deletes it, or creates profiles in it.
 * Gives its id, or undefined when it isn't there.
 */
export async function lockDomain(
  session: WriteSession,
  { accountId, domainName }: DomainName,
): Promise<string | undefined> {
  const [row] = await session.run(lockNamed, { accountId, domainName });
  return row?.domainId;
}

const share = writeStatement<{ domainId: string }>()((database, { domains }, locks) =>
  database
    .select({ domainId: sql<string>`domain_id` })
    .from(
      sql`(select ${domains.domainId} from ${domains} where ${eq(domains.domainId, placeholder('domainId'))} ${locks.shareOfDomain}) as locked`,
    ),
);

/**
 * Keeps others from defining and deleting object types of a domain, and from deleting the domain,
 * until the unit ends; other units may do the same at the same time.
 */
export async function shareDomain(session: WriteSession, domainId: string): Promise<void> {
  await session.run(share, { domainId });
}

const remove = writeStatement<{ domainId: string }>()((database, { domains }) =>
  database
    .delete(domains)
    .where(eq(domains.domainId, placeholder('domainId')))
    .returning({ domainId: domains.domainId }),
);

/** Removes a domain that the unit holds, and whatever is still in it. */
export async function removeDomain(session: WriteSession, domainId: string): Promise<void> {
  await session.run(remove, { domainId });
}

const lockHidden = writeStatement()((database, { domains }, locks) =>
  database
    .select({ domainId: sql<string>`domain_id` })
    .from(
      sql`(select ${domains.domainId} from ${domains} where ${isNull(domains.name)} limit 1 ${locks.updateOfFreeDomain}) as locked`,
    ),
);

/**
 * Holds a deleted domain that still has a row until the unit ends; undefined when there is none that
 * nobody else holds. Reads all domains: there are a hundred, not a million.
 */
export async function lockHiddenDomain(session: WriteSession): Promise<string | undefined> {
  const [row] = await session.run(lockHidden, {});
  return row?.domainId;
}
