import { type Column, profileOfCells } from './columns.ts';
import { rowsOf } from './csv.ts';
import { type ImportedProfile, RowRefusedError, readProfile } from './imported-profile.ts';
import { type Line, parseLine } from './ndjson.ts';
import { type FileRecord, RECORD_BYTES_MAX } from './records.ts';

/** A profile of a record, or why there is none. */
export type Item = { readonly profile: ImportedProfile } | RefusedItem;

export interface RefusedItem {
  readonly reason: string;
  /** As it stands in the file; undefined where it is too long. */
  readonly row: string | undefined;
  /** Which profile of an answer it is, from 1; undefined where the record is the profile. */
  readonly number: number | undefined;
}

/** A record with the profiles that it holds. */
export interface ReadRecord {
  readonly record: FileRecord;
  readonly items: readonly (Item & Pick<RefusedItem, 'row' | 'number'>)[];
}

/** Reads records that follow one another in a file. */
export type Decoder = (records: readonly FileRecord[]) => ReadRecord[];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Reads the profiles of one record; what is wrong with any of them stands in its place. */
function readRecord(record: FileRecord, parse: (text: string) => Line): ReadRecord {
  const { bytes } = record;
  const refused = (reason: string, row?: string): ReadRecord => ({
    record,
    items: [{ reason, row, number: undefined }],
  });
  if (bytes === undefined) return refused(`The line is longer than ${RECORD_BYTES_MAX} bytes.`);
  const text = textOf(bytes);
  if (text === undefined) return refused('The line is not valid UTF-8.', bytes.toString());
  let line: Line;
  try {
    line = parse(text);
  } catch (error) {
    if (error instanceof RowRefusedError) return refused(error.message, text);
    throw error;
  }
  const items = line.profiles.map((value, index) => {
    const row = line.isAnswer ? JSON.stringify(value) : text;
    const number = line.isAnswer ? index + 1 : undefined;
    try {
      return { profile: readProfile(value), row, number };
    } catch (error) {
      if (error instanceof RowRefusedError) return { reason: error.message, row, number };
      throw error;
    }
  });
  return { record, items };
}

/** Reads lines of JSON. */
export const decodeNdjson: Decoder = (records) =>
  records.map((record) => readRecord(record, parseLine));

/** The row that the bytes of one record of CSV make, or undefined when they make none. */
export function csvRow(bytes: Buffer): string[] | undefined {
  const text = textOf(bytes);
  const rows = text === undefined ? undefined : rowsOf(text);
  return rows?.length === 1 ? rows[0] : undefined;
}

/** The rows of several records at once, as most are in order; undefined when one of them isn't. */
function rowsTogether(records: readonly FileRecord[]): string[][] | undefined {
  const parts = records.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes, NEW_LINE]));
  const text = textOf(Buffer.concat(parts));
  const rows = text === undefined ? undefined : rowsOf(text);
  return rows?.length === records.length ? rows : undefined;
}

const NEW_LINE = Buffer.from('\n');

/** Reads rows of CSV under the columns of its header. */
export function csvDecoder(columns: readonly (Column | undefined)[]): Decoder {
  return (records) => {
    const together = rowsTogether(records);
    return records.map((record, index) =>
      readRecord(record, () => {
        const row = together?.[index] ?? (record.bytes && csvRow(record.bytes));
        if (row === undefined) throw new RowRefusedError('The quotes of the row are not in order.');
        return { profiles: [profileOfCells(columns, row)], isAnswer: false };
      }),
    );
  };
}
