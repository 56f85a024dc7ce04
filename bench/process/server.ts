import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Connection } from '../load/connection.ts';
import { requestOf } from '../load/requests.ts';
import { endWithThis } from './child.ts';

/** How to start a server, and how it says that it serves. */
export interface ServerCommand {
  /** A script that Node runs, with its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The line that says where it serves: the first group is its URL. */
  readonly ready: RegExp;
  /** Where it writes what it has to say on standard error. */
  readonly log: string;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** The environment without the settings of whoever runs the benchmarks. */
export function ownEnvironment(): Record<string, string | undefined> {
  const foreign = /^(KEYFOLD_|PORT$|HOST$|NODE_OPTIONS$|DEBUG$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** A port that is free now, for servers that can't find one by themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It listens on an address, not on a pipe.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server in a process of its own, on a free port of this machine. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts one; resolves when it says that it serves. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const { script, args, cwd, env, ready, log, nodeArgs = [] } = command;
    const logFile = openSync(log, 'a');
    const child = spawn(process.execPath, [...nodeArgs, script, ...args], {
      cwd,
      env: { ...ownEnvironment(), ...env },
      stdio: ['ignore', 'pipe', logFile],
    });
    closeSync(logFile);
    endWithThis(child);
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout?.on('data', (chunk) => {
        // Read to the end, so that nobody waits for a pipe to drain; only the beginning matters.
        if (said.length < 10_000) said += chunk;
        const [, found] = ready.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('error', reject);
      child.once('exit', () =>
        reject(new Error(`${script} did not start: ${said}${readFileSync(log, 'utf8')}`)),
      );
    });
    return new ServerProcess(child, url);
  }

  /** The memory that it takes, in bytes. */
  rssBytes(): number {
    const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(this.#child.pid)], {
      encoding: 'utf8',
    });
    return Number(kib) * 1024;
  }

  /**
   * Sends one request.
   *
   * @throws Error when it isn't answered 200.
   */
  async request(method: string, path: string, body = '', headers?: string): Promise<string> {
    const connection = await Connection.open(this.url);
    try {
      const answer = await connection.request(requestOf(method, path, body, headers));
      if (answer.status !== 200)
        throw new Error(`${method} ${path} was answered ${answer.status} ${answer.body}`);
      return answer.body;
    } finally {
      connection.close();
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}
