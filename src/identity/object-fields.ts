import { codePointLength } from '../model/shapes.ts';
import { fieldValue, ObjectRefusedError } from './object-keys.ts';
import type { ObjectTypeMapping } from './object-type.ts';
import type { ObjectDocument } from './object-values.ts';
import {
  addressFields,
  type ProfileFields,
  type TextField,
  textFields,
} from './profile-document.ts';

/** Values for fields of a profile by path: `FirstName`, `Address.City`, `Attributes.plan`. */
export type FieldValues = ReadonlyMap<string, string>;

const TARGET_PREFIX = '_profile.';
const FIELD_MAX = 255;
const LONG_FIELD_MAX = 1000;

/** The model's enumerations: a value that is none of theirs would make the profile unreadable. */
const enumerations: Readonly<Partial<Record<TextField, readonly string[]>>> = {
  PartyType: ['INDIVIDUAL', 'BUSINESS', 'OTHER'],
  Gender: ['MALE', 'FEMALE', 'UNSPECIFIED'],
  ProfileType: ['ACCOUNT_PROFILE', 'PROFILE'],
};

function check(path: string, value: string): void {
  const max = path === 'AdditionalInformation' ? LONG_FIELD_MAX : FIELD_MAX;
  if (codePointLength(value) > max)
    throw new ObjectRefusedError(`The value for ${path} is longer than ${max} characters`);
  const allowed = (enumerations as Readonly<Record<string, readonly string[]>>)[path];
  if (Object.hasOwn(enumerations, path) && !allowed?.includes(value))
    throw new ObjectRefusedError(`The value for ${path} must be one of ${allowed?.join(', ')}`);
}

/**
 * What an object says about its profile: the values of the fields that its type maps to one.
 *
 * @throws ObjectRefusedError when a value can't be that field's.
 */
export function mappedFields(mapping: ObjectTypeMapping, object: ObjectDocument): FieldValues {
  const values = new Map<string, string>();
  for (const [fieldName, { Target: target }] of Object.entries(mapping.Fields)) {
    if (!target?.startsWith(TARGET_PREFIX)) continue;
    const value = fieldValue(mapping, object, fieldName);
    if (value === undefined) continue;
    const path = target.slice(TARGET_PREFIX.length);
    check(path, value);
    values.set(path, value);
  }
  return values;
}

/**
 * What a profile is given that an object has made and to which nothing of it is mapped: its first
 * e-mail address and its first phone number (Amazon's guide: an inferred profile).
 */
export function inferredFields(mapping: ObjectTypeMapping, object: ObjectDocument): FieldValues {
  const values = new Map<string, string>();
  for (const [fieldName, { ContentType: contentType }] of Object.entries(mapping.Fields)) {
    const path =
      contentType === 'EMAIL_ADDRESS'
        ? 'EmailAddress'
        : contentType === 'PHONE_NUMBER'
          ? 'PhoneNumber'
          : undefined;
    if (path === undefined || values.has(path)) continue;
    const value = fieldValue(mapping, object, fieldName);
    if (value === undefined) continue;
    check(path, value);
    values.set(path, value);
  }
  return values;
}

const structures: readonly string[] = [...addressFields, 'Attributes'];
const texts: readonly string[] = textFields;

/** Field values by path as an update of a profile; an empty text removes. */
export function toFields(values: FieldValues): ProfileFields {
  const fields: Record<string, string | Record<string, string>> = {};
  for (const [path, value] of values) {
    const end = path.indexOf('.');
    const [root, member] = end === -1 ? [path] : [path.slice(0, end), path.slice(end + 1)];
    if (root === undefined) continue;
    if (member === undefined && texts.includes(root)) fields[root] = value;
    if (member === undefined || !structures.includes(root)) continue;
    // Without a prototype, `__proto__` is an attribute like any other.
    const members = (fields[root] ?? Object.create(null)) as Record<string, string>;
    members[member] = value;
    fields[root] = members;
  }
  return fields as ProfileFields;
}

/** The paths that an update of a profile writes or empties. */
export function writtenPaths(fields: ProfileFields): string[] {
  const paths: string[] = texts.filter(
    (field) => (fields as Readonly<Record<string, unknown>>)[field] !== undefined,
  );
  for (const root of [...addressFields, 'Attributes'] as const)
    for (const [member, value] of Object.entries(fields[root] ?? {}))
      if (value !== undefined) paths.push(`${root}.${member}`);
  return paths;
}

/** Where a value of a profile came from. */
export interface FieldSource {
  readonly objectTypeName: string;
  /** Lower wins; a type without a priority comes last. */
  readonly sourcePriority: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/**
 * Whether a value that an object brings takes the place of one that another object has brought:
 * the priorities of their types decide, then which is newer (Amazon's guide).
 */
export function supersedes(incoming: FieldSource, present: FieldSource): boolean {
  return incoming.sourcePriority === present.sourcePriority
    ? incoming.updatedAt >= present.updatedAt
    : incoming.sourcePriority < present.sourcePriority;
}
