import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { DatabaseRefusedError, UnavailableError } from '../errors.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import * as tables from '../schema/postgres.ts';
import type { Database, Locks, Statement, Tables } from '../session.ts';
import { ConnectionLostError, repositoryError } from './postgres-errors.ts';
import type { LastStatement } from './unit-session.ts';

/** `KFLD`: the lock that starters of any Keyfold take before they migrate. */
const MIGRATION_LOCK = 0x4b464c44;
/** The first of the two keys of the lock of a key's value. */
const KEY_VALUE_LOCKS = 2;
/** The first of the two keys of an account's lock. Locks with one key, the migration's, are others. */
const ACCOUNT_LOCKS = 1;
export const MIGRATION_TABLE = '__drizzle_migrations';
/**
 * Holds a marker of each unit of work whose commit may still be asked for. A connection removes the
 * marker of its last unit with the next, so there are about as many as there are connections.
 */
export const UNIT_TABLE = '__keyfold_units';

const locks: Locks = {
  keyShareOfProfile: sql`for key share of ${tables.profiles}`,
  updateOfProfile: sql`for update of ${tables.profiles}`,
  keyShareOfDomain: sql`for key share of ${tables.domains}`,
  updateOfDomain: sql`for update of ${tables.domains}`,
  updateOfFreeDomain: sql`for update of ${tables.domains} skip locked`,
  keyValues: (numbers) =>
    sql`(select pg_advisory_xact_lock(${KEY_VALUE_LOCKS}, number::int) from (values ${sql.join(
      numbers.map((number) => sql`(${number})`),
      sql`, `,
    )}) as wanted (number)) as held`,
  noKeyUpdateOfDomain: sql`for no key update of ${tables.domains}`,
  shareOfDomain: sql`for share of ${tables.domains}`,
  keyShareOfObjectType: sql`for key share of ${tables.objectTypes}`,
  updateOfFreeObjectType: sql`for update of ${tables.objectTypes} skip locked`,
  reservedObjects: sql`(${tables.objectTypes.definition}::json ->> 'MaxProfileObjectCount')::bigint`,
  account: sql`pg_advisory_xact_lock(${ACCOUNT_LOCKS}, ${sql.placeholder('accountKey')})`,
};

/** What a session runs statements with: the prepared form of each, made when first used. */
interface Prepared {
  execute(parameters?: Record<string, unknown>): Promise<unknown>;
}

/** A connection of the pool, with the SQL of every statement that it has run. */
export class Connection {
  readonly client: pg.Client | pg.PoolClient;
  /** Whether it must not be used again. */
  isLost = false;
  /** When the unit that uses it has taken too long, on the clock of `performance.now()`. */
  deadline = Number.POSITIVE_INFINITY;
  /** The marker of the last unit that it committed; see {@link UNIT_TABLE}. */
  lastUnit: string | undefined;
  readonly #database: Database;
  /** How many statements have gone to the server. */
  #sent = 0;
  readonly #prepared = new WeakMap<Statement<object, unknown>, Prepared>();

  constructor(client: pg.Client | pg.PoolClient) {
    this.client = client;
    // A connection that breaks while nobody waits on it must not end the process.
    client.on('error', () => {
      this.isLost = true;
    });
    const query = (...query: Parameters<pg.Client['query']>) => {
      this.#sent += 1;
      return Reflect.apply(client.query, client, query);
    };
    // Drizzle asks the driver for nothing but this. Both drivers have the builders that statements use, with the
    // same meaning; their types differ.
    this.#database = drizzle({ client: { query } as pg.Client }) as unknown as Database;
  }

