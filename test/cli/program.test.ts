import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';
import { ConfigurationError } from '../../src/config.ts';
import { temporaryFolder } from '../support/folder.ts';

const DomainName = 'customers';
const id = '0'.repeat(32);

/** Runs a command in this process. */
async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  let isFailed = false;
  await runCommand(args, {
    environment: { KEYFOLD_DATABASE: join(temporaryFolder(), 'keyfold.db'), ...environment },
    print: async (line) => void lines.push(line),
    fail: () => {
      isFailed = true;
    },
  });
  return { lines, isFailed };
}

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
  [['dead-letters', 'delete', DomainName, '--all', '--json'], "unknown option '--json'"],
  [['dead-letters', 'delete', DomainName, 'x'], 'It must be 32 hex digits.'],
  [['dead-letters', 'list', 'nowhere'], "account 000000000000 has no domain 'nowhere'"],
  [
    ['dead-letters', 'replay', DomainName, '--all', '--account-id', '111111111111'],
    "account 111111111111 has no domain 'customers'",
  ],
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

test('an option of a command is a variable too, and the option wins', async () => {
  expect((await run(['credentials', 'list'], { KEYFOLD_JSON: 'true' })).lines).toEqual(['[]']);
  expect((await run(['credentials', 'list'], { KEYFOLD_JSON: 'false' })).lines).toEqual([]);
  expect((await run(['credentials', 'list', '--json'], { KEYFOLD_JSON: '0' })).lines).toEqual([
    '[]',
  ]);
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
