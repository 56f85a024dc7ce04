import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  MergeProfilesCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { createService } from '../../src/index.ts';
import { DocumentShell } from '../support/document-shell.ts';
import {
  blocksOf,
  commandBlocksOf,
  commandsOf,
  guides,
  programsOf,
  readDocument,
} from '../support/documents.ts';
import { ticketType } from '../support/objects.ts';
import { notRun } from './not-run.ts';

/**
 * What commands may start: what is stood in for (see DocumentShell), and programs that do no more than is seen in a
 * command. All others must be added here, or their commands to what isn't run.
 */
const standIns = ['npm', 'npx', 'keyfold'];
const builtIns = ['cd', 'export', 'umask', 'printf', 'echo', 'kill', 'test'];
const tools = [
  'curl',
  'date',
  'find',
  'grep',
  'gunzip',
  'gzip',
  'jq',
  'openssl',
  'cat',
  'cp',
  'mkdir',
  'mv',
  'rm',
];

/** What is around a command. */
interface Step {
  readonly before?: (shell: DocumentShell) => unknown;
  /** What takes the place of something in the command; it is given what was said so far, the latest last. */
  readonly fill?: (command: string, said: readonly string[]) => string;
  /** The exit code; 0 where nothing else is said. */
  readonly code?: number;
  readonly after?: (output: string, shell: DocumentShell) => unknown;
}

/** How the commands of a guide are run. */
interface Plan {
  /** Makes what the reader is supposed to have. */
  readonly prepare?: (shell: DocumentShell) => unknown;
  /** By the command. */
  readonly steps?: Readonly<Record<string, Step>>;
}

const DomainName = 'customers';
/** The profile that documents show. */
const ADA = '019ab1c4f2d57d3e8a1b2c3d4e5f6071';

/** Fills a database with requests, as the guide's reader has by then. */
async function fillDatabase(
  file: string,
  requests: (client: CustomerProfilesClient) => Promise<unknown>,
): Promise<void> {
  const service = await createService({ database: file });
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new CustomerProfilesClient({
    endpoint: service.url,
    region: 'us-east-1',
    credentials,
  });
  try {
    await requests(client);
  } finally {
    client.destroy();
    await service.close();
  }
}

async function createProfile(client: CustomerProfilesClient, fields: object): Promise<string> {
  const created = await client.send(new CreateProfileCommand({ DomainName, ...fields }));
  return String(created.ProfileId);
}

async function createCustomers(client: CustomerProfilesClient, more: object = {}): Promise<string> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...more }));
  return createProfile(client, { FirstName: 'Grace', LastName: 'Hopper', AccountNumber: '1000' });
}

/** A pair that is one customer, and a merge. */
async function createDuplicates(client: CustomerProfilesClient): Promise<void> {
  const main = await createCustomers(client, { Matching: { Enabled: true } });
  const same = { FirstName: 'Ada', LastName: 'Byron', EmailAddress: 'ada@example.com' };
  await createProfile(client, same);
  await createProfile(client, same);
  const other = await createProfile(client, { FirstName: 'Grace' });
  const merge = { MainProfileId: main, ProfileIdsToBeMerged: [other] };
  await client.send(new MergeProfilesCommand({ DomainName, ...merge }));
}

/** An object that was refused and can be taken by now. */
async function createRefusedTicket(client: CustomerProfilesClient): Promise<void> {
  const ProfileId = await createCustomers(client);
  const ObjectTypeName = 'ticket';
  const Description = 'Tickets of the help desk';
  const type = { ...ticketType, AllowProfileCreation: false, ObjectTypeName, Description };
  await client.send(new PutProfileObjectTypeCommand({ DomainName, ...type }));
  const ticket = JSON.stringify({ id: '1', email: 'grace@example.com' });
  const put = new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: ticket });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'BadRequestException' });
  const key = { KeyName: 'mail', Values: ['grace@example.com'] };
  await client.send(new AddProfileKeyCommand({ DomainName, ProfileId, ...key }));
}

