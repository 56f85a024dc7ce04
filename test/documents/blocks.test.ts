import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parsePolicyDocument } from '../../src/auth/policy-document.ts';
import { readLimits } from '../../src/limits/limits.ts';
import { notImplemented } from '../../src/operations/not-implemented.ts';
import { parseMapping } from '../../src/transfer/mapping.ts';
import { blocksOf, documents, readDocument } from '../support/documents.ts';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder } from '../support/process.ts';

const run = promisify(execFile);

const blocks = documents.flatMap((document) =>
  blocksOf(readDocument(document)).map((block) => ({ document, ...block })),
);
const blocksIn = (...languages: string[]) =>
  blocks.filter(({ language }) => languages.includes(language));

test('every block names its language, one that is tried or known not to be', () => {
  const known = ['sh', 'json', 'yaml', 'js', 'ts', 'python', 'hcl'];
  expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
});

/** One value, or one on each line. */
function parseJson(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
}

/** What reads such a value in Keyfold; undefined for an example of an answer or of a row. */
function readerOf(value: unknown): ((text: string) => unknown) | undefined {
  const members = Object.keys(value as object);
  if (members.includes('Statement')) return parsePolicyDocument;
  if (members.includes('columns')) return parseMapping;
  if (!members.includes('rates') && !members.includes('quotas')) return undefined;
  return (text) => {
    const file = join(temporaryFolder(), 'limits.json');
    writeFileSync(file, text);
    return readLimits(file);
  };
}

describe('JSON', () => {
  test.each(blocksIn('json'))('of $document, line $line', ({ text }) => {
    for (const value of parseJson(text)) readerOf(value)?.(text);
  });

  test('has policies, limits and a mapping among it', () => {
    const readers = blocksIn('json').flatMap(({ text }) => parseJson(text).map(readerOf));
    expect(new Set(readers.filter((reader) => reader !== undefined)).size).toBeGreaterThan(2);
  });
});

test.each(blocksIn('yaml'))('YAML of $document, line $line', ({ text }) => {
  for (const { errors, warnings } of parseAllDocuments(text))
    expect([...errors, ...warnings]).toEqual([]);
});

/** What examples use without declaring it, and packages that aren't installed here. */
const declarations = `
import type { CustomerProfilesClient as Client } from '@aws-sdk/client-customer-profiles';
import type { Service } from 'keyfold';
import type * as vitest from 'vitest';

declare global {
  var CustomerProfilesClient: typeof Client;
  var credentials: { accessKeyId: string; secretAccessKey: string };
  var keyfold: Service;
  var test: typeof vitest.test;
  var expect: typeof vitest.expect;
  var beforeEach: typeof vitest.beforeEach;
  var afterAll: typeof vitest.afterAll;
}
`;

const absentPackages = `
declare module 'aws-cdk-lib' {
  export type Stack = unknown;
}
declare module 'aws-cdk-lib/assertions';
declare module 'jest-environment-node';
declare module 'testcontainers';
`;

const compilerOptions = {
  target: 'ES2024',
  lib: ['ES2024'],
  module: 'NodeNext',
  moduleDetection: 'force',
  types: ['node'],
  strict: true,
  noEmit: true,
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  paths: { keyfold: [join(projectFolder, 'src/index.ts')] },
};

/** The name that a block gives itself in its first line, or one of its own; by it modules are told from scripts. */
function fileName({ language, text, line }: (typeof blocks)[number]): string {
  const isScript = /\bmodule\.exports\b|\brequire\(/.test(text);
  const [, name] = /^\/\/ (\S+\.m?[jt]s)\n/.exec(text) ?? [];
  if (name === undefined) return `line-${line}.${isScript ? 'cjs' : `m${language}`}`;
  return isScript ? name.replace(/\.js$/, '.cjs') : name;
}

test('TypeScript and JavaScript compile, with the types of the SDK and of Keyfold', async () => {
  const folder = temporaryFolder();
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  const files = new Map<string, string>();
  for (const block of blocksIn('js', 'ts')) {
    // Files of a document lie side by side; the second of a name belongs to another example.
    let example = 0;
    const path = () => `${block.document}/${example}/${fileName(block)}`;
    while (files.has(path())) example += 1;
    // In a clone the sources are where a package's name leads elsewhere.
    files.set(path(), block.text.replace(/'[./]*\/keyfold\/src\/index\.ts'/, "'keyfold'"));
  }
  expect(files.size).toBeGreaterThan(5);
  files.set('declarations.d.ts', declarations);
  files.set('absent.d.ts', absentPackages);
  files.set('package.json', '{ "type": "module" }');
  files.set('tsconfig.json', JSON.stringify({ compilerOptions }));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const compile = run(join(projectFolder, 'node_modules/.bin/tsc'), ['-p', folder], {
    cwd: folder,
  });
  const said = await compile.then(
    () => '',
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
  expect(said).toBe('');
});

test('docs/api-differences.md counts the operations that are missing, and names all their groups', () => {
  const text = readDocument('docs/api-differences.md');
  const [, count, named = ''] = /^\| (\d+) operations \| of (.+): 501/m.exec(text) ?? [];
  expect(Number(count)).toBe(notImplemented.length);
  // `calculated attributes` are in names as CalculatedAttribute.
  const subjects = named
    .split(/, | and /)
    .map((words) =>
      words
        .replace(/s$/, '')
        .replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
  const isOf = (subject: string) => (name: string) => name.includes(subject);
  const missing = notImplemented.map(({ name }) => name);
  expect(missing.filter((name) => !subjects.some((subject) => isOf(subject)(name)))).toEqual([]);
  expect(subjects.filter((subject) => !missing.some(isOf(subject)))).toEqual([]);
});
