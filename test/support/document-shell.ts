import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { projectFolder } from './keyfold-process.ts';

/** The ports that documents name: each shell has others in their place, so that several can run. */
const shownPorts = ['4577', '4578', '9464'] as const;

/**
 * Stands in for npm in a clone: its scripts for Keyfold start what has been built. What `npm ci` would install is there.
 */
const npm = `#!/bin/sh
if [ "$1" = ci ]; then exit 0; fi
if [ "$1" = start ]; then
  shift
  if [ "$1" = -- ]; then shift; fi
  exec keyfold serve "$@"
fi
if [ "$1" != run ]; then echo "npm $1 is not stood in for" >&2; exit 1; fi
shift
if [ "$1" = --silent ]; then shift; fi
script=$1
shift
if [ "$1" = -- ]; then shift; fi
case $script in
  keyfold) exec keyfold "$@" ;;
  demo) exec keyfold demo "$@" ;;
  bench) exec NODE PROJECT/bench/main.ts "$@" ;;
esac
echo "npm run $script is not stood in for" >&2
exit 1
`;

const npx = `#!/bin/sh
exec "$@"
`;

/** A server goes on in the background once it serves, as in a terminal of its own; there is one at a time. */
const keyfold = `#!/bin/sh
case "$1 $*" in
  *" --help"*) exec NODE START "$@" ;;
  serve\\ * | demo\\ * | -* | " ") ;;
  *) exec NODE START "$@" ;;
esac
stop-keyfold || exit 1
rm -f RUN/ended
: > RUN/log
(
  NODE START "$@" &
  echo $! > RUN/pid
  wait $!
  echo $? > RUN/ended
) > RUN/log 2>&1 < /dev/null &
until grep -qs -e 'Keyfold serves' -e '"url"' RUN/log; do
  if [ ! -d RUN ]; then exit 1; fi
  if [ -s RUN/ended ]; then cat RUN/log; exit 1; fi
  sleep 0.05
done
cat RUN/log
`;

/** Ends with 0 when there was no server, or it has ended with 0. */
const stopKeyfold = `#!/bin/sh
if [ ! -f RUN/pid ]; then exit 0; fi
kill "$(cat RUN/pid)"
rm RUN/pid
until [ -s RUN/ended ]; do
  if [ ! -d RUN ]; then exit 1; fi
  sleep 0.05
done
if [ "$(cat RUN/ended)" != 0 ]; then cat RUN/log; exit 1; fi
`;

/**
 * The shell, and beside it what kills the whole group when the test's process has gone without closing it: the other end of
 * descriptor 3 is that process's. All that is started has the descriptor, and so tells by its end that nothing is left.
 */
const guardedShell = '(read -r end <&3; kill -KILL 0) & exec sh';

