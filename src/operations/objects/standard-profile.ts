import { fieldKeyChanges, fieldKeys } from '../../identity/field-keys.ts';
import { type FieldValues, supersedes, toFields } from '../../identity/object-fields.ts';
import { ObjectRefusedError } from '../../identity/object-keys.ts';
import { applyFields, type ProfileDocument } from '../../identity/profile-document.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Context } from '../../model/operation.ts';
import type { DomainName } from '../../repository/domains.ts';
import { fieldSourcesOf, setFieldSources } from '../../repository/field-sources.ts';
import { addFieldKeys, removeFieldKeys } from '../../repository/profile-keys.ts';
import { insertProfile, type ProfileRow, updateProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { type EffectiveObjectType, findEffectiveObjectType } from '../object-types/resolve.ts';
import { encodeDocument, expiryOf } from '../profiles/document.ts';

/** The object that fields come from. */
export interface ObjectSource {
  readonly type: EffectiveObjectType;
  readonly objectKey: string;
  /** Milliseconds since the epoch: when its source changed it, or else now. */
  readonly updatedAt: number;
}

function sourceRow({ type, objectKey, updatedAt }: ObjectSource) {
  return { objectTypeName: type.objectTypeName, objectKey, updatedAt };
}

/** @throws ObjectRefusedError when the object makes its profile larger than the quota. */
function encodeProfile(document: ProfileDocument, bytesMax: number): string {
  try {
    return encodeDocument(document, bytesMax);
  } catch (error) {
    throw error instanceof ServiceError ? new ObjectRefusedError(error.message) : error;
  }
}

/** Makes the profile of an object that belongs to none; it expires as objects of the type do. */
export async function createFromObject(
  session: WriteSession,
  context: Context,
  profileId: string,
  fields: FieldValues,
  source: ObjectSource,
): Promise<void> {
  const { quotas, now } = context;
  const { domainId, expirationDays } = source.type;
  const document = applyFields({}, toFields(fields));
  await insertProfile(session, {
    domainId,
    profileId,
    document: encodeProfile(document, quotas.profileBytes),
    version: 1,
    createdAt: now,
    updatedAt: now,
    expiresAt: expiryOf(now, expirationDays),
  });
  const profile = { domainId, profileId };
  await addFieldKeys(session, domainId, profileId, fieldKeys(profileId, document));
  await setFieldSources(session, profile, [...fields.keys()], sourceRow(source));
  const content = { ProfileId: profileId, ...document };
  recordAction(session, context, profile, 'CREATED', content);
}

/** The fields that the object may write: not those that a better or a newer source has brought. */
async function acceptedFields(
  session: WriteSession,
  domain: DomainName,
  profile: ProfileRow,
  fields: FieldValues,
  { type, updatedAt }: ObjectSource,
): Promise<FieldValues> {
  const priorities = new Map([[type.objectTypeName, type.sourcePriority]]);
  const accepted = new Map(fields);
  const incoming = {
    objectTypeName: type.objectTypeName,
    sourcePriority: type.sourcePriority,
    updatedAt,
  };
  for (const present of await fieldSourcesOf(session, profile)) {
    if (!accepted.has(present.fieldName)) continue;
    let sourcePriority = priorities.get(present.objectTypeName);
    if (sourcePriority === undefined) {
      const other = await findEffectiveObjectType(session, domain, present.objectTypeName);
      sourcePriority = other?.sourcePriority ?? Number.POSITIVE_INFINITY;
      priorities.set(present.objectTypeName, sourcePriority);
    }
    if (!supersedes(incoming, { ...present, sourcePriority })) accepted.delete(present.fieldName);
  }
  return accepted;
}

/**
 * Writes what an object says into its profile, and the keys that follow from it. What came through the
 * API gives way, as the older write; what another object brought, by priority and time. The profile
 * then lives at least as long as the object.
 */
export async function updateFromObject(
  session: WriteSession,
  context: Context,
  domain: DomainName,
  profile: ProfileRow,
  fields: FieldValues,
  source: ObjectSource,
): Promise<void> {
  const { quotas, now } = context;
  const { domainId, profileId } = profile;
  const accepted = await acceptedFields(session, domain, profile, fields, source);
  const changes = toFields(accepted);
  const before = JSON.parse(profile.document) as ProfileDocument;
  const after = applyFields(before, changes);
  const document = encodeProfile(after, quotas.profileBytes);
  const expiresAt = Math.max(profile.expiresAt, expiryOf(now, source.type.expirationDays));
  await updateProfile(session, profile, { document, updatedAt: now, expiresAt });
  const { added, removed } = fieldKeyChanges(before, after, changes);
  await removeFieldKeys(session, domainId, profileId, removed);
  await addFieldKeys(session, domainId, profileId, added);
  await setFieldSources(session, profile, [...accepted.keys()], sourceRow(source));
  if (document === profile.document) return;
  recordAction(session, context, profile, 'UPDATED', { ProfileId: profileId, ...after });
}
