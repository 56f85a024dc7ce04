import { fieldKeyChanges } from '../../identity/field-keys.ts';
import { applyFields, emptied, type ProfileDocument } from '../../identity/profile-document.ts';
import { imagesOfType } from '../../repository/merge-images.ts';
import {
  findFilledProfile,
  objectsOfType,
  profilesFilledBy,
  removeSourcesOfType,
} from '../../repository/object-purge.ts';
import { removeObjects } from '../../repository/object-removal.ts';
import { addFieldKeys, removeFieldKeys } from '../../repository/profile-keys.ts';
import { lockProfiles, updateProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { type Actor, recordAction } from '../history/record.ts';
import { scrubTypeFromImages } from '../profiles/scrub-images.ts';

/** How many objects, and how many profiles, one unit frees of a deleted type. */
const BATCH = 100;

interface DeletedType {
  readonly domainId: string;
  readonly objectTypeName: string;
}

/** Empties the fields of a profile that objects of the type have filled. It expires when it did. */
async function scrub(
  session: WriteSession,
  by: Actor,
  type: DeletedType,
  profileId: string,
): Promise<void> {
  const found = await findFilledProfile(session, type, profileId);
  // Deleted at this moment, and its sources with it.
  if (found === undefined) return;
  const { profile, fieldNames } = found;
  const before = JSON.parse(profile.document) as ProfileDocument;
  const changes = emptied(fieldNames);
  const after = applyFields(before, changes);
  const { added, removed } = fieldKeyChanges(before, after, changes);
  const { domainId, expiresAt } = profile;
  const document = JSON.stringify(after);
  await updateProfile(session, profile, { document, updatedAt: by.now, expiresAt });
  await removeFieldKeys(session, domainId, profileId, removed);
  await addFieldKeys(session, domainId, profileId, added);
  await removeSourcesOfType(session, type, profileId);
  if (document === profile.document) return;
  recordAction(session, by, profile, 'UPDATED', { ProfileId: profileId, ...after });
}

/**
 * Removes what is left of a deleted object type, a batch of it: its objects with their keys, the fields
 * of profiles that they have filled, and both from the merge log. Profiles stay. True when nothing is left.
 *
 * @param by whom the histories of the profiles name.
 */
export async function purgeBatch(
  session: WriteSession,
  by: Actor,
  type: DeletedType,
): Promise<boolean> {
  const { domainId, objectTypeName } = type;
  const filled = await profilesFilledBy(session, type, BATCH);
  const objects = await objectsOfType(session, type, BATCH);
  const images = await imagesOfType(session, type, BATCH);
  // All of them at once, in their order: every part writes to profiles or to what they hold.
  const profileIds = new Set([
    ...filled,
    ...objects.map(({ profileId }) => profileId),
    ...images.map(({ ownerProfileId }) => ownerProfileId),
  ]);
  await lockProfiles(session, domainId, [...profileIds]);
  for (const profileId of filled) await scrub(session, by, type, profileId);
  await scrubTypeFromImages(session, domainId, objectTypeName, images);
  await removeObjects(session, domainId, objects);
  return [filled, objects, images].every(({ length }) => length < BATCH);
}
