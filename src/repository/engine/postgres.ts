import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  AlreadyExistsError,
  ConflictError,
  DatabaseRefusedError,
  UnavailableError,
} from '../errors.ts';
import type { Place, Repository, StoreMeasures } from '../repository.ts';
import type { Session, WriteSession } from '../session.ts';
import { Connection, migrate, UNIT_TABLE } from './postgres-connection.ts';
import { ConnectionLostError, repositoryError } from './postgres-errors.ts';
import { withoutPassword } from './postgres-url.ts';
import { type RunStatement, UnitSession } from './unit-session.ts';

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

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function runOn(connection: Connection): RunStatement {
  return (statement, parameters) => connection.run(statement, parameters);
}

/** What a transaction of a unit begins with; units rely on these settings, whatever the server's own are. */
const BEGIN_WRITE = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${UNIT_MS_MAX};`;
const BEGIN_READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** An earlier run of a unit was stored, though its commit was not answered. */
class UnitStoredError extends Error {
  override readonly name = 'UnitStoredError';
}

/**
 * Begins a transaction and leaves the unit's marker in it. If a run of the unit is still being committed on a connection
 * that was lost, this waits until that is decided.
 *
 * @throws UnitStoredError when that was stored.
 */
async function beginUnit(connection: Connection, unitId: string): Promise<void> {
  const { lastUnit } = connection;
  const removeLast =
    lastUnit === undefined ? '' : `DELETE FROM ${UNIT_TABLE} WHERE unit_id = '${lastUnit}';`;
  const leaveMarker = `INSERT INTO ${UNIT_TABLE} (unit_id) VALUES ('${unitId}')`;
  try {
    await connection.command(`${BEGIN_WRITE} ${removeLast} ${leaveMarker}`);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    throw new UnitStoredError('the unit has a marker already', { cause: error });
  }
}

/**
 * Begins a transaction and runs `work` in it; when either fails, the transaction ends without a trace. A first
 * statement that reads goes to the server together with the beginning: if that fails in its transaction, so do all that follow.
 *
 * @param mayFail whether `work` begins only when `begin` has ended well.
 * @throws what `begin` fails with, or else `work`.
 */
async function inTransaction<T>(
  connection: Connection,
  begin: () => Promise<unknown>,
  work: (session: WriteSession) => Promise<T>,
  mayFail = false,
) {
  let beginning: Promise<unknown> | undefined;
  const session = new UnitSession(async (statement, parameters) => {
    // Should the beginning not even be executed, nothing is written without it.
    if (statement.writes) await beginning;
    return connection.run(statement, parameters);
  });
  try {
    const [begun, worked] = await connection.together(() => {
      beginning = begin();
      const working = mayFail
        ? beginning.then(() => session.complete(work))
        : session.complete(work);
      return Promise.allSettled([beginning, working]);
    });
    if (begun.status === 'rejected') throw begun.reason;
    if (worked.status === 'rejected') throw worked.reason;
    return worked.value;
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    session.end();
  }
}

class PostgresRepository implements Repository {
  readonly #pool: pg.Pool;
  readonly #connections = new WeakMap<pg.PoolClient, Connection>();
  /**
   * The connections of those who run units in order, between these: to wait for one again and again, behind all others,
   * would take a multiple of what anything else takes.
   */
  readonly #places = new Map<Place, pg.PoolClient | undefined>();
  #lastPlace = 0;
  /** The units that have not ended yet; these promises never fail. */
  readonly #units = new Set<Promise<void>>();
  #isClosed = false;

  constructor({ url, poolSize }: PostgresOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: poolSize,
      // What is sent before the answers to what was sent before goes to the server without waiting for those.
      pipeline: true,
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

  readonly autocommit: Session = {
    run: (statement, parameters) =>
      this.#unit((connection) => new UnitSession(runOn(connection)).run(statement, parameters)),
  };

  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#unit((connection) => this.#read(connection, work));
  }

  async #read<T>(connection: Connection, work: (session: Session) => Promise<T>): Promise<T> {
    const begin = () => connection.command(BEGIN_READ);
    const { value } = await inTransaction(connection, begin, work);
    await connection.commit();
    return value;
  }

  async snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new UnavailableError('the database is closed');
    try {
      return await this.#withConnection((connection) => this.#read(connection, work));
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
      throw new UnavailableError("the database doesn't answer", { cause: error });
    }
  }

  write<T>(work: (session: WriteSession) => Promise<T>, place?: Place): Promise<T> {
    const unitId = randomUUID();
    /** What the last run gave, from when its commit was sent. */
    let unanswered: { readonly value: T } | undefined;
    return this.#unit(async (connection) => {
      try {
        const begin = () => beginUnit(connection, unitId);
        const mayBeStored = unanswered !== undefined;
        const { value, last } = await inTransaction(connection, begin, work, mayBeStored);
        // Without an answer only the database knows whether it is stored; the next run asks it.
        unanswered = { value };
        await connection.commit(last);
        connection.lastUnit = unitId;
        return value;
      } catch (error) {
        if (error instanceof UnitStoredError && unanswered !== undefined) return unanswered.value;
        throw error;
      }
    }, place);
  }

  /** The connection of a place, or else one of the pool. */
  async #connect(place?: Place): Promise<pg.PoolClient> {
    const kept = place === undefined ? undefined : this.#places.get(place);
    if (place !== undefined && kept !== undefined) {
      this.#places.set(place, undefined);
      if (!this.#connectionOf(kept).isLost) return kept;
      kept.release(true);
    }
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw repositoryError(error);
    }
  }

  #connectionOf(client: pg.PoolClient): Connection {
    const connection = this.#connections.get(client);
    if (connection === undefined) throw new Error('the pool gave a connection it did not announce');
    return connection;
  }

  /** Runs on a connection, and closes that one if it can't be used again. */
  async #withConnection<T>(
    run: (connection: Connection) => Promise<T>,
    deadline = Number.POSITIVE_INFINITY,
    place?: Place,
  ): Promise<T> {
    const client = await this.#connect(place);
    const connection = this.#connectionOf(client);
    connection.deadline = deadline;
    let isDone = false;
    try {
      const value = await run(connection);
      isDone = true;
      return value;
    } finally {
      // Whatever went wrong, nobody may be given a connection with an open transaction.
      const isSpent = connection.isLost || client.getTransactionStatus() !== 'I';
      // A unit that will run again waits before that: others need the connection meanwhile.
      const isKept = isDone && !isSpent && place !== undefined && this.#isVacant(place);
      if (isKept) this.#places.set(place, client);
      else client.release(isSpent);
    }
  }

  /** Whether somebody runs units in that place, and no connection is kept for them. */
  #isVacant(place: Place): boolean {
    return this.#places.has(place) && this.#places.get(place) === undefined;
  }

  #unit<T>(run: (connection: Connection) => Promise<T>, place?: Place): Promise<T> {
    if (this.#isClosed) return Promise.reject(new UnavailableError('the database is closed'));
    const unit = this.#runUnit(run, place);
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
   * up to five seconds. Its last statement may take five more.
   *
   * @throws UnavailableError when that was not enough.
   */
  async #runUnit<T>(run: (connection: Connection) => Promise<T>, place?: Place): Promise<T> {
    const deadline = performance.now() + UNIT_MS_MAX;
    for (let runs = 1; ; runs++) {
      try {
        return await this.#withConnection(run, deadline, place);
      } catch (error) {
        const mayRunAgain =
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

  async inOrder<T>(tasks: readonly ((place: Place) => Promise<T>)[]): Promise<T[]> {
    this.#lastPlace += 1;
    const place = this.#lastPlace;
    this.#places.set(place, undefined);
    try {
      const values: T[] = [];
      for (const task of tasks) values.push(await task(place));
      return values;
    } finally {
      this.#places.get(place)?.release();
      this.#places.delete(place);
    }
  }

  /** Nothing waits for the event loop but answers of the server. */
  keepUp(): void {}

  async ping(): Promise<void> {
    await this.#withConnection((connection) => connection.command('SELECT 1 FROM domains LIMIT 1'));
  }

  async measure(): Promise<StoreMeasures> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    const pool = { idle: idleCount, busy: totalCount - idleCount, waiting: waitingCount };
    // Whoever waits for a connection needs it more.
    if (waitingCount > 0) return { pool };
    const [row] = await this.#withConnection((connection) =>
      connection.command('SELECT pg_database_size(current_database()) AS bytes'),
    );
    return { pool, databaseBytes: Number(row?.bytes) };
  }

  async clear(): Promise<void> {
    // The other tables hang on this one.
    await this.#unit((connection) => connection.command('DELETE FROM domains'));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#units);
    await this.#pool.end();
  }
}

/** A migration may take its time, and waits for another starter's: no time-out here. */
async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: UNIT_MS_MAX,
    application_name: 'keyfold',
  });
  const connection = new Connection(client);
  await client.connect();
  try {
    await migrate(connection);
    // What killed processes have left behind.
    await connection
      .command(`DELETE FROM ${UNIT_TABLE} WHERE started_at < now() - interval '1 day'`)
      .catch(() => {});
  } finally {
    await client.end();
  }
}

/**
 * Connects to a PostgreSQL database and migrates it as needed.
 *
 * @throws DatabaseRefusedError when it can't be reached or must not be used: its message is one line
 *   that says which database and why.
 */
export async function openPostgres(options: PostgresOptions): Promise<Repository> {
  try {
    await migrateDatabase(options.url);
    return new PostgresRepository(options);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    const detail = error instanceof DatabaseRefusedError ? reason : `can't be opened: ${reason}`;
    throw new DatabaseRefusedError(`database ${withoutPassword(options.url)} ${detail}`, {
      cause: error,
    });
  }
}
