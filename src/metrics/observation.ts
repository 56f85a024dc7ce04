import type { AnswerObserver } from '../protocol/answers.ts';
import type { StoreObserver } from '../repository/repository.ts';
import type { MeasuredParts, Metrics } from './metrics.ts';

/**
 * Passes on what happens to the metrics of a service, once somebody has asked for them: until then it
 * costs nothing, and the library isn't loaded.
 */
export class Observation implements AnswerObserver, StoreObserver {
  #metrics: Metrics | undefined;
  #starting: Promise<Metrics> | undefined;

  /** Begins to count, unless it has begun. */
  start(parts: MeasuredParts): Promise<Metrics> {
    this.#starting ??= this.#start(parts);
    return this.#starting;
  }

  /** Counts no more. */
  async stop(): Promise<void> {
    (await this.#starting)?.stop();
    this.#metrics = undefined;
  }

  answered(operation: string, outcome: string, durationMs: number): void {
    this.#metrics?.answered(operation, outcome, durationMs);
  }

  committed(units: number, durationMs: number): void {
    this.#metrics?.committed(units, durationMs);
  }

  async #start(parts: MeasuredParts): Promise<Metrics> {
    const { Metrics } = await import('./metrics.ts');
    this.#metrics = new Metrics(parts);
    return this.#metrics;
  }
}
