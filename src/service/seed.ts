import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ServiceError } from '../model/errors.ts';
import type { Context, Operation } from '../model/operation.ts';
import { operations } from '../operations/index.ts';
import { runOperation } from '../operations/run.ts';
import { parseInput } from '../protocol/decode.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { hasDomains } from '../repository/domains.ts';
import type { Repository } from '../repository/repository.ts';

/** A request that fills an empty store: an operation and its input, as the SDKs take it. */
export interface SeedStep {
  readonly operation: string;
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** What later steps call the answer: with `ada`, the text `$ada.ProfileId` is its ProfileId. */
  readonly as?: string | undefined;
}

/** The requests, in their order. */
export type Seed = readonly SeedStep[];

/** A seed that can't be used, or a step that was refused; the message is one line. */
export class SeedRefusedError extends Error {
  override readonly name = 'SeedRefusedError';
}

/** A seed that can't be read, or names an operation that isn't there, whatever the store holds. */
export class SeedUnreadableError extends SeedRefusedError {}

const seedShape = z.array(
  z.strictObject({
    operation: z.string(),
    input: z.record(z.string(), z.unknown()).optional(),
    as: z
      .string()
      .regex(/^[A-Za-z_]\w*$/)
      .optional(),
  }),
);

const byName: ReadonlyMap<string, Operation> = new Map(
  operations.map((operation) => [operation.name, operation]),
);

/**
 * The seed in a value, or in the JSON file that a text names.
 *
 * @throws SeedUnreadableError when there is none.
 */
function readSeed(source: string | Seed): Seed {
  try {
    const value = typeof source === 'string' ? JSON.parse(readFileSync(source, 'utf8')) : source;
    return seedShape.parse(value);
  } catch (error) {
    const where = typeof source === 'string' ? `seed ${source}` : 'the seed';
    const why =
      error instanceof z.ZodError
        ? `must be a list of {"operation", "input", "as"}: ${z.prettifyError(error)}`
        : (error as Error).message;
    throw new SeedUnreadableError(`${where} ${why}`.replace(/\s+/g, ' '), { cause: error });
  }
}

const reference = /^\$([A-Za-z_]\w*)\.(\w+)$/;

/** What a step gives, with references to earlier answers replaced. */
function resolved(value: unknown, answers: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, answers));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, resolved(member, answers)]),
    );
  const [, name = '', member = ''] = typeof value === 'string' ? (reference.exec(value) ?? []) : [];
  if (name === '') return value;
  const answer = answers.get(name) as Readonly<Record<string, unknown>> | undefined;
  if (answer?.[member] === undefined)
    throw new SeedRefusedError(`${String(value)} is no member of the answer of an earlier step`);
  return answer[member];
}

/** Fills a store through the operations themselves. */
export class Seeder {
  readonly #steps: Seed;
  readonly #contextOf: () => Context;

  /**
   * @param source the steps, or the name of a JSON file of them.
   * @param contextOf makes the context of a step.
   * @throws SeedUnreadableError when it is no seed, or names an operation that isn't there.
   */
  constructor(source: string | Seed, contextOf: () => Context) {
    this.#steps = readSeed(source);
    this.#contextOf = contextOf;
    for (const [index, { operation }] of this.#steps.entries())
      if (!byName.has(operation))
        throw new SeedUnreadableError(`seed step ${index + 1}: there is no operation ${operation}`);
  }

  /**
   * Runs the steps on a store without domains; does nothing on any other. When a step is refused, the
   * domains that were made before it are deleted: the next start begins anew.
   *
   * @throws SeedRefusedError that names the step and says why.
   */
  async fill(repository: Repository): Promise<void> {
    if (await hasDomains(repository.autocommit)) return;
    const answers = new Map<string, unknown>();
    const domains: unknown[] = [];
    for (const [index, step] of this.#steps.entries()) {
      try {
        const input = resolved(step.input ?? {}, answers);
        const answer = await this.#run(step.operation, input);
        if (step.operation === 'CreateDomain') domains.push(answer);
        if (step.as !== undefined) answers.set(step.as, answer);
      } catch (error) {
        for (const domain of domains) await this.#run('DeleteDomain', domain).catch(() => {});
        const isTold =
          error instanceof ServiceError ||
          error instanceof ProtocolError ||
          error instanceof SeedRefusedError;
        if (!isTold) throw error;
        throw new SeedRefusedError(`seed step ${index + 1}, ${step.operation}: ${error.message}`, {
          cause: error,
        });
      }
    }
  }

  async #run(name: string, input: unknown): Promise<unknown> {
    const operation = byName.get(name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    return runOperation(operation, this.#contextOf(), parseInput(operation.input, input));
  }
}
