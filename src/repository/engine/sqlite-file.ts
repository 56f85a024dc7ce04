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
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseRefusedError } from '../errors.ts';
import { type LogContents, readLog } from './sqlite-log.ts';

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

/** How often a file is looked at that another process may be writing. */
const LOOKS_MAX = 3;

/** @throws DatabaseRefusedError when the file is empty, no SQLite database or another program's. */
function checkHeader(header: Buffer, fileBytes: number): void {
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
}

function pageBytesOf(header: Buffer): number {
  const bytes = header.readUInt16BE(16);
  return bytes === 1 ? 65_536 : bytes;
}

/**
 * Looks at a database file before SQLite does, because opening can already write: SQLite takes an
 * empty file for a new database and rolls a journal back.
 *
 * @returns what its write-ahead log holds.
 * @throws DatabaseRefusedError when the file is empty, truncated, no SQLite database or another
 *   program's.
 */
export function inspectDatabaseFile(path: string): LogContents {
  if (!statSync(path).isFile()) throw new DatabaseRefusedError('is not a file');
  const first = readHeader(path);
  checkHeader(first.header, first.fileBytes);
  for (let looks = 1; ; looks++) {
    // The log before the file: pages go from it into the file, and never back.
    const log = readLog(path, pageBytesOf(first.header));
    const { header, fileBytes } = readHeader(path);
    const pageBytes = pageBytesOf(header);
    const wantedPages = log.frames > 0 ? log.databasePages : header.readUInt32BE(28);
    const filePages = Math.floor(fileBytes / pageBytes);
    let missing = wantedPages;
    while (missing > filePages && log.pages.has(missing)) missing -= 1;
    if (missing <= filePages) return log;
    if (looks >= LOOKS_MAX)
      throw new DatabaseRefusedError(
        `is truncated: it has ${fileBytes} of ${wantedPages * pageBytes} bytes; restore a backup`,
      );
  }
}

const WITHOUT_LOG =
  'restore a backup, or remove the files that end in -wal and -shm to go on without those writes';

/**
 * Looks at the write-ahead log, of which SQLite takes what it can read and says nothing of the rest.
 *
 * @throws DatabaseRefusedError when the log has lost writes that were answered.
 */
export function inspectLog(indexedFrames: number, log: LogContents): void {
  // By the index, which may be of an earlier log where there is none now.
  if (indexedFrames > log.frames)
    throw new DatabaseRefusedError(
      `has lost a part of its write-ahead log: ${log.frames} of ${indexedFrames} pages can be read; ${WITHOUT_LOG}`,
    );
  // Of the last transaction, which nobody was told of, a power cut may leave the end without the middle.
  if (log.isUnreadable || log.commitsBehindDamage > 1)
    throw new DatabaseRefusedError(
      `has a damaged write-ahead log: ${log.frames} pages of it can be read, and others have writes that were answered; ${WITHOUT_LOG}`,
    );
}

/** How much of a file is read and written again at once. */
const REWRITE_BYTES = 1024 * 1024;

/**
 * Writes a file's own bytes to it again, and syncs them. After a failed sync the system reads from memory
 * what the disk may not have, and takes it for written: only bytes that are written again get there.
 * Nobody else may be writing to it.
 */
export function rewriteFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const bytes = Buffer.alloc(REWRITE_BYTES);
    for (let offset = 0; ; ) {
      const length = readSync(file, bytes, 0, REWRITE_BYTES, offset);
      if (length === 0) break;
      for (let done = 0; done < length; )
        done += writeSync(file, bytes, done, length - done, offset + done);
      offset += length;
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
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

/** Makes a folder with those above it that are missing, so that a power cut leaves them. */
function makeFolder(path: string): void {
  const folder = resolve(path);
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made !== dirname(first); made = dirname(made)) syncFolder(dirname(made));
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
  makeFolder(dirname(path));
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
