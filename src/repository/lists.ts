import { type Placeholder, type SQL, sql } from 'drizzle-orm';

/**
 * Statements that take a list are made for a few sizes only, the powers of two: a list is filled up
 * to the next one by repeating its last item, which changes nothing in an `in (…)` and in an insert
 * that skips what is there.
 */
function paddedSize(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}

/** The statements for lists of 1 to `max` items, one for each size, made when first used. */
export function sized<S>(max: number, make: (size: number) => S): (length: number) => S {
  const made = new Map<number, S>();
  return (length) => {
    if (length < 1 || length > max) throw new RangeError(`a list of ${length} items, not 1–${max}`);
    const size = paddedSize(length);
    let found = made.get(size);
    if (found === undefined) {
      found = make(size);
      made.set(size, found);
    }
    return found;
  };
}

/** The placeholders `name0`, `name1`, … of a statement that takes a list of `size`. */
export function listPlaceholders(name: string, size: number): Placeholder[] {
  return Array.from({ length: size }, (_, index) => sql.placeholder(`${name}${index}`));
}

const parameterNames = new Map<string, string[]>();

/** `name0`, `name1`, …: made once, as to make a name anew costs more than to use it. */
function parameterName(name: string, index: number): string {
  let names = parameterNames.get(name);
  if (names === undefined) {
    names = [];
    parameterNames.set(name, names);
  }
  names[index] ??= `${name}${index}`;
  return names[index];
}

/** The parameters `name0`, `name1`, … for a list, which must not be empty. */
export function listParameters<T>(name: string, items: readonly T[]): Record<string, T> {
  const parameters: Record<string, T> = {};
  for (let index = 0; index < paddedSize(items.length); index++) {
    // The index is within the list: its length is at least 1.
    const item = items[Math.min(index, items.length - 1)] as T;
    parameters[parameterName(name, index)] = item;
  }
  return parameters;
}

/** The same for several columns of rows, each under its own name. */
export function rowParameters<Row, Name extends keyof Row & string>(
  rows: readonly Row[],
  names: readonly Name[],
): Record<string, Row[Name]> {
  const parameters: Record<string, Row[Name]> = {};
  for (const name of names)
    for (let index = 0; index < paddedSize(rows.length); index++) {
      const row = rows[Math.min(index, rows.length - 1)] as Row;
      parameters[parameterName(name, index)] = row[name];
    }
  return parameters;
}

/** The placeholders of `size` rows with these columns: those that {@link rowParameters} fills. */
export function rowPlaceholders<Name extends string>(
  names: readonly Name[],
  size: number,
): Record<Name, SQL>[] {
  return Array.from(
    { length: size },
    (_, index) =>
      // Of every name an entry is made.
      Object.fromEntries(
        names.map((name) => [name, sql`${sql.placeholder(`${name}${index}`)}`]),
      ) as Record<Name, SQL>,
  );
}

/** A list in parts of at most `max` items, for statements that take no more. */
export function* inParts<T>(items: readonly T[], max: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += max) yield items.slice(start, start + max);
}

/** Rows by their domains, in the order of those: units that work on several wait, but not in a circle. */
export function byDomain<T extends { readonly domainId: string }>(
  rows: readonly T[],
): (readonly [domainId: string, rows: T[]])[] {
  const groups = Map.groupBy(rows, ({ domainId }) => domainId);
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