/** Ports that are free; all are held until the last is found, as the system may else give one of them twice. */
async function freePorts(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A text as one word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What a command has said, both ways together, and the code that it has ended with. */
export interface Said {
  readonly code: number;
  readonly output: string;
}

/**
 * A shell for the commands of one document, in a folder of its own that takes the place of a clone. Ports are free ones, and
 * absolute paths are within the folder.
 */
export class DocumentShell {
  /** Where the commands are run. */
  readonly folder: string;
  readonly #home: string;
  readonly #ports: ReadonlyMap<string, string>;
  readonly #shell: ChildProcess;
  /** Settled when nothing is left of the shell and of all that was started in it. */
  readonly #ended: Promise<unknown>;
  #output = '';
  #count = 0;

  private constructor(home: string, ports: ReadonlyMap<string, string>) {
    this.#home = home;
    this.#ports = ports;
    this.folder = join(home, 'keyfold');
    for (const name of ['keyfold', 'bin', 'run', 'root']) mkdirSync(join(home, name));
    const places: Readonly<Record<string, string>> = {
      NODE: quoted(process.execPath),
      START: quoted(join(projectFolder, 'dist/keyfold/start.js')),
      PROJECT: quoted(projectFolder),
      RUN: quoted(join(home, 'run')),
    };
    const programs = { npm, npx, keyfold, 'stop-keyfold': stopKeyfold };
    for (const [name, text] of Object.entries(programs)) {
      const program = text.replaceAll(/NODE|START|PROJECT|RUN/g, (place) => places[place] ?? place);
      writeFileSync(join(home, 'bin', name), program);
      chmodSync(join(home, 'bin', name), 0o755);
    }
    // An answer that isn't 2xx is a failure.
    writeFileSync(join(home, '.curlrc'), 'silent\nshow-error\nfail\n');
    this.#shell = spawn('sh', ['-c', guardedShell], {
      cwd: this.folder,
      // A group of its own, to which all belongs that is started in it, also in the background.
      detached: true,
      env: {
        HOME: home,
        PATH: [join(home, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
        KEYFOLD_PORT: ports.get('4577'),
        KEYFOLD_LOG_LEVEL: 'warn',
      },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => this.#shell.once('close', resolve));
    // A command for a shell that has ended is told so by run().
    this.#shell.stdin?.on('error', () => {});
    const add = (chunk: Buffer) => {
      this.#output += chunk;
    };
    this.#shell.stdout?.on('data', add);
    this.#shell.stderr?.on('data', add);
  }

  /** A shell that ends with the running test. */
  static async open(): Promise<DocumentShell> {
    const free = await freePorts(shownPorts.length);
    const ports = new Map(shownPorts.map((shown, at) => [shown, String(free[at])] as const));
    // With a space, as paths may have one.
    const shell = new DocumentShell(mkdtempSync(join(tmpdir(), 'keyfold document-')), ports);
    onTestFinished(() => shell.close());
    return shell;
  }

  /** The address that takes the place of one that documents name. */
  url(shownPort: (typeof shownPorts)[number] = '4577'): string {
    return `http://127.0.0.1:${this.#ports.get(shownPort)}`;
  }

  /** Where an absolute path of a document is; its folder is made. */
  absolute(path: string): string {
    const file = join(this.#home, 'root', path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  /** A path in the folder; its own folder is made. */
  path(path: string): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  /** A command as it is run here. */
  translated(command: string): string {
    const withPorts = command.replaceAll(
      /\b\d{4}\b/g,
      (number) => this.#ports.get(number) ?? number,
    );
    const root = `${this.#home}/root/`;
    // What is in quotes, or a text without any.
    return withPorts.replaceAll(/'[^']*'|"[^"]*"|[^'"]+/g, (part, at) => {
      const isQuoted = /^['"]/.test(part);
      const place = isQuoted ? root : root.replaceAll(/[^\w/.-]/g, '\\$&');
      return part.replaceAll(/\/(?=\w)(?!dev\/null)/g, (slash: string, within: number) =>
        /^$|[\s"'=(:]$/.test(withPorts.slice(0, at + within)) ? place : slash,
      );
    });
  }

  /** Begins anew in the folder, as somebody does who opens a terminal; what was exported stays. */
  async beginBlock(): Promise<void> {
    await this.run(`cd ${quoted(this.folder)}`);
  }

  /** Runs a command to its end; a server goes on. */
  async run(command: string): Promise<Said> {
    this.#output = '';
    const mark = `keyfold-${process.pid}-${this.#count++}`;
    this.#shell.stdin?.write(`{\n${command}\n} < /dev/null 2>&1\necho "${mark} $?"\n`);
    const end = new RegExp(`(?:^|\\n?)${mark} (\\d+)\\n`);
    for (;;) {
      const found = end.exec(this.#output);
      if (found !== null)
        return { code: Number(found[1]), output: this.#output.replace(found[0], '') };
      if (this.#shell.exitCode !== null || this.#shell.signalCode !== null)
        throw new Error(`the shell ended at "${command}": ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Stops the server, if there is one. */
  stopServer(): Promise<Said> {
    return this.run('stop-keyfold');
  }

  /** Kills the shell with all that was started in it, whatever it is at. */
  async close(): Promise<void> {
    try {
      if (this.#shell.pid !== undefined) process.kill(-this.#shell.pid, 'SIGKILL');
    } catch {
      // All has ended by itself.
    }
    await this.#ended;
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}
