import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { uptime } from 'node:os';

/** Sizes and offsets are those of the SQLite file format, section 4, and of its WAL-index format. */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
/** Beside the header, its checksum. */
const HEADER_SUMMED_BYTES = 24;
const FRAME_SUMMED_BYTES = 8;
const SALT_BYTES = 8;
/** The index begins with two copies of its header; how much of the log the file has, comes after them. */
const INDEX_HEADER_BYTES = 48;
const INDEX_BYTES = 100;
/** A log that is being written while it is read is read again. */
const READS_MAX = 5;

/** What a write-ahead log holds, by its own checksums. */
export interface LogContents {
  /** The first this many frames are whole; a transaction that is not complete is not counted. */
  readonly frames: number;
  /** Commits that follow after a frame that can't be read: SQLite passes them over. */
  readonly commitsBehindDamage: number;
  /** The pages that those frames hold, and how many pages the file has after them; 0 without frames. */
  readonly pages: ReadonlySet<number>;
  readonly databasePages: number;
  /** Whether a log can't even be begun to be read, and has something in it. */
  readonly isUnreadable: boolean;
}

type Sums = readonly [number, number];

/** SQLite's own checksum, continued from `sums`. */
function checksum(bytes: Buffer, isBigEndian: boolean, sums: Sums): Sums {
  // Signed 32-bit sums all the way: a log has tens of megabytes, and a start waits for it.
  let [first, second] = sums;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + words.getInt32(at, !isBigEndian) + second) | 0;
    second = (second + words.getInt32(at + 4, !isBigEndian) + first) | 0;
  }
  return [first, second];
}

function isSum(bytes: Buffer, at: number, [first, second]: Sums): boolean {
  return bytes.readInt32BE(at) === first && bytes.readInt32BE(at + 4) === second;
}

/** Follows the frames of a log as SQLite's recovery does, and looks at what lies behind its end. */
class LogReader {
  readonly #header: Buffer;
  readonly #isBigEndian: boolean;
  readonly #open = new Set<number>();
  readonly pages = new Set<number>();
  frames = 0;
  databasePages = 0;
  commitsBehindDamage = 0;
  #read = 0;
  #isWhole = true;
  #sums: Sums;

  constructor(header: Buffer) {
    this.#header = header;
    this.#isBigEndian = (header.readUInt32BE(0) & 1) === 1;
    this.#sums = this.#sumOfHeader();
  }

  #sumOfHeader(): Sums {
    return checksum(this.#header.subarray(0, HEADER_SUMMED_BYTES), this.#isBigEndian, [0, 0]);
  }

  get isReadable(): boolean {
    const magic = this.#header.readUInt32BE(0);
    return (magic & ~1) === MAGIC && isSum(this.#header, HEADER_SUMMED_BYTES, this.#sumOfHeader());
  }

  take(frame: Buffer): void {
    this.#read += 1;
    const isOfThisLog = frame
      .subarray(8, 8 + SALT_BYTES)
      .equals(this.#header.subarray(16, 16 + SALT_BYTES));
    const databasePages = frame.readUInt32BE(4);
    if (this.#isWhole) {
      const summed = checksum(frame.subarray(0, FRAME_SUMMED_BYTES), this.#isBigEndian, this.#sums);
      this.#sums = checksum(frame.subarray(FRAME_HEADER_BYTES), this.#isBigEndian, summed);
      this.#isWhole = isOfThisLog && isSum(frame, 16, this.#sums);
    }
    // Frames that an earlier log has left behind have other salts.
    if (!this.#isWhole) {
      if (isOfThisLog && databasePages > 0) this.commitsBehindDamage += 1;
      return;
    }
    this.#open.add(frame.readUInt32BE(0));
    if (databasePages === 0) return;
    this.frames = this.#read;
    this.databasePages = databasePages;
    for (const page of this.#open) this.pages.add(page);
    this.#open.clear();
  }
}

const nothing: LogContents = {
  frames: 0,
  commitsBehindDamage: 0,
  pages: new Set(),
  databasePages: 0,
  isUnreadable: false,
};

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** One pass over the log. Undefined when another one was begun meanwhile. */
function readOnce(file: number, pageBytes: number): LogContents | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return nothing;
  const reader = new LogReader(header);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
  let hasBytes = !isZero(header);
  for (let at = HEADER_BYTES; readSync(file, frame, 0, frame.length, at) === frame.length; ) {
    if (reader.isReadable) reader.take(frame);
    else hasBytes ||= !isZero(frame);
    at += frame.length;
  }
  const headerNow = Buffer.alloc(HEADER_BYTES);
  readSync(file, headerNow, 0, HEADER_BYTES, 0);
  if (!headerNow.equals(header)) return undefined;
  const { frames, commitsBehindDamage, pages, databasePages, isReadable } = reader;
  return {
    frames,
    commitsBehindDamage,
    pages,
    databasePages,
    isUnreadable: !isReadable && hasBytes,
  };
}

function isDamaged({ commitsBehindDamage, isUnreadable }: LogContents): boolean {
  return commitsBehindDamage > 0 || isUnreadable;
}

/**
 * Reads the write-ahead log of a database, which another process may be writing: what looks like damage is
 * looked at again, as a frame that was on its way is whole by then.
 *
 * @param path of the database. @param pageBytes size of its pages.
 */
export function readLog(path: string, pageBytes: number): LogContents {
  const log = `${path}-wal`;
  if (statSync(log, { throwIfNoEntry: false }) === undefined) return nothing;
  const file = openSync(log, 'r');
  try {
    let last: LogContents | undefined;
    for (let reads = 0; reads < READS_MAX; reads++) {
      const contents = readOnce(file, pageBytes);
      if (contents === undefined) continue;
      const isSure = last?.frames === contents.frames && isDamaged(last);
      if (!isDamaged(contents) || isSure) return contents;
      last = contents;
    }
    // Somebody writes to it all the time, and so it can be read.
    return nothing;
  } finally {
    closeSync(file);
  }
}

/**
 * Whether a file was last written before the machine was started. What a process maps and never syncs may
 * then be of any moment.
 */
function isOfEarlierBoot(path: string): boolean {
  return statSync(path).mtimeMs < Date.now() - uptime() * 1_000;
}

/**
 * How many frames the log had by the index that a process keeps beside it, and that outlives a process
 * that was killed. 0 when it doesn't tell, as after a power cut, or all of them are in the file already.
 */
export function framesByIndex(path: string): number {
  let index: Buffer;
  try {
    if (isOfEarlierBoot(`${path}-shm`)) return 0;
    index = readFileSync(`${path}-shm`).subarray(0, INDEX_BYTES);
  } catch {
    return 0;
  }
  if (index.length < INDEX_BYTES) return 0;
  const copy = index.subarray(INDEX_HEADER_BYTES, 2 * INDEX_HEADER_BYTES);
  if (!index.subarray(0, INDEX_HEADER_BYTES).equals(copy)) return 0;
  // It is in the byte order of the machine, and one that was moved to another says nothing.
  const [frames, inFile] = [index.readUInt32LE(16), index.readUInt32LE(96)];
  const isInitialised = index[12] === 1 && index[13] === 0;
  return isInitialised && frames > inFile ? frames : 0;
}
