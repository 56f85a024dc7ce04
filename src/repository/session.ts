import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type * as sqliteSchema from './schema/sqlite.ts';

/** The tables of the engine in use. Both engines have the same names and row types. */
export type Tables = typeof sqliteSchema;

/** The part of Drizzle that the engines share. */
export type Database = Pick<
  BetterSQLite3Database,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete'
>;

/** A Drizzle query that can be prepared; awaiting it gives its rows. */
interface Preparable {
  prepare(): { execute(parameters?: Record<string, unknown>): unknown };
}

/** One SQL statement with parameters P and rows R, prepared once for each connection. */
export interface Statement<P, R> {
  build(database: Database, tables: Tables): Preparable;
  /** Only carry types. */
  readonly parameters?: P;
  readonly rows?: R;
}

/**
 * Declares a statement. Its builder runs once per connection: Drizzle's builders cost many times
 * what the prepared statement does.
 *
 *     const byName = statement<{ name: string }>()((db, { domains }) =>
 *       db.select().from(domains).where(eq(domains.name, sql.placeholder('name'))),
 *     );
 */
export function statement<P extends object = Record<never, never>>() {
  return <Q extends Preparable>(
    build: (database: Database, tables: Tables) => Q,
  ): Statement<P, Awaited<Q>> => ({ build });
}

/** Reads from one consistent state of the database. */
export interface Session {
  run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R>;
}

declare const writable: unique symbol;

/** A session inside a unit of work that may write. Only `Repository.write` makes one. */
export interface WriteSession extends Session {
  readonly [writable]: true;
}
