import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control, Preload } from './preload.ts';

type Code = 'EIO' | 'ENOSPC';

/** A disk for one database that fails on demand, for the processes that are started with its environment. */
export interface FaultyDisk {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes fail from now on. @param pid of the process that serves the database. */
  failWrites(pid: number): void;
  /** All is well again. @param pid of the same process, which may have ended. */
  mend(pid: number): void;
  /** Syncs fail from now on, where the disk can do that. */
  failSyncs?(pid: number): void;
  remove(): void;
}

function newFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'keyfold-faults-'));
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** disk.c stands between the process and the system. */
export function preloadedDisk(code: Code): FaultyDisk {
  const folder = newFolder();
  const preload = new Preload();
  const control = new Control(join(folder, 'control'));
  return {
    folder,
    env: preload.environment(folder, { control }),
    failWrites: () => control.failWrites(code),
    failSyncs: () => control.failSyncs(code),
    mend: () => {
      control.failWrites();
      control.failSyncs();
    },
    remove: () => {
      control.close();
      preload.remove();
      removeFolder(folder);
    },
  };
}

/** The failure points of libfiu that SQLite's writes and syncs come to, and no answer or log line. */
const fiuWrites = ['posix/io/rw/pwrite', 'posix/io/rw/ftruncate'];
const fiuSyncs = ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'];

/**
 * libfiu stands there, of Debian's package fiu-utils.
 *
 * @throws Error when it isn't installed.
 */
export function libfiuDisk(code: Code): FaultyDisk {
  const folder = newFolder();
  const pipes = join(folder, 'fiu');
  // What fiu-run would set: the process is then the one that was started, and none between.
  const shown = execFileSync('fiu-run', ['-n', '-x', '-f', pipes, 'true'], { encoding: 'utf8' });
  const [, preloaded] = /LD_PRELOAD="([^"]*)"/.exec(shown) ?? [];
  if (preloaded === undefined) throw new Error(`fiu-run says nothing of its libraries: ${shown}`);
  const command = (pid: number, commands: readonly string[]) => {
    const args = commands.flatMap((each) => ['-c', each]);
    execFileSync('fiu-ctrl', ['-f', pipes, ...args, String(pid)], { stdio: 'ignore' });
  };
  const enable = (points: readonly string[]) =>
    points.map((name) => `enable name=${name},failinfo=${constants.errno[code]}`);
  const mended = [...fiuWrites, ...fiuSyncs].map((name) => `disable name=${name}`);
  return {
    folder,
    env: { LD_PRELOAD: preloaded, FIU_CTRL_FIFO: pipes, FIU_ENABLE: '' },
    failWrites: (pid) => command(pid, enable(fiuWrites)),
    failSyncs: (pid) => command(pid, enable(fiuSyncs)),
    mend: (pid) => command(pid, mended),
    remove: () => removeFolder(folder),
  };
}

/** The system refuses to write beyond the first byte of any file. Needs nothing but Linux. */
export function limitedDisk(): FaultyDisk {
  const folder = newFolder();
  const limit = (pid: number, bytes: string) =>
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  return {
    folder,
    env: {},
    failWrites: (pid) => limit(pid, '1'),
    mend: (pid) => limit(pid, 'unlimited'),
    remove: () => removeFolder(folder),
  };
}

const FULL_DISK_MIB = 8;

/**
 * A disk of a few megabytes that fills up.
 *
 * @throws Error when it can't be mounted: that is root's to do.
 */
export function smallDisk(): FaultyDisk {
  const folder = newFolder();
  const options = `size=${FULL_DISK_MIB}m`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'keyfold-torture', folder]);
  const filler = join(folder, 'filler');
  mkdirSync(join(folder, 'data'));
  return {
    folder,
    env: {},
    failWrites: () => {
      for (const bytes of [65_536, 4_096]) fill(filler, bytes);
    },
    mend: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync('umount', [folder]);
      removeFolder(folder);
    },
  };
}

/** Appends to a file until the disk has no room for so many bytes more. */
function fill(file: string, bytes: number): void {
  const block = Buffer.alloc(bytes, 1);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
