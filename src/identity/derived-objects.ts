import { normalKeyValue } from './normal-forms.ts';
import { keptKeys, keyContentType, ObjectRefusedError, objectKeys } from './object-keys.ts';
import type { ObjectTypeMapping } from './object-type.ts';
import { type ObjectDocument, sourceValue, sourceValues } from './object-values.ts';

/**
 * The standard objects that are made of others when somebody reads them, with the keys that Amazon's
 * reference predefines for them, and their fields. The profile is a standard object too, and made when
 * objects come.
 */
const derivedTypes: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [
    '_asset',
    new Map([
      ['_assetId', 'AssetId'],
      ['_assetName', 'AssetName'],
      ['_serialNumber', 'SerialNumber'],
    ]),
  ],
  ['_case', new Map([['_caseId', 'CaseId']])],
  ['_order', new Map([['_orderId', 'OrderId']])],
]);

/** As long as the API lets an object be, in characters. */
const LENGTH_MAX = 256_000;
/** What JSON has around a value and its name, in a list of structures. */
const PUNCTUATION = 8;

/** A structure by its members, or a list by its indexes; both may have gaps while they are made. */
type Part = string | Map<string | number, Part>;

/** Whether there are objects of this type that are made of others: `_asset`, `_case` and `_order`. */
export function isDerivedType(typeName: string): boolean {
  return derivedTypes.has(typeName);
}

/** The field of a standard object that a target names; undefined when it is another object's. */
function pathWithin(typeName: string, target: string | undefined): string | undefined {
  return target?.startsWith(`${typeName}.`) ? target.slice(typeName.length + 1) : undefined;
}

/** Whether objects of a type are made into standard ones of that type. */
export function derives(mapping: ObjectTypeMapping, typeName: string): boolean {
  return Object.values(mapping.Fields).some(
    ({ Target }) => pathWithin(typeName, Target) !== undefined,
  );
}

function put(
  within: Map<string | number, Part>,
  steps: readonly (string | number)[],
  text: string,
) {
  const [step = '', ...rest] = steps;
  if (rest.length === 0) {
    within.set(step, text);
    return;
  }
  const found = within.get(step);
  const part = found instanceof Map ? found : new Map<string | number, Part>();
  within.set(step, part);
  put(part, rest, text);
}

/** An item of a list that has nothing isn't there. */
function itemsOf(part: ReadonlyMap<string | number, Part>): unknown[] {
  const items = [...part].toSorted(([a], [b]) => Number(a) - Number(b));
  return items.map(([, value]) => toJson(value));
}

function membersOf(part: ReadonlyMap<string | number, Part>): Record<string, unknown> {
  return Object.fromEntries([...part].map(([name, value]) => [name, toJson(value)]));
}

function toJson(part: Part): unknown {
  if (typeof part === 'string') return part;
  const [step] = part.keys();
  return typeof step === 'number' ? itemsOf(part) : membersOf(part);
}

/**
 * The standard object that an object makes by the mapping of its type, or undefined when it has nothing
 * for it. Every field is a text. From the field on that would make it longer than the API lets an object
 * be the rest is left out: only a mapping that repeats its sources gets there.
 *
 * @param typeName `_asset`, `_case` or `_order`.
 */
export function deriveObject(
  mapping: ObjectTypeMapping,
  typeName: string,
  object: ObjectDocument,
): Readonly<Record<string, unknown>> | undefined {
  const made = new Map<string | number, Part>();
  let length = 0;
  for (const [fieldName, { Source = fieldName, Target }] of Object.entries(mapping.Fields)) {
    const path = pathWithin(typeName, Target);
    if (path === undefined) continue;
    const [list, member = ''] = path.split('[].');
    const isList = list !== undefined && list !== path;
    const values = isList ? sourceValues(object, Source) : [sourceValue(object, Source)];
    for (const text of values)
      length += text === undefined ? 0 : path.length + JSON.stringify(text).length + PUNCTUATION;
    if (length > LENGTH_MAX) break;
    for (const [index, text] of values.entries())
      if (text !== undefined) put(made, isList ? [list, index, member] : path.split('.'), text);
  }
  return made.size === 0 ? undefined : membersOf(made);
}

/** Only objects that have one of these values of a key. */
export interface DerivedFilter {
  readonly keyName: string;
  /** As they were given. */
  readonly values: readonly string[];
}

/**
 * Whether a standard object has one of the values of a key: in the field that a predefined key names, or
 * among the keys of the object that it is made of.
 */
export function isFoundBy(
  { keyName, values }: DerivedFilter,
  typeName: string,
  derived: Readonly<Record<string, unknown>>,
  mapping: ObjectTypeMapping,
  object: ObjectDocument,
): boolean {
  const field = derivedTypes.get(typeName)?.get(keyName);
  if (field !== undefined && values.some((value) => value === derived[field])) return true;
  const contentType = keyContentType(mapping, keyName);
  const wanted = new Set(values.map((value) => normalKeyValue(keyName, value, contentType)));
  try {
    return keptKeys(objectKeys(mapping, object), true).some(
      ({ indexName, indexValue }) => indexName === keyName && wanted.has(indexValue),
    );
  } catch (error) {
    // The type was another when it took the object.
    if (error instanceof ObjectRefusedError) return false;
    throw error;
  }
}
