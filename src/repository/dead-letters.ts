import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { type DomainName, isNamed } from './domains.ts';
import {
  type Database,
  type Session,
  statement,
  type Tables,
  type WriteSession,
  writeStatement,
} from './session.ts';

const { placeholder } = sql;

/** An object that was refused. */
export interface DeadLetterRow {
  readonly domainId: string;
  /** Ascends with time. */
  readonly letterId: string;
  readonly objectTypeName: string;
  /** The object as it came. */
  readonly document: string;
  readonly reason: string;
  readonly performedBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

function insertRow(database: Database, { deadLetters }: Tables) {
  return database.insert(deadLetters).values({
    domainId: placeholder('domainId'),
    letterId: placeholder('letterId'),
    objectTypeName: placeholder('objectTypeName'),
    document: placeholder('document'),
    reason: placeholder('reason'),
    performedBy: placeholder('performedBy'),
    createdAt: placeholder('createdAt'),
  });
}

const insert = writeStatement<DeadLetterRow>()((database, tables) =>
  insertRow(database, tables).returning({ letterId: tables.deadLetters.letterId }),
);

/** @throws MissingParentError when the domain is gone. */
export async function insertDeadLetter(session: WriteSession, row: DeadLetterRow): Promise<void> {
  await session.run(insert, row);
}

const insertOnce = writeStatement<DeadLetterRow>()((database, tables) =>
  insertRow(database, tables)
    .onConflictDoNothing()
    .returning({ letterId: tables.deadLetters.letterId }),
);

/** The same unless the letter is there already. */
export async function insertDeadLetterOnce(
  session: WriteSession,
  row: DeadLetterRow,
): Promise<void> {
  await session.run(insertOnce, row);
}

const page = statement<DomainName & { after: string; limit: number }>()((database, tables) => {
  const { deadLetters, domains } = tables;
  return database
    .select({
      domainId: deadLetters.domainId,
      letterId: deadLetters.letterId,
      objectTypeName: deadLetters.objectTypeName,
      document: deadLetters.document,
      reason: deadLetters.reason,
      performedBy: deadLetters.performedBy,
      createdAt: deadLetters.createdAt,
    })
    .from(domains)
    .innerJoin(deadLetters, eq(deadLetters.domainId, domains.domainId))
    .where(and(isNamed(tables), gt(deadLetters.letterId, placeholder('after'))))
    .orderBy(asc(deadLetters.letterId))
    .limit(placeholder('limit'));
});

/** Up to `limit` refused objects of a domain, oldest first, those after the letter `after`. */
export function listDeadLetters(
  session: Session,
  { accountId, domainName }: DomainName,
  after: string,
  limit: number,
): Promise<DeadLetterRow[]> {
  return session.run(page, { accountId, domainName, after, limit });
}

const remove = writeStatement<Pick<DeadLetterRow, 'domainId' | 'letterId'>>()(
  (database, { deadLetters }) =>
    database
      .delete(deadLetters)
      .where(
        and(
          eq(deadLetters.domainId, placeholder('domainId')),
          eq(deadLetters.letterId, placeholder('letterId')),
        ),
      )
      .returning({ letterId: deadLetters.letterId }),
);

/** Whether the letter was there. */
export async function removeDeadLetter(
  session: WriteSession,
  { domainId, letterId }: Pick<DeadLetterRow, 'domainId' | 'letterId'>,
): Promise<boolean> {
  const removed = await session.run(remove, { domainId, letterId });
  return removed.length > 0;
}