/** The table that is imported, and the mapping of its columns. */
function writeTable(shell: DocumentShell, ...rows: string[]): void {
  const [mapping = ''] = blocksOf(readDocument('docs/import-export.md'))
    .filter(({ text }) => text.startsWith('{ "columns"'))
    .map(({ text }) => text);
  writeFileSync(shell.path('columns.json'), mapping);
  const lines = ['ProfileId,FirstName,E-Mail,Card no,Internal', `${ADA},Ada,,4711,x`, ...rows];
  writeFileSync(shell.path('customers.csv'), `${lines.join('\n')}\n`);
}

const findsAda: Step = { after: (output) => expect(output).toContain('4711') };

/** Leaves no database where the service's would be. */
async function removeDatabase(shell: DocumentShell): Promise<void> {
  await shell.stopServer();
  rmSync(shell.path('data'), { recursive: true, force: true });
}

/** The last id of its kind that was said. */
function last(said: readonly string[], pattern: RegExp): string {
  const found = said.map((output) => pattern.exec(output)?.[1]).findLast(Boolean);
  if (found === undefined) throw new Error(`nothing that was said has ${pattern}`);
  return found;
}

const withProfileId: Step['fill'] = (command, said) =>
  command.replace('PROFILE_ID', last(said, /"ProfileId":"(\w+)"/));

const searchByAddress = `curl -X POST http://127.0.0.1:4577/domains/shop/profiles/search -H 'Content-Type: application/json' -d '{"KeyName": "_email", "Values": ["ADA@example.com"]}'`;

const searchForAda = `curl -X POST http://127.0.0.1:4577/domains/customers/profiles/search -H 'Content-Type: application/json' -d '{"KeyName": "_phone", "Values": ["(555) 333-7777"]}'`;

const addLoyaltyCard = `curl -X POST http://127.0.0.1:4577/domains/customers/profiles/keys -H 'Content-Type: application/json' -d '{"ProfileId": "PROFILE_ID", "KeyName": "loyaltyCard", "Values": ["LC-1"]}'`;

/** The answer that the guide shows, but for the id. */
function expectShownAnswer(output: string): void {
  const [shown = ''] = blocksOf(readDocument('docs/getting-started.md'))
    .filter(({ language }) => language === 'json')
    .map(({ text }) => text);
  const answer = JSON.parse(output);
  const [{ ProfileId }] = answer.Items;
  expect(answer).toEqual(JSON.parse(shown.replace(ADA, ProfileId)));
}

