import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';

/** On what a part ran: no figure means anything without it. Nothing here names the machine. */
export interface Environment {
  /** The day, as in ISO 8601. */
  readonly date: string;
  /** Keyfold's commit, and whether the working tree had changes that aren't in it. */
  readonly revision: string;
  readonly machine: string;
  readonly fileSystem: string;
  /** How many processes wanted a core when it began: above the number of cores, others interfered. */
  readonly loadBefore: number;
  /** Node, SQLite, and what the part adds: PostgreSQL and peers. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What Linux calls its file systems, by their magic numbers. */
const fileSystems: Readonly<Record<number, string>> = {
  16914836: 'tmpfs, which is memory and not a disk',
  801189825: 'ZFS',
  1481003842: 'XFS',
  2035054128: 'overlayfs',
  2435016766: 'Btrfs',
  61267: 'ext4',
};

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));
export const benchFolder = fileURLToPath(new URL('.', import.meta.url));

/** What is measured, and what measures. */
const measuredPaths = ['src', 'migrations', 'package-lock.json', 'bench'];
/** What the run itself writes is neither. */
const ownFiles = /bench\/(RESULTS\.md|results\.json)$/;

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: projectFolder, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function revision(): string {
  try {
    const changes = git('status', '--porcelain', '--', ...measuredPaths).split('\n');
    const isChanged = changes.some((line) => line !== '' && !ownFiles.test(line));
    return `${git('rev-parse', '--short=10', 'HEAD')}${isChanged ? ' with changes' : ''}`;
  } catch {
    // A tarball of the sources, say.
    return 'unknown: not a git checkout';
  }
}

function sqliteVersion(): string {
  const connection = new BetterSqlite3(':memory:');
  try {
    return String(connection.prepare('select sqlite_version()').pluck().get());
  } finally {
    connection.close();
  }
}

/** The file system of a folder, by name where it is a well-known one. */
export function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  return fileSystems[type] ?? `type 0x${type.toString(16)}`;
}

/** The version of a peer, or undefined where it is not installed. */
export function peerVersion(name: string): string | undefined {
  const file = `${benchFolder}node_modules/${name}/package.json`;
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/**
 * Options of Node for the Keyfolds that are measured, to profile them. Results name them: they are not
 * what a user runs.
 */
export function keyfoldNodeOptions(): string[] {
  const { BENCH_NODE_OPTIONS: options = '' } = process.env;
  return options.split(' ').filter((option) => option !== '');
}

/** What this run has in common; `folder` is where its databases are. */
export function describeEnvironment(folder: string): Environment {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return {
    date: new Date().toISOString().slice(0, 10),
    revision: revision(),
    machine: `${cpus().length} cores of ${first?.model.trim() ?? 'an unknown processor'}, ${memory}, ${platform()} ${process.arch}`,
    fileSystem: fileSystemOf(folder),
    loadBefore: loadavg()[0] ?? Number.NaN,
    versions: {
      Node: [process.versions.node, ...keyfoldNodeOptions()].join(' '),
      SQLite: sqliteVersion(),
    },
  };
}
