import type { Statement, WriteSession } from '../session.ts';

/** Runs a prepared statement on the connection of a unit of work. */
export type RunStatement = (
  statement: Statement<object, unknown>,
  parameters: Record<string, unknown>,
) => unknown;

/** A statement that runs when the rest of its unit is done. */
export interface LastStatement {
  readonly statement: Statement<object, unknown>;
  readonly parameters: Record<string, unknown>;
}

/** The session of one unit of work; dead when the unit's turn is over. */
export class UnitSession implements WriteSession {
  readonly #run: RunStatement;
  readonly #atEnd: (() => void)[] = [];
  readonly #last: LastStatement[] = [];
  #ended = false;

  /** @param run gives the rows or a promise of them, and throws errors of the repository. */
  constructor(run: RunStatement) {
    this.#run = run;
  }

  end(): void {
    this.#ended = true;
  }

  atEnd(giveLast: () => void): void {
    this.#atEnd.push(giveLast);
  }

  last<P extends object>(statement: Statement<P, unknown>, parameters: P): void {
    if (this.#ended) throw new Error('this unit of work has ended');
    // What runs it looks at nothing but names of parameters, as in `run`.
    this.#last.push({ statement, parameters } as unknown as LastStatement);
  }

  /** Runs `work`. Gives what that came to, and what is left to run before the commit. */
  async complete<T>(
    work: (session: this) => Promise<T>,
  ): Promise<{ readonly value: T; readonly last: readonly LastStatement[] }> {
    const value = await work(this);
    // It has awaited something else, and its turn is over: nothing may follow.
    if (this.#ended) throw new Error('this unit of work has ended');
    for (const giveLast of this.#atEnd) giveLast();
    return { value, last: this.#last };
  }

  async run<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R> {
    if (this.#ended) throw new Error('this unit of work has ended');
    // The statement's own type says what its rows are.
    return (await this.#run(statement, parameters as Record<string, unknown>)) as R;
  }
}
