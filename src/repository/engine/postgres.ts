import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { ConflictError, DatabaseRefusedError, UnavailableError } from '../errors.ts';
import { migrationsOf, pendingMigrations } from '../migrations.ts';
import type { Repository } from '../repository.ts';
import * as tables from '../schema/postgres.ts';
import type { Database, Locks, Session, Statement, Tables, WriteSession } from '../session.ts';
import { ConnectionLostError, isUndefinedFunction, repositoryError } from './postgres-errors.ts';
import { UnitSession } from './unit-session.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** How many connections this process opens at most. */
  readonly poolSize: number;
}

/** How long one unit of work may take, all its runs included, before it is refused. */
const UNIT_MS_MAX = 5_000;
/** How often a unit runs again when it keeps losing to others. */
const CONFLICT_RUNS_MAX = 50;
/** Waits between runs grow from the first to the second, with jitter. */
const RETRY_MS_MIN = 5;
const RETRY_MS_MAX = 500;
/** `KFLD`: the lock that starters of any Keyfold take before they migrate. */
const MIGRATION_LOCK = 0x4b464c44;
const MIGRATION_TABLE = '__drizzle_migrations';

const locks: Locks = {
  keyShareOfProfile: sql`for key share of ${tables.profiles}`,
  updateOfProfile: sql`for update of ${tables.profiles}`,
};

/** What a session runs statements with: the prepared form of each, made when first used. */
interface Prepared {
  execute(parameters?: Record<string, unknown>): Promise<unknown>;
}

/** The SQL of every statement, made once for each connection. */
class Connection {
  readonly client: pg.PoolClient;
  readonly #database: Database;
  readonly #prepared = new WeakMap<Statement<object, unknown>, Prepared>();

  constructor(client: pg.PoolClient) {
    this.client = client;
    // Both drivers have the builders that statements use, with the same meaning; their types differ.
    this.#database = drizzle(client) as unknown as Database;
  }

  async run(
    statement: Statement<object, unknown>,
    parameters: Record<string, unknown>,
  ): Promise<unknown> {
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
      throw repositoryError(error);
    }
  }

  /** Runs commands without parameters in one round trip; gives the rows of the last. */
  async command(sql: string): Promise<Record<string, unknown>[]> {
    try {
      // Several commands in one query give a list of results.
      const results = (await this.client.query(sql)) as pg.QueryResult | pg.QueryResult[];
      return [results].flat().at(-1)?.rows ?? [];
    } catch (error) {
      throw repositoryError(error);
    }
  }
}

/**
 * The connection was lost while a unit was being committed: only the server knows whether it was.
 */
class CommitUnknownError extends Error {
  readonly transaction: string;
  readonly value: unknown;

  constructor(transaction: string, value: unknown, cause: unknown) {
    super('the connection was lost during a commit', { cause });
    this.transaction = transaction;
    this.value = value;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class PostgresRepository implements Repository {
  readonly #pool: pg.Pool;
  readonly #connections = new WeakMap<pg.PoolClient, Connection>();
  /** The units that have not ended yet; these promises never fail. */
  readonly #units = new Set<Promise<void>>();
  #isClosed = false;
  #hasTransactionNumbers = true;

  constructor({ url, poolSize }: PostgresOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: UNIT_MS_MAX,
      query_timeout: UNIT_MS_MAX,
      keepAlive: true,
      application_name: 'keyfold',
    });
    // An idle connection that breaks is dropped; the next unit opens another.
    this.#pool.on('error', () => {});
  }

