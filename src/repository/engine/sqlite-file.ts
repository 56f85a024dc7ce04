import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseRefusedError } from '../errors.ts';

/** `KFLD`: tells a Keyfold database from any other SQLite file. */
export const APPLICATION_ID = 0x4b464c44;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** The offsets are those of the SQLite file format, section 1.3. */
function readHeader(path: string): { header: Buffer; fileBytes: number } {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const length = readSync(file, header, 0, HEADER_BYTES, 0);
    return { header: header.subarray(0, length), fileBytes: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

/** Whether the write-ahead log holds anything: a process has the file open, or was killed. */
export function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/**
 * Looks at a database file before SQLite does, because opening can already write: SQLite takes an
 * empty file for a new database and rolls a journal back.
 *
 * @throws DatabaseRefusedError when the file is empty, truncated, no SQLite database or another
 *   program's.
 */
export function inspectDatabaseFile(path: string): void {
  if (!statSync(path).isFile()) throw new DatabaseRefusedError('is not a file');
  const { header, fileBytes } = readHeader(path);
  if (fileBytes === 0)
    throw new DatabaseRefusedError(
      'is empty: a database was lost or never written; remove the file to start with a new one',
    );
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new DatabaseRefusedError('is not a SQLite database');
  if (header.length < HEADER_BYTES)
    throw new DatabaseRefusedError('is truncated: it ends within its header');
  if (header.readUInt32BE(68) !== APPLICATION_ID)
    throw new DatabaseRefusedError("is another program's database, not Keyfold's");
  // With frames in its write-ahead log the file itself may lag behind; SQLite then recovers it.
  if (hasLog(path)) return;
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const wantedBytes = pageBytes * header.readUInt32BE(28);
  if (fileBytes < wantedBytes)
    throw new DatabaseRefusedError(
      `is truncated: it has ${fileBytes} of ${wantedBytes} bytes; restore a backup`,
    );
}

/** Waits until the disk has what was written to a file. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes a new name in a folder durable; Windows has no way to ask for it. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** What a file system without hard links answers to one. */
const withoutLinks: readonly string[] = ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM'];

/** Whether there is anything of a name, be it a link to nothing. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether anything of a database is there: the file, or a log that SQLite would apply to whatever gets its name. */
export function isAnythingThere(path: string): boolean {
  return isTaken(path) || hasLog(path) || isTaken(`${path}-journal`);
}

/** The name under which a file is made that must be complete before it has its own. */
export function draftOf(path: string): string {
  return `${path}.new-${process.pid}-${Date.now()}`;
}

/** Removes what SQLite keeps beside a database file: its logs and its shared memory. */
export function removeLogs(path: string): void {
  for (const suffix of ['-journal', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

/** Gives a finished draft its name, unless another starter's has it already. */
function publish(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    // A copy is not one step: a crash in the middle leaves a truncated file, which the next start
    // refuses by name.
    if (!withoutLinks.includes(code)) throw error;
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
    syncFile(path);
  }
}

/**
 * Gives a finished draft a name that nobody has. A link, unlike a rename, never replaces what has come
 * meanwhile.
 *
 * @throws Error when the name is taken.
 */
export function publishNew(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && !withoutLinks.includes(code)) throw error;
    if (code === 'EEXIST' || isTaken(path)) throw new Error(`${path} exists`, { cause: error });
    renameSync(draft, path);
  }
}

/**
 * Creates a database file in one step: `fill` makes it under another name, and only a complete and
 * synced file gets its own. A crash leaves none or a whole one, and of two starters one wins and the
 * other finds its file.
 */
export function createDatabaseFile(path: string, fill: (path: string) => void): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = draftOf(path);
  try {
    fill(draft);
    syncFile(draft);
    publish(draft, path);
  } finally {
    rmSync(draft, { force: true });
    removeLogs(draft);
  }
  syncFolder(dirname(path));
}
