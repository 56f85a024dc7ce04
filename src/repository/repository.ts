import type { Session, WriteSession } from './session.ts';

/** Hears of what a store does. */
export interface StoreObserver {
  /**
   * Units of work have been committed together, with one flush (SQLite).
   *
   * @param durationMs from the begin of their transaction, or from when it waited for another process.
   */
  committed(units: number, durationMs: number): void;
}

/** What a store is like now, as this process sees it. What its engine doesn't have is absent. */
export interface StoreMeasures {
  /** Units of work that wait for their turn (SQLite). */
  readonly waiting?: { readonly reads: number; readonly writes: number };
  /** The connections of this process, and the units that wait for one (PostgreSQL). */
  readonly pool?: { readonly idle: number; readonly busy: number; readonly waiting: number };
  /** Absent while the database has no time for the question. */
  readonly databaseBytes?: number;
}

/** A place among the units that wait, from {@link Repository.inOrder}: a lower number is before a higher one. */
export type Place = number;

/**
 * The store. Query functions beside this file take the session that `read` and `write` hand out.
 *
 * Inside a unit of work only its session is awaited: whatever else it waited for would hold up, or
 * join, the work of others.
 */
export interface Repository {
  /** Runs `work` on one consistent state that holds every write answered so far. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;

  /**
   * Runs `work` on the state of one moment, for as long as it takes: on a connection of its own, so that it may
   * wait for others. Meanwhile SQLite keeps its log and PostgreSQL the rows that are replaced.
   *
   * @throws UnavailableError when the connection breaks: what was read can't be gone on with.
   */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T>;

  /**
   * Runs `work` as one unit: all of it is stored, durably, before the promise resolves, or none of
   * it. The unit may run again after a conflict, so it must not have effects besides its session's.
   *
   * @param place where the unit waits, when it is one of several in order.
   * @throws MissingParentError, AlreadyExistsError when a constraint says so.
   * @throws UnavailableError when the database can't take the write now.
   */
  write<T>(work: (session: WriteSession) => Promise<T>, place?: Place): Promise<T>;

  /**
   * Runs tasks that each write one unit of work, or several one after another, in the place that they are given.
   * The units are stored in the order of the tasks, and don't wait behind all others again and again. On SQLite a
   * few tasks begin at once, as units that wait keep their order and are committed together; on PostgreSQL each
   * begins when the one before it has ended, on the same connection. A task reads only by the sessions of its units.
   *
   * @throws what the first of them to fail has failed with, once all that have begun have ended. The others don't begin.
   */
  inOrder<T>(tasks: readonly ((place: Place) => Promise<T>)[]): Promise<T[]>;

  /** Runs statements that read one by one, for the price of the statement alone. */
  readonly autocommit: Session;

  /** To be called for each request that comes while there is too much to do: work goes on between them, in small pieces. */
  keepUp(): void;

  /** Touches the database; rejects when it doesn't answer. */
  ping(): Promise<void>;

  /** How busy it is, and how large. Rejects when the database doesn't answer. */
  measure(): Promise<StoreMeasures>;

  /** Deletes every domain with all that is in it. Credentials stay. */
  clear(): Promise<void>;

  /**
   * Finishes what waits, then closes. A unit that comes later is refused.
   *
   * @throws UnavailableError when the disk could not take what was moved into the file last: it is in the log.
   */
  close(): Promise<void>;
}
