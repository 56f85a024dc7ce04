/**
 * An object as its mapping sees it. Numbers are texts, as they were written: a long account number
 * would lose its last digits as a floating-point number.
 */
export type ObjectValue =
  | string
  | boolean
  | null
  | readonly ObjectValue[]
  | { readonly [member: string]: ObjectValue };

export type ObjectDocument = { readonly [member: string]: ObjectValue };

/** What Node's own types don't know yet of a reviver: the source text of a value. */
type Reviver = (name: string, value: unknown, context?: { readonly source?: string }) => unknown;

/**
 * Reads the JSON text of an object; undefined when it is no JSON, or no object. The caller has seen to
 * it that it doesn't nest too deep.
 */
export function readObject(text: string): ObjectDocument | undefined {
  const keepNumbers: Reviver = (_, value, context) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value;
  let value: unknown;
  try {
    value = JSON.parse(text, keepNumbers);
  } catch {
    return undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as ObjectDocument) : undefined;
}

const SOURCE_PREFIX = '_source.';

/** The value at a path such as `address.city` or `phones[0].number`. */
function valueAt(within: ObjectValue | undefined, path: string): ObjectValue | undefined {
  let value = within;
  for (const step of path.split(/[.[]/)) {
    const name = step.endsWith(']') ? step.slice(0, -1) : step;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, ObjectValue>>)[name];
  }
  return value;
}

/** A scalar as text; lists and objects are none, and neither is nothing. */
function asText(value: ObjectValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'boolean' ? String(value) : undefined;
}

function pathOf(source: string): string {
  const trimmed = source.trim();
  return trimmed.startsWith(SOURCE_PREFIX) ? trimmed.slice(SOURCE_PREFIX.length) : trimmed;
}

function textAt(object: ObjectDocument, source: string): string | undefined {
  return asText(valueAt(object, pathOf(source)));
}

/**
 * The value that a field of an object type has in an object: that at its `_source.` path, or a text
 * with `{{_source.…}}` in it (Amazon's guide). What is missing in such a text is empty; a text of
 * nothing but spaces is no value.
 */
export function sourceValue(object: ObjectDocument, source: string): string | undefined {
  if (!source.includes('{{')) return textAt(object, source);
  const [first = '', ...parts] = source.split('{{');
  let text = first;
  for (const part of parts) {
    const end = part.indexOf('}}');
    text +=
      end === -1 ? `{{${part}` : (textAt(object, part.slice(0, end)) ?? '') + part.slice(end + 2);
  }
  const trimmed = text.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The items of a list that is at a path within a value, or is that value itself. */
function itemsAt(value: ObjectValue | undefined, path: string): readonly ObjectValue[] {
  const list = path === '' ? value : valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

/**
 * The values of a field that every item of a list has: `_source.line_items[].title` gives an entry for
 * each item, in their order, undefined where one has none (Amazon's guide: element by element). A
 * source without `[]` is about one item.
 */
export function sourceValues(object: ObjectDocument, source: string): (string | undefined)[] {
  if (source.includes('{{') || !source.includes('[]')) return [sourceValue(object, source)];
  const [first = '', ...rest] = pathOf(source).split('[]');
  // What follows `[]` begins with a dot, or is nothing.
  const [last = '', ...between] = rest.map((path) => path.replace(/^\./, '')).toReversed();
  let items = itemsAt(object, first);
  for (const path of between.toReversed()) items = items.flatMap((item) => itemsAt(item, path));
  return items.map((item) => asText(last === '' ? item : valueAt(item, last)));
}
