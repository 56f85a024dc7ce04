import './runtime.ts';
import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import {
  AlreadyExistsError,
  ConflictError,
  DatabaseRefusedError,
  type DiskEvents,
  MissingParentError,
  UnavailableError,
} from '../errors.ts';
import type { Place, Repository, StoreMeasures, StoreObserver } from '../repository.ts';
import * as tables from '../schema/sqlite.ts';
import type {
  Database,
  Locks,
  ReadStatement,
  Session,
  Statement,
  WriteSession,
} from '../session.ts';
import {
  type Connection,
  forgetClosed,
  openConnection,
  openDatabaseFile,
  openInMemory,
  type SqliteOptions,
} from './sqlite-database.ts';
import { WriterDisk } from './sqlite-disk.ts';
import { withStablePlan } from './stable-plans.ts';
import { UnitSession } from './unit-session.ts';
import { type Transactions, UnitQueue } from './units.ts';

/** How long a statement waits for a lock while the event loop stands still. */
const LOCK_WAIT_MS = 10;
/** How often a unit runs again when it keeps losing to others. */
const CONFLICT_RUNS_MAX = 10;
/** How many units in order wait at once and share a commit: with all of them, single units wait behind whole batches. */
const AT_ONCE_IN_ORDER = 3;

const locks: Locks = {
  keyShareOfProfile: sql``,
  updateOfProfile: sql``,
  keyShareOfDomain: sql``,
  updateOfDomain: sql``,
  updateOfFreeDomain: sql``,
  noKeyUpdateOfDomain: sql``,
  shareOfDomain: sql``,
  keyShareOfObjectType: sql``,
  updateOfFreeObjectType: sql``,
  reservedObjects: sql`json_extract(${tables.objectTypes.definition}, '$.MaxProfileObjectCount')`,
  account: sql`(select 1)`,
  keyValues: () => sql`(select 1)`,
};

/** What a session runs statements with: the prepared form of each, made when first used. */
interface Prepared {
  execute(parameters?: Record<string, unknown>): { sync(): unknown };
}

/** Runs statements on one connection, each prepared once. */
class Statements {
  readonly #database: Database;
  readonly #disk: WriterDisk | undefined;
  readonly #prepared = new WeakMap<Statement<object, unknown>, Prepared>();

  constructor(connection: Connection, disk?: WriterDisk) {
    const prepare = (sql: string) => connection.prepare(withStablePlan(sql));
    // Drizzle prepares statements with it and does nothing else.
    this.#database = drizzle({ client: { prepare } as Connection });
    this.#disk = disk;
  }

  run(statement: Statement<object, unknown>, parameters: Record<string, unknown>): unknown {
    let prepared = this.#prepared.get(statement);
    if (prepared === undefined) {
      // better-sqlite3 answers at once: Drizzle's results on it can be read synchronously.
      prepared = statement.build(this.#database, tables, locks).prepare() as Prepared;
      this.#prepared.set(statement, prepared);
    }
    try {
      return prepared.execute(parameters).sync();
    } catch (error) {
      this.#disk?.note(error);
      throw repositoryError(error);
    }
  }
}

function isSqliteError(error: unknown): error is InstanceType<typeof BetterSqlite3.SqliteError> {
  return error instanceof BetterSqlite3.SqliteError;
}

function repositoryError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
      return new MissingParentError('a parent row does not exist', options);
    case 'SQLITE_CONSTRAINT_PRIMARYKEY':
    case 'SQLITE_CONSTRAINT_UNIQUE':
      return new AlreadyExistsError('a unique key is taken', options);
    default:
      return /^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|LOCKED|NOMEM|READONLY)/.test(error.code)
        ? new UnavailableError(`the database can't answer: ${error.code}`, options)
        : error;
  }
}

function transactions(
  connection: Connection,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  disk?: WriterDisk,
): Transactions {
  const command = (sql: string) => {
    const prepared = connection.prepare(sql);
    return () => {
      try {
        prepared.run();
      } catch (error) {
        disk?.note(error);
        throw repositoryError(error);
      }
    };
  };
  const [runBegin, runCommit] = [command(begin), command('COMMIT')];
  return {
    begin: () => {
      disk?.check();
      runBegin();
    },
    commit: () => {
      runCommit();
      disk?.settle();
    },
    rollback: command('ROLLBACK'),
    savepoint: command('SAVEPOINT unit'),
    release: command('RELEASE unit'),
    rollbackToSavepoint: command('ROLLBACK TO unit'),
    isOpen: () => connection.inTransaction,
    isBusy: (error) =>
      error instanceof UnavailableError &&
      isSqliteError(error.cause) &&
      error.cause.code.startsWith('SQLITE_BUSY'),
  };
}

