import type { ParseArgsOptionsConfig } from 'node:util';
import {
  type Configuration,
  ConfigurationError,
  parseOptions,
  readConfiguration,
} from '../config.ts';

/** Prints a line; resolves when whoever reads has taken enough of those before it. */
export type Print = (line: string) => Promise<void>;

export type Options = ReturnType<typeof parseOptions>['values'];

/** A command that does one of several things. */
interface CommandForm {
  readonly name: string;
  readonly options: ParseArgsOptionsConfig;
  /** Which of the options an action takes: one that it would pass over may be half of what is wanted. */
  readonly taken: Readonly<Record<string, readonly string[]>>;
}

/** What a command line asks for: `revoke` and an access key id. */
export interface Command {
  readonly action: string;
  /** What the action is about, as it was named. */
  readonly operands: readonly string[];
  readonly options: Options;
  readonly configuration: Configuration;
}

/**
 * Reads the arguments of a command. Whether there is such an action, and what it is about, the command
 * knows.
 *
 * @throws ConfigurationError that names the first wrong option.
 */
export function readCommand(
  { name, options: own, taken }: CommandForm,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const { values: options, positionals } = parseOptions(args, own);
  const [action = '', ...operands] = positionals;
  const takes = Object.hasOwn(taken, action) ? taken[action] : undefined;
  const foreign = Object.keys(own).find(
    (option) => options[option] !== undefined && takes?.includes(option) === false,
  );
  if (foreign !== undefined)
    throw new ConfigurationError(`${name} ${action} takes no --${foreign}`);
  return { action, operands, options, configuration: readConfiguration(options, environment) };
}

/**
 * Does work that a signal stops in order: the first SIGINT or SIGTERM aborts the signal that it is given.
 *
 * @throws whatever the work ends with.
 */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => controller.abort(new Error(`stopped by ${name}`));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
