import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Why the calls of a process can't be watched on this machine; undefined where they can.
 *
 * @throws Error instead in continuous integration, where they must be.
 */
export function whyNoPreload(): string | undefined {
  const reason = findNoPreload();
  if (reason !== undefined && process.env.CI !== undefined) throw new Error(reason);
  return reason;
}

function findNoPreload(): string | undefined {
  if (process.platform !== 'linux') return 'calls of a process are watched on Linux only';
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'a C compiler is needed: there is no cc';
  }
}

/** Offsets in `struct control` of disk.c. */
const WRITE_ERRNO = 0;
const SYNC_ERRNO = 4;
const SYNCS_LEFT = 8;
const DIE_AFTER = 12;
const CONTROL_BYTES = 16;

/** Lets the calls of a running process fail, and the process die. */
export class Control {
  readonly path: string;
  readonly #fd: number;

  /** @param isThere whether another process has made it. */
  constructor(path: string, isThere = false) {
    this.path = path;
    this.#fd = openSync(path, isThere ? 'r+' : 'w+');
    if (isThere) return;
    writeSync(this.#fd, Buffer.alloc(CONTROL_BYTES), 0, CONTROL_BYTES, 0);
  }

  #set(offset: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    writeSync(this.#fd, bytes, 0, bytes.length, offset);
  }

  /** Every write to the files fails with this error from now on; without one, none does. */
  failWrites(code?: 'EIO' | 'ENOSPC'): void {
    this.#set(WRITE_ERRNO, code === undefined ? 0 : constants.errno[code]);
  }

  /** Every sync fails once so many more have succeeded; without an error, none does. */
  failSyncs(code?: 'EIO' | 'ENOSPC', after = 0): void {
    this.#set(SYNCS_LEFT, after);
    this.#set(SYNC_ERRNO, code === undefined ? 0 : constants.errno[code]);
  }

  /** The process dies, as by `kill -9`, at the end of the call on the files that makes up so many. */
  dieAfter(calls: number): void {
    this.#set(DIE_AFTER, calls);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The compiled disk.c; whoever makes one removes it. */
export class Preload {
  readonly #folder = mkdtempSync(join(tmpdir(), 'keyfold-disk-'));
  readonly #library = join(this.#folder, 'disk.so');

  constructor() {
    const source = fileURLToPath(new URL('disk.c', import.meta.url));
    const options = ['-shared', '-fPIC', '-O2', '-o', this.#library, source, '-ldl'];
    execFileSync('cc', options, { stdio: 'inherit' });
  }

  /**
   * The environment of a process that is watched.
   *
   * @param folder what it does to files in here is traced and fails on demand; a real path.
   * @param trace the folder for its trace.
   */
  environment(
    folder: string,
    { trace, control }: { trace?: string; control?: Control },
  ): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      DISK_FOLDER: folder,
      ...(trace === undefined ? {} : { DISK_TRACE: trace }),
      ...(control === undefined ? {} : { DISK_CONTROL: control.path }),
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
