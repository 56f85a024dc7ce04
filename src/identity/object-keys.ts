import { createHash } from 'node:crypto';
import { type ContentType, normalKeyValue } from './normal-forms.ts';
import type { ObjectTypeKey, ObjectTypeMapping, StandardIdentifier } from './object-type.ts';
import { type ObjectDocument, sourceValue } from './object-values.ts';

/** A key that an object has: all of its fields are there. */
export interface ObjectKey {
  readonly keyName: string;
  readonly identifiers: ReadonlySet<StandardIdentifier>;
  /** Under which name and value the key index has it. */
  readonly indexName: string;
  readonly indexValue: string;
  /** As it was given, where the index has another form. */
  readonly givenValue: string | null;
}

/** How long the value of a key can be, in code points: longer ones can't be searched for. */
export const KEY_VALUE_MAX = 255;
/** Longer values of composite keys are kept as a hash. */
const COMPOSITE_VALUE_MAX = 512;

/** An object that its type can't take; the message says why. */
export class ObjectRefusedError extends Error {
  override readonly name = 'ObjectRefusedError';
}

/**
 * The value of a field of an object type in an object, or undefined.
 *
 * @throws ObjectRefusedError when it is no text that every store and client can hold.
 */
export function fieldValue(
  mapping: ObjectTypeMapping,
  object: ObjectDocument,
  fieldName: string,
): string | undefined {
  if (!Object.hasOwn(mapping.Fields, fieldName)) return undefined;
  const value = sourceValue(object, mapping.Fields[fieldName]?.Source ?? fieldName);
  if (value !== undefined && (!value.isWellFormed() || value.includes('\0')))
    throw new ObjectRefusedError(
      `The value of field ${fieldName} must be well-formed Unicode text without NUL`,
    );
  return value;
}

/** How the values of a key of one field compare in a type, where it has one of that name. */
export function keyContentType(
  { Fields, Keys }: ObjectTypeMapping,
  keyName: string,
): ContentType | undefined {
  if (!Object.hasOwn(Keys, keyName)) return undefined;
  const single = Keys[keyName]?.find(({ FieldNames }) => FieldNames?.length === 1);
  return Fields[single?.FieldNames?.[0] ?? '']?.ContentType;
}

/** The keys of one field whose values compare otherwise than as plain text, with how they do. */
export function keyTypesOf(
  mapping: ObjectTypeMapping,
): { readonly keyName: string; readonly contentType: ContentType }[] {
  return Object.keys(mapping.Keys).flatMap((keyName) => {
    const contentType = keyContentType(mapping, keyName) ?? 'STRING';
    return contentType === 'STRING' ? [] : [{ keyName, contentType }];
  });
}

/** The name under which the index has a key of several fields: no key can have it as its own. */
export function compositeName(keyName: string, parts: number): string {
  return `${keyName}#${parts}`;
}

/** The value under which the index has a key of several fields: all of them, in their order. */
export function compositeValue(parts: readonly string[]): string {
  const text = JSON.stringify(parts);
  return text.length > COMPOSITE_VALUE_MAX ? createHash('sha256').update(text).digest('hex') : text;
}

function objectKey(
  mapping: ObjectTypeMapping,
  object: ObjectDocument,
  keyName: string,
  { FieldNames = [], StandardIdentifiers = [] }: ObjectTypeKey,
): ObjectKey | undefined {
  const values: string[] = [];
  for (const fieldName of FieldNames) {
    const value = fieldValue(mapping, object, fieldName);
    if (!value?.trim()) return undefined;
    if ([...value].length > KEY_VALUE_MAX)
      throw new ObjectRefusedError(
        `The value of key ${keyName} is longer than ${KEY_VALUE_MAX} characters`,
      );
    values.push(value);
  }
  const [value] = values;
  if (value === undefined) return undefined;
  const identifiers = new Set(StandardIdentifiers);
  if (values.length > 1)
    return {
      keyName,
      identifiers,
      indexName: compositeName(keyName, values.length),
      indexValue: compositeValue(values),
      givenValue: null,
    };
  const contentType = mapping.Fields[FieldNames[0] ?? '']?.ContentType;
  const indexValue = normalKeyValue(keyName, value, contentType);
  const givenValue = indexValue === value ? null : value;
  return { keyName, identifiers, indexName: keyName, indexValue, givenValue };
}

/**
 * The keys that an object has, in the order in which its type defines them. A key of which a field is
 * missing is passed over.
 *
 * @throws ObjectRefusedError when a value is too long to be a key's.
 */
export function objectKeys(mapping: ObjectTypeMapping, object: ObjectDocument): ObjectKey[] {
  return Object.entries(mapping.Keys).flatMap(([keyName, definitions]) =>
    definitions.flatMap((definition) => objectKey(mapping, object, keyName, definition) ?? []),
  );
}

/**
 * The keys by which an object finds its profile, in the order in which they are tried: those that
 * aren't SECONDARY first (Amazon's guide).
 */
export function profileKeysOf(keys: readonly ObjectKey[]): ObjectKey[] {
  const candidates = keys.filter(({ identifiers }) => identifiers.has('PROFILE'));
  const isSecondary = ({ identifiers }: ObjectKey) => identifiers.has('SECONDARY');
  return [...candidates.filter((key) => !isSecondary(key)), ...candidates.filter(isSecondary)];
}

/**
 * The keys of an object that the index keeps: LOOKUP_ONLY ones never, NEW_ONLY ones when the object
 * has made its profile.
 */
export function keptKeys(keys: readonly ObjectKey[], isNewProfile: boolean): ObjectKey[] {
  return keys.filter(
    ({ identifiers }) =>
      !identifiers.has('LOOKUP_ONLY') && (isNewProfile || !identifiers.has('NEW_ONLY')),
  );
}