  async run(
    statement: Statement<object, unknown>,
    parameters: Record<string, unknown>,
  ): Promise<unknown> {
    if (performance.now() > this.deadline)
      throw new UnavailableError('the unit of work takes too long');
    let prepared = this.#prepared.get(statement);
    if (prepared === undefined) {
      // The tables have the same columns and row types; a test compares them.
      const query = statement.build(this.#database, tables as unknown as Tables, locks);
      // Without a name nothing is kept on the server: poolers may give each statement another one.
      prepared = (query.prepare as (name: string) => Prepared).call(query, '');
      this.#prepared.set(statement, prepared);
    }
    try {
      return await prepared.execute(parameters);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): Error {
    const failure = repositoryError(error);
    this.isLost ||= failure instanceof ConnectionLostError;
    return failure;
  }

  /** Sends in one piece what `send` sends before it returns. */
  together<T>(send: () => T): T {
    const { stream } = this.client.connection;
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  }

  /**
   * Runs the last statements of a transaction and commits it. If one of them fails, the transaction has failed.
   *
   * @throws ConnectionLostError when it is not known whether it was committed.
   */
  async commit(last: readonly LastStatement[] = []): Promise<void> {
    const { ran, committed } = this.together(() => {
      const sentBefore = this.#sent;
      const ran = last.map(({ statement, parameters }) => this.run(statement, parameters));
      // Nothing may be committed without one that was not sent: the unit may have taken too long.
      const areSent = this.#sent === sentBefore + last.length;
      return { ran, committed: areSent ? this.#commit() : undefined };
    });
    const outcomes = await Promise.allSettled([...ran, committed]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      if (committed === undefined) await this.rollback();
      throw failed.reason;
    }
    if (committed === undefined) await this.#commit();
  }

  /** PostgreSQL answers a COMMIT of a transaction in which a statement has failed with ROLLBACK, and without an error. */
  async #commit(): Promise<void> {
    let command: string;
    try {
      ({ command } = await this.client.query('COMMIT'));
    } catch (error) {
      throw this.#failure(error);
    }
    if (command !== 'COMMIT')
      throw new Error('a unit of work went on after a statement had failed: nothing is stored');
  }

  /** Ends a transaction that failed. A connection that can't even do that is given up. */
  async rollback(): Promise<void> {
    if (this.isLost) return;
    try {
      await this.client.query('ROLLBACK');
    } catch {
      this.isLost = true;
    }
  }

  /** Runs commands without parameters in one round trip; gives the rows of the last. */
  async command(sql: string): Promise<Record<string, unknown>[]> {
    try {
      // Several commands in one query give a list of results.
      const results = (await this.client.query(sql)) as pg.QueryResult | pg.QueryResult[];
      return [results].flat().at(-1)?.rows ?? [];
    } catch (error) {
      throw this.#failure(error);
    }
  }
}

async function prepareMigrations(connection: Connection): Promise<void> {
  const [encoding] = await connection.command('SHOW server_encoding');
  if (encoding?.server_encoding !== 'UTF8')
    throw new DatabaseRefusedError(
      `has the encoding ${encoding?.server_encoding}: it must be UTF8 to hold every text`,
    );
  // Asking first: a role that only runs Keyfold may not be allowed to create tables.
  const [found] = await connection.command(
    `SELECT to_regclass('${MIGRATION_TABLE}') IS NOT NULL AS is_there`,
  );
  if (found?.is_there) return;
  await connection.command(
    `CREATE TABLE ${MIGRATION_TABLE} (id integer PRIMARY KEY, hash text NOT NULL, created_at bigint);
    CREATE TABLE ${UNIT_TABLE} (unit_id text PRIMARY KEY, started_at timestamptz NOT NULL DEFAULT now())`,
  );
}

/**
 * Brings the database to this program's schema, one starter at a time, all of it or nothing.
 *
 * @throws DatabaseRefusedError when a newer version made it.
 */
export async function migrate(connection: Connection): Promise<void> {
  // Held by the transaction and not by the session, which a pooler may share.
  await connection.command(`BEGIN; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  try {
    await prepareMigrations(connection);
    const rows = await connection.command(`SELECT hash FROM ${MIGRATION_TABLE} ORDER BY id`);
    const applied = rows.map(({ hash }) => String(hash));
    const pending = pendingMigrations(migrationsOf('postgres'), applied);
    for (const [index, { sql, hash, folderMillis }] of pending.entries())
      await connection.command(
        [
          ...sql,
          `INSERT INTO ${MIGRATION_TABLE} VALUES (${applied.length + index + 1}, '${hash}', ${folderMillis})`,
        ].join(';\n'),
      );
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  }
}
