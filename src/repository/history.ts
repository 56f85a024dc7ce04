import { and, type Column, desc, eq, lt, sql } from 'drizzle-orm';
import { type DomainName, isNamed } from './domains.ts';
import { inParts, rowParameters, rowPlaceholders, sized } from './lists.ts';
import { removalOfDomain } from './removal.ts';
import { type Session, statement, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** One thing that happened to a profile, as it is stored. */
export interface HistoryRow {
  readonly domainId: string;
  readonly profileId: string;
  /** Ascends with time. */
  readonly recordId: string;
  readonly objectTypeName: string;
  readonly actionType: string;
  readonly objectKey: string | null;
  readonly performedBy: string;
  /** JSON text; null where nothing is left to show. */
  readonly content: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const insert = writeStatement<HistoryRow>()((database, { profileHistory }) =>
  database
    .insert(profileHistory)
    .values({
      domainId: placeholder('domainId'),
      profileId: placeholder('profileId'),
      recordId: placeholder('recordId'),
      objectTypeName: placeholder('objectTypeName'),
      actionType: placeholder('actionType'),
      objectKey: placeholder('objectKey'),
      performedBy: placeholder('performedBy'),
      content: placeholder('content'),
      createdAt: placeholder('createdAt'),
    })
    .returning({ recordId: profileHistory.recordId }),
);

/** Leaves it to the unit's end, which fails with MissingParentError when the domain is gone. */
export function insertHistory(session: WriteSession, row: HistoryRow): void {
  session.last(insert, row);
}

/** How many records one statement stores; more go in several. */
const RECORDS_PER_STATEMENT = 64;

const recordColumns = [
  'profileId',
  'recordId',
  'objectTypeName',
  'actionType',
  'objectKey',
  'performedBy',
  'content',
  'createdAt',
] as const;

const insertSome = sized(RECORDS_PER_STATEMENT, (size) =>
  writeStatement<{ domainId: string }>()((database, { profileHistory }) =>
    database
      .insert(profileHistory)
      .values(
        rowPlaceholders(recordColumns, size).map((row) => ({
          ...row,
          domainId: placeholder('domainId'),
        })),
      )
      // The list is filled up by its last row.
      .onConflictDoNothing()
      .returning({ recordId: profileHistory.recordId }),
  ),
);

/** The same for any number of records of a domain. */
export function insertHistories(
  session: WriteSession,
  domainId: string,
  rows: readonly Omit<HistoryRow, 'domainId'>[],
): void {
  for (const part of inParts(rows, RECORDS_PER_STATEMENT))
    session.last(insertSome(part.length), { domainId, ...rowParameters(part, recordColumns) });
}

/** After every record id there is: those are hex digits. */
export const NEWEST_RECORD = 'g';

/** Which records of a profile to list; an empty text means all. */
export interface HistoryQuery extends DomainName {
  readonly profileId: string;
  readonly objectTypeName: string;
  readonly actionType: string;
  readonly performedBy: string;
  /** Only older ones than this record. */
  readonly before: string;
  readonly limit: number;
}

const page = statement<HistoryQuery>()((database, tables) => {
  const { domains, profileHistory } = tables;
  const matches = (column: Column, name: string) =>
    sql`(${placeholder(name)} = '' or ${column} = ${placeholder(name)})`;
  return database
    .select({
      recordId: profileHistory.recordId,
      objectTypeName: profileHistory.objectTypeName,
      actionType: profileHistory.actionType,
      objectKey: profileHistory.objectKey,
      performedBy: profileHistory.performedBy,
      createdAt: profileHistory.createdAt,
    })
    .from(domains)
    .innerJoin(profileHistory, eq(profileHistory.domainId, domains.domainId))
    .where(
      and(
        isNamed(tables),
        eq(profileHistory.profileId, placeholder('profileId')),
        lt(profileHistory.recordId, placeholder('before')),
        matches(profileHistory.objectTypeName, 'objectTypeName'),
        matches(profileHistory.actionType, 'actionType'),
        matches(profileHistory.performedBy, 'performedBy'),
      ),
    )
    .orderBy(desc(profileHistory.recordId))
    .limit(placeholder('limit'));
});

/** Records of a profile, newest first, without their content. */
export function listHistory(
  session: Session,
  query: HistoryQuery,
): Promise<Omit<HistoryRow, 'domainId' | 'profileId' | 'content'>[]> {
  return session.run(page, query);
}

/** Whether anything is known to have happened to a profile. */
export async function hasHistory(
  session: Session,
  profile: DomainName & { readonly profileId: string },
): Promise<boolean> {
  const { accountId, domainName, profileId } = profile;
  const all = { objectTypeName: '', actionType: '', performedBy: '', before: NEWEST_RECORD };
  const rows = await listHistory(session, { accountId, domainName, profileId, ...all, limit: 1 });
  return rows.length > 0;
}

const byId = statement<DomainName & { profileId: string; recordId: string }>()(
  (database, tables) => {
    const { domains, profileHistory } = tables;
    return database
      .select({
        domainId: profileHistory.domainId,
        profileId: profileHistory.profileId,
        recordId: profileHistory.recordId,
        objectTypeName: profileHistory.objectTypeName,
        actionType: profileHistory.actionType,
        objectKey: profileHistory.objectKey,
        performedBy: profileHistory.performedBy,
        content: profileHistory.content,
        createdAt: profileHistory.createdAt,
      })
      .from(domains)
      .innerJoin(profileHistory, eq(profileHistory.domainId, domains.domainId))
      .where(
        and(
          isNamed(tables),
          eq(profileHistory.profileId, placeholder('profileId')),
          eq(profileHistory.recordId, placeholder('recordId')),
        ),
      );
  },
);

/** One record of a profile, or undefined. */
export async function findHistory(
  session: Session,
  name: DomainName & { readonly profileId: string; readonly recordId: string },
): Promise<HistoryRow | undefined> {
  const { accountId, domainName, profileId, recordId } = name;
  const [row] = await session.run(byId, { accountId, domainName, profileId, recordId });
  return row;
}

/** Removes up to `limit` records of a domain that goes away. Whether there may be more. */
export const removeHistoryOfDomain = removalOfDomain(({ profileHistory }) => ({
  table: profileHistory,
  domainId: profileHistory.domainId,
  key: [profileHistory.profileId, profileHistory.recordId],
}));
