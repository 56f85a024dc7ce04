import { onTestFinished } from 'vitest';
import { KeyfoldProcess, projectFolder, type StartOptions } from './keyfold-process.ts';

export { KeyfoldProcess, projectFolder } from './keyfold-process.ts';

/** Starts a process; it is killed when the running test ends. */
export function startProcess(options: StartOptions): KeyfoldProcess {
  const started = new KeyfoldProcess(options);
  onTestFinished(() => void started.child.kill('SIGKILL'));
  return started;
}

/** Starts a process that serves `database` and waits until it does. */
export async function serveDatabase(
  database: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ process: KeyfoldProcess; url: string }> {
  const process = startProcess({ args: ['--port', '0', '--database', database], env });
  return { process, url: await process.url() };
}

/** Runs a command to its end. */
export async function runCommand(
  args: readonly string[],
  cwd = projectFolder,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const process = startProcess({ args, cwd });
  const code = await process.exited();
  return { code, stdout: process.stdout, stderr: process.stderr };
}
