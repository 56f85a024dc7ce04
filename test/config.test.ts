import { describe, expect, test } from 'vitest';
import {
  type Configuration,
  ConfigurationError,
  parseOptions,
  readConfiguration,
} from '../src/config.ts';
import { defaultLimits, readLimits } from '../src/limits/limits.ts';

function read(args: string[], environment: Record<string, string>): Configuration {
  return readConfiguration(parseOptions(args).values, environment);
}

function refusal(args: string[], environment: Record<string, string>): string {
  try {
    read(args, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

describe('readConfiguration', () => {
  test('has a default for everything', () => {
    expect(read([], {})).toEqual({
      host: '127.0.0.1',
      port: 4577,
      database: './data/keyfold.db',
      durability: 'full',
      poolSize: 10,
      logLevel: 'info',
      region: 'us-east-1',
      accountId: '000000000000',
      requestsMax: 1000,
      auth: undefined,
      credentialsKey: undefined,
      corsOrigins: [],
      limits: defaultLimits,
    });
  });

  test('reads every variable', () => {
    const environment = {
      KEYFOLD_HOST: '::1',
      KEYFOLD_PORT: '0',
      KEYFOLD_DATABASE: ':memory:',
      KEYFOLD_DURABILITY: 'normal',
      KEYFOLD_POOL_SIZE: '3',
      KEYFOLD_LOG_LEVEL: 'silent',
      KEYFOLD_REGION: 'eu-west-1',
      KEYFOLD_ACCOUNT_ID: '123456789012',
      KEYFOLD_REQUESTS_MAX: '7',
      KEYFOLD_AUTH: 'sigv4',
      KEYFOLD_CREDENTIALS_KEY: 'a'.repeat(64),
      KEYFOLD_CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      KEYFOLD_LIMITS: 'aws',
    };
    expect(read([], environment)).toEqual({
      host: '::1',
      port: 0,
      database: ':memory:',
      durability: 'normal',
      poolSize: 3,
      logLevel: 'silent',
      region: 'eu-west-1',
      accountId: '123456789012',
      requestsMax: 7,
      auth: 'sigv4',
      credentialsKey: 'a'.repeat(64),
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      limits: readLimits('aws'),
    });
  });

  test.each(['postgres://u:p@h:1/d', 'postgresql://h/d?sslmode=require', 'a/b.db'])(
    'takes %s as a database',
    (database) => {
      expect(read(['--database', database], {}).database).toBe(database);
    },
  );

  test('does not show a wrong database, whose URL may hold a password', () => {
    expect(refusal([], { KEYFOLD_DATABASE: 'mysql://me:secret@host/x' })).not.toContain('secret');
  });

  test('an option wins over its variable', () => {
    const args = ['--port', '1', '--log-level=warn', '--account-id', '000000000001'];
    const environment = { KEYFOLD_PORT: '2', KEYFOLD_LOG_LEVEL: 'info' };
    expect(read(args, environment)).toMatchObject({
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
    ['KEYFOLD_LOG_LEVEL', 'loud'],
    ['KEYFOLD_REGION', 'US East'],
    ['KEYFOLD_ACCOUNT_ID', '123'],
    ['KEYFOLD_LIMITS', ''],
  ])('refuses %s when it is %o, and names it', (variable, value) => {
    const option = variable.replace('KEYFOLD_', '--').replaceAll('_', '-').toLowerCase();
    for (const [message, name] of [
      [refusal([], { [variable]: value }), variable],
      [refusal([`${option}=${value}`], {}), option],
    ]) {
      expect(message?.startsWith(`${name} must be `)).toBe(true);
      expect(message).not.toContain('\n');
    }
  });

  test.each([
    [['--prot', '1'], '--prot'],
    [['serve'], 'serve'],
    [['--port'], '--port'],
  ])('refuses the arguments %o and names what is wrong', (args, name) => {
    const message = refusal(args, {});
    expect(message).toContain(name);
    expect(message).not.toContain('\n');
  });
});