/** Who is told what of a store. */
export interface SqliteListeners {
  readonly observer?: StoreObserver | undefined;
  readonly diskEvents?: DiskEvents | undefined;
}

class SqliteRepository implements Repository {
  readonly #writer: Connection;
  readonly #reader: Connection | undefined;
  /** A database in memory has none. */
  readonly #disk: WriterDisk | undefined;
  readonly #writerStatements: Statements;
  readonly #readerStatements: Statements;
  readonly #writes: UnitQueue;
  readonly #reads: UnitQueue;
  /** Opens one more connection; not for a database in memory, which has one. */
  readonly #openReader: (() => Connection) | undefined;
  /** The snapshots that are being read; these promises never fail. */
  readonly #snapshots = new Set<Promise<void>>();
  #isClosed = false;

  constructor(
    writer: Connection,
    openReader: (() => Connection) | undefined,
    { observer, diskEvents }: SqliteListeners,
    checkpointPages?: number,
  ) {
    const reader = openReader?.();
    this.#writer = writer;
    this.#reader = reader;
    this.#openReader = openReader;
    this.#disk =
      reader && new WriterDisk(writer, { events: diskEvents, pagesMax: checkpointPages });
    this.#writer.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
    this.#writerStatements = new Statements(this.#writer, this.#disk);
    this.#writes = new UnitQueue(transactions(this.#writer, 'BEGIN IMMEDIATE', this.#disk), {
      start: 'next-turn',
      savepoints: true,
      observer,
      paused: () => this.#disk?.paused,
    });
    if (reader === undefined) {
      // A database in memory has one connection; its reads wait for their turn among the writes.
      this.#readerStatements = this.#writerStatements;
      this.#reads = this.#writes;
    } else {
      reader.pragma('query_only = on');
      reader.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
      this.#readerStatements = new Statements(reader);
      this.#reads = new UnitQueue(transactions(reader, 'BEGIN'), {
        start: 'at-once',
        savepoints: false,
      });
    }
  }

  /**
   * A statement alone is a transaction by itself, on a connection of its own and where no other is open: in that
   * one it would see the store as it was when that began.
   */
  readonly autocommit: Session = {
    run: async <P extends object, R>(statement: ReadStatement<P, R>, parameters: P) => {
      if (this.#reader === undefined || !this.#reads.isIdle)
        return this.read((session) => session.run(statement, parameters));
      const rows = this.#readerStatements.run(statement, parameters as Record<string, unknown>);
      // The statement's own type says what its rows are.
      return rows as R;
    },
  };

  #run<T>(
    units: UnitQueue,
    work: (session: WriteSession) => Promise<T>,
    place?: Place,
  ): Promise<T> {
    const statements = units === this.#writes ? this.#writerStatements : this.#readerStatements;
    const session = new UnitSession((statement, parameters) =>
      statements.run(statement, parameters),
    );
    return units.add(
      async () => {
        const { value, last } = await session.complete(work);
        for (const { statement, parameters } of last) statements.run(statement, parameters);
        return value;
      },
      () => session.end(),
      place,
    );
  }

  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#run(this.#reads, work);
  }

  /** A database in memory is copied: its one connection goes on with what others want of it. */
  async #openSnapshot(): Promise<Connection> {
    if (this.#openReader !== undefined) return this.#openReader();
    const bytes = await this.read(async () => this.#writer.serialize());
    return new BetterSqlite3(bytes);
  }

  async #onSnapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.#openSnapshot();
    const statements = new Statements(connection);
    const session = new UnitSession((statement, parameters) =>
      statements.run(statement, parameters),
    );
    try {
      connection.pragma('query_only = on');
      connection.exec('BEGIN');
      // The moment is that of the first statement that reads.
      connection.prepare('select 1 from domains limit 1').get();
      return await work(session);
    } catch (error) {
      throw repositoryError(error);
    } finally {
      session.end();
      connection.close();
    }
  }

  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new UnavailableError('the database is closed'));
    const reading = this.#onSnapshot(work);
    const ended = reading.then(
      () => {},
      () => {},
    );
    this.#snapshots.add(ended);
    void ended.then(() => this.#snapshots.delete(ended));
    return reading;
  }

  async write<T>(work: (session: WriteSession) => Promise<T>, place?: Place): Promise<T> {
    for (let run = 1; ; run++) {
      try {
        return await this.#run(this.#writes, work, place);
      } catch (error) {
        if (!(error instanceof ConflictError) || run >= CONFLICT_RUNS_MAX) throw error;
      }
    }
  }

  async inOrder<T>(tasks: readonly ((place: Place) => Promise<T>)[]): Promise<T[]> {
    const place = this.#writes.takePlace();
    const values: T[] = [];
    for (let from = 0; from < tasks.length; from += AT_ONCE_IN_ORDER) {
      const some = tasks.slice(from, from + AT_ONCE_IN_ORDER);
      const outcomes = await Promise.allSettled(some.map((task) => task(place)));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') throw outcome.reason;
        values.push(outcome.value);
      }
    }
    return values;
  }

  keepUp(): void {
    this.#writes.keepUp();
  }

  async ping(): Promise<void> {
    this.#disk?.check();
    await this.read(async () => {
      (this.#reader ?? this.#writer).prepare('select 1 from domains limit 1').get();
    });
  }

  async measure(): Promise<StoreMeasures> {
    const connection = this.#reader ?? this.#writer;
    const waiting = { reads: this.#reads.waiting, writes: this.#writes.waiting };
    // Of a database in memory reads are writes: they would count twice.
    if (this.#reader === undefined) waiting.reads = 0;
    const databaseBytes = await this.#reads.add(
      async () => {
        const pages = connection.pragma('page_count', { simple: true });
        return Number(pages) * Number(connection.pragma('page_size', { simple: true }));
      },
      () => {},
    );
    return { waiting, databaseBytes };
  }

  async clear(): Promise<void> {
    await this.#writes.add(
      // The other tables hang on this one.
      async () => void this.#writer.prepare('delete from domains').run(),
      () => {},
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#snapshots);
    await Promise.all([this.#writes.close(), this.#reads.close()]);
    try {
      await this.#disk?.close();
    } finally {
      this.#closeConnections();
    }
  }

  #closeConnections(): void {
    this.#reader?.close();
    try {
      // Leaves one file that is complete without its log.
      if (this.#writer.open && !this.#disk?.hasFailed)
        this.#writer.pragma('wal_checkpoint(truncate)');
    } catch (error) {
      if (this.#disk?.note(error)) throw repositoryError(error);
      // A full disk, say: the log keeps what the file lacks, and the next start finds both.
    } finally {
      if (this.#disk?.hasFailed) closeWithLog(this.#writer);
      else this.#writer.close();
      forgetClosed();
    }
  }
}

/**
 * Closes the last connection to a file and leaves the log. SQLite would move it, with a sync that may well succeed after
 * one that has failed, and remove it; but it moves only what was not moved before, and the disk may lack some of that. The
 * next start moves all of it. A connection that can't write leaves the log alone when it is the last.
 */
function closeWithLog(writer: Connection): void {
  let last: Connection | undefined;
  try {
    last = openConnection(writer.name, 'full', { readonly: true });
    last.prepare('select 1 from sqlite_schema limit 1').get();
  } catch {
    // The file was moved away, say: SQLite leaves the log of such a one by itself.
  }
  writer.close();
  last?.close();
}

/**
 * Opens a SQLite database, creating and migrating it as needed.
 *
 * @param diskEvents who is told of faults of the disk.
 * @throws DatabaseRefusedError when the file must not be opened: its message is one line that says
 *   which file and why. The file is then as it was.
 */
export function openSqlite(options: SqliteOptions, listeners: SqliteListeners = {}): Repository {
  const { file, durability, checkpointPages } = options;
  if (file === ':memory:') return new SqliteRepository(openInMemory(), undefined, listeners);
  try {
    const writer = openDatabaseFile(options);
    try {
      const openReader = () => openConnection(file, durability);
      return new SqliteRepository(writer, openReader, listeners, checkpointPages);
    } catch (error) {
      writer.close();
      throw error;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const detail = error instanceof DatabaseRefusedError ? reason : `can't be opened: ${reason}`;
    throw new DatabaseRefusedError(`database ${file} ${detail}`, { cause: error });
  }
}
