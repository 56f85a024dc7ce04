import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/cli/program.ts';
import { temporaryFolder } from './support/folder.ts';
import { runCommand, serveDatabase } from './support/process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...globSync('docs/*.md', { cwd: root }),
];

const read = (document: string) => readFileSync(`${root}/${document}`, 'utf8');

/** The command lines of Keyfold in a document: what follows `keyfold --`, or the image's entry point. */
function commandLines(text: string): string[] {
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

const lines = documents.flatMap((document) =>
  commandLines(read(document)).map((line) => [document, line] as const),
);

describe('commands in documents', () => {
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

test('links between documents lead somewhere', () => {
  for (const document of documents) {
    const folder = document.includes('/') ? `${document.slice(0, document.lastIndexOf('/'))}/` : '';
    for (const [, target = ''] of read(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
      expect(globSync(`${folder}${target}`, { cwd: root }), `${document}: ${target}`).not.toEqual(
        [],
      );
  }
});

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What the curl commands of a document send. */
function curlsOf(text: string): Sent[] {
  const curl =
    /^curl -X (\w+) http:\/\/127\.0\.0\.1:4577(\S+) -H 'Content-Type: application\/json' -d '([^']+)'$/gm;
  return [...text.matchAll(curl)].map(([, method = '', path = '', body = '']) => ({
    method,
    path,
    body,
  }));
}

test('the commands of docs/getting-started.md do what it says', async () => {
  const folder = temporaryFolder();
  const database = `${folder}/keyfold.db`;
  const { url } = await serveDatabase(database);
  const text = read('docs/getting-started.md');
  const curls = curlsOf(text);
  expect(curls).toHaveLength(text.match(/^curl /gm)?.length ?? 0);
  let profileId = '';
  const answers: Record<string, unknown>[] = [];
  for (const { method, path, body } of curls) {
    const answer = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body.replace('PROFILE_ID', profileId),
    });
    expect(answer.status, path).toBe(200);
    answers.push((await answer.json()) as Record<string, unknown>);
    profileId ||= String(answers.at(-1)?.ProfileId ?? '');
  }
  expect(answers[2]).toMatchObject({ Items: [{ ProfileId: profileId, FirstName: 'Ada' }] });
  for (const path of ['/docs', '/openapi.json']) expect((await fetch(url + path)).status).toBe(200);
  const commands = commandLines(text);
  expect(commands).toHaveLength(2);
  for (const line of commands) {
    const args = wordsOf(line.replace('PROFILE_ID', profileId));
    const { code, stdout } = await runCommand([...args, '--database', database]);
    expect(code, line).toBe(0);
    expect(stdout, line).toContain('LC-1');
  }
});
