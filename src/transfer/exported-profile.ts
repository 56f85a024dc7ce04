import { givenFieldKeys, nameOfKey } from '../identity/field-keys.ts';
import { addressFields, type ProfileDocument, textFields } from '../identity/profile-document.ts';
import { shapeInfo } from '../model/shapes.ts';
import { standardFields } from '../operations/profiles/shapes.ts';
import { inParts } from '../repository/lists.ts';
import type { ProfileWithKeys } from '../repository/profile-pages.ts';
import type { KeyWithValues } from './imported-profile.ts';

/** How many values of a key AddProfileKey takes, and so does a member of `Keys`. */
export const VALUES_MAX = 255;

/** The members of an address, in the order of the model. */
export const addressParts = Object.keys(shapeInfo(standardFields.Address).members ?? {});

/** A profile as a file has it. Members are always in the same order, and lists are sorted. */
export type ExportedProfile = { readonly ProfileId: string } & Readonly<ProfileDocument> & {
    /** Those that were added, or came with objects. */
    readonly Keys?: readonly KeyWithValues[];
    /** Those that its fields would give, and that somebody has deleted. */
    readonly RemovedKeys?: readonly KeyWithValues[];
    /** ISO 8601, with milliseconds. */
    readonly CreatedAt: string;
    readonly UpdatedAt: string;
    readonly ExpiresAt: string;
  };

/** Members in a given order, those that are there. Without a prototype, `__proto__` is one like any other. */
function ordered(texts: Readonly<Record<string, string>>, names: readonly string[]) {
  const result: Record<string, string> = Object.create(null);
  for (const name of names) {
    const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
    if (text !== undefined) result[name] = text;
  }
  return result;
}

/** Fields in the order of the model, whatever the order in which they came. */
function orderedDocument(document: ProfileDocument): ProfileDocument {
  const result: ProfileDocument = {};
  for (const field of textFields)
    if (document[field] !== undefined) result[field] = document[field];
  for (const field of addressFields)
    if (document[field] !== undefined) result[field] = ordered(document[field], addressParts);
  const { Attributes, EngagementPreferences } = document;
  if (Attributes !== undefined)
    result.Attributes = ordered(Attributes, Object.keys(Attributes).toSorted());
  if (EngagementPreferences !== undefined) result.EngagementPreferences = EngagementPreferences;
  return result;
}

/** Values by the names of their keys, both sorted, in lists that AddProfileKey takes. */
function grouped(values: Iterable<readonly [keyName: string, value: string]>): KeyWithValues[] {
  const keys = Map.groupBy(values, ([keyName]) => keyName);
  return [...keys]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([KeyName, pairs]) => {
      const sorted = pairs.map(([, value]) => value).toSorted();
      return [...inParts(sorted, VALUES_MAX)].map((Values) => ({ KeyName, Values }));
    });
}

/** A key of several fields, which only an object can give. */
function isComposite(keyName: string): boolean {
  return keyName.includes('#');
}

/**
 * The keys that AddProfileKey would give it, as they were written. Where an object has brought a value that
 * was also added, in another form, the one that was added stands.
 */
function ownKeys({ keys }: ProfileWithKeys): KeyWithValues[] {
  const own = keys
    .filter(({ origin, keyName }) => origin !== 'FIELD' && !isComposite(keyName))
    .toSorted((a, b) => (`${a.origin} ${a.originRef}` > `${b.origin} ${b.originRef}` ? -1 : 1));
  // Of several with one name, the last stays: API sorts before OBJECT.
  const distinct = new Map(own.map((key) => [nameOfKey(key), key]));
  return grouped(
    [...distinct.values()].map(({ keyName, keyValue, givenValue }) => [
      keyName,
      givenValue ?? keyValue,
    ]),
  );
}

function removedKeys(document: ProfileDocument, { keys }: ProfileWithKeys): KeyWithValues[] {
  const present = new Set(keys.filter(({ origin }) => origin === 'FIELD').map(nameOfKey));
  const removed = givenFieldKeys(document).filter((key) => !present.has(nameOfKey(key)));
  const distinct = new Map(removed.map((key) => [nameOfKey(key), key]));
  return grouped([...distinct.values()].map(({ keyName, given }) => [keyName, given]));
}

/** What a file says of a stored profile: the same state of it is always the same text. */
export function exportedProfile(stored: ProfileWithKeys): ExportedProfile {
  const { profileId, document: text, createdAt, updatedAt, expiresAt } = stored.profile;
  // What was stored is a document.
  const document = JSON.parse(text) as ProfileDocument;
  const own = ownKeys(stored);
  const removed = removedKeys(document, stored);
  return {
    ProfileId: profileId,
    ...orderedDocument(document),
    ...(own.length > 0 && { Keys: own }),
    ...(removed.length > 0 && { RemovedKeys: removed }),
    CreatedAt: new Date(createdAt).toISOString(),
    UpdatedAt: new Date(updatedAt).toISOString(),
    ExpiresAt: new Date(expiresAt).toISOString(),
  };
}
