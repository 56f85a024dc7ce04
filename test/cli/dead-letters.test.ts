import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deadLetters } from '../../src/cli/dead-letters.ts';
import { ConfigurationError } from '../../src/config.ts';
import { temporaryFolder } from '../support/folder.ts';

const DomainName = 'customers';
const id = '0'.repeat(32);

test.each([
  [[], 'dead-letters takes one of: list DOMAIN'],
  [['rename', DomainName], 'dead-letters takes one of'],
  [['constructor', DomainName, '--all'], 'dead-letters takes one of'],
  [['list'], 'dead-letters takes one of'],
  [['list', DomainName, id], 'dead-letters takes one of'],
  [['list', DomainName, '--all'], 'dead-letters list takes no --all'],
  [['replay', DomainName], 'dead-letters takes one of'],
  [['replay', DomainName, id, '--all'], 'dead-letters takes one of'],
  [['delete', DomainName], 'dead-letters takes one of'],
  [['delete', DomainName, '--all', '--json'], 'dead-letters delete takes no --json'],
  [['delete', DomainName, 'x'], "the id of a dead letter is 32 hex digits, not 'x'"],
  [['list', 'nowhere'], "account 000000000000 has no domain 'nowhere'"],
  [
    ['replay', DomainName, '--all', '--account-id', '111111111111'],
    "account 111111111111 has no domain 'customers'",
  ],
  [['list', DomainName, '--newest'], "Unknown option '--newest'"],
  [['list', DomainName, '--database', ':memory:'], 'a database in memory ends with this command'],
])('dead-letters %j is a wrong command', async (args, message) => {
  const environment = { KEYFOLD_DATABASE: join(temporaryFolder(), 'keyfold.db') };
  const lines: string[] = [];
  const print = async (line: string) => void lines.push(line);
  const refused = deadLetters(args, environment, print);
  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(message);
  expect(lines).toEqual([]);
});
