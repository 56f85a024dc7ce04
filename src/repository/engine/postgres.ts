import pg from 'pg';
import { ConflictError, DatabaseRefusedError, UnavailableError } from '../errors.ts';
import type { Repository } from '../repository.ts';
import type { Session, Statement, WriteSession } from '../session.ts';
import { Connection, migrate } from './postgres-connection.ts';
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
    // Before anybody is given it: it may break at once, and an error that nobody hears ends the
    // process.
    this.#pool.on('connect', (client) => {
      this.#connections.set(client, new Connection(client));
    });
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
      const value = await this.#work(connection, work);
      await connection.command('COMMIT');
      return value;
    });
  }

  write<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    return this.#unit(async (connection) => {
      const transaction = await this.#begin(connection);
      const value = await this.#work(connection, work);
      try {
        await connection.command('COMMIT');
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
        if (transaction !== undefined) throw new CommitUnknownError(transaction, value, error);
        // Without a number nobody can tell: the caller must hear that it failed, not a guess.
        throw new UnavailableError('the commit was not answered', { cause: error });
      }
      return value;
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
        // The transaction may be open by then, and failed.
        await connection.rollback();
        if (!isUndefinedFunction(error)) throw error;
        this.#hasTransactionNumbers = false;
      }
    }
    await connection.command(begin);
    return undefined;
  }

  /** Runs `work` in the open transaction; when it fails, the transaction ends without a trace. */
  async #work<T>(connection: Connection, work: (session: WriteSession) => Promise<T>): Promise<T> {
    const session = new UnitSession(this.#runOn(connection));
    try {
      return await work(session);
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      session.end();
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
    const connection = this.#connections.get(client);
    if (connection === undefined) throw new Error('the pool gave a connection it did not announce');
    try {
      return await run(connection);
    } finally {
      client.release(connection.isLost);
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

  migrate(): Promise<void> {
    return this.#withConnection(migrate);
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
