import { inferredFields, mappedFields } from '../../identity/object-fields.ts';
import {
  keptKeys,
  type ObjectKey,
  ObjectRefusedError,
  objectKeys,
} from '../../identity/object-keys.ts';
import { type ObjectDocument, readObject } from '../../identity/object-values.ts';
import { sourceTimestamp } from '../../identity/source-timestamp.ts';
import { JSON_DEPTH_MAX, nestingDepth } from '../../model/json-depth.ts';
import type { Context } from '../../model/operation.ts';
import { countObjects } from '../../repository/domain-counts.ts';
import type { DomainName } from '../../repository/domains.ts';
import { ConflictError } from '../../repository/errors.ts';
import { addObjectKeys, removeObjectKeys } from '../../repository/object-keys.ts';
import {
  insertObject,
  lockKeyValues,
  type ObjectName,
  objectOfProfile,
  type PresentObject,
  replaceObject,
} from '../../repository/profile-objects.ts';
import { findProfile, lockProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { type EffectiveObjectType, resolveObjectType } from '../object-types/resolve.ts';
import { expiryOf } from '../profiles/document.ts';
import { assignProfile } from './assign.ts';
import { checkObjectLimits } from './limits.ts';
import { createFromObject, updateFromObject } from './standard-profile.ts';

/** An object as it came, and what its type makes of it. */
interface IncomingObject {
  readonly type: EffectiveObjectType;
  readonly text: string;
  readonly object: ObjectDocument;
  readonly keys: readonly ObjectKey[];
  readonly uniqueValue: string;
  /** When the source changed it last, where it says so: milliseconds since the epoch. */
  readonly sourceUpdatedAt: number | null;
  /** When it was sent. */
  readonly arrivedAt: number;
}

/**
 * Reads an object by the rules of its type.
 *
 * @throws ObjectRefusedError when it isn't one of that type.
 */
function readIncoming(type: EffectiveObjectType, text: string, arrivedAt: number): IncomingObject {
  if (nestingDepth(text) > JSON_DEPTH_MAX)
    throw new ObjectRefusedError(`The object nests deeper than ${JSON_DEPTH_MAX} levels`);
  const object = readObject(text);
  if (object === undefined) throw new ObjectRefusedError('The object is not a JSON object');
  const keys = objectKeys(type.mapping, object);
  const unique = keys.find(({ identifiers }) => identifiers.has('UNIQUE'));
  if (unique === undefined)
    throw new ObjectRefusedError('The object lacks a field of the unique key of its type');
  const sourceUpdatedAt = sourceTimestamp(type.mapping, object);
  return { type, text, object, keys, uniqueValue: unique.indexValue, sourceUpdatedAt, arrivedAt };
}

/**
 * Whether an object that has waited is an older version than the one in its place: by what their
 * sources say, or else by when they were sent.
 */
function isOutdated(
  { sourceUpdatedAt, arrivedAt }: IncomingObject,
  present: PresentObject,
): boolean {
  return (sourceUpdatedAt ?? arrivedAt) < (present.sourceUpdatedAt ?? present.updatedAt);
}

/** The profile that an object belongs to, held until the unit ends; undefined when it needs a new one. */
async function findPlace(
  session: WriteSession,
  domain: DomainName,
  { type, keys, uniqueValue }: IncomingObject,
  now: number,
) {
  const { domainId, objectTypeName, mapping } = type;
  // Nobody else looks for the same values and finds that no profile has them, while this unit does.
  const unique = { indexName: `${objectTypeName}#`, indexValue: uniqueValue };
  await lockKeyValues(session, domainId, [...keys, unique]);
  const unassigned = { domainId, objectTypeName, uniqueValue, keys, now };
  const profileId = await assignProfile(session, unassigned);
  if (profileId === undefined) {
    if (mapping.AllowProfileCreation) return undefined;
    throw new ObjectRefusedError('No profile has a key of the object, and its type makes none');
  }
  await lockProfile(session, { domainId, profileId });
  const profile = await findProfile(session, { ...domain, profileId, now });
  if (profile === undefined) throw new ConflictError('the profile of the object is gone');
  return profile;
}

/** Stores the object itself, in the place of the one before it. */
async function storeObject(
  session: WriteSession,
  { type, text, keys, uniqueValue, sourceUpdatedAt, arrivedAt }: IncomingObject,
  name: ObjectName,
  before: { readonly documentBytes: number } | undefined,
  isNewProfile: boolean,
  now: number,
): Promise<void> {
  const documentBytes = Buffer.byteLength(text);
  const row = {
    ...name,
    document: text,
    documentBytes,
    sourceUpdatedAt,
    updatedAt: arrivedAt,
    expiresAt: expiryOf(now, type.expirationDays),
  };
  const kept = keptKeys(keys, isNewProfile);
  if (before === undefined)
    await insertObject(session, { ...row, uniqueValue, createdAt: arrivedAt });
  else {
    await replaceObject(session, row);
    const had = await removeObjectKeys(session, name);
    // What only a new profile gives it stays with the object for as long as it has that value.
    for (const key of keys.filter(({ identifiers }) => identifiers.has('NEW_ONLY')))
      if (
        had.some(
          (value) => value.indexName === key.indexName && value.indexValue === key.indexValue,
        )
      )
        kept.push(key);
  }
  await addObjectKeys(session, name, kept);
}

/**
 * Stores an object in a unit of work: on the profile that its keys name, or on a new one. An object of
 * that profile with the same unique value is replaced and keeps its key.
 *
 * @param sentAt for an object that was refused then and is put again: milliseconds since the epoch. It
 *   lives as long as one that comes now, but what has come meanwhile is newer.
 * @returns the ProfileObjectUniqueKey.
 * @throws ServiceError ResourceNotFoundException when the domain or the type isn't there.
 * @throws ObjectRefusedError when the object can't be taken.
 */
export async function ingest(
  session: WriteSession,
  context: Context,
  domain: DomainName,
  objectTypeName: string,
  text: string,
  sentAt?: number,
): Promise<string> {
  const { ids, now } = context;
  const type =
    (await resolveObjectType(session, domain, objectTypeName)) ??
    (await requireObjectType(session, domain, objectTypeName));
  const incoming = readIncoming(type, text, sentAt ?? now);
  const { object, uniqueValue, sourceUpdatedAt, arrivedAt } = incoming;
  const { domainId, mapping } = type;
  const profile = await findPlace(session, domain, incoming, now);
  const profileId = profile?.profileId ?? ids.profileId(now);
  const ofProfile = { domainId, objectTypeName, uniqueValue, profileId };
  const before = profile && (await objectOfProfile(session, ofProfile));
  // Requests that cross on their way are no such case: whichever is stored last is the object.
  if (sentAt !== undefined && before && isOutdated(incoming, before))
    throw new ObjectRefusedError('A newer version of the object has been stored since');
  const objectKey = before?.objectKey ?? ids.recordId(now);
  const name = { domainId, profileId, objectTypeName, objectKey };
  const size = Buffer.byteLength(text);
  const objects = await checkObjectLimits(session, context.quotas, type, name, size, before);
  const fields = mappedFields(mapping, object);
  const source = { type, objectKey, updatedAt: sourceUpdatedAt ?? arrivedAt };
  if (profile) await updateFromObject(session, context, domain, profile, fields, source);
  else {
    const made = fields.size > 0 ? fields : inferredFields(mapping, object);
    await createFromObject(session, context, profileId, made, source);
  }
  await storeObject(session, incoming, name, before, profile === undefined, now);
  const after = before === undefined ? objects + 1 : objects;
  const bytes = size - (before?.documentBytes ?? 0);
  countObjects(session, domainId, [{ profileId, before: objects, after, bytes }]);
  recordAction(session, context, name, 'INGESTED', text, name);
  return objectKey;
}
