import { describe, expect, test } from 'vitest';
import { unknownVariables } from '../../src/cli/program.ts';
import { ConfigurationError } from '../../src/config.ts';
import { AbsentError } from '../../src/repository/errors.ts';
import { runInProcess as run } from '../support/commands.ts';

const DomainName = 'customers';
const id = '0'.repeat(32);

test.each([
  [['--prot', '1'], "unknown option '--prot'"],
  [['--port'], "option '--port <value>' argument missing"],
  [['sevre'], "there is no command 'sevre'"],
  [['demo', '--database', 'x.db'], "unknown option '--database'"],
  [['credentials'], 'credentials needs one of: create, list, revoke'],
  [['credentials', 'rename'], "credentials has no 'rename', but one of: create, list, revoke"],
  [['credentials', 'revoke'], "missing required argument 'access-key-id'"],
  [['credentials', 'create', 'x'], "too many arguments for 'create'"],
  [['credentials', 'list', '--user', 'ada'], "unknown option '--user'"],
  [['merges'], 'merges needs one of: list'],
  [['merges', 'list'], "missing required argument 'domain'"],
  [['unmerge', 'x'], 'It must be 32 hex digits.'],
  [['resolve'], "missing required argument 'domain'"],
  [['resolve', DomainName, '--port', '1'], "unknown option '--port'"],
  [['dead-letters'], 'dead-letters needs one of: list, replay, delete'],
  [['dead-letters', 'constructor', DomainName], "dead-letters has no 'constructor'"],
  [['dead-letters', 'list'], "missing required argument 'domain'"],
  [['dead-letters', 'list', DomainName, id], "too many arguments for 'list'"],
  [['dead-letters', 'list', DomainName, '--all'], "unknown option '--all'"],
  [
    ['dead-letters', 'replay', DomainName],
    'dead-letters replay takes the ids of letters, or --all',
  ],
  [['dead-letters', 'replay', DomainName, id, '--all'], 'takes the ids of letters, or --all'],
  [['dead-letters', 'delete', DomainName], 'dead-letters delete takes the ids of letters'],
  [['dead-letters', 'delete', DomainName, 'x'], 'It must be 32 hex digits.'],
  [['export', DomainName, '--json'], '--json needs a file: standard output has the profiles'],
  [['export', DomainName, 'x.csv', '--format', 'xml'], '--format must be csv or ndjson'],
  [
    ['dead-letters', 'list', DomainName, '--database', ':memory:'],
    'a database in memory ends with this command',
  ],
])('%j is a wrong command, and says so in one line', async (args, message) => {
  const refused = run(args);
  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.not.toThrow('\n');
});

test.each([
  [['dead-letters', 'list', 'nowhere']],
  [['dead-letters', 'replay', 'nowhere', '--all']],
  [['merges', 'list', 'nowhere']],
  [['keys', 'nowhere', id]],
  [['resolve', 'nowhere']],
  [['export', 'nowhere']],
])('%j says in the same words that the domain is not there', async (args) => {
  const refused = run([...args, '--account-id', '111111111111']);
  await expect(refused).rejects.toThrow(AbsentError);
  await expect(refused).rejects.toThrow(/^account 111111111111 has no domain 'nowhere'$/);
});

test('an option of a command is a variable too, and the option wins', async () => {
  const migrate = async (args: string[], value: string) => {
    const { lines } = await run(['migrate', '--dry-run', ...args], { KEYFOLD_JSON: value });
    return lines.length === 1;
  };
  expect(await migrate([], 'true')).toBe(true);
  expect(await migrate([], 'false')).toBe(false);
  expect(await migrate(['--json'], '0')).toBe(true);
  await expect(run(['credentials', 'list'], { KEYFOLD_JSON: 'maybe' })).rejects.toThrow(
    "KEYFOLD_JSON must be true or false, not 'maybe'",
  );
});

test('of a variable that takes several values, commas part them', async () => {
  const environment = {
    KEYFOLD_CREDENTIALS_KEY: 'a'.repeat(64),
    KEYFOLD_POLICY: 'one.json, two.json',
  };
  await expect(run(['credentials', 'create'], environment)).rejects.toThrow('policy one.json');
});

describe('a value that is wrong is told by where it is from', () => {
  const key = { KEYFOLD_CREDENTIALS_KEY: 'a'.repeat(64) };

  test.each<[string, string[], string, string]>([
    ['user', ['credentials', 'create'], 'a b', ' must be 1 to 64 letters'],
    ['expires-in', ['credentials', 'create'], '1h', ' must be a number of seconds'],
    ['format', ['import', DomainName, 'x.csv'], 'xml', ' must be csv or ndjson'],
    ['format', ['export', DomainName, 'x.csv'], 'xml', ' must be csv or ndjson'],
    ['mapping', ['import', DomainName, 'x.ndjson'], 'm.json', ' is for columns of CSV'],
  ])('%s of %j', async (name, args, value, problem) => {
    const variable = `KEYFOLD_${name.toUpperCase().replace('-', '_')}`;
    const byVariable = run(args, { ...key, [variable]: value });
    await expect(byVariable).rejects.toThrow(ConfigurationError);
    await expect(byVariable).rejects.toThrow(`${variable}${problem}`);
    const byOption = run([...args, `--${name}`, value], { ...key, [variable]: 'else' });
    await expect(byOption).rejects.toThrow(`--${name}${problem}`);
  });

  test('a flag', async () => {
    const wrong = run(['dead-letters', 'delete', DomainName, id], { KEYFOLD_ALL: 'true' });
    await expect(wrong).rejects.toThrow('or KEYFOLD_ALL for every one');
  });
});

test('variables that no setting and no option has are told', () => {
  const environment = {
    PATH: '/bin',
    KEYFOLD_PROT: '1',
    KEYFOLD_PORT: '1',
    KEYFOLD_CREDENTIALS_KEY: 'x',
    KEYFOLD_DATABASE_FILE: 'x',
    KEYFOLD_EXPIRES_IN: '1',
    KEYFOLD_DRY_RUN: 'true',
    KEYFOLD_ALL: 'true',
    KEYFOLD_: '',
    KEYFOLD_VERSION: '1',
    // Of these tests, and of Kubernetes.
    KEYFOLD_TEST_POSTGRES_URL: 'x',
    KEYFOLD_SERVICE_HOST: 'x',
    KEYFOLD_PORT_4577_TCP_ADDR: 'x',
  };
  const unknown = unknownVariables({ environment, print: async () => {}, fail: () => {} });
  expect(unknown).toEqual(['KEYFOLD_', 'KEYFOLD_PROT', 'KEYFOLD_VERSION']);
});