const plans: Readonly<Record<string, Plan>> = {
  'README.md': {
    prepare: async (shell) => {
      await fillDatabase(shell.path('data/keyfold.db'), createCustomers);
      writeTable(shell);
      shell.absolute('backups/keyfold-1.db');
    },
    steps: {
      [searchByAddress]: { after: (output) => expect(output).toContain('"FirstName":"Ada"') },
      [`npm run keyfold -- keys customers ${ADA}`]: findsAda,
      'npm run keyfold -- restore /backups/keyfold-1.db': { before: removeDatabase },
    },
  },
  'docs/operations.md': {
    prepare: (shell) => fillDatabase(shell.path('data/keyfold.db'), createRefusedTicket),
    steps: {
      'npm run --silent keyfold -- dead-letters list customers --json': {
        after: (output) => expect(JSON.parse(output)).toMatchObject({ objectTypeName: 'ticket' }),
      },
    },
  },
  'docs/identity-resolution.md': {
    prepare: (shell) => fillDatabase(shell.path('data/keyfold.db'), createDuplicates),
    steps: {
      'npm run keyfold -- unmerge 019ab1c4…': {
        fill: (command, said) => command.replace('019ab1c4…', last(said, /^(\S+) .* into /m)),
      },
    },
  },
  'docs/getting-started.md': {
    steps: {
      [searchForAda]: { after: expectShownAnswer },
      [addLoyaltyCard]: { fill: withProfileId },
      'npm run keyfold -- keys customers PROFILE_ID': {
        fill: withProfileId,
        after: (output) => expect(output).toContain('LC-1'),
      },
      'npm run keyfold -- export customers': {
        after: async (output, shell) => {
          expect(output).toContain('LC-1');
          for (const path of ['/docs', '/openapi.json'])
            expect((await fetch(shell.url() + path)).status, path).toBe(200);
        },
      },
    },
  },
  'docs/import-export.md': {
    prepare: async (shell) => {
      await fillDatabase(shell.path('data/keyfold.db'), createCustomers);
      writeTable(shell, ',,,,', 'no id,Ada,,,');
    },
    steps: {
      // One row is empty, and one has a wrong id.
      'npm run keyfold -- import customers customers.csv --mapping columns.json': { code: 1 },
      [`npm run --silent keyfold -- keys customers ${ADA} --json`]: findsAda,
      'gunzip customers.ndjson.gz': {
        before: (shell) => rmSync(shell.path('customers.ndjson')),
        after: (_, shell) =>
          expect(readFileSync(shell.path('customers.ndjson'), 'utf8')).toContain(ADA),
      },
      'npm run keyfold -- import customers recorded.ndjson': {
        before: (shell) => {
          const found = { ProfileId: ADA, FoundByItems: [{ KeyName: '_account', Values: ['1'] }] };
          const answer = JSON.stringify({ Items: [found] });
          writeFileSync(shell.path('recorded.ndjson'), `${answer}\n`);
        },
      },
      'jq -r .Row customers.csv.rejects.ndjson > mended.csv': {
        after: (_, shell) =>
          expect(readFileSync(shell.path('mended.csv'), 'utf8')).toContain('no id'),
      },
    },
  },
  'docs/backup.md': {
    prepare: async (shell) => {
      const database = shell.path('data/keyfold.db');
      await fillDatabase(database, createCustomers);
      copyFileSync(database, shell.absolute('var/lib/keyfold/keyfold.db'));
      mkdirSync(shell.absolute('var/lib/keyfold/.keyfold.db-litestream'));
      mkdirSync(shell.absolute('srv/keyfold'), { recursive: true });
      shell.absolute('backups/keyfold-1.db');
    },
    steps: {
      'npm run keyfold -- restore /backups/keyfold-1.db': { before: removeDatabase },
      'npm run keyfold -- check --database /tmp/restored.db': {
        before: (shell) =>
          copyFileSync(shell.absolute('backups/keyfold-1.db'), shell.absolute('tmp/restored.db')),
      },
    },
  },
  'docs/production.md': {
    steps: {
      'curl --fail http://127.0.0.1:4577/health/ready': {
        before: (shell) => shell.run('npm start'),
      },
    },
  },
  'docs/observability.md': {
    steps: {
      'npm start -- --metrics-port 9464': {
        after: async (_, shell) => {
          const metrics = await fetch(`${shell.url('9464')}/metrics`);
          expect(await metrics.text()).toContain('keyfold_build_info');
        },
      },
    },
  },
};

const shown = new Map(
  guides.map((guide) => [guide, commandBlocksOf(guide).map((block) => commandsOf(block))] as const),
);
const shownIn = (guide: string) => (shown.get(guide) ?? []).flat();
const all = guides.flatMap(shownIn);

const isRun = (command: string) => !Object.hasOwn(notRun, command);

/** The programs of a command that nobody has said to be safe to start. */
function strangersIn(command: string): string[] {
  const known = [...standIns, ...builtIns, ...tools];
  return programsOf(command).filter((program) => !known.includes(program));
}

