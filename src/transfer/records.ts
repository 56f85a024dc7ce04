/** A record of a file: a line, or in CSV the lines that its quoted cells go over. */
export interface FileRecord {
  /** Without the end of the line; undefined when it is too long to be read. */
  readonly bytes: Buffer | undefined;
  /** The number of its first line, from 1. */
  readonly line: number;
  /** Where the next record begins: the byte, and the number of its line. */
  readonly end: number;
  readonly nextLine: number;
}

/** How long a record can be: longer ones are passed over, so that memory is bounded. */
export const RECORD_BYTES_MAX = 32 * 1024 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/** Where in a file to begin. */
export interface Place {
  readonly position: number;
  readonly line: number;
}

export interface SplitterOptions extends Place {
  /** CSV: whether the bytes of several lines are one record; undefined when lines are records. */
  readonly isRecord?: ((bytes: Buffer) => boolean) | undefined;
  readonly bytesMax?: number;
}

function count(bytes: Buffer, byte: number, from: number, to: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte, from); at >= 0 && at < to; at = bytes.indexOf(byte, at + 1))
    found++;
  return found;
}

/**
 * Splits a file into records, whatever the chunks in which it comes, and tells where each ends.
 *
 * In CSV an end of line between quotes is part of a cell. A quote that is out of place would take the rest of
 * the file into one record: where lines that are joined by quotes make no record, the first of them is taken
 * for one by itself, and the next begins anew. So a bad row costs itself and no other.
 */
export class RecordSplitter {
  readonly #isRecord: ((bytes: Buffer) => boolean) | undefined;
  readonly #bytesMax: number;
  /** What is yet to be split, where it begins, and where its next line must be looked for. */
  #rest: Buffer = Buffer.alloc(0);
  #position: number;
  #line: number;
  #scanned = 0;
  #lines = 0;
  #isQuoted = false;
  /** Whether the record that `rest` goes on with was too long to be kept. */
  #isTooLong = false;

  constructor({ position, line, isRecord, bytesMax = RECORD_BYTES_MAX }: SplitterOptions) {
    this.#position = position;
    this.#line = line;
    this.#isRecord = isRecord;
    this.#bytesMax = bytesMax;
  }

  /** The records that end in this chunk; blank lines are none. */
  push(chunk: Buffer): FileRecord[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return this.#split(false);
  }

  /** What is left when the file has ended. */
  end(): FileRecord[] {
    return this.#split(true);
  }

  #split(isEnd: boolean): FileRecord[] {
    const records: FileRecord[] = [];
    while (this.#rest.length > 0) {
      const record = this.#next(isEnd);
      if (record === undefined) break;
      if (record.bytes === undefined || record.bytes.length > 0) records.push(record);
    }
    return records;
  }

  /** The next record, or undefined when its end isn't here yet. */
  #next(isEnd: boolean): FileRecord | undefined {
    for (;;) {
      const feed = this.#rest.indexOf(LINE_FEED, this.#scanned);
      const end = feed < 0 ? this.#rest.length : feed + 1;
      if (this.#isRecord !== undefined && !this.#isTooLong) {
        const quotes = count(this.#rest, QUOTE, this.#scanned, end);
        if (quotes % 2 === 1) this.#isQuoted = !this.#isQuoted;
      }
      this.#scanned = end;
      if (feed >= 0) {
        this.#lines++;
        if (!this.#isQuoted) return this.#takeWhole(end);
      } else if (isEnd) return this.#takeWhole(end);
      if (end > this.#bytesMax) return this.#takeTooLong();
      if (feed < 0) return undefined;
    }
  }

  #takeWhole(end: number): FileRecord {
    const isOneLine =
      this.#isTooLong || this.#lines === 0 || this.#rest.indexOf(LINE_FEED) === end - 1;
    const isOne =
      isOneLine || this.#isRecord === undefined || this.#isRecord(this.#rest.subarray(0, end));
    return isOne ? this.#take(end, this.#lines) : this.#takeFirstLine();
  }

  #takeFirstLine(): FileRecord {
    return this.#take(this.#rest.indexOf(LINE_FEED) + 1, 1);
  }

  /** Several lines become the first of them; one line is let go of, up to where it ends. */
  #takeTooLong(): FileRecord | undefined {
    if (this.#lines > 0) return this.#takeFirstLine();
    this.#isTooLong = true;
    this.#isQuoted = false;
    this.#position += this.#rest.length;
    this.#rest = Buffer.alloc(0);
    this.#scanned = 0;
    return undefined;
  }

  #take(end: number, lines: number): FileRecord {
    let length = end;
    if (this.#rest[length - 1] === LINE_FEED) {
      length -= 1;
      if (this.#rest[length - 1] === CARRIAGE_RETURN) length -= 1;
    }
    const record = {
      bytes: this.#isTooLong ? undefined : this.#rest.subarray(0, length),
      line: this.#line,
      end: this.#position + end,
      nextLine: this.#line + lines,
    };
    this.#rest = this.#rest.subarray(end);
    this.#position += end;
    this.#line += lines;
    this.#scanned = 0;
    this.#lines = 0;
    this.#isQuoted = false;
    this.#isTooLong = false;
    return record;
  }
}
