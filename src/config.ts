import { readFileSync } from 'node:fs';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { z } from 'zod';
import { SealingKeyError, SecretSealer } from './auth/sealed-secrets.ts';
import { defaultLimits, type Limits, LimitsRefusedError, readLimits } from './limits/limits.ts';
import { isPostgresUrl } from './repository/postgres-url.ts';

/** A configuration that can't be used; the message is one line that names what is wrong. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const decimal = /^[0-9]{1,5}$/;

const origin = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/;

/**
 * Every setting: its variable is `KEYFOLD_` and its name in capitals, its option `--` and its name.
 * `shown` says what applies without it where that is no value. A `secret` has no option: everybody on
 * the machine can read the options of a process.
 */
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
  workers: {
    schema: z
      .string()
      .regex(decimal, 'must be a number from 1 to 128')
      .transform(Number)
      .refine((count) => count >= 1 && count <= 128, 'must be a number from 1 to 128')
      .default(1),
    help: 'how many processes serve the database; pool size, requests at most and rates are for each',
  },
  'requests-max': {
    schema: z
      .string()
      .regex(decimal, 'must be a number from 1 to 99999')
      .transform(Number)
      .refine((count) => count >= 1, 'must be a number from 1 to 99999')
      .default(1000),
    help: 'how many requests are in progress at most; more are answered 503 at once',
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
    help: 'without authentication, the account of every caller; also that of commands',
  },
  auth: {
    schema: z.enum(['off', 'sigv4'], 'must be off or sigv4').optional(),
    shown: '`off` on loopback, else `sigv4`',
    help: '`sigv4`: requests must be signed with credentials; `off`: only on loopback',
  },
  'credentials-key': {
    schema: z.string().optional(),
    shown: '',
    secret: true,
    help: '32 random bytes in base64 or hex that seal the secrets of credentials in the database',
  },
  'credentials-key-file': {
    schema: z.string().min(1, 'must be a file').optional(),
    shown: '',
    help: 'the file that holds them, instead',
  },
  'cors-origins': {
    schema: z
      .string()
      .transform((list) => list.split(',').map((item) => item.trim()))
      .refine(
        (origins) => origins.every((item) => origin.test(item)),
        'must be origins such as https://app.example.com, separated by commas',
      )
      .default([]),
    shown: 'none',
    help: 'origins whose pages may call the API, separated by commas',
  },
  limits: {
    schema: z.string().min(1, 'must be aws or a JSON file').optional(),
    shown: 'none',
    help: '`aws`, the published request rates, or a JSON file of rates and quotas',
  },
} as const;

interface Setting {
  readonly schema: z.ZodType;
  readonly help: string;
  readonly shown?: string;
  readonly secret?: boolean;
}

type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as SettingName[];

export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly durability: 'full' | 'normal';
  readonly poolSize: number;
  /** How many processes serve; more than one need a database that they can share. */
  readonly workers: number;
  readonly requestsMax: number;
  readonly logLevel: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly region: string;
  readonly accountId: string;
  readonly auth: 'off' | 'sigv4' | undefined;
  /** What seals the secrets of credentials: 32 bytes in base64 or hex. */
  readonly credentialsKey: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly limits: Limits;
}

/** The variable of a setting: `KEYFOLD_LOG_LEVEL` for `log-level`. */
function variableOf(name: SettingName): string {
  return `KEYFOLD_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** One row for each setting, for the help and the README. */
export function describeSettings(): {
  variable: string;
  option: string | undefined;
  fallback: string;
  help: string;
}[] {
  return settingNames.map((name) => {
    const { schema, help, shown, secret = false }: Setting = settings[name];
    return {
      variable: variableOf(name),
      option: secret ? undefined : `--${name}`,
      fallback: shown ?? `\`${schema.parse(undefined)}\``,
      help,
    };
  });
}

/** @throws ConfigurationError when there are several and each would have a database of its own. */
function workersOf(workers: number, database: string): number {
  if (workers > 1 && database === ':memory:')
    throw new ConfigurationError(
      `${variableOf('workers')} must be 1 for a database in memory: processes can't share that`,
    );
  return workers;
}

/** @throws ConfigurationError when the file of limits can't be used. */
function limitsOf(setting: string | undefined): Limits {
  if (setting === undefined) return defaultLimits;
  try {
    return readLimits(setting);
  } catch (error) {
    if (error instanceof LimitsRefusedError) throw new ConfigurationError(error.message);
    throw error;
  }
}

type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/**
 * The options of a command: those of the settings, and its own. Only a command with options of its
 * own has anything else among its arguments.
 *
 * @throws ConfigurationError that names the first wrong one.
 */
export function parseOptions(
  args: readonly string[],
  own?: ParseArgsOptionsConfig,
): { readonly values: OptionValues; readonly positionals: readonly string[] } {
  const options: ParseArgsOptionsConfig = { ...own };
  for (const name of settingNames) {
    const { secret = false }: Setting = settings[name];
    if (!secret) options[name] = { type: 'string' };
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: own !== undefined });
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    throw new ConfigurationError(line);
  }
}

/** The key that seals secrets, from the variable or from the file; checked, so that it can be used. */
function readCredentialsKey(
  variable: string | undefined,
  file: string | undefined,
): string | undefined {
  if (variable !== undefined && file !== undefined)
    throw new ConfigurationError(
      `${variableOf('credentials-key')} and ${variableOf('credentials-key-file')} can't both be set`,
    );
  let key = variable;
  try {
    if (file !== undefined) key = readFileSync(file, 'utf8');
    if (key !== undefined) new SecretSealer(key);
  } catch (error) {
    const source =
      file === undefined ? variableOf('credentials-key') : `credentials key file ${file}`;
    const { message } = error as Error;
    throw new ConfigurationError(
      `${source} ${error instanceof SealingKeyError ? message : `can't be read: ${message}`}`,
    );
  }
  return key;
}

/**
 * The configuration from the command's options and, behind them, the `KEYFOLD_` variables.
 *
 * @param options as {@link parseOptions} gives them.
 * @param fixed what a command sets by itself; its option is then refused and its variable not read.
 * @throws ConfigurationError that names the first wrong one.
 */
export function readConfiguration(
  options: OptionValues,
  environment: Readonly<Record<string, string | undefined>>,
  fixed: { readonly database?: string } = {},
): Configuration {
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
  const database = fixed.database ?? read('database');
  return {
    host: read('host'),
    port: read('port'),
    database,
    durability: read('durability'),
    poolSize: read('pool-size'),
    workers: workersOf(read('workers'), database),
    requestsMax: read('requests-max'),
    logLevel: read('log-level'),
    region: read('region'),
    accountId: read('account-id'),
    auth: read('auth'),
    credentialsKey: readCredentialsKey(read('credentials-key'), read('credentials-key-file')),
    corsOrigins: read('cors-origins'),
    limits: limitsOf(read('limits')),
  };
}
