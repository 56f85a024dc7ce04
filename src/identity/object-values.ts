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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** Where a string ends that begins at `start`: the index of its closing quote. */
function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== QUOTE)
    index += text.charCodeAt(index) === BACKSLASH ? 2 : 1;
  return index;
}

/** The index after a number that begins at `start`: its digits, `.`, `e`, `E` and signs. */
function numberEnd(text: string, start: number): number {
  let index = start + 1;
  while (
    index < text.length &&
    (isDigit(text.charCodeAt(index)) || '.eE+-'.includes(text.charAt(index)))
  )
    index++;
  return index;
}

/** A JSON text with every number in quotes. It must be JSON: what isn't might become it. */
function quoteNumbers(text: string): string {
  let quoted = '';
  let done = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) index = stringEnd(text, index);
    else if (unit === MINUS || isDigit(unit)) {
      const end = numberEnd(text, index);
      quoted += `${text.slice(done, index)}"${text.slice(index, end)}"`;
      done = end;
      index = end - 1;
    }
  }
  return quoted + text.slice(done);
}

/**
 * Reads the JSON text of an object; undefined when it is no JSON, or no object. The caller has seen to
 * it that it doesn't nest too deep.
 */
export function readObject(text: string): ObjectDocument | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // A reviver would be told how each number is written, and takes up to half a second for a megabyte.
  return JSON.parse(quoteNumbers(text)) as ObjectDocument;
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