  readonly autocommit: WriteSession = {
    run: (statement, parameters) =>
      this.#unit((connection) =>
        new UnitSession(this.#runOn(connection)).run(statement, parameters),
      ),
  };

  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#unit(async (connection) => {
      await connection.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return this.#finish(connection, work, () => connection.command('COMMIT'));
    });
  }

  write<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    return this.#unit(async (connection) => {
      const transaction = await this.#begin(connection);
      let value: T | undefined;
      const run = async (session: WriteSession) => {
        value = await work(session);
        return value;
      };
      return this.#finish(connection, run, async () => {
        try {
          await connection.command('COMMIT');
        } catch (error) {
          if (!(error instanceof ConnectionLostError)) throw error;
          // Without a number nobody can tell: the caller must hear that it failed, not a guess.
          if (transaction === undefined)
            throw new UnavailableError('the commit was not answered', { cause: error });
          throw new CommitUnknownError(transaction, value, error);
        }
      });
    });
  }

  /**
   * Begins a transaction in one round trip. Its number tells later whether it was committed;
   * databases that only speak PostgreSQL's protocol may have none.
   */
  async #begin(connection: Connection): Promise<string | undefined> {
    const begin = `BEGIN; SET LOCAL statement_timeout = ${UNIT_MS_MAX}`;
    if (this.#hasTransactionNumbers) {
      try {
        const rows = await connection.command(`${begin}; SELECT pg_current_xact_id()::text AS id`);
        return String(rows[0]?.id);
      } catch (error) {
        if (!isUndefinedFunction(error)) throw error;
        this.#hasTransactionNumbers = false;
        await connection.command('ROLLBACK');
      }
    }
    await connection.command(begin);
    return undefined;
  }

  async #finish<T>(
    connection: Connection,
    work: (session: WriteSession) => Promise<T>,
    commit: () => Promise<unknown>,
  ): Promise<T> {
    const session = new UnitSession(this.#runOn(connection));
    try {
      const value = await work(session);
      session.end();
      await commit();
      return value;
    } catch (error) {
      session.end();
      if (!(error instanceof ConnectionLostError || error instanceof CommitUnknownError))
        await connection.command('ROLLBACK');
      throw error;
    }
  }

  #runOn(connection: Connection) {
    return (statement: Statement<object, unknown>, parameters: Record<string, unknown>) =>
      connection.run(statement, parameters);
  }

  /** Runs on a connection of the pool, and closes that one if it was lost. */
  async #withConnection<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw repositoryError(error);
    }
    let connection = this.#connections.get(client);
    if (connection === undefined) {
      connection = new Connection(client);
      this.#connections.set(client, connection);
    }
    let isLost = false;
    // A connection that breaks while nobody waits on it must not end the process.
    const onError = () => {
      isLost = true;
    };
    client.on('error', onError);
    try {
      return await run(connection);
    } catch (error) {
      isLost ||= error instanceof ConnectionLostError || error instanceof CommitUnknownError;
      throw error;
    } finally {
      client.off('error', onError);
      client.release(isLost);
    }
  }

  /** What became of a transaction whose commit was not answered. */
  async #wasCommitted(transaction: string): Promise<boolean> {
    return this.#withConnection(async (connection) => {
      const [row] = await connection.command(
        `SELECT pg_xact_status('${transaction}'::xid8) AS status`,
      );
      if (row?.status === 'committed') return true;
      if (row?.status === 'aborted') return false;
      throw new ConnectionLostError('the transaction is still in progress');
    });
  }

  #unit<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new UnavailableError('the database is closed'));
    const unit = this.#runUnit(run);
    const ended = unit.then(
      () => {},
      () => {},
    );
    this.#units.add(ended);
    void ended.then(() => this.#units.delete(ended));
    return unit;
  }

  /**
   * Runs a unit until it ends: again after a conflict or a lost connection, with growing waits, for
   * up to five seconds.
   *
   * @throws UnavailableError when that was not enough.
   */
  async #runUnit<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + UNIT_MS_MAX;
    let unknown: CommitUnknownError | undefined;
    for (let runs = 1; ; runs++) {
      try {
        if (unknown !== undefined) {
          // The value was made by the run whose commit this is.
          if (await this.#wasCommitted(unknown.transaction)) return unknown.value as T;
          unknown = undefined;
        }
        return await this.#withConnection(run);
      } catch (error) {
        if (error instanceof CommitUnknownError) unknown = error;
        const mayRunAgain =
          error === unknown ||
          error instanceof ConnectionLostError ||
          (error instanceof ConflictError && runs < CONFLICT_RUNS_MAX);
        if (!mayRunAgain) throw error;
        const wait = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** runs) * (0.5 + Math.random());
        if (performance.now() + wait > deadline)
          throw new UnavailableError("the database doesn't answer", { cause: error });
        await delay(wait);
      }
    }
  }

  async ping(): Promise<void> {
    await this.#withConnection((connection) => connection.command('SELECT 1 FROM domains LIMIT 1'));
  }

  async clear(): Promise<void> {
    // The other tables hang on this one.
    await this.#unit((connection) => connection.command('DELETE FROM domains'));
  }

  /** Brings the database to this program's schema, one starter at a time, all of it or nothing. */
  async migrate(): Promise<void> {
    await this.#withConnection(async (connection) => {
      // Held by the transaction and not by the session, which a pooler may share.
      await connection.command(`BEGIN; SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
      try {
        await connection.command(
          `CREATE TABLE IF NOT EXISTS ${MIGRATION_TABLE} (id integer PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
        );
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
        await connection.command('COMMIT');
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) await connection.command('ROLLBACK');
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#units);
    await this.#pool.end();
  }
}

/** A URL for people: without the password. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1@');
}

/**
 * Connects to a PostgreSQL database and migrates it as needed.
 *
 * @throws DatabaseRefusedError when it can't be reached or must not be used: its message is one line
 *   that says which database and why.
 */
export async function openPostgres(options: PostgresOptions): Promise<Repository> {
  const repository = new PostgresRepository(options);
  try {
    await repository.migrate();
    return repository;
  } catch (error) {
    await repository.close();
    const [reason] = (error as Error).message.split('\n');
    const detail = error instanceof DatabaseRefusedError ? reason : `can't be opened: ${reason}`;
    throw new DatabaseRefusedError(`database ${withoutPassword(options.url)} ${detail}`, {
      cause: error,
    });
  }
}
