import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { defaultAuth, isLoopbackHost } from './auth/loopback.ts';
import { SealingKeyError, SecretSealer } from './auth/sealed-secrets.ts';
import { defaultLimits, type Limits, LimitsRefusedError, readLimits } from './limits/limits.ts';
import { isPostgresUrl, withoutPassword } from './repository/engine/postgres-url.ts';
import { LOG_PAGES_MAX } from './repository/engine/sqlite-disk.ts';

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
  'database-file': {
    schema: z.string().min(1, 'must be a file').optional(),
    shown: '',
    help: 'the file that holds it, instead: a URL with its password',
  },
  durability: {
    schema: z.enum(['full', 'normal'], 'must be full or normal').default('full'),
    help: 'SQLite: `full`, answered writes survive a power cut; `normal`, they survive the process',
  },
  'checkpoint-pages': {
    schema: z
      .string()
      .regex(/^[0-9]{1,7}$/, 'must be a number from 100 to 9999999')
      .transform(Number)
      .refine((pages) => pages >= 100, 'must be a number from 100 to 9999999')
      .default(LOG_PAGES_MAX),
    help: 'SQLite: how many pages of 4 KiB the write-ahead log has when it is moved into the file',
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
  seed: {
    schema: z.string().min(1, 'must be a JSON file').optional(),
    shown: 'none',
    help: 'JSON file of requests that fill a store without domains',
  },
  'metrics-port': {
    schema: z
      .string()
      .regex(decimal, 'must be a port from 0 to 65535')
      .transform(Number)
      .refine((port) => port <= 65_535, 'must be a port from 0 to 65535')
      .optional(),
    shown: 'none',
    help: 'port of its own for `/metrics`; 0 takes any free one',
  },
  'metrics-host': {
    schema: z.string().min(1, 'must be an address or a host name').default('127.0.0.1'),
    help: 'address of that port',
  },
  otel: {
    schema: z.enum(['on', 'off'], 'must be on or off').optional(),
    shown: '',
    help: '`on` or `off`: spans for requests; on where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to',
  },
} as const;

interface Setting {
  readonly schema: z.ZodType;
  readonly help: string;
  readonly shown?: string;
  readonly secret?: boolean;
}

export type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as SettingName[];

export interface Configuration {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly durability: 'full' | 'normal';
  readonly checkpointPages: number;
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
  /** A JSON file. */
  readonly seed: string | undefined;
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  /** Whether spans are sent. */
  readonly tracing: 'otlp' | undefined;
}

/** The variable of a setting, or of another option: `KEYFOLD_LOG_LEVEL` for `log-level`. */
export function variableOf(name: string): string {
  return `KEYFOLD_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** One row for each setting, for the help and the README. */
export function describeSettings(): {
  name: SettingName;
  variable: string;
  option: string | undefined;
  fallback: string;
  help: string;
}[] {
  return settingNames.map((name) => {
    const { schema, help, shown, secret = false }: Setting = settings[name];
    return {
      name,
      variable: variableOf(name),
      option: secret ? undefined : `--${name}`,
      fallback: shown ?? `\`${schema.parse(undefined)}\``,
      help,
    };
  });
}

/** @throws ConfigurationError when there are several and each would have a database of its own. */
function checkWorkers(workers: number, database: string, source: Source): number {
  if (workers > 1 && database === ':memory:')
    throw new ConfigurationError(
      `${source} must be 1 for a database in memory: processes can't share that`,
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

/** Where the traces go, of these the first that is there. */
const traceEndpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];

/**
 * The variable that asks for traces: whoever has named an endpoint for them wants them, unless the standard
 * variables say otherwise.
 */
function traceVariableOf(environment: Environment): string | undefined {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = environment;
  if (OTEL_SDK_DISABLED?.toLowerCase() === 'true' || OTEL_TRACES_EXPORTER === 'none')
    return undefined;
  return traceEndpoints.find((name) => environment[name]);
}

function tracingOf(setting: 'on' | 'off' | undefined, environment: Environment) {
  const isWanted = setting === undefined && traceVariableOf(environment) !== undefined;
  return setting === 'on' || isWanted ? 'otlp' : undefined;
}

/** Options of a command by name, without the dashes, as they were given. */
export type GivenOptions = Readonly<Partial<Record<string, unknown>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the value of a setting comes from: `--port`, `KEYFOLD_PORT`, or `default`. */
type Source = string;

/** What was given for a setting, and where. */
function given(
  name: SettingName,
  options: GivenOptions,
  environment: Environment,
): { readonly value: unknown; readonly source: Source } {
  if (options[name] !== undefined) return { value: options[name], source: `--${name}` };
  const variable = variableOf(name);
  const value = environment[variable];
  return { value, source: value === undefined ? 'default' : variable };
}

/** The content of a file that a setting names, without the line's end. */
function readSecretFile(name: SettingName, file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    const what = name.replace(/-file$/, '').replaceAll('-', ' ');
    throw new ConfigurationError(`${what} file ${file} can't be read: ${(error as Error).message}`);
  }
}

