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
function valueAt(object: ObjectDocument, path: string): ObjectValue | undefined {
  let value: ObjectValue | undefined = object;
  for (const step of path.split(/[.[]/)) {
    const name = step.endsWith(']') ? step.slice(0, -1) : step;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, ObjectValue>>)[name];
  }
  return value;
}

/** A scalar as text; lists and objects are none, and neither is nothing. */
function textAt(object: ObjectDocument, source: string): string | undefined {
  const trimmed = source.trim();
  const path = trimmed.startsWith(SOURCE_PREFIX) ? trimmed.slice(SOURCE_PREFIX.length) : trimmed;
  const value = valueAt(object, path);
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'boolean' ? String(value) : undefined;
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
