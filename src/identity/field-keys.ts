import { normalKeyValue } from './normal-forms.ts';
import {
  emailFields,
  type ProfileDocument,
  type ProfileFields,
  phoneFields,
  type TextField,
} from './profile-document.ts';

/** A key that a profile has because of its fields. */
export interface FieldKey {
  readonly keyName: string;
  /** In its normal form. */
  readonly keyValue: string;
}

/** Amazon's guide: the standard fields by which a profile is found without AddProfileKey. */
const indexedFields: readonly (readonly [keyName: string, field: TextField])[] = [
  ['_account', 'AccountNumber'],
  ...emailFields.map((field) => ['_email', field] as const),
  ...phoneFields.map((field) => ['_phone', field] as const),
];

/** How long a value can be that a search names, in code points. */
const SEARCH_VALUE_MAX = 255;

const nameFields = ['FirstName', 'MiddleName', 'LastName'] as const;

/** A key with the value that gives it, and the fields that have the value. */
interface KeyWithFields {
  readonly key: FieldKey;
  readonly given: string;
  readonly fields: readonly TextField[];
}

/** A field of nothing but spaces gives no key: everybody without a name would share it. */
function* keysWithFields(document: ProfileDocument): Generator<KeyWithFields> {
  const key = (keyName: string, value: string): FieldKey => ({
    keyName,
    keyValue: normalKeyValue(keyName, value),
  });
  for (const [keyName, field] of indexedFields) {
    const value = document[field];
    if (value?.trim()) yield { key: key(keyName, value), given: value, fields: [field] };
  }
  const names = nameFields.map((field) => document[field]).filter((name) => name?.trim());
  const fullName = names.join(' ');
  if (names.length > 0 && [...fullName].length <= SEARCH_VALUE_MAX)
    yield { key: key('_fullName', fullName), given: fullName, fields: nameFields };
}

/** A key's name and value as one text: no name has a space in it. */
export function nameOfKey({ keyName, keyValue }: FieldKey): string {
  return `${keyName} ${keyValue}`;
}

function distinct(keys: Iterable<FieldKey>): FieldKey[] {
  return [...new Map([...keys].map((key) => [nameOfKey(key), key])).values()];
}

/** Every key that the profile's fields give, its id included. */
export function fieldKeys(profileId: string, document: ProfileDocument): FieldKey[] {
  const keys = [...keysWithFields(document)].map(({ key }) => key);
  return distinct([{ keyName: '_profileId', keyValue: profileId }, ...keys]);
}

/** What an update does to a profile's field keys. */
export interface FieldKeyChanges {
  readonly added: FieldKey[];
  readonly removed: FieldKey[];
}

/**
 * The field keys that an update adds and removes. A field that is written counts as added even with
 * the value it had: DeleteProfileKey takes a key from a field until the field is written again.
 */
export function fieldKeyChanges(
  before: ProfileDocument,
  after: ProfileDocument,
  written: ProfileFields,
): FieldKeyChanges {
  const added: FieldKey[] = [];
  const kept = new Set<string>();
  for (const { key, fields } of keysWithFields(after)) {
    kept.add(nameOfKey(key));
    if (fields.some((field) => written[field] !== undefined)) added.push(key);
  }
  const had = [...keysWithFields(before)].map(({ key }) => key);
  return {
    added: distinct(added),
    removed: distinct(had.filter((key) => !kept.has(nameOfKey(key)))),
  };
}

/** The keys that a profile's fields give, each with a value as somebody wrote it; without its id. */
export function givenFieldKeys(
  document: ProfileDocument,
): (FieldKey & { readonly given: string; readonly fields: readonly TextField[] })[] {
  return [...keysWithFields(document)].map(({ key, given, fields }) => ({ ...key, given, fields }));
}
