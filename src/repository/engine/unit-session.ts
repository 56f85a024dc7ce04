import type { Statement, WriteSession } from '../session.ts';

/** Runs a prepared statement on the connection of a unit of work. */
export type RunStatement = (
  statement: Statement<object, unknown>,
  parameters: Record<string, unknown>,
) => unknown;

/** The session of one unit of work; dead when the unit's turn is over. */
export class UnitSession implements WriteSession {
  readonly #run: RunStatement;
  readonly #atEnd: (() => Promise<void>)[] = [];
  #ended = false;

  /** @param run gives the rows or a promise of them, and throws errors of the repository. */
  constructor(run: RunStatement) {
    this.#run = run;
  }

  end(): void {
    this.#ended = true;
  }

  atEnd(work: () => Promise<void>): void {
    this.#atEnd.push(work);
  }

  /** Runs the whole of a unit: `work`, and then what that has left to the end. */
  async complete<T>(work: (session: this) => Promise<T>): Promise<T> {
    const value = await work(this);
    for (const rest of this.#atEnd) await rest();
    return value;
  }

  async run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R> {
    if (this.#ended) throw new Error('this unit of work has ended');
    // The statement's own type says what its rows are.
    return (await this.#run(statement, parameters as Record<string, unknown>)) as R;
  }
}
