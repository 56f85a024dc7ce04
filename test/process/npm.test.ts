import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { projectFolder } from '../support/process.ts';

/** npm's own process, and what it and its scripts have printed. */
interface Npm {
  readonly child: ChildProcess;
  readonly printed: { stdout: string; stderr: string };
  /** Its exit code, once nobody has its output any more: neither npm nor what it has started. */
  readonly ended: Promise<number | string>;
}

function startNpm(...args: readonly string[]): Npm {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('KEYFOLD_'));
  // A group of its own: what npm would leave running is ended with it.
  const child = spawn('npm', args, {
    cwd: projectFolder,
    env: Object.fromEntries(inherited),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.on('data', (chunk) => {
      printed[name] += chunk;
    });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { child, printed, ended };
}

async function runNpm(...args: readonly string[]) {
  const { printed, ended } = startNpm(...args);
  return { code: await ended, ...printed };
}

async function urlOf({ child, printed }: Npm): Promise<string> {
  for (;;) {
    const [, url] = /Keyfold serves (\S+)/.exec(printed.stdout) ?? [];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`npm has ended: ${printed.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test.each([
  ['SIGTERM', ['start', '--']],
  ['SIGINT', ['start', '--']],
  ['SIGTERM', ['run', 'keyfold', '--', 'serve']],
] as const)('%s to npm %j ends Keyfold too, in order', async (signal, args) => {
  const database = join(temporaryFolder(), 'keyfold.db');
  const npm = startNpm(...args, '--port', '0', '--log-level', 'warn', '--database', database);
  const url = await urlOf(npm);
  npm.child.kill(signal);
  expect(await npm.ended).toBe(0);
  await expect(fetch(`${url}/health/live`)).rejects.toThrow();
});

test('npm run keyfold prints what the command does and nothing else, and ends like it', async () => {
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  const keyfold = ['run', '--silent', 'keyfold', '--'];
  expect(await runNpm(...keyfold, '--version')).toEqual({
    code: 0,
    stdout: `${version}\n`,
    stderr: '',
  });
  const database = ['--database', join(temporaryFolder(), 'keyfold.db')];
  expect(await runNpm(...keyfold, 'merges', 'list', 'nowhere', ...database)).toMatchObject({
    code: 1,
    stdout: '',
  });
  expect(await runNpm(...keyfold, 'merges')).toMatchObject({ code: 2, stdout: '' });
});
