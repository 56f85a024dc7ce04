import { and, asc, desc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import { type DomainName, domainIdByName, isNamed } from './domains.ts';
import { listParameters, listPlaceholders, sized } from './lists.ts';
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

const newest = statement<{ domainId: string }>()((database, { deadLetters }) =>
  database
    .select({ letterId: deadLetters.letterId })
    .from(deadLetters)
    .where(eq(deadLetters.domainId, placeholder('domainId')))
    .orderBy(desc(deadLetters.letterId))
    .limit(1),
);

/** The last of the letters of a domain, or undefined. */
export async function newestDeadLetter(
  session: Session,
  domainId: string,
): Promise<string | undefined> {
  const [row] = await session.run(newest, { domainId });
  return row?.letterId;
}

const ids = statement<{ domainId: string; after: string; last: string; limit: number }>()(
  (database, { deadLetters }) =>
    database
      .select({ letterId: deadLetters.letterId })
      .from(deadLetters)
      .where(
        and(
          eq(deadLetters.domainId, placeholder('domainId')),
          gt(deadLetters.letterId, placeholder('after')),
          lte(deadLetters.letterId, placeholder('last')),
        ),
      )
      .orderBy(asc(deadLetters.letterId))
      .limit(placeholder('limit')),
);

/** Up to `limit` ids of letters, oldest first, after the letter `after` and up to `last`. */
export async function deadLetterIds(
  session: Session,
  domainId: string,
  { after, last, limit }: { after: string; last: string; limit: number },
): Promise<string[]> {
  const rows = await session.run(ids, { domainId, after, last, limit });
  return rows.map(({ letterId }) => letterId);
}

type LetterName = Pick<DeadLetterRow, 'domainId' | 'letterId'>;

const take = writeStatement<LetterName>()((database, { deadLetters }) =>
  database
    .delete(deadLetters)
    .where(
      and(
        eq(deadLetters.domainId, placeholder('domainId')),
        eq(deadLetters.letterId, placeholder('letterId')),
      ),
    )
    .returning(),
);

/** Removes a letter and gives it; undefined when it isn't there, or another unit has taken it. */
export async function takeDeadLetter(
  session: WriteSession,
  { domainId, letterId }: LetterName,
): Promise<DeadLetterRow | undefined> {
  const [letter] = await session.run(take, { domainId, letterId });
  return letter;
}

const giveReason = writeStatement<DomainName & { letterId: string; reason: string }>()(
  (database, tables) => {
    const { deadLetters } = tables;
    return database
      .update(deadLetters)
      .set({ reason: sql`${placeholder('reason')}` })
      .where(
        and(
          eq(deadLetters.domainId, domainIdByName(database, tables)),
          eq(deadLetters.letterId, placeholder('letterId')),
        ),
      )
      .returning({ letterId: deadLetters.letterId });
  },
);

/** Notes why a letter was refused again. One that is gone by now stays gone. */
export async function changeDeadLetterReason(
  session: WriteSession,
  { accountId, domainName }: DomainName,
  letterId: string,
  reason: string,
): Promise<void> {
  await session.run(giveReason, { accountId, domainName, letterId, reason });
}

/** How many letters one call removes at most. */
const REMOVED_MAX = 128;

const remove = sized(REMOVED_MAX, (size) =>
  writeStatement<{ domainId: string }>()((database, { deadLetters }) =>
    database
      .delete(deadLetters)
      .where(
        and(
          eq(deadLetters.domainId, placeholder('domainId')),
          inArray(deadLetters.letterId, listPlaceholders('letterId', size)),
        ),
      )
      .returning({ letterId: deadLetters.letterId }),
  ),
);

/** Removes up to 128 letters by their ids. How many of them were there. */
export async function removeDeadLetters(
  session: WriteSession,
  domainId: string,
  letterIds: readonly string[],
): Promise<number> {
  if (letterIds.length === 0) return 0;
  const letters = { domainId, ...listParameters('letterId', letterIds) };
  return (await session.run(remove(letterIds.length), letters)).length;
}

const oldest = statement<{ domainId: string; limit: number }>()((database, { deadLetters }) =>
  database
    .select({ letterId: deadLetters.letterId, createdAt: deadLetters.createdAt })
    .from(deadLetters)
    .where(eq(deadLetters.domainId, placeholder('domainId')))
    .orderBy(asc(deadLetters.letterId))
    .limit(placeholder('limit')),
);

/**
 * Removes up to `limit` (at most 128) of the oldest letters of a domain. Whether there may be more.
 *
 * @param createdBy only those that came by then: milliseconds since the epoch.
 */
export async function removeOldDeadLetters(
  session: WriteSession,
  domainId: string,
  limit: number,
  createdBy: number = Number.MAX_SAFE_INTEGER,
): Promise<boolean> {
  const letters = await session.run(oldest, { domainId, limit });
  const old = letters.filter(({ createdAt }) => createdAt <= createdBy);
  const letterIds = old.map(({ letterId }) => letterId);
  await removeDeadLetters(session, domainId, letterIds);
  return letterIds.length === limit;
}

const domainOfOld = statement<{ createdBy: number }>()((database, { deadLetters, domains }) => {
  const first = database
    .select({ createdAt: deadLetters.createdAt })
    .from(deadLetters)
    .where(eq(deadLetters.domainId, domains.domainId))
    .orderBy(asc(deadLetters.letterId))
    .limit(1);
  return database
    .select({ domainId: domains.domainId })
    .from(domains)
    .where(sql`${first} <= ${placeholder('createdBy')}`)
    .limit(1);
});

/**
 * A domain whose oldest letter came by then, or undefined. Reads one letter of each domain: ids ascend
 * with time, and there are a hundred domains, not a million.
 */
export async function domainWithOldDeadLetters(
  session: Session,
  createdBy: number,
): Promise<string | undefined> {
  const [row] = await session.run(domainOfOld, { createdBy });
  return row?.domainId;
}
