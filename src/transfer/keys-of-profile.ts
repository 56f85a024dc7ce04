import { givenFieldKeys, nameOfKey } from '../identity/field-keys.ts';
import type { ProfileDocument } from '../identity/profile-document.ts';
import { type KeyRow, keysOfProfiles } from '../repository/merging.ts';
import { objectOfRef } from '../repository/object-keys.ts';
import { findProfile, type ProfileName } from '../repository/profiles.ts';
import type { Session } from '../repository/session.ts';

/** A key of a profile, and where it is from. */
export interface KeyOfProfile {
  /** One of several fields has their number behind it: `name#2`, with the values as a JSON list or its hash. */
  readonly keyName: string;
  /** As it was given. */
  readonly value: string;
  readonly from: KeyRow['origin'];
  /** For `FIELD`: those that give it; the key that is the profile's id has none. */
  readonly fields?: readonly string[];
  /** For `OBJECT`. */
  readonly objectTypeName?: string;
  readonly objectKey?: string;
}

/**
 * All keys by which SearchProfiles finds a profile, by name and value; undefined when the profile isn't there.
 */
export async function keysOfProfile(
  session: Session,
  name: ProfileName,
): Promise<KeyOfProfile[] | undefined> {
  const profile = await findProfile(session, name);
  if (profile === undefined) return undefined;
  const document = JSON.parse(profile.document) as ProfileDocument;
  const given = Map.groupBy(givenFieldKeys(document), nameOfKey);
  const rows = await keysOfProfiles(session, profile.domainId, [profile.profileId]);
  const keys = rows.map(({ keyName, keyValue, givenValue, origin, originRef }): KeyOfProfile => {
    const key = { keyName, value: givenValue ?? keyValue, from: origin };
    if (origin === 'API') return key;
    if (origin === 'OBJECT') return { ...key, ...objectOfRef(originRef) };
    const fields = given.get(nameOfKey({ keyName, keyValue })) ?? [];
    const [first] = fields;
    if (first === undefined) return key;
    return { ...key, value: first.given, fields: fields.flatMap((field) => field.fields) };
  });
  const order = (key: KeyOfProfile) => JSON.stringify(Object.values(key));
  return keys.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}
