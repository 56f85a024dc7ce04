import type { Placeholder, SQL } from 'drizzle-orm';
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

/**
 * What statements of one engine say besides Drizzle's builders. SQLite has one writer and needs no
 * locks; there these hold nothing.
 */
export interface Locks {
  /** Holds the profile that a select reads while its keys are added, as the foreign key does. */
  readonly keyShareOfProfile: SQL;
  /** Holds it against everybody, those who add keys included. */
  readonly updateOfProfile: SQL;
  /** Holds the domain that a select reads, as the foreign keys of what is in it do. */
  readonly keyShareOfDomain: SQL;
  /** Holds it against everybody. */
  readonly updateOfDomain: SQL;
  /** Holds it only against those who hold it in this way or the one before, not against new rows. */
  readonly noKeyUpdateOfDomain: SQL;
  /** Holds it against those who hold it in either of these ways, not against others of this one. */
  readonly shareOfDomain: SQL;
  /** The same as the first of these, passing over a domain that somebody else holds. */
  readonly updateOfFreeDomain: SQL;
  /** A table; reading it holds values of keys, by numbers, until the unit ends. */
  keyValues(numbers: readonly Placeholder[]): SQL;
  /** Holds the object types that a select reads while objects of them are stored. */
  readonly keyShareOfObjectType: SQL;
  /** Holds them against everybody, passing over those that somebody else holds. */
  readonly updateOfFreeObjectType: SQL;
  /** How many objects of a profile an object type's definition reserves, or null. */
  readonly reservedObjects: SQL<number | null>;
  /** A table of one row; reading it holds the account that a statement's `accountKey` names. */
  readonly account: SQL;
}

/** One SQL statement with parameters P and rows R, prepared once for each connection. */
export interface Statement<P, R> {
  readonly writes: boolean;
  build(database: Database, tables: Tables, locks: Locks): Preparable;
  /** Only carry types. */
  readonly parameters?: P;
  readonly rows?: R;
}

/** A statement that only reads. */
export interface ReadStatement<P, R> extends Statement<P, R> {
  readonly writes: false;
}

type Build<Q> = (database: Database, tables: Tables, locks: Locks) => Q;

/**
 * Declares a statement that only reads. Its builder runs once per connection: Drizzle's builders
 * cost many times what the prepared statement does.
 *
 *     const byName = statement<{ name: string }>()((db, { domains }) =>
 *       db.select().from(domains).where(eq(domains.name, sql.placeholder('name'))),
 *     );
 */
export function statement<P extends object = Record<never, never>>() {
  return <Q extends Preparable>(build: Build<Q>): ReadStatement<P, Awaited<Q>> => ({
    build,
    writes: false,
  });
}

/** The same for a statement that writes. It must return rows, so that its type says so. */
export function writeStatement<P extends object = Record<never, never>>() {
  return <Q extends Preparable>(build: Build<Q>): Statement<P, Awaited<Q>> => ({
    build,
    writes: true,
  });
}

/** Runs statements that read. */
export interface Session {
  run<P extends object, R>(statement: ReadStatement<P, R>, parameters: P): Promise<R>;
}

/** Runs any statement. Only a repository makes one: for a unit of work. */
export interface WriteSession {
  run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R>;
  /**
   * Has a statement run when the rest of the unit is done, within it, in the order in which they are given. What it
   * fails with, the unit fails with. On PostgreSQL these go to the server together with the commit.
   */
  last<P extends object>(statement: Statement<P, unknown>, parameters: P): void;
  /** Has something called when the unit's work is done, which may give it more last statements. */
  atEnd(giveLast: () => void): void;
}
