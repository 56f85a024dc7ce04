import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/**
 * One row of cells as CSV (RFC 4180), its end included. Quoted is what a reader might take for an end of
 * line or for space around a cell.
 */
export function toRow(cells: readonly string[]): string {
  return stringify([cells as string[]], { quoted_match: /[\r\n]|^\s|\s$|^\uFEFF/u });
}

/**
 * The rows of a CSV text; undefined when quotes in it are not in order.
 *
 * Both ends of lines are taken. A lone carriage return is a part of its cell, and no cell is trimmed.
 */
export function rowsOf(text: string): string[][] | undefined {
  try {
    return parse(text, {
      columns: false,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: false,
    });
  } catch {
    return undefined;
  }
}