/** @throws ConfigurationError when the key can't seal anything. */
function checkCredentialsKey(key: string | undefined, source: string): string | undefined {
  try {
    if (key !== undefined) new SecretSealer(key);
    return key;
  } catch (error) {
    if (!(error instanceof SealingKeyError)) throw error;
    throw new ConfigurationError(`${source} ${error.message}`);
  }
}

/**
 * The configuration from the command's options and, behind them, the `KEYFOLD_` variables.
 *
 * @param fixed what a command sets by itself; its variable is then not read.
 * @throws ConfigurationError that names the first wrong one.
 */
export function readConfiguration(
  options: GivenOptions,
  environment: Environment,
  fixed: { readonly database?: string } = {},
): Configuration {
  const check = <N extends SettingName>(
    name: N,
    value: unknown,
    source: Source,
  ): z.output<(typeof settings)[N]['schema']> => {
    const parsed = settings[name].schema.safeParse(value);
    if (parsed.success) return parsed.data as z.output<(typeof settings)[N]['schema']>;
    const [issue] = parsed.error.issues;
    // A URL of a database may hold a password.
    const shown = name === 'database' ? '' : `, not '${value}'`;
    throw new ConfigurationError(`${source} ${issue?.message}${shown}`);
  };
  const read = <N extends SettingName>(name: N) => {
    const { value, source } = given(name, options, environment);
    return check(name, value, source);
  };
  /** A setting, or the content of the file that is named instead of it. */
  const readSecret = <N extends 'database' | 'credentials-key'>(name: N) => {
    const fileName = `${name}-file` as const;
    const [own, file] = [given(name, options, environment), read(fileName)];
    if (file === undefined) return { value: read(name), source: own.source };
    if (own.value !== undefined)
      throw new ConfigurationError(
        `${own.source} and ${given(fileName, options, environment).source} can't both be set`,
      );
    const source = `${name.replaceAll('-', ' ')} file ${file}`;
    return { value: check(name, readSecretFile(fileName, file), source), source };
  };
  const database = fixed.database ?? readSecret('database').value;
  const key = readSecret('credentials-key');
  return {
    host: read('host'),
    port: read('port'),
    database,
    durability: read('durability'),
    checkpointPages: read('checkpoint-pages'),
    poolSize: read('pool-size'),
    workers: checkWorkers(read('workers'), database, given('workers', options, environment).source),
    requestsMax: read('requests-max'),
    logLevel: read('log-level'),
    region: read('region'),
    accountId: read('account-id'),
    auth: read('auth'),
    credentialsKey: checkCredentialsKey(key.value, key.source),
    corsOrigins: read('cors-origins'),
    limits: limitsOf(read('limits')),
    seed: read('seed'),
    metricsPort: read('metrics-port'),
    metricsHost: read('metrics-host'),
    tracing: tracingOf(read('otel'), environment),
  };
}

/** A setting as it applies. */
export interface EffectiveSetting {
  readonly name: string;
  /** Masked where it is secret. */
  readonly value: string;
  /** Why it is this one, where that doesn't follow from its source. */
  readonly note?: string;
  readonly source: Source;
}

/** What decides which settings have an effect. */
type Deciding = Pick<Configuration, 'database' | 'host' | 'metricsPort' | 'tracing'>;

/** Whether a setting has any effect. */
function applies(name: SettingName, { database, metricsPort }: Deciding): boolean {
  const isFile = !isPostgresUrl(database) && database !== ':memory:';
  if (name === 'durability' || name === 'checkpoint-pages') return isFile;
  if (name === 'pool-size') return isPostgresUrl(database);
  return name !== 'metrics-host' || metricsPort !== undefined;
}

/** What applies of a setting that nobody has given; undefined when that is nothing. */
function settingByDefault(
  name: SettingName,
  { host, tracing }: Deciding,
  environment: Environment,
): EffectiveSetting | undefined {
  const source = 'default';
  if (name === 'auth') {
    const note = isLoopbackHost(host) ? { note: 'loopback' } : {};
    return { name, value: defaultAuth(host), ...note, source };
  }
  if (name === 'otel')
    return tracing && { name, value: 'on', source: traceVariableOf(environment) ?? source };
  const { schema, shown }: Setting = settings[name];
  return shown === undefined ? { name, value: String(schema.parse(undefined)), source } : undefined;
}

/**
 * What applies, and where it comes from; of settings that are not used nothing is said.
 *
 * @param configuration what was read of the same options and variables.
 */
export function effectiveSettings(
  options: GivenOptions,
  environment: Environment,
  configuration: Deciding,
): EffectiveSetting[] {
  const isInFile = given('database-file', options, environment).value !== undefined;
  return settingNames.flatMap((name): EffectiveSetting[] => {
    if (!applies(name, configuration) || (name === 'database' && isInFile)) return [];
    const { value, source } = given(name, options, environment);
    if (value === undefined)
      return [settingByDefault(name, configuration, environment) ?? []].flat();
    const { secret = false }: Setting = settings[name];
    if (secret) return [{ name, value: '********', source }];
    const isUrl = name === 'database' && isPostgresUrl(String(value));
    return [{ name, value: isUrl ? withoutPassword(String(value)) : String(value), source }];
  });
}