const onPath = (name: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
const isNeeded = (name: string) => (command: string) =>
  isRun(command) && programsOf(command).includes(name);
// What can't run without them is shown as skipped, with the reason.
const absent = tools.filter((name) => !onPath(name));

describe('commands of guides', () => {
  test('are found', () => {
    expect(
      commandsOf(`a 'it # is' # what\n# only this\nb \\\n  "c #\n  d" e\nf <<'G'\n#\nG`),
    ).toEqual(["a 'it # is'", 'b "c #\n  d" e', "f <<'G'\n#\nG"]);
    expect(programsOf('X=1 (a "$(b c)" | d \'| e\') && f > g')).toEqual(['a', 'd', 'f', 'b']);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(isRun).length).toBeGreaterThan(all.length / 2);
  });

  test('are run, or listed as not run with the reason', () => {
    const neither = all.filter((command) => isRun(command) && strangersIn(command).length > 0);
    expect(neither, 'are neither run by this test nor in its table').toEqual([]);
    const gone = Object.keys(notRun).filter((command) => !all.includes(command));
    expect(gone, 'are in the table, and in no guide').toEqual([]);
  });

  test('are those that plans are for', () => {
    for (const [guide, { steps = {} }] of Object.entries(plans)) {
      const runs = shownIn(guide).filter(isRun);
      expect(Object.keys(steps).filter((command) => !runs.includes(command))).toEqual([]);
    }
  });

  const run = guides.filter((guide) => shownIn(guide).some(isRun));
  for (const guide of run) {
    const missing = absent.filter((name) => shownIn(guide).some(isNeeded(name)));
    const why = missing.length > 0 ? ` (no ${missing.join(', ')})` : '';
    test.skipIf(missing.length > 0)(`of ${guide} do what they should${why}`, async () => {
      const { prepare, steps = {} } = plans[guide] ?? {};
      const shell = await DocumentShell.open();
      await prepare?.(shell);
      const said: string[] = [];
      for (const block of shown.get(guide) ?? []) {
        await shell.beginBlock();
        for (const command of block.filter(isRun)) {
          expect(strangersIn(command), command).toEqual([]);
          const { before, fill, code = 0, after } = steps[command] ?? {};
          await before?.(shell);
          const filled = fill === undefined ? command : fill(command, said);
          const ended = await shell.run(shell.translated(filled));
          expect(ended.code, `${filled}\n${ended.output}`).toBe(code);
          said.push(ended.output);
          await after?.(ended.output, shell);
        }
      }
      const stopped = await shell.stopServer();
      expect(stopped.code, stopped.output).toBe(0);
    });
  }
});

/** What is said of a command outside of blocks: `npm run keyfold -- …`, `npx keyfold …`. */
function commandLinesOf(text: string): string[] {
  const found = text.matchAll(
    /(?:npm run (?:--silent )?keyfold -- |npx keyfold |^keyfold )([^`\n#|>&]+)/gm,
  );
  // Of `keyfold -- …` nothing is said but that there are commands.
  return [...found].map(([, line = '']) => line.trim()).filter((line) => !line.startsWith('…'));
}

/** The words of a command line; of those in brackets nothing is known. */
function wordsOf(line: string): string[] {
  return (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).filter((word) => !/^[[…]/.test(word));
}

const io = { environment: {}, print: async () => {}, fail: () => {} };

const lines = guides.flatMap((guide) =>
  commandLinesOf(readDocument(guide)).map((line) => [guide, line] as const),
);

/** Within sentences too. */
describe("Keyfold's commands, wherever they are named", () => {
  test('are there', () => {
    expect(lines.length).toBeGreaterThan(20);
  });

  test.each(lines)('%s: keyfold %s', (_, line) => {
    let command = createProgram(io);
    const words = wordsOf(line);
    for (let word = words[0]; word !== undefined && !word.startsWith('-'); word = words[0]) {
      const next = command.commands.find((one) => one.name() === word);
      if (next === undefined) break;
      command = next as typeof command;
      words.shift();
    }
    expect(command.parent ?? words[0]?.startsWith('-'), 'names a command').toBeTruthy();
    const options = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
    const known = ['--help', ...command.options.map(({ long }) => long)];
    for (const option of options) expect(known).toContain(option);
  });
});
