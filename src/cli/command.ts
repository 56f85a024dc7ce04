import { styleText } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type Configuration,
  ConfigurationError,
  describeSettings,
  type Environment,
  type GivenOptions,
  readConfiguration,
  type SettingName,
  variableOf,
} from '../config.ts';

/** Prints a line; resolves when whoever reads has taken enough of those before it. */
export type Print = (line: string) => Promise<void>;

/** What commands have from the process. */
export interface Io {
  readonly environment: Environment;
  readonly print: Print;
  /** Says that not all of what was asked for could be done: the process ends with 1. */
  readonly fail: () => void;
}

/** The settings of commands that work on a store. */
export const storeSettings = [
  'database',
  'database-file',
  'durability',
  'checkpoint-pages',
  'pool-size',
] as const satisfies readonly SettingName[];

/** A terminal only: programs read what goes elsewhere, and FORCE_COLOR, which `styleText` heeds, changes nothing for them. */
function styled(style: 'bold' | 'dim', text: string): string {
  const stream = process.stdout;
  return stream.isTTY ? styleText(style, text, { stream }) : text;
}

/** Bold, where the output is a terminal that shows it. */
export function bold(text: string): string {
  return styled('bold', text);
}

/** Dim, where the output is a terminal that shows it. */
export function dim(text: string): string {
  return styled('dim', text);
}

/** An argument, checked by a pattern. @throws InvalidArgumentError that says what it must be. */
export function matching(pattern: RegExp, expected: string): (value: string) => string {
  return (value) => {
    if (!pattern.test(value)) throw new InvalidArgumentError(`It must be ${expected}.`);
    return value;
  };
}

/** What the README has in Markdown, for a terminal. */
function withoutMarkdown(text: string): string {
  return text.replaceAll('`', '');
}

function readFlag(variable: string, value: string): boolean {
  if (/^(1|true|yes|on)$/i.test(value)) return true;
  if (/^(0|false|no|off|)$/i.test(value)) return false;
  throw new ConfigurationError(`${variable} must be true or false, not '${value}'`);
}

/** The value of an option as its variable gives it. */
function readVariable(option: Option, value: string): unknown {
  if (!option.required) return readFlag(variableOf(option.name()), value);
  return option.variadic ? value.split(',').map((item) => item.trim()) : value;
}

/** A command of the command line: its options are also variables, and some of them settings. */
export class CliCommand extends Command {
  readonly #settings: SettingName[] = [];
  readonly #examples: string[] = [];

  constructor(name?: string) {
    super(name);
    // Errors are thrown, and whoever started the command says what was wrong.
    this.exitOverride().configureOutput({ outputError: () => {} });
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** Takes settings, as options of their names. */
  settings(...names: readonly SettingName[]): this {
    for (const { name, option, variable, fallback, help } of describeSettings()) {
      if (!names.includes(name)) continue;
      if (option === undefined) {
        const line = `${variable}  ${withoutMarkdown(help)}`;
        this.addHelpText('after', `\nBy its variable only:\n  ${line}`);
        continue;
      }
      this.#settings.push(name);
      const shown = fallback === '' ? '' : ` (default: ${fallback})`;
      const line = withoutMarkdown(help + shown);
      this.addOption(new Option(`${option} <value>`, line).helpGroup('Settings:'));
    }
    return this;
  }

  /** Takes an option of its own. */
  own(flags: string, help: string): this {
    return this.addOption(new Option(flags, help));
  }

  /** Takes a flag that gives something up: its variable does so in every command that has it, and the help says so. */
  ownConsent(name: string, help: string): this {
    return this.own(`--${name}`, `${help}; ${variableOf(name)}=true does the same`);
  }

  /** Shows how it is used. */
  example(...lines: readonly string[]): this {
    this.#examples.push(...lines);
    const shown = lines.map((line) => `  ${line}`).join('\n');
    return this.addHelpText('after', `\nExamples:\n${shown}`);
  }

  /** How it is used, as its help shows it. */
  get examples(): readonly string[] {
    return this.#examples;
  }

  /** The variables that it reads. */
  get variables(): string[] {
    return this.options.map((option) => variableOf(option.name()));
  }

  /** What gives the value of an option of its own: `--user`, or `KEYFOLD_USER`. */
  sourceOf(name: string, environment: Environment): string {
    const isGiven = this.#given((own) => own === name)[name] !== undefined;
    const variable = variableOf(name);
    return isGiven || environment[variable] === undefined ? `--${name}` : variable;
  }

  /** The settings that were given as options. */
  givenSettings(): GivenOptions {
    return this.#given((name) => this.#settings.some((setting) => setting === name));
  }

  /** @throws ConfigurationError that names the first wrong one. */
  configuration(environment: Environment, fixed?: { readonly database: string }): Configuration {
    return readConfiguration(this.givenSettings(), environment, fixed);
  }

  /**
   * Its own options, as they were given on the command line or, behind that, by their variables.
   *
   * @throws ConfigurationError when the variable of a flag is neither true nor false.
   */
  ownOptions(environment: Environment): GivenOptions {
    const own = this.options.filter(
      (option) => !this.#settings.some((setting) => setting === option.name()),
    );
    const fromVariables = own.flatMap((option) => {
      const value = environment[variableOf(option.name())];
      return value === undefined ? [] : [[option.name(), readVariable(option, value)] as const];
    });
    const names = new Set(own.map((option) => option.name()));
    return { ...Object.fromEntries(fromVariables), ...this.#given((name) => names.has(name)) };
  }

  #given(takes: (name: string) => boolean): GivenOptions {
    const named = this.options
      .filter((option) => takes(option.name()))
      .map((option) => [option.name(), this.getOptionValue(option.attributeName())] as const);
    return Object.fromEntries(named.filter(([, value]) => value !== undefined));
  }
}

/** Some commands under one name. */
export function group(
  name: string,
  description: string,
  commands: readonly CliCommand[],
  examples: readonly string[],
): CliCommand {
  // Whatever follows: what is wrong is that no command was named, or one that isn't there.
  const all = new CliCommand(name)
    .description(description)
    .allowExcessArguments()
    .allowUnknownOption()
    .example(...examples);
  for (const command of commands) all.addCommand(command);
  const names = commands.map((command) => command.name()).join(', ');
  return all.action((_options, { args: [first] }: CliCommand) => {
    const action = first?.startsWith('-') ? undefined : first;
    const missing = action === undefined ? `${name} needs` : `${name} has no '${action}', but`;
    throw new ConfigurationError(`${missing} one of: ${names}`);
  });
}

/** What ends a command: somebody, a supervisor, or a terminal that is closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that a signal stops in order: the first SIGINT, SIGTERM or SIGHUP aborts the signal that it is given.
 *
 * @throws whatever the work ends with.
 */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => controller.abort(new Error(`stopped by ${name}`));
  for (const name of ENDING) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of ENDING) process.off(name, stop);
  }
}
