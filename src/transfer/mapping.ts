import * as z from 'zod';
import { type Column, columnOf, nameOfColumn } from './columns.ts';
import { TransferRefusedError } from './errors.ts';

const mappingFile = z.strictObject(
  {
    columns: z.record(
      z.string(),
      z
        .string('must be the name of a field, or null')
        .refine((name) => columnOf(name) !== undefined, 'is not the name of a field')
        .nullable(),
      'must be an object',
    ),
  },
  'must be an object',
);

/** What the columns of a file are called instead; null passes one over. */
export type Mapping = ReadonlyMap<string, string | null>;

/**
 * Reads the text of a mapping file, such as
 *
 *     { "columns": { "E-Mail": "EmailAddress", "Card no": "Keys.loyaltyCard", "Internal": null } }
 *
 * @throws TransferRefusedError that names the first thing that is wrong in it.
 */
export function parseMapping(text: string): Mapping {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TransferRefusedError(`is not JSON: ${(error as Error).message}`);
  }
  const parsed = mappingFile.safeParse(json);
  if (parsed.success) return new Map(Object.entries(parsed.data.columns));
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const problem =
    issue?.code === 'unrecognized_keys' ? `has no use for '${issue.keys[0]}'` : issue?.message;
  throw new TransferRefusedError(path === '' ? `${problem}` : `${path} ${problem}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

/**
 * The columns of a file by its header; undefined for those that the mapping passes over.
 *
 * @throws TransferRefusedError that names the columns that nobody knows, that are there twice, or that the mapping
 *   names and the file doesn't have.
 */
export function readHeader(
  header: readonly string[],
  mapping: Mapping = new Map(),
): (Column | undefined)[] {
  const missing = [...mapping.keys()].filter((name) => !header.includes(name));
  if (missing.length > 0)
    throw new TransferRefusedError(
      `the mapping names columns that aren't there: ${quoted(missing)}`,
    );
  const targets = header.map((name) => (mapping.has(name) ? mapping.get(name) : name));
  const columns = targets.map((target) =>
    typeof target === 'string' ? columnOf(target) : undefined,
  );
  const unknown = header.filter((_, index) => targets[index] !== null && !columns[index]);
  if (unknown.length > 0)
    throw new TransferRefusedError(
      `nobody knows the columns ${quoted(unknown)}: name their fields in a mapping, or null to pass over them`,
    );
  const names = columns.filter((column) => column !== undefined).map(nameOfColumn);
  const twice = names.filter((name, index) => names.indexOf(name) < index);
  if (twice.length > 0)
    throw new TransferRefusedError(`several columns give ${quoted([...new Set(twice)])}`);
  if (names.length === 0) throw new TransferRefusedError('no column gives anything of a profile');
  return columns;
}
