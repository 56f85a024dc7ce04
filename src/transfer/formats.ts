import { extname } from 'node:path';

/** The formats of files of profiles. */
export const formats = ['csv', 'ndjson'] as const;

export type Format = (typeof formats)[number];

const extensions: ReadonlyMap<string, Format> = new Map([
  ['.csv', 'csv'],
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
]);

/** The format that the name of a file tells; without a file, NDJSON. */
export function formatOf(file: string | undefined): Format | undefined {
  return file === undefined ? 'ndjson' : extensions.get(extname(file).toLowerCase());
}
