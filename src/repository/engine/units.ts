import { UnavailableError } from '../errors.ts';
import type { Place, StoreObserver } from '../repository.ts';

/** The transaction commands of one connection. */
export interface Transactions {
  begin(): void;
  commit(): void;
  rollback(): void;
  savepoint(): void;
  release(): void;
  rollbackToSavepoint(): void;
  /** False once SQLite has rolled the whole transaction back by itself. */
  isOpen(): boolean;
  /** Whether `begin` failed only because another process holds the lock. */
  isBusy(error: unknown): boolean;
}

export interface UnitQueueOptions {
  /**
   * When a waiting unit starts: at the next turn of the event loop, so that units of requests that
   * arrive together share a transaction, or at once.
   */
  readonly start: 'next-turn' | 'at-once';
  /** Whether a unit that fails must leave its group's other writes alone. */
  readonly savepoints: boolean;
  /** What the next group waits for; undefined when that is nothing. Never fails. */
  readonly paused?: (() => Promise<unknown> | undefined) | undefined;
  /** Hears of each group that was committed. */
  readonly observer?: StoreObserver | undefined;
}

interface Unit {
  readonly place: Place;
  run(): Promise<unknown>;
  /** Called once when the unit's turn is over, whether it ended or not. */
  end(): void;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Outcome = { value: unknown } | { error: unknown };

/** How many units share a transaction at most: bounds how long the first waits for the last. */
const GROUP_UNITS_MAX = 256;
/**
 * How long a group takes up units: what else the process has to do waits for it. Only the last of them may
 * take longer; those that are left make the next group.
 */
const GROUP_MS_MAX = 20;
/**
 * The same while there are many who are refused: they should not wait for what others were let in for. Or as long as
 * the flush before has taken, if that is longer: a slow disk would do little else.
 */
const BUSY_GROUP_MS = 4;
/** How long units wait for the event loop to turn, while there are; and how long a group takes then. */
const TURN_MS_MAX = 60;
const LATE_GROUP_MS = 14;
/** How many units wait at most; more are refused at once instead of late. */
const QUEUE_UNITS_MAX = 10_000;
/** How long a group waits for another process's lock before its units fail. */
const LOCK_WAIT_MS_MAX = 5_000;
const LOCK_RETRY_MS_MAX = 20;

/** Sessions answer within one turn of the event loop; `over` resolves when the loop has turned. */
class Turn {
  isOver = false;
  readonly over: Promise<void>;
  readonly #immediate: NodeJS.Immediate;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#immediate = setImmediate(() => {
      this.isOver = true;
      resolve();
    });
  }

  cancel(): void {
    clearImmediate(this.#immediate);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Runs units of work on one connection, one after another and never interleaved. Waiting units form
 * a group: each runs in its own savepoint, all commit together, and none is answered before that.
 * One flush to disk then serves the whole group.
 */
export class UnitQueue {
  readonly #transactions: Transactions;
  readonly #options: UnitQueueOptions;
  #waiting: Unit[] = [];
  #lastPlace = 0;
  #draining: Promise<void> | undefined;
  #closed = false;
  /** Whether somebody was refused since the group before. */
  #isBusy = false;
  /** Whether a group starts because it has waited for too long. */
  #isLate = false;
  /** How long the last commit took. */
  #commitMs = 0;
  /** The group that waits for the event loop to turn: since when, and how it starts. */
  #next: { readonly since: number; readonly start: () => void } | undefined;

  constructor(transactions: Transactions, options: UnitQueueOptions) {
    this.#transactions = transactions;
    this.#options = options;
  }

  /** The last place among those who wait. */
  takePlace(): Place {
    this.#lastPlace += 1;
    return this.#lastPlace;
  }

  /**
   * Runs `work` when its turn comes; resolves after the commit of its group. `end` is called when
   * the turn is over: what `work` still does on the connection from then on must fail.
   */
  add<T>(work: () => Promise<T>, end: () => void, place = this.takePlace()): Promise<T> {
    if (this.#closed) return Promise.reject(new UnavailableError('the database is closed'));
    if (this.#waiting.length >= QUEUE_UNITS_MAX)
      return Promise.reject(new UnavailableError('too many units of work are waiting'));
    return new Promise<T>((resolve, reject) => {
      const before = this.#waiting.findLastIndex((unit) => unit.place <= place);
      // T is what this unit's own promise was made for.
      const unit = { run: work, end, place, resolve: resolve as (value: unknown) => void, reject };
      this.#waiting.splice(before + 1, 0, unit);
      this.#draining ??= this.#drain();
    });
  }

  /** How many units wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether units are taken and none waits or runs: no transaction is open then. */
  get isIdle(): boolean {
    return this.#draining === undefined && !this.#closed;
  }

  /** Refuses new units and resolves when the waiting ones have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  /**
   * Says that somebody is refused. Groups are short then; and units that wait for the event loop to turn start when
   * that takes long: Node reads from thousands of connections before it turns, and while all of them send, it
   * doesn't for seconds.
   */
  keepUp(): void {
    this.#isBusy = true;
    if (this.#next === undefined || performance.now() - this.#next.since <= TURN_MS_MAX) return;
    this.#isLate = true;
    this.#next.start();
  }

  /** Resolves when the event loop has turned, or when that takes too long. */
  async #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const immediate = setImmediate(resolve);
    this.#next = { since: performance.now(), start: resolve };
    await promise;
    clearImmediate(immediate);
    this.#next = undefined;
  }

  async #drain(): Promise<void> {
    let mustTurn = this.#options.start === 'next-turn';
    while (this.#waiting.length > 0) {
      if (mustTurn) await this.#turn();
      else await null;
      const paused = this.#options.paused?.();
      if (paused !== undefined) await paused;
      const group = this.#waiting;
      this.#waiting = group.splice(GROUP_UNITS_MAX);
      const { left, settle } = await this.#runGroup(group);
      // Before anybody hears of it: who then adds another unit finds all of them in their places.
      this.#waiting.unshift(...left);
      settle();
      mustTurn = left.length > 0 || this.#options.start === 'next-turn';
    }
    this.#draining = undefined;
  }

  /** Runs a group, or as much of it as there is time for. Gives the units that were left, and what answers the others. */
  async #runGroup(
    group: readonly Unit[],
  ): Promise<{ readonly left: readonly Unit[]; readonly settle: () => void }> {
    const outcomes: Outcome[] = [];
    const startedAt = performance.now();
    try {
      await this.#begin();
      await this.#runUnits(group, outcomes);
      const committingAt = performance.now();
      this.#transactions.commit();
      this.#commitMs = performance.now() - committingAt;
      this.#options.observer?.committed(outcomes.length, performance.now() - startedAt);
    } catch (error) {
      this.#rollback();
      // Nothing of the group is stored: whatever its units gave is void.
      return {
        left: [],
        settle: () => {
          for (const unit of group) unit.reject(error);
        },
      };
    }
    const settle = () => {
      for (const [index, outcome] of outcomes.entries())
        if ('value' in outcome) group[index]?.resolve(outcome.value);
        else group[index]?.reject(outcome.error);
    };
    return { left: group.slice(outcomes.length), settle };
  }

  /** Waits for another process's lock without holding up this one's event loop. */
  async #begin(): Promise<void> {
    const deadline = performance.now() + LOCK_WAIT_MS_MAX;
    for (;;) {
      try {
        this.#transactions.begin();
        return;
      } catch (error) {
        if (!this.#transactions.isBusy(error)) throw error;
        if (performance.now() > deadline)
          throw new UnavailableError('another process holds the database', { cause: error });
        await delay(1 + Math.random() * LOCK_RETRY_MS_MAX);
      }
    }
  }

  async #runUnits(group: readonly Unit[], outcomes: Outcome[]): Promise<void> {
    const busyMs = this.#isLate ? LATE_GROUP_MS : BUSY_GROUP_MS;
    const shortMs = Math.min(GROUP_MS_MAX, Math.max(busyMs, this.#commitMs));
    const deadline = performance.now() + (this.#isBusy ? shortMs : GROUP_MS_MAX);
    this.#isBusy = false;
    this.#isLate = false;
    let turn = new Turn();
    try {
      for (const unit of group) {
        if (outcomes.length > 0 && performance.now() > deadline) return;
        if (turn.isOver) turn = new Turn();
        outcomes.push(await this.#runUnit(unit, turn));
      }
    } finally {
      turn.cancel();
    }
  }

  async #runUnit(unit: Unit, turn: Turn): Promise<Outcome> {
    const { savepoints } = this.#options;
    if (savepoints) this.#transactions.savepoint();
    try {
      const value = await Promise.race([unit.run(), turn.over]);
      unit.end();
      if (turn.isOver) throw new Error('a unit of work awaited something other than its session');
      if (savepoints) this.#transactions.release();
      return { value };
    } catch (error) {
      unit.end();
      // After some faults (a full disk) SQLite has ended the transaction: the group can't go on.
      if (!this.#transactions.isOpen()) throw error;
      if (savepoints) {
        this.#transactions.rollbackToSavepoint();
        this.#transactions.release();
      }
      return { error };
    }
  }

  #rollback(): void {
    try {
      if (this.#transactions.isOpen()) this.#transactions.rollback();
    } catch {
      // The connection is beyond repair; the error that led here says so to every caller.
    }
  }
}
