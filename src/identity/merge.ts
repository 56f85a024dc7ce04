import {
  addressFields,
  type ProfileDocument,
  type ProfileFields,
  textFields,
} from './profile-document.ts';

/**
 * What of a profile a merge takes as a whole, by name: a standard field such as `FirstName`, one
 * address such as `MailingAddress`, `EngagementPreferences`, or one attribute as `Attributes.plan`.
 */
export type MergeField = string;

/** A profile that takes part in a merge. */
export interface MergeCandidate {
  readonly profileId: string;
  readonly document: ProfileDocument;
}

/** From which profile fields are taken, where somebody has said so. */
export type FieldSourceProfileIds = ReadonlyMap<MergeField, string>;

export interface MergedProfile {
  readonly document: ProfileDocument;
  /** Which profile each field of the document came from. */
  readonly takenFrom: ReadonlyMap<MergeField, string>;
}

const ATTRIBUTE_PREFIX = 'Attributes.';

/** The name of a custom attribute among the fields of a merge. */
export function attributeField(name: string): MergeField {
  return `${ATTRIBUTE_PREFIX}${name}`;
}

/**
 * The field that a path of a profile belongs to, as the sources of fields have paths: `Address.City` is
 * part of `Address`, and `Attributes.plan` is a field of its own.
 */
export function fieldOfPath(path: string): MergeField {
  const end = path.indexOf('.');
  return end === -1 || path.startsWith(ATTRIBUTE_PREFIX) ? path : path.slice(0, end);
}

/** A profile's fields by name, in the order of its document. */
export function fieldsOf(document: ProfileDocument): Map<MergeField, unknown> {
  const fields = new Map<MergeField, unknown>();
  for (const name of [...textFields, ...addressFields])
    if (document[name] !== undefined) fields.set(name, document[name]);
  for (const [name, value] of Object.entries(document.Attributes ?? {}))
    fields.set(attributeField(name), value);
  if (document.EngagementPreferences !== undefined)
    fields.set('EngagementPreferences', document.EngagementPreferences);
  return fields;
}

/** The profile that has these fields. */
function documentOf(fields: ReadonlyMap<MergeField, unknown>): ProfileDocument {
  const document: Record<string, unknown> = {};
  for (const name of [...textFields, ...addressFields])
    if (fields.has(name)) document[name] = fields.get(name);
  // Without a prototype, `__proto__` is an attribute like any other.
  const attributes: Record<string, unknown> = Object.create(null);
  for (const [name, value] of fields)
    if (name.startsWith(ATTRIBUTE_PREFIX)) attributes[name.slice(ATTRIBUTE_PREFIX.length)] = value;
  if (Object.keys(attributes).length > 0) document.Attributes = attributes;
  if (fields.has('EngagementPreferences'))
    document.EngagementPreferences = fields.get('EngagementPreferences');
  // Every value came from a document, under the same name.
  return document as ProfileDocument;
}

/**
 * The fields of several profiles in one, by the rules of MergeProfiles: all fields that any of them
 * has; where several have one, the main profile's is taken, then that of the first of the others. A
 * field for which a source is named is that profile's, even if the profile has none.
 *
 * @param profiles the main profile first, then the others in the order of the request.
 */
export function mergeFields(
  profiles: readonly MergeCandidate[],
  sources: FieldSourceProfileIds = new Map(),
): MergedProfile {
  const fields = new Map<MergeField, unknown>();
  const takenFrom = new Map<MergeField, string>();
  for (const { profileId, document } of profiles)
    for (const [name, value] of fieldsOf(document)) {
      if (fields.has(name) || (sources.get(name) ?? profileId) !== profileId) continue;
      fields.set(name, value);
      takenFrom.set(name, profileId);
    }
  return { document: documentOf(fields), takenFrom };
}

function isSame(value: unknown, other: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(other);
}

/** The fields in which two states of a profile differ. */
export function differingFields(before: ProfileDocument, after: ProfileDocument): MergeField[] {
  const [had, has] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...had.keys(), ...has.keys()])].filter(
    (name) => !isSame(had.get(name), has.get(name)),
  );
}

/** An update of a profile that writes these fields, for the keys that follow from it. */
export function writeOf(names: readonly MergeField[], document: ProfileDocument): ProfileFields {
  const values: Readonly<Record<string, unknown>> = document;
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
}

/** What undoing a merge makes of its main profile. */
export interface RestoredProfile {
  readonly document: ProfileDocument;
  /** The fields that are as they were before the merge; what was written since stays. */
  readonly restored: readonly MergeField[];
}

/**
 * Takes back what a merge has changed in its main profile: each field that still is as the merge left
 * it becomes what it was before.
 *
 * @param before the main profile before the merge.
 * @param merged what the merge made of it.
 * @param current what it is now.
 */
export function restoreFields(
  before: ProfileDocument,
  merged: ProfileDocument,
  current: ProfileDocument,
): RestoredProfile {
  const fields = fieldsOf(current);
  const [had, made] = [fieldsOf(before), fieldsOf(merged)];
  const restored = differingFields(before, merged).filter((name) =>
    isSame(fields.get(name), made.get(name)),
  );
  for (const name of restored)
    if (had.has(name)) fields.set(name, had.get(name));
    else fields.delete(name);
  return { document: documentOf(fields), restored };
}
