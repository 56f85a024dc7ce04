import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));

const built = fileURLToPath(new URL('../../dist/keyfold/start.js', import.meta.url));

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is started; the default is what this project has built. */
  readonly script?: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** A real Keyfold process; whoever starts one sees that it ends. */
export class KeyfoldProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #exited: Promise<unknown[]>;

  constructor(options: StartOptions) {
    const { args = [], env = {}, cwd = projectFolder, nodeArgs = [], script = built } = options;
    // Settings of whoever runs the tests must not reach the process.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('KEYFOLD_'));
    this.child = spawn(process.execPath, [...nodeArgs, script, ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), KEYFOLD_LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    // 'close' comes when its output has been read to the end.
    this.#exited = once(this.child, 'close');
  }

  /** The address it serves, once it does. */
  url(): Promise<string> {
    return this.printed(/Keyfold serves (\S+)/);
  }

  /**
   * What of its standard output a pattern has in brackets, once that is there.
   *
   * @throws Error when it ends before.
   */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const [, found] = pattern.exec(this.stdout) ?? [];
      if (found !== undefined) return found;
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`Keyfold ended before it served: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async exited(): Promise<number | string> {
    const [code, signal] = await this.#exited;
    return (code ?? signal) as number | string;
  }

  async stop(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal);
    return this.exited();
  }
}
