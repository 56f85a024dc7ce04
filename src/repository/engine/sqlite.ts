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
import type { Repository } from '../repository.ts';
import * as tables from '../schema/sqlite.ts';
import type { Database, Locks, Session, Statement, WriteSession } from '../session.ts';
import {
  type Connection,
  openConnection,
  openDatabaseFile,
  openInMemory,
  type SqliteOptions,
} from './sqlite-database.ts';
import { WriterDisk } from './sqlite-disk.ts';
import { UnitSession } from './unit-session.ts';
import { type Transactions, UnitQueue } from './units.ts';

/** How long a statement waits for a lock while the event loop stands still. */
const LOCK_WAIT_MS = 10;
/** How often a unit runs again when it keeps losing to others. */
const CONFLICT_RUNS_MAX = 10;

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
    this.#database = drizzle(connection);
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

class SqliteRepository implements Repository {
  readonly #writer: Connection;
  readonly #reader: Connection | undefined;
  /** A database in memory has none. */
  readonly #disk: WriterDisk | undefined;
  readonly #writerStatements: Statements;
  readonly #readerStatements: Statements;
  readonly #writes: UnitQueue;
  readonly #reads: UnitQueue;

  constructor(writer: Connection, reader?: Connection, diskEvents?: DiskEvents) {
    this.#writer = writer;
    this.#reader = reader;
    this.#disk = reader && new WriterDisk(writer, diskEvents);
    this.#writer.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
    this.#writerStatements = new Statements(this.#writer, this.#disk);
    this.#writes = new UnitQueue(transactions(this.#writer, 'BEGIN IMMEDIATE', this.#disk), {
      start: 'next-turn',
      savepoints: true,
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

  readonly autocommit: Session = {
    run: (statement, parameters) => this.read((session) => session.run(statement, parameters)),
  };

  #run<T>(units: UnitQueue, work: (session: WriteSession) => Promise<T>): Promise<T> {
    const statements = units === this.#writes ? this.#writerStatements : this.#readerStatements;
    const session = new UnitSession((statement, parameters) =>
      statements.run(statement, parameters),
    );
    return units.add(
      () => work(session),
      () => session.end(),
    );
  }

  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#run(this.#reads, work);
  }

  async write<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    for (let run = 1; ; run++) {
      try {
        return await this.#run(this.#writes, work);
      } catch (error) {
        if (!(error instanceof ConflictError) || run >= CONFLICT_RUNS_MAX) throw error;
      }
    }
  }

  async ping(): Promise<void> {
    this.#disk?.check();
    await this.read(async () => {
      (this.#reader ?? this.#writer).prepare('select 1 from domains limit 1').get();
    });
  }

  async clear(): Promise<void> {
    await this.#writes.add(
      // The other tables hang on this one.
      async () => void this.#writer.prepare('delete from domains').run(),
      () => {},
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#writes.close(), this.#reads.close()]);
    this.#reader?.close();
    try {
      // Leaves one file that is complete without its log.
      if (this.#writer.open) this.#writer.pragma('wal_checkpoint(truncate)');
    } catch (error) {
      if (this.#disk?.note(error)) throw repositoryError(error);
      // A full disk, say: the log keeps what the file lacks, and the next start finds both.
    } finally {
      this.#writer.close();
    }
  }
}

/**
 * Opens a SQLite database, creating and migrating it as needed.
 *
 * @param diskEvents who is told of faults of the disk.
 * @throws DatabaseRefusedError when the file must not be opened: its message is one line that says
 *   which file and why. The file is then as it was.
 */
export function openSqlite(options: SqliteOptions, diskEvents?: DiskEvents): Repository {
  const { file, durability } = options;
  if (file === ':memory:') return new SqliteRepository(openInMemory());
  try {
    const writer = openDatabaseFile(options);
    try {
      return new SqliteRepository(writer, openConnection(file, durability), diskEvents);
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
