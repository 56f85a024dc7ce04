import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName, isNamed } from './domains.ts';
import { ConflictError } from './errors.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** An integration as it is stored. Times are milliseconds since the epoch, the document is JSON text. */
export interface IntegrationRow {
  readonly domainId: string;
  /** One of a kind in its account. */
  readonly uri: string;
  readonly accountId: string;
  readonly document: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What names an integration. */
export interface IntegrationName extends DomainName {
  readonly uri: string;
}

/** An integration and the name of its domain. */
export type NamedIntegration = Omit<IntegrationRow, 'accountId' | 'domainId'> & {
  readonly domainName: string;
};

const insert = writeStatement<IntegrationRow>()((database, { integrations }) =>
  database
    .insert(integrations)
    .values({
      domainId: placeholder('domainId'),
      uri: placeholder('uri'),
      accountId: placeholder('accountId'),
      document: placeholder('document'),
      createdAt: placeholder('createdAt'),
      updatedAt: placeholder('updatedAt'),
    })
    .returning({ uri: integrations.uri }),
);

/** @throws AlreadyExistsError when a domain of the account has an integration of that URI. */
export async function insertIntegration(session: WriteSession, row: IntegrationRow): Promise<void> {
  await session.run(insert, row);
}

const countInDomain = statement<{ domainId: string }>()((database, { integrations }) =>
  database
    .select({ integrations: sql<number>`count(*)` })
    .from(integrations)
    .where(eq(integrations.domainId, placeholder('domainId'))),
);

/** How many integrations a domain has. */
export async function integrationCount(session: Session, domainId: string): Promise<number> {
  const [row] = await session.run(countInDomain, { domainId });
  return Number(row?.integrations ?? 0);
}

const byName = statement<IntegrationName>()((database, tables) => {
  const { domains, integrations } = tables;
  return database
    .select({
      domainId: integrations.domainId,
      document: integrations.document,
      createdAt: integrations.createdAt,
      updatedAt: integrations.updatedAt,
    })
    .from(domains)
    .innerJoin(integrations, eq(integrations.domainId, domains.domainId))
    .where(and(isNamed(tables), eq(integrations.uri, placeholder('uri'))));
});

/** The integration, or undefined when it or its domain isn't there. */
export async function findIntegration(
  session: Session,
  { accountId, domainName, uri }: IntegrationName,
): Promise<IntegrationRow | undefined> {
  const [row] = await session.run(byName, { accountId, domainName, uri });
  return row && { ...row, accountId, uri };
}

type Changes = Pick<IntegrationRow, 'document' | 'updatedAt'>;

const update = writeStatement<
  Pick<IntegrationRow, 'domainId' | 'uri'> &
    Changes & { readDocument: string; readUpdatedAt: number }
>()((database, { integrations }) =>
  database
    .update(integrations)
    .set({
      document: sql`${placeholder('document')}`,
      updatedAt: sql`${placeholder('updatedAt')}`,
    })
    .where(
      and(
        eq(integrations.domainId, placeholder('domainId')),
        eq(integrations.uri, placeholder('uri')),
        eq(integrations.document, placeholder('readDocument')),
        eq(integrations.updatedAt, placeholder('readUpdatedAt')),
      ),
    )
    .returning({ uri: integrations.uri }),
);

/**
 * Stores changes of an integration that the same unit has read as `read`.
 *
 * @throws ConflictError when another unit has changed or deleted it since.
 */
export async function updateIntegration(
  session: WriteSession,
  read: IntegrationRow,
  changes: Changes,
): Promise<void> {
  const updated = await session.run(update, {
    domainId: read.domainId,
    uri: read.uri,
    readDocument: read.document,
    readUpdatedAt: read.updatedAt,
    ...changes,
  });
  if (updated.length === 0) throw new ConflictError('the integration has changed');
}

const page = statement<DomainName & { after: string; limit: number }>()((database, tables) => {
  const { integrations } = tables;
  return database
    .select({
      uri: integrations.uri,
      document: integrations.document,
      createdAt: integrations.createdAt,
      updatedAt: integrations.updatedAt,
    })
    .from(integrations)
    .where(
      and(
        eq(integrations.domainId, domainIdByName(database, tables)),
        gt(integrations.uri, placeholder('after')),
      ),
    )
    .orderBy(asc(integrations.uri))
    .limit(placeholder('limit'));
});

/** Up to `limit` integrations of a domain by URI, those after the URI `after`. */
export async function listIntegrations(
  session: Session,
  { accountId, domainName }: DomainName,
  after: string,
  limit: number,
): Promise<NamedIntegration[]> {
  const rows = await session.run(page, { accountId, domainName, after, limit });
  return rows.map((row) => ({ ...row, domainName }));
}

const byUri = statement<{ accountId: string; uri: string }>()(
  (database, { domains, integrations }) =>
    database
      .select({
        domainName: domains.name,
        document: integrations.document,
        createdAt: integrations.createdAt,
        updatedAt: integrations.updatedAt,
      })
      .from(integrations)
      .innerJoin(domains, eq(domains.domainId, integrations.domainId))
      .where(
        and(
          eq(integrations.accountId, placeholder('accountId')),
          eq(integrations.uri, placeholder('uri')),
        ),
      ),
);

/** The integration of an account that has a URI, whichever its domain; undefined when none has. */
export async function findIntegrationByUri(
  session: Session,
  accountId: string,
  uri: string,
): Promise<NamedIntegration | undefined> {
  const [row] = await session.run(byUri, { accountId, uri });
  // A domain without a name is a deleted one.
  return row === undefined || row.domainName === null
    ? undefined
    : { ...row, uri, domainName: row.domainName };
}

const remove = writeStatement<IntegrationName>()((database, tables) => {
  const { integrations } = tables;
  return database
    .delete(integrations)
    .where(
      and(
        eq(integrations.domainId, domainIdByName(database, tables)),
        eq(integrations.uri, placeholder('uri')),
      ),
    )
    .returning({ uri: integrations.uri });
});

/** Removes an integration. False when it or its domain isn't there. */
export async function removeIntegration(
  session: WriteSession,
  { accountId, domainName, uri }: IntegrationName,
): Promise<boolean> {
  const removed = await session.run(remove, { accountId, domainName, uri });
  return removed.length > 0;
}

const removeAll = writeStatement<{ domainId: string }>()((database, { integrations }) =>
  database
    .delete(integrations)
    .where(eq(integrations.domainId, placeholder('domainId')))
    .returning({ uri: integrations.uri }),
);

/** Removes the integrations of a domain: there are fifty, unless the quota was lifted. */
export async function removeIntegrationsOfDomain(
  session: WriteSession,
  domainId: string,
): Promise<void> {
  await session.run(removeAll, { domainId });
}
