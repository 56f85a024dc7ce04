import { type FieldKey, fieldKeyChanges, nameOfKey } from '../../identity/field-keys.ts';
import { differingFields, fieldOfPath, restoreFields, writeOf } from '../../identity/merge.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { UnitContext } from '../../model/operation.ts';
import { countObjects } from '../../repository/domain-counts.ts';
import { shareDomain } from '../../repository/domains.ts';
import {
  fieldSourcesOf,
  removeFieldSources,
  setFieldSources,
} from '../../repository/field-sources.ts';
import { keepApart, keepApartFrom, keepApartNoMore } from '../../repository/kept-apart.ts';
import { inParts } from '../../repository/lists.ts';
import {
  findMainProfile,
  findMergeImages,
  giveMergesTo,
  mergesOwnedBy,
  removeMergeImages,
} from '../../repository/merge-images.ts';
import {
  addKeys,
  findObjects,
  holdProfiles,
  isKeyOf,
  type KeyRow,
  keysOfProfiles,
  removeKeys,
} from '../../repository/merging.ts';
import { originRefOf } from '../../repository/object-keys.ts';
import { OBJECTS_PER_REMOVAL_MAX, removeObjects } from '../../repository/object-removal.ts';
import { objectTotals } from '../../repository/object-totals.ts';
import { deletedObjectTypes } from '../../repository/object-types.ts';
import { addFieldKeys, removeFieldKeys } from '../../repository/profile-keys.ts';
import { insertObjects, type ObjectRow } from '../../repository/profile-objects.ts';
import { insertProfile, type ProfileRow, updateProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { encodeDocument } from './document.ts';
import {
  type DroppedObject,
  keysPassedOn,
  type ProfileImage,
  readImage,
  withoutTypes,
} from './merge-image.ts';

/** A merge that can't be undone; the message is one line that says why. */
export class NotUndoneError extends Error {
  override readonly name = 'NotUndoneError';
}

/** A merge as the log has it. */
interface LoggedMerge {
  readonly domainId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly main: ProfileImage;
  readonly others: readonly ProfileImage[];
}

/** @throws NotUndoneError when there is no such merge, or later ones must be undone before it. */
async function findMerge(session: WriteSession, mergeId: string): Promise<LoggedMerge> {
  const rows = await findMergeImages(session, mergeId);
  const [first] = rows;
  if (first === undefined) throw new NotUndoneError(`there is no merge ${mergeId} to undo`);
  const { domainId, ownerProfileId, mainProfileId, createdAt } = first;
  const newest = (await mergesOwnedBy(session, domainId, [ownerProfileId])).at(-1);
  if (newest !== undefined && newest.mergeId !== mergeId)
    throw new NotUndoneError(`merge ${newest.mergeId} came later: undo that first`);
  const deleted = await deletedObjectTypes(session, domainId);
  const images = rows.map((row) => withoutTypes(readImage(row), deleted));
  const main = images.find(({ profileId }) => profileId === mainProfileId);
  if (main === undefined) throw new Error(`the log of merge ${mergeId} lacks the main profile`);
  return { domainId, createdAt, main, others: images.filter((image) => image !== main) };
}

/** Gives a profile objects with their keys, but for those that it has, and counts them. */
async function putBack(
  session: WriteSession,
  domainId: string,
  profileId: string,
  objects: readonly ObjectRow[],
  keys: readonly KeyRow[],
): Promise<void> {
  const { objects: before } = await objectTotals(session, domainId, profileId);
  const inserted = await insertObjects(session, { domainId, profileId }, objects);
  const own = keys.filter(isKeyOf(inserted));
  await addKeys(
    session,
    domainId,
    own.map((row) => ({ ...row, profileId })),
  );
  const bytes = inserted.reduce((sum, { documentBytes }) => sum + documentBytes, 0);
  const after = before + inserted.length;
  countObjects(session, domainId, [{ profileId, before, after, bytes }]);
}

/** Gives a profile its objects back as they are now, with their keys; those deleted since stay so. */
async function returnObjects(
  session: WriteSession,
  { domainId, main }: LoggedMerge,
  { profileId, moved }: ProfileImage,
  keysOfMain: readonly KeyRow[],
): Promise<void> {
  const names = moved.map((name) => ({ ...name, profileId: main.profileId }));
  const objects = await findObjects(session, domainId, names);
  for (const some of inParts(objects, OBJECTS_PER_REMOVAL_MAX))
    await removeObjects(session, domainId, some);
  await putBack(session, domainId, profileId, objects, keysOfMain);
}

/** The objects that others gave way to, by name, as far as the main profile has them. */
type Winners = ReadonlyMap<string, ObjectRow>;

async function findWinners(
  session: WriteSession,
  { domainId, main, others }: LoggedMerge,
): Promise<Winners> {
  const names = [main, ...others].flatMap(({ dropped }) =>
    dropped.map(({ objectTypeName, gaveWayTo }) => ({
      profileId: main.profileId,
      objectTypeName,
      objectKey: gaveWayTo,
    })),
  );
  const objects = await findObjects(session, domainId, names);
  return new Map(objects.map((object) => [originRefOf(object), object]));
}

const winnerOf = (winners: Winners, { objectTypeName, gaveWayTo }: DroppedObject) =>
  winners.get(originRefOf({ objectTypeName, objectKey: gaveWayTo }));

/**
 * Takes from the main profile the keys that objects have only because others gave way to them. One that
 * was sent since the merge has the keys that it came with.
 */
async function takeKeysPassedOn(
  session: WriteSession,
  { domainId, createdAt, main, others }: LoggedMerge,
  winners: Winners,
): Promise<void> {
  const images = [main, ...others];
  const nameOf = (row: KeyRow) => JSON.stringify([row.originRef, row.keyName, row.keyValue]);
  const own = new Set(images.flatMap(({ keys }) => keys.map(nameOf)));
  const isAsMerged = (object: DroppedObject) =>
    Number(winnerOf(winners, object)?.updatedAt) <= createdAt;
  const passedOn = images.flatMap(({ keys, dropped }) =>
    dropped.filter(isAsMerged).flatMap((object) => keysPassedOn(keys, object, main.profileId)),
  );
  await removeKeys(
    session,
    domainId,
    passedOn.filter((row) => !own.has(nameOf(row))),
  );
}

/**
 * Puts back the objects of a profile that had given way to newer ones, unless others came in their place.
 * Where the newer one was deleted since, so is the older.
 */
async function restoreObjects(
  session: WriteSession,
  { domainId }: LoggedMerge,
  { profileId, dropped, keys }: ProfileImage,
  winners: Winners,
): Promise<void> {
  const objects = dropped.filter((object) => winnerOf(winners, object) !== undefined);
  await putBack(session, domainId, profileId, objects, keys);
}

/** Takes the pairs from the main profile that it has only because the others had them. */
async function takePairs(
  session: WriteSession,
  { domainId, main, others }: LoggedMerge,
): Promise<void> {
  const own = new Set(main.apartFrom);
  const ofOthers = others.flatMap(({ apartFrom }) => apartFrom);
  // Whatever else it has was made since, by whoever undid a later merge.
  const inherited = [...new Set(ofOthers)].filter((profileId) => !own.has(profileId));
  await keepApartNoMore(session, { domainId, profileId: main.profileId }, inherited.sort());
}

/** Makes a profile again that the merge had taken away, with its own keys and sources. */
async function restoreProfile(
  session: WriteSession,
  context: UnitContext,
  { domainId }: LoggedMerge,
  { profileId, profile, document, keys, sources, apartFrom }: ProfileImage,
  expiresAt: number,
): Promise<void> {
  const owner = { domainId, profileId };
  await insertProfile(session, {
    ...owner,
    document: JSON.stringify(document),
    version: 1,
    createdAt: profile.createdAt,
    updatedAt: context.now,
    expiresAt: Math.max(profile.expiresAt, expiresAt),
  });
  const own = keys.filter(({ origin }) => origin !== 'OBJECT');
  await addKeys(session, domainId, own);
  await keepApartFrom(session, owner, apartFrom);
  for (const source of sources) await setFieldSources(session, owner, [source.fieldName], source);
  recordAction(session, context, owner, 'CREATED', { ProfileId: profileId, ...document });
}

/** Takes the keys from the main profile that it has only because of the merge. */
async function takeKeys(
  session: WriteSession,
  { domainId, main, others }: LoggedMerge,
  keysOfMain: readonly KeyRow[],
): Promise<void> {
  const own = new Set(main.keys.filter(({ origin }) => origin === 'API').map(nameOfKey));
  const merged = new Set(
    [main, ...others]
      .flatMap(({ keys }) => keys.filter(({ origin }) => origin !== 'OBJECT'))
      .map(nameOfKey),
  );
  const isFromMerge = (row: KeyRow) => merged.has(nameOfKey(row)) && !own.has(nameOfKey(row));
  await removeKeys(
    session,
    domainId,
    keysOfMain.filter((row) => row.origin === 'API' && isFromMerge(row)),
  );
}

/** The keys that a profile's fields have given when it became another. */
function addedKeys(before: ProfileDocument, after: ProfileDocument): FieldKey[] {
  const written = writeOf(differingFields(before, after), after);
  return fieldKeyChanges(before, after, written).added;
}

/** Makes the main profile what it was, but for what was written since. */
async function restoreMain(
  session: WriteSession,
  context: UnitContext,
  { domainId, main }: LoggedMerge,
  row: ProfileRow,
): Promise<void> {
  const { profileId } = main;
  const merged = main.merged?.document ?? {};
  const current = JSON.parse(row.document) as ProfileDocument;
  const { document, restored } = restoreFields(main.document, merged, current);
  await updateProfile(session, row, {
    document: encodeDocument(document, context.quotas.profileBytes),
    updatedAt: context.now,
    expiresAt: row.expiresAt,
  });
  const { added, removed } = fieldKeyChanges(current, document, writeOf(restored, document));
  // A field's key that somebody had deleted before the merge does not come back.
  const had = new Set(main.keys.filter(({ origin }) => origin === 'FIELD').map(nameOfKey));
  const back = added.filter((key) => had.has(nameOfKey(key)));
  // Nor does it stay when the merge has brought it: another profile's field gave the same one.
  const since = new Set(addedKeys(main.document, document).map(nameOfKey));
  const brought = addedKeys(main.document, merged)
    .filter((key) => !had.has(nameOfKey(key)))
    .filter((key) => !since.has(nameOfKey(key)));
  await removeFieldKeys(session, domainId, profileId, [...removed, ...brought]);
  await addFieldKeys(session, domainId, profileId, back);
  const isRestored = (source: { readonly fieldName: string }) =>
    restored.includes(fieldOfPath(source.fieldName));
  const gone = (await fieldSourcesOf(session, row)).filter(isRestored);
  await removeFieldSources(
    session,
    row,
    gone.map(({ fieldName }) => fieldName),
  );
  for (const source of main.sources.filter(isRestored))
    await setFieldSources(session, row, [source.fieldName], source);
  recordAction(session, context, row, 'UPDATED', { ProfileId: profileId, ...document });
}

/**
 * Undoes a merge, within a unit of work: the profiles that it took away are there again, with the keys,
 * the fields and the objects that they had, and the main profile is without them. What was written since
 * stays: fields that no longer are as the merge left them, new keys and objects, and newer versions of
 * the objects that go back. The profiles are not merged automatically any more.
 *
 * @throws NotUndoneError when there is no such merge (it was undone, or its profile was deleted), or
 *   later ones must be undone before it.
 */
export async function unmerge(
  session: WriteSession,
  context: UnitContext,
  mergeId: string,
): Promise<{ readonly profileIds: readonly string[] }> {
  const logged = await findMainProfile(session, mergeId);
  if (logged === undefined) throw new NotUndoneError(`there is no merge ${mergeId} to undo`);
  const { domainId, mainProfileId } = logged;
  // Nobody begins to delete an object type while its objects go from one profile to another.
  await shareDomain(session, domainId);
  // Before the log is read: nobody merges it again meanwhile.
  const held = await holdProfiles(session, domainId, [mainProfileId], context.now);
  const merge = await findMerge(session, mergeId);
  const { main, others } = merge;
  const row = held.get(main.profileId);
  if (row === undefined) throw new NotUndoneError(`the profile of merge ${mergeId} has expired`);
  if (!(await removeMergeImages(session, { domainId, mergeId })))
    throw new NotUndoneError(`there is no merge ${mergeId} to undo`);
  await takePairs(session, merge);
  const winners = await findWinners(session, merge);
  await takeKeysPassedOn(session, merge, winners);
  const keysOfMain = await keysOfProfiles(session, domainId, [main.profileId]);
  for (const image of others) {
    await restoreProfile(session, context, merge, image, row.expiresAt);
    await returnObjects(session, merge, image, keysOfMain);
    await restoreObjects(session, merge, image, winners);
    await giveMergesTo(session, domainId, image.profileId, image.mergeIds);
  }
  await restoreObjects(session, merge, main, winners);
  await takeKeys(session, merge, keysOfMain);
  await restoreMain(session, context, merge, row);
  const profileIds = [main, ...others].map(({ profileId }) => profileId);
  await keepApart(session, domainId, profileIds);
  return { profileIds };
}
