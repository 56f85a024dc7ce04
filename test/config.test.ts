import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Configuration,
  ConfigurationError,
  effectiveSettings,
  readConfiguration,
} from '../src/config.ts';
import { defaultLimits, readLimits } from '../src/limits/limits.ts';
import { temporaryFolder } from './support/folder.ts';

type Texts = Readonly<Record<string, string>>;

function read(options: Texts, environment: Texts): Configuration {
  return readConfiguration(options, environment);
}

function refusal(options: Texts, environment: Texts): string {
  try {
    read(options, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('readConfiguration', () => {
  test('has a default for everything', () => {
    expect(read({}, {})).toEqual({
      host: '127.0.0.1',
      port: 4577,
      database: './data/keyfold.db',
      durability: 'full',
      checkpointPages: 8000,
      poolSize: 10,
      logLevel: 'info',
      region: 'us-east-1',
      accountId: '000000000000',
      workers: 1,
      requestsMax: 1000,
      auth: undefined,
      credentialsKey: undefined,
      corsOrigins: [],
      limits: defaultLimits,
      seed: undefined,
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      tracing: undefined,
    });
  });

  test('reads every variable', () => {
    const environment = {
      KEYFOLD_HOST: '::1',
      KEYFOLD_PORT: '0',
      KEYFOLD_DATABASE: 'a.db',
      KEYFOLD_DURABILITY: 'normal',
      KEYFOLD_CHECKPOINT_PAGES: '100',
      KEYFOLD_POOL_SIZE: '3',
      KEYFOLD_LOG_LEVEL: 'silent',
      KEYFOLD_REGION: 'eu-west-1',
      KEYFOLD_ACCOUNT_ID: '123456789012',
      KEYFOLD_WORKERS: '3',
      KEYFOLD_REQUESTS_MAX: '7',
      KEYFOLD_AUTH: 'sigv4',
      KEYFOLD_CREDENTIALS_KEY: 'a'.repeat(64),
      KEYFOLD_CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      KEYFOLD_LIMITS: 'aws',
      KEYFOLD_SEED: 'seed.json',
      KEYFOLD_METRICS_PORT: '9464',
      KEYFOLD_METRICS_HOST: '::1',
      KEYFOLD_OTEL: 'on',
    };
    expect(read({}, environment)).toEqual({
      host: '::1',
      port: 0,
      database: 'a.db',
      durability: 'normal',
      checkpointPages: 100,
      poolSize: 3,
      logLevel: 'silent',
      region: 'eu-west-1',
      accountId: '123456789012',
      workers: 3,
      requestsMax: 7,
      auth: 'sigv4',
      credentialsKey: 'a'.repeat(64),
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      limits: readLimits('aws'),
      seed: 'seed.json',
      metricsPort: 9464,
      metricsHost: '::1',
      tracing: 'otlp',
    });
  });

  test.each<[is: 'otlp' | undefined, Record<string, string>]>([
    ['otlp', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }],
    ['otlp', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }],
    [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', OTEL_SDK_DISABLED: 'true' }],
    [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', OTEL_TRACES_EXPORTER: 'none' }],
    [undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', KEYFOLD_OTEL: 'off' }],
  ])('traces are %s with %o', (tracing, environment) => {
    expect(read({}, environment).tracing).toBe(tracing);
  });

  test.each(['postgres://u:p@h:1/d', 'postgresql://h/d?sslmode=require', 'a/b.db'])(
    'takes %s as a database',
    (database) => {
      expect(read({ database }, {}).database).toBe(database);
    },
  );

  test('does not show a wrong database, whose URL may hold a password', () => {
    expect(refusal({}, { KEYFOLD_DATABASE: 'mysql://me:secret@host/x' })).not.toContain('secret');
  });

  test('an option wins over its variable', () => {
    const options = { port: '1', 'log-level': 'warn', 'account-id': '000000000001' };
    const environment = { KEYFOLD_PORT: '2', KEYFOLD_LOG_LEVEL: 'info' };
    expect(read(options, environment)).toMatchObject({
      port: 1,
      logLevel: 'warn',
      accountId: '000000000001',
    });
  });

  test.each([
    ['KEYFOLD_PORT', 'http'],
    ['KEYFOLD_PORT', '65536'],
    ['KEYFOLD_PORT', '-1'],
    ['KEYFOLD_PORT', ''],
    ['KEYFOLD_HOST', ''],
    ['KEYFOLD_DATABASE', ''],
    ['KEYFOLD_DATABASE', 'mysql://localhost/keyfold'],
    ['KEYFOLD_DURABILITY', 'some'],
    ['KEYFOLD_POOL_SIZE', '0'],
    ['KEYFOLD_POOL_SIZE', 'many'],
    ['KEYFOLD_WORKERS', '0'],
    ['KEYFOLD_WORKERS', '129'],
    ['KEYFOLD_LOG_LEVEL', 'loud'],
    ['KEYFOLD_REGION', 'US East'],
    ['KEYFOLD_ACCOUNT_ID', '123'],
    ['KEYFOLD_LIMITS', ''],
    ['KEYFOLD_SEED', ''],
    ['KEYFOLD_METRICS_PORT', '65536'],
    ['KEYFOLD_METRICS_HOST', ''],
    ['KEYFOLD_OTEL', 'yes'],
  ])('refuses %s when it is %o, and names it', (variable, value) => {
    const option = variable.replace('KEYFOLD_', '').replaceAll('_', '-').toLowerCase();
    for (const [message, name] of [
      [refusal({}, { [variable]: value }), variable],
      [refusal({ [option]: value }, {}), `--${option}`],
    ]) {
      expect(message?.startsWith(`${name} must be `)).toBe(true);
      expect(message).not.toContain('\n');
    }
  });

  test('reads a database URL, and a key, from files', () => {
    const folder = temporaryFolder();
    const [url, key] = [join(folder, 'url'), join(folder, 'key')];
    writeFileSync(url, 'postgres://u:secret@h/d\n');
    writeFileSync(key, `${'a'.repeat(64)}\n`);
    const files = { KEYFOLD_DATABASE_FILE: url, KEYFOLD_CREDENTIALS_KEY_FILE: key };
    expect(read({}, files)).toMatchObject({
      database: 'postgres://u:secret@h/d',
      credentialsKey: 'a'.repeat(64),
    });
    expect(refusal({ database: 'x.db' }, files)).toBe(
      "--database and KEYFOLD_DATABASE_FILE can't both be set",
    );
    writeFileSync(url, 'mysql://u:secret@h/d');
    expect(refusal({}, files)).toBe(
      `database file ${url} must be a file, :memory: or postgres://…`,
    );
    expect(refusal({ 'database-file': join(folder, 'none') }, {})).toMatch(
      /^database file .*none can't be read: ENOENT/,
    );
  });

  test('takes several workers, unless the database is in memory', () => {
    expect(read({ workers: '2' }, {}).workers).toBe(2);
    expect(refusal({ workers: '2', database: ':memory:' }, {})).toBe(
      "--workers must be 1 for a database in memory: processes can't share that",
    );
    expect(refusal({ database: ':memory:' }, { KEYFOLD_WORKERS: '2' })).toMatch(
      /^KEYFOLD_WORKERS must be 1 /,
    );
  });
});

describe('effectiveSettings', () => {
  /** What applies with these options and variables. */
  const show = (options: Texts, environment: Texts) =>
    effectiveSettings(options, environment, read(options, environment));
  const namesOf = (options: Texts, environment: Texts = {}) =>
    show(options, environment).map(({ name }) => name);

  test('tells what applies and where it comes from', () => {
    const shown = show({ port: '0' }, { KEYFOLD_REGION: 'eu-west-1' });
    expect(shown).toContainEqual({ name: 'port', value: '0', source: '--port' });
    expect(shown).toContainEqual({
      name: 'region',
      value: 'eu-west-1',
      source: 'KEYFOLD_REGION',
    });
    expect(shown).toContainEqual({
      name: 'database',
      value: './data/keyfold.db',
      source: 'default',
    });
    expect(shown.map(({ name }) => name)).not.toContain('limits');
  });

  test('tells of a database what its engine has', () => {
    const ofEngines = ['durability', 'checkpoint-pages', 'pool-size'];
    const own = (database: string) =>
      namesOf({ database, durability: 'full', 'pool-size': '3' }).filter((name) =>
        ofEngines.includes(name),
      );
    expect(own('a.db')).toEqual(['durability', 'checkpoint-pages']);
    expect(own(':memory:')).toEqual([]);
    expect(own('postgres://h/d')).toEqual(['pool-size']);
  });

  test('tells where metrics are only if they have a port', () => {
    expect(namesOf({})).not.toContain('metrics-host');
    expect(namesOf({ 'metrics-port': '0' })).toContain('metrics-host');
  });

  test.each<[Texts, object]>([
    [{}, { value: 'off', note: 'loopback', source: 'default' }],
    [{ host: '0.0.0.0' }, { value: 'sigv4', source: 'default' }],
    [{ auth: 'sigv4' }, { value: 'sigv4', source: '--auth' }],
  ])('with %o tells how requests are authenticated', (options, auth) => {
    expect(show(options, {})).toContainEqual({ name: 'auth', ...auth });
  });

  test('tells which variable has asked for traces', () => {
    const variable = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    expect(show({}, { [variable]: 'http://c:1' })).toContainEqual({
      name: 'otel',
      value: 'on',
      source: variable,
    });
    expect(namesOf({}, { [variable]: 'http://c:1', OTEL_SDK_DISABLED: 'true' })).not.toContain(
      'otel',
    );
    expect(namesOf({})).not.toContain('otel');
  });

  test('shows no secret', () => {
    const key = 'a'.repeat(64);
    const environment = {
      KEYFOLD_DATABASE: 'postgres://me:secret@host/d',
      KEYFOLD_CREDENTIALS_KEY: key,
    };
    const shown = show({}, environment);
    expect(JSON.stringify(shown)).not.toContain('secret@');
    expect(JSON.stringify(shown)).not.toContain(key);
    expect(shown).toContainEqual({
      name: 'credentials-key',
      value: '********',
      source: 'KEYFOLD_CREDENTIALS_KEY',
    });
    const file = join(temporaryFolder(), 'url');
    writeFileSync(file, 'postgres://me:secret@host/d');
    const inFile = namesOf({}, { KEYFOLD_DATABASE_FILE: file });
    expect(inFile).not.toContain('database');
    expect(inFile).toContain('pool-size');
  });
});
