import { type Placeholder, sql } from 'drizzle-orm';

/** The placeholders `name0`, `name1`, … of a statement that takes a list of `size`. */
export function listPlaceholders(name: string, size: number): Placeholder[] {
  return Array.from({ length: size }, (_, index) => sql.placeholder(`${name}${index}`));
}

/**
 * The parameters `name0`, `name1`, … for a list, filled up to the next power of two by repeating its
 * last item (see `sized`). The list must not be empty.
 */
export function listParameters<T>(name: string, items: readonly T[]): Record<string, T> {
  const size = 2 ** Math.ceil(Math.log2(items.length));
  const parameters: Record<string, T> = {};
  for (let index = 0; index < size; index++) {
    // The index is within the list: its length is at least 1.
    const item = items[Math.min(index, items.length - 1)] as T;
    parameters[`${name}${index}`] = item;
  }
  return parameters;
}
