import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { csvDecoder, csvRow, type Decoder, decodeNdjson, type ReadRecord } from './decode.ts';
import { TransferRefusedError } from './errors.ts';
import type { Format } from './formats.ts';
import { type Mapping, readHeader } from './mapping.ts';
import { type FileRecord, type Place, RecordSplitter, type SplitterOptions } from './records.ts';

/** How much of a file is read at a time. */
const CHUNK_BYTES = 1024 * 1024;
/** How many records are in memory as profiles: an answer may have hundreds of them. */
const RECORDS_AT_ONCE = 256;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A file of profiles, as it was when it was opened: what is appended later is not read. */
export interface FileSource {
  /** What identifies what the file says and how it is read: a hash of both. */
  readonly fingerprint: string;
  /** In bytes. */
  readonly size: number;
  /** Where its first profile is. */
  readonly start: Place;
  /** Its records from a place on, which {@link FileSource.start} or a record has told. */
  recordsFrom(place: Place): AsyncGenerator<ReadRecord>;
}

/** How a file is to be read. */
export interface SourceOptions {
  readonly file: string;
  readonly format: Format;
  /** For CSV: what its columns are called instead. */
  readonly mapping?: Mapping | undefined;
}

/** The bytes of a file from a position on, up to its size. */
function chunksOf(file: string, start: number, size: number): AsyncIterable<Buffer> | Buffer[] {
  if (start >= size) return [];
  return createReadStream(file, { start, end: size - 1, highWaterMark: CHUNK_BYTES });
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new TransferRefusedError(`${file} can't be read: ${error.message}`);
  });
  // A pipe can't be gone on with after a stop.
  if (!found.isFile()) throw new TransferRefusedError(`${file} is not a regular file`);
  return found.size;
}

async function fingerprintOf(
  { file, format, mapping }: SourceOptions,
  size: number,
): Promise<{ fingerprint: string; bom: number }> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([format, [...(mapping ?? [])].sort()]));
  let head = Buffer.alloc(0);
  for await (const chunk of chunksOf(file, 0, size)) {
    if (head.length < BYTE_ORDER_MARK.length) head = Buffer.concat([head, chunk.subarray(0, 3)]);
    hash.update(chunk);
  }
  const hasMark = head.subarray(0, 3).equals(BYTE_ORDER_MARK);
  return { fingerprint: hash.digest('hex'), bom: hasMark ? BYTE_ORDER_MARK.length : 0 };
}

async function* recordsOf(
  file: string,
  size: number,
  options: SplitterOptions,
): AsyncGenerator<FileRecord[]> {
  const splitter = new RecordSplitter(options);
  for await (const chunk of chunksOf(file, options.position, size)) yield splitter.push(chunk);
  yield splitter.end();
}

const isRecord = (bytes: Buffer) => csvRow(bytes) !== undefined;

/** The header of a CSV file, and where its first row is. */
async function headerOf(
  { file, mapping }: SourceOptions,
  size: number,
  start: Place,
): Promise<{ decode: Decoder; start: Place }> {
  for await (const [first] of recordsOf(file, size, { ...start, isRecord })) {
    if (first === undefined) continue;
    const header = first.bytes && csvRow(first.bytes);
    if (header === undefined)
      throw new TransferRefusedError(`${file}: its first line is no header of CSV`);
    try {
      const decode = csvDecoder(readHeader(header, mapping));
      return { decode, start: { position: first.end, line: first.nextLine } };
    } catch (error) {
      if (!(error instanceof TransferRefusedError)) throw error;
      throw new TransferRefusedError(`${file}: ${error.message}`);
    }
  }
  throw new TransferRefusedError(`${file} is empty: it must have a header`);
}

/**
 * Opens a file of profiles.
 *
 * @throws TransferRefusedError when it can't be read, or its header can't be taken.
 */
export async function openSource(options: SourceOptions): Promise<FileSource> {
  const { file, format } = options;
  const size = await sizeOf(file);
  const { fingerprint, bom } = await fingerprintOf(options, size);
  const first = { position: bom, line: 1 };
  const isCsv = format === 'csv';
  const { decode, start } = isCsv
    ? await headerOf(options, size, first)
    : { decode: decodeNdjson, start: first };
  return {
    fingerprint,
    size,
    start,
    async *recordsFrom(place) {
      const splitting = { ...place, isRecord: isCsv ? isRecord : undefined };
      for await (const records of recordsOf(file, size, splitting))
        for (let from = 0; from < records.length; from += RECORDS_AT_ONCE)
          yield* decode(records.slice(from, from + RECORDS_AT_ONCE));
    },
  };
}
