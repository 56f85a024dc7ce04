import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
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
  bench) exec NODE "PROJECT/bench/main.ts" "$@" ;;
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
until grep -q -e 'Keyfold serves' -e '"url"' RUN/log; do
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
until [ -s RUN/ended ]; do sleep 0.05; done
if [ "$(cat RUN/ended)" != 0 ]; then cat RUN/log; exit 1; fi
`;

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return String(address.port);
}

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
  #output = '';
  #count = 0;

  private constructor(home: string, ports: ReadonlyMap<string, string>) {
    this.#home = home;
    this.#ports = ports;
    this.folder = join(home, 'keyfold');
    for (const name of ['keyfold', 'bin', 'run', 'root']) mkdirSync(join(home, name));
    const programs = { npm, npx, keyfold, 'stop-keyfold': stopKeyfold };
    for (const [name, text] of Object.entries(programs)) {
      const program = text
        .replaceAll('NODE', `'${process.execPath}'`)
        .replaceAll('START', `'${join(projectFolder, 'dist/keyfold/start.js')}'`)
        .replaceAll('PROJECT', projectFolder)
        .replaceAll('RUN', join(home, 'run'));
      writeFileSync(join(home, 'bin', name), program);
      chmodSync(join(home, 'bin', name), 0o755);
    }
    // An answer that isn't 2xx is a failure.
    writeFileSync(join(home, '.curlrc'), 'silent\nshow-error\nfail\n');
    this.#shell = spawn('sh', [], {
      cwd: this.folder,
      env: {
        HOME: home,
        PATH: [join(home, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
        KEYFOLD_PORT: ports.get('4577'),
        KEYFOLD_LOG_LEVEL: 'warn',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const add = (chunk: Buffer) => {
      this.#output += chunk;
    };
    this.#shell.stdout?.on('data', add);
    this.#shell.stderr?.on('data', add);
  }

  /** A shell that ends with the running test. */
  static async open(): Promise<DocumentShell> {
    const ports = new Map<string, string>();
    for (const shown of shownPorts) ports.set(shown, await freePort());
    const shell = new DocumentShell(mkdtempSync(join(tmpdir(), 'keyfold-document-')), ports);
    onTestFinished(() => shell.#close());
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
    return withPorts.replaceAll(/(?<=^|[\s"'=(:])\/(?=\w)(?!dev\/null)/g, `${this.#home}/root/`);
  }

  /** Begins anew in the folder, as somebody does who opens a terminal; what was exported stays. */
  async beginBlock(): Promise<void> {
    await this.run(`cd '${this.folder}'`);
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
      if (this.#shell.exitCode !== null)
        throw new Error(`the shell ended at "${command}": ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Stops the server, if there is one. */
  stopServer(): Promise<Said> {
    return this.run('stop-keyfold');
  }

  #close(): void {
    const pid = join(this.#home, 'run/pid');
    if (existsSync(pid)) {
      try {
        process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    this.#shell.kill('SIGKILL');
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}
