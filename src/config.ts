import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isPostgresUrl } from './repository/open.ts';

/** A configuration that can't be used; the message is one line that names what is wrong. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const decimal = /^[0-9]{1,5}$/;

/** Every setting: its variable is `KEYFOLD_` and its name in capitals, its option `--` and its name. */
const settings = {
  host: {
    schema: z.string().min(1, 'must be an address or a host name').default('127.0.0.1'),
    help: 'address to listen on',
  },
  port: {
    schema: z
      .string()
      .regex(decimal, 'must be a port from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65_535, 'must be a port from 0 to 65535')
      .default(4577),
    help: 'port to listen on; 0 takes any free one',
  },
  database: {
    schema: z
      .string()
      .min(1, 'must be a file, :memory: or postgres://…')
      .refine(
        (database) => isPostgresUrl(database) || !/^[a-z]+:\/\//i.test(database),
        'must be a file, :memory: or postgres://…',
      )
      .default('./data/keyfold.db'),
    help: 'SQLite file, created when absent, `:memory:`, or `postgres://…`',
  },
  durability: {
    schema: z.enum(['full', 'normal'], 'must be full or normal').default('full'),
    help: 'SQLite: `full`, answered writes survive a power cut; `normal`, they survive the process',
  },
  'pool-size': {
    schema: z
      .string()
      .regex(decimal, 'must be a number from 1 to 1000')
      .transform(Number)
      .refine((size) => size >= 1 && size <= 1000, 'must be a number from 1 to 1000')
      .default(10),
    help: 'PostgreSQL: how many connections this process opens at most',
  },
  'log-level': {
    schema: z
      .enum(
        ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'],
        'must be silent, fatal, error, warn, info, debug or trace',
      )
      .default('info'),
    help: 'silent, fatal, error, warn, info (one line a request), debug or trace',
  },
  region: {
    schema: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'must be a region such as us-east-1')
      .default('us-east-1'),
    help: 'region in ARNs',
  },
  'account-id': {
    schema: z
      .string()
      .regex(/^[0-9]{12}$/, 'must be twelve digits')
      .default('000000000000'),
    help: 'account in ARNs',
  },
} as const;

type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as SettingName[];

export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly durability: 'full' | 'normal';
  readonly poolSize: number;
  readonly logLevel: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly region: string;
  readonly accountId: string;
}

/** The variable of a setting: `KEYFOLD_LOG_LEVEL` for `log-level`. */
function variableOf(name: SettingName): string {
  return `KEYFOLD_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** One row for each setting, for the help and the README. */
export function describeSettings(): {
  variable: string;
  option: string;
  fallback: string;
  help: string;
}[] {
  return settingNames.map((name) => ({
    variable: variableOf(name),
    option: `--${name}`,
    fallback: String(settings[name].schema.parse(undefined)),
    help: settings[name].help,
  }));
}

function parseOptions(args: readonly string[]): Record<string, string | undefined> {
  const options = Object.fromEntries(
    settingNames.map((name) => [name, { type: 'string' as const }]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Record<
      string,
      string | undefined
    >;
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    throw new ConfigurationError(line);
  }
}

/**
 * The configuration from the command's options and, behind them, the `KEYFOLD_` variables.
 *
 * @param fixed what a command sets by itself; its option is then refused and its variable not read.
 * @throws ConfigurationError that names the first wrong one.
 */
export function readConfiguration(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  fixed: { readonly database?: string } = {},
): Configuration {
  const options = parseOptions(args);
  if (fixed.database !== undefined && options.database !== undefined)
    throw new ConfigurationError(`--database can't be set here: it is always ${fixed.database}`);
  const read = <N extends SettingName>(name: N): z.output<(typeof settings)[N]['schema']> => {
    const variable = variableOf(name);
    const [source, value] =
      options[name] === undefined
        ? [variable, environment[variable]]
        : [`--${name}`, options[name]];
    const parsed = settings[name].schema.safeParse(value);
    if (parsed.success) return parsed.data as z.output<(typeof settings)[N]['schema']>;
    const [issue] = parsed.error.issues;
    // A URL of a database may hold a password.
    const shown = name === 'database' ? '' : `, not '${value}'`;
    throw new ConfigurationError(`${source} ${issue?.message}${shown}`);
  };
  return {
    host: read('host'),
    port: read('port'),
    database: fixed.database ?? read('database'),
    durability: read('durability'),
    poolSize: read('pool-size'),
    logLevel: read('log-level'),
    region: read('region'),
    accountId: read('account-id'),
  };
}
