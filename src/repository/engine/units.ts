import { UnavailableError } from '../errors.ts';

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
}

interface Unit {
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
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(transactions: Transactions, options: UnitQueueOptions) {
    this.#transactions = transactions;
    this.#options = options;
  }

  /**
   * Runs `work` when its turn comes; resolves after the commit of its group. `end` is called when
   * the turn is over: what `work` still does on the connection from then on must fail.
   */
  add<T>(work: () => Promise<T>, end: () => void): Promise<T> {
    if (this.#closed) return Promise.reject(new UnavailableError('the database is closed'));
    if (this.#waiting.length >= QUEUE_UNITS_MAX)
      return Promise.reject(new UnavailableError('too many units of work are waiting'));
    return new Promise<T>((resolve, reject) => {
      // T is what this unit's own promise was made for.
      this.#waiting.push({ run: work, end, resolve: resolve as (value: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
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

  async #drain(): Promise<void> {
    let mustTurn = this.#options.start === 'next-turn';
    while (this.#waiting.length > 0) {
      if (mustTurn) await new Promise((resolve) => setImmediate(resolve));
      else await null;
      const group = this.#waiting;
      this.#waiting = group.splice(GROUP_UNITS_MAX);
      const left = await this.#runGroup(group);
      this.#waiting.unshift(...left);
      mustTurn = left.length > 0 || this.#options.start === 'next-turn';
    }
    this.#draining = undefined;
  }

  /** Runs a group, or as much of it as there is time for. Gives the units that were left. */
  async #runGroup(group: readonly Unit[]): Promise<readonly Unit[]> {
    const outcomes: Outcome[] = [];
    try {
      await this.#begin();
      await this.#runUnits(group, outcomes);
      this.#transactions.commit();
    } catch (error) {
      this.#rollback();
      // Nothing of the group is stored: whatever its units gave is void.
      for (const unit of group) unit.reject(error);
      return [];
    }
    for (const [index, unit] of group.slice(0, outcomes.length).entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && 'value' in outcome) unit.resolve(outcome.value);
      else unit.reject(outcome?.error);
    }
    return group.slice(outcomes.length);
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
    const deadline = performance.now() + GROUP_MS_MAX;
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
