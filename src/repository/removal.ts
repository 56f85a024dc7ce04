import { and, asc, eq, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { type Tables, type WriteSession, writeStatement } from './session.ts';

const { placeholder } = sql;

/** Where rows of a domain are. */
interface RowsOfDomain {
  readonly table: SQLiteTable;
  readonly domainId: SQLiteColumn;
  /** The columns of the primary key that follow the domain: each row is found by all of them. */
  readonly key: readonly [SQLiteColumn, ...SQLiteColumn[]];
}

/** Removes up to `limit` rows of a domain that goes away or begins anew. Whether there may be more. */
export type RemoveOfDomain = (
  session: WriteSession,
  domainId: string,
  limit: number,
) => Promise<boolean>;

/** Makes what removes the rows of a table that belong to a domain, some at a time. */
export function removalOfDomain(rowsOf: (tables: Tables) => RowsOfDomain): RemoveOfDomain {
  const remove = writeStatement<{ domainId: string; limit: number }>()((database, tables) => {
    const { table, domainId, key } = rowsOf(tables);
    const isOfDomain = eq(domainId, placeholder('domainId'));
    const some = database
      .select(Object.fromEntries(key.map((column) => [column.name, column])))
      .from(table)
      .where(isOfDomain)
      .orderBy(...key.map((column) => asc(column)))
      .limit(placeholder('limit'));
    return database
      .delete(table)
      .where(and(isOfDomain, sql`(${sql.join([...key], sql`, `)}) in ${some}`))
      .returning({ domainId });
  });
  return async (session, domainId, limit) =>
    (await session.run(remove, { domainId, limit })).length === limit;
}
