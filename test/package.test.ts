import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linksOf } from './support/documents.ts';
import { projectFolder, startProcess } from './support/process.ts';

const run = promisify(execFile);

/** Packing compiles all types, and installing may ask the registry. */
const timeout = 240_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyfold-package-'));
  const installed = join(folder, 'node_modules/keyfold');
  let packed: Packed;

  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: projectFolder,
    });
    // What is before the list are the lines of the scripts that npm runs.
    [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [Packed];
    writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
    const tarball = join(folder, packed.filename);
    const options = ['--no-audit', '--no-fund', '--prefer-offline'];
    await run('npm', ['install', ...options, tarball], { cwd: folder });
  }, timeout);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has what it needs and little else', () => {
    expect(packed.size).toBeLessThan(1_000_000);
    const paths = packed.files.map(({ path }) => path);
    for (const path of ['LICENSE', 'README.md', 'NOTICE', 'dist/keyfold/THIRD_PARTY_LICENSES.txt'])
      expect(paths).toContain(path);
    expect(paths.filter((path) => /^(src|test|bench|node_modules)\//.test(path)).sort()).toEqual([
      // What documents refer to for their figures.
      'bench/RESULTS.md',
      'test/torture/RESULTS.md',
    ]);
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([]);
  });

  test('has all that its documents link to, but for the sources', () => {
    // The package has what is built of them, and comments that readers of the sources look for.
    const sources = ['src/identity/match-score.ts', 'src/repository/engine/sqlite-log.ts'];
    const documents = packed.files.map(({ path }) => path).filter((path) => path.endsWith('.md'));
    const missing = documents.flatMap((document) =>
      linksOf(readFileSync(join(installed, document), 'utf8'))
        .map(({ path }) => (path === '' ? document : join(document, '..', path)))
        .filter((target) => !existsSync(join(installed, target))),
    );
    expect(documents.length).toBeGreaterThan(30);
    expect([...new Set(missing)].sort()).toEqual(sources);
  });

  test('has nothing that publint would mend', async () => {
    const { messages } = await publint({ pkgDir: installed, level: 'suggestion', strict: true });
    expect(messages).toEqual([]);
  });

  test('serves from an empty folder', async () => {
    const script = join(installed, 'dist/keyfold/start.js');
    const process = startProcess({ script, cwd: folder, args: ['serve', '--port', '0'] });
    const url = await process.url();
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await process.stop('SIGTERM')).toBe(0);
    expect(statSync(join(folder, 'data/keyfold.db')).size).toBeGreaterThan(0);
  });

  test('has a command', async () => {
    const { stdout } = await run(join(folder, 'node_modules/.bin/keyfold'), ['--help'], {
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
    });
    expect(stdout).toContain('Usage: keyfold');
  });

  test('runs in the vitest of another project, as the documents say', { timeout }, async () => {
    const document = readFileSync(join(projectFolder, 'docs/testing-with-keyfold.md'), 'utf8');
    const files = document.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs);
    const names = [...files].map(([, name = '', text = '']) => {
      writeFileSync(join(folder, name), text);
      return name;
    });
    expect(names).toEqual(['fixture.ts', 'customers.test.ts']);
    // What such a project has besides.
    for (const name of ['vitest', '@aws-sdk'])
      symlinkSync(join(projectFolder, 'node_modules', name), join(folder, 'node_modules', name));
    const vitest = join(projectFolder, 'node_modules/vitest/vitest.mjs');
    const { stdout } = await run(process.execPath, [vitest, 'run', '--root', folder], {
      cwd: folder,
      // Not those of this run.
      env: { PATH: process.env.PATH, NO_COLOR: '1' },
    });
    expect(stdout).toMatch(/Tests\s+1 passed/);
  });

  test('serves the tests of every language, as the documents say', { timeout }, async () => {
    const document = readFileSync(join(projectFolder, 'docs/testing-with-keyfold.md'), 'utf8');
    const [, text = ''] = /```js\n(\/\/ with-keyfold\.mjs\n.*?)```/s.exec(document) ?? [];
    writeFileSync(join(folder, 'with-keyfold.mjs'), text);
    const tests = `
      const answer = await fetch(process.env.AWS_ENDPOINT_URL_CUSTOMER_PROFILES + '/health/ready');
      process.exit(answer.status === 200 ? 7 : 1);`;
    const command = ['with-keyfold.mjs', process.execPath, '--input-type=module', '-e', tests];
    const start = (env: NodeJS.ProcessEnv) => run(process.execPath, command, { cwd: folder, env });
    // The command's own exit code; and the command isn't run without a service.
    await expect(start({ FORCE_COLOR: '1' })).rejects.toMatchObject({ code: 7 });
    await expect(start({ KEYFOLD_DURABILITY: 'none' })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Keyfold ended before it served'),
    });
  });

  test('is a library, with types that need no others', { timeout }, async () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { createService, type Service } from 'keyfold';

const service: Service = await createService({ logLevel: 'silent' });
const answer = await service.app.request('/health/ready');
const status: number = answer.status;
console.log(status);
await service.close();
`,
    );
    const options = {
      module: 'NodeNext',
      target: 'ES2024',
      lib: ['ES2024', 'DOM'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const config = { compilerOptions: options, files: ['use.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    // `console` and nothing else of Node is used: the DOM has it too.
    await run(join(projectFolder, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder });
    const { stdout } = await run(process.execPath, ['use.ts'], { cwd: folder });
    expect(stdout).toBe('200\n');
  });
});
