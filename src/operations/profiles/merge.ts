import { fieldKeyChanges, givenFieldKeys, nameOfKey } from '../../identity/field-keys.ts';
import {
  differingFields,
  type FieldSourceProfileIds,
  fieldOfPath,
  mergeFields,
  writeOf,
} from '../../identity/merge.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { badRequest, profileNotFound } from '../../model/errors.ts';
import type { UnitContext } from '../../model/operation.ts';
import { countObjects } from '../../repository/domain-counts.ts';
import { shareDomain } from '../../repository/domains.ts';
import {
  type FieldSourceRow,
  removeFieldSources,
  setFieldSources,
} from '../../repository/field-sources.ts';
import { type ApartRow, apartFrom, inheritApart } from '../../repository/kept-apart.ts';
import { inParts } from '../../repository/lists.ts';
import { giveMergesTo, insertMergeImage, mergesOwnedBy } from '../../repository/merge-images.ts';
import {
  addKeys,
  copyKeysTo,
  copyObjectsTo,
  findObjects,
  holdProfiles,
  type KeyRow,
  keysOfProfiles,
  type ObjectOfProfile,
  type ObjectVersion,
  objectsInSeveral,
  objectsOfProfiles,
  sourcesOfProfiles,
} from '../../repository/merging.ts';
import { originRefOf } from '../../repository/object-keys.ts';
import { OBJECTS_PER_REMOVAL_MAX, removeObjects } from '../../repository/object-removal.ts';
import { addFieldKeys, removeFieldKeys } from '../../repository/profile-keys.ts';
import { type ProfileRow, removeProfile, updateProfile } from '../../repository/profiles.ts';
import type { WriteSession } from '../../repository/session.ts';
import { recordAction } from '../history/record.ts';
import { encodeDocument, expiryOf } from './document.ts';
import {
  type DroppedObject,
  imageText,
  keysPassedOn,
  objectTypesIn,
  type ProfileImage,
} from './merge-image.ts';

/** What a merge is asked to do. */
export interface MergeRequest {
  readonly domainId: string;
  readonly defaultExpirationDays: number;
  readonly mainProfileId: string;
  /** The others, each once and none of them the main one. */
  readonly profileIds: readonly string[];
  /** Says from which profile fields are taken, now that nobody else changes the profiles. */
  readonly chooseSources: (profiles: readonly MergedState[]) => FieldSourceProfileIds;
}

/** A profile that takes part in a merge, as it is before it. */
export interface MergedState {
  readonly row: ProfileRow;
  readonly profileId: string;
  readonly document: ProfileDocument;
  readonly keys: readonly KeyRow[];
  readonly sources: readonly FieldSourceRow[];
  readonly objects: readonly ObjectOfProfile[];
}

/** The profiles of a merge, the main one first; held until the unit ends. */
async function holdStates(
  session: WriteSession,
  domainId: string,
  ids: readonly string[],
  now: number,
): Promise<[MergedState, ...MergedState[]]> {
  const rows = await holdProfiles(session, domainId, ids, now);
  const keys = await keysOfProfiles(session, domainId, ids);
  const sources = await sourcesOfProfiles(session, domainId, ids);
  const objects = await objectsOfProfiles(session, domainId, ids);
  const states = ids.map((profileId): MergedState => {
    const row = rows.get(profileId);
    if (row === undefined) throw profileNotFound();
    const isOwn = (of: { readonly profileId: string }) => of.profileId === profileId;
    return {
      row,
      profileId,
      document: JSON.parse(row.document) as ProfileDocument,
      keys: keys.filter(isOwn),
      sources: sources.filter(isOwn),
      objects: objects.filter(isOwn),
    };
  });
  const [main, ...others] = states;
  if (main === undefined) throw profileNotFound();
  return [main, ...others];
}

/**
 * Which of two objects was changed later, by their source where it says so, or else by when it was sent: the
 * rule for an object that has waited. One that is sent to the profile which has the other replaces that
 * whatever their sources say, but these went different ways: who came last says nothing of who is newer.
 */
function isNewer(object: ObjectVersion, other: ObjectVersion): boolean {
  const [time, otherTime] = [object, other].map((row) => row.sourceUpdatedAt ?? row.updatedAt);
  if (time !== otherTime) return Number(time) > Number(otherTime);
  if (object.updatedAt !== other.updatedAt) return object.updatedAt > other.updatedAt;
  return object.objectKey > other.objectKey;
}

/** An object that gives way to another of its type. */
type OutdatedObject = ObjectVersion & Pick<DroppedObject, 'gaveWayTo'>;

/**
 * The objects that give way: where several profiles have one of the same type and unique value, all but
 * the newest. A profile has one of them, and would have had but one had all been sent to it.
 */
function outdated(objects: readonly ObjectVersion[]): OutdatedObject[] {
  const newest = new Map<string, ObjectVersion>();
  const nameOf = ({ objectTypeName, uniqueValue }: ObjectVersion) =>
    `${objectTypeName}#${uniqueValue}`;
  for (const object of objects) {
    const present = newest.get(nameOf(object));
    if (present === undefined || isNewer(object, present)) newest.set(nameOf(object), object);
  }
  return objects.flatMap((object) => {
    const winner = newest.get(nameOf(object));
    return winner && winner !== object ? [{ ...object, gaveWayTo: winner.objectKey }] : [];
  });
}

/** The rows by which the main profile goes on being found as one of the others was. */
function asApiKeys(mainProfileId: string, rows: readonly KeyRow[]): KeyRow[] {
  return rows.map(({ keyName, keyValue, givenValue }) => {
    const key = { profileId: mainProfileId, keyName, keyValue, givenValue };
    return { ...key, origin: 'API' as const, originRef: '' };
  });
}

/**
 * Takes outdated objects away. Their keys go on finding the main profile as keys of the objects that they
 * gave way to: until those are sent anew or deleted, or their type is.
 */
async function dropOutdated(
  session: WriteSession,
  { row: { domainId }, profileId }: MergedState,
  states: readonly MergedState[],
  objects: readonly OutdatedObject[],
): Promise<void> {
  for (const some of inParts(objects, OBJECTS_PER_REMOVAL_MAX))
    await removeObjects(session, domainId, some);
  const keysOf = new Map(states.map((state) => [state.profileId, state.keys]));
  const rows = objects.flatMap((object) =>
    keysPassedOn(keysOf.get(object.profileId) ?? [], object, profileId),
  );
  await addKeys(session, domainId, rows);
}

/** The objects that give way, whole. */
async function findDropped(
  session: WriteSession,
  domainId: string,
  objects: readonly OutdatedObject[],
): Promise<DroppedObject[]> {
  const winners = new Map(objects.map((object) => [originRefOf(object), object.gaveWayTo]));
  const rows = await findObjects(session, domainId, objects);
  return rows.flatMap((row) => {
    const gaveWayTo = winners.get(originRefOf(row));
    return gaveWayTo === undefined ? [] : [{ ...row, gaveWayTo }];
  });
}

/** The objects that the main profile keeps, and those that come to it. */
interface ObjectsOfMerge {
  readonly own: readonly ObjectOfProfile[];
  readonly moved: readonly ObjectOfProfile[];
}

const bytesOf = (objects: readonly ObjectOfProfile[]) =>
  objects.reduce((sum, { documentBytes }) => sum + documentBytes, 0);

/**
 * What the main profile will have of objects. Nothing is written before this is known: matching tries a
 * merge that is refused once more each time.
 *
 * @throws ServiceError BadRequestException when it would have more than the quotas allow.
 */
function objectsOfMerge(
  { quotas }: UnitContext,
  [main, ...others]: readonly [MergedState, ...MergedState[]],
  dropped: readonly OutdatedObject[],
): ObjectsOfMerge {
  const gone = new Set(dropped.map(originRefOf));
  const isKept = (object: ObjectOfProfile) => !gone.has(originRefOf(object));
  const own = main.objects.filter(isKept);
  const moved = others.flatMap((state) => state.objects.filter(isKept));
  if (own.length + moved.length > quotas.objectsPerProfile)
    throw badRequest(
      `The merged profile would have more than ${quotas.objectsPerProfile} objects, and that is the quota`,
    );
  if (bytesOf(own) + bytesOf(moved) > quotas.objectBytesPerProfile)
    throw badRequest(
      `The objects of the merged profile would be larger than ${quotas.objectBytesPerProfile} bytes`,
    );
  return { own, moved };
}

/** Moves the objects of the others to the main profile. */
async function moveObjects(
  session: WriteSession,
  [main, ...others]: readonly [MergedState, ...MergedState[]],
  { own, moved }: ObjectsOfMerge,
): Promise<void> {
  if (moved.length === 0) return;
  const { domainId, profileId } = main.row;
  const ids = others.map((state) => state.profileId);
  await copyObjectsTo(session, domainId, profileId, ids);
  const [before, after, bytes] = [own.length, own.length + moved.length, bytesOf(moved)];
  countObjects(session, domainId, [{ profileId, before, after, bytes }]);
}

/**
 * Gives the main profile the keys of the others: those that were added or came with objects as they
 * are, and those that came from fields as its own where its fields don't give them. So whatever found
 * one of the profiles finds the main one, but for the ids of the others.
 */
async function moveKeys(
  session: WriteSession,
  states: readonly [MergedState, ...MergedState[]],
  merged: ProfileDocument,
): Promise<void> {
  const [main, ...others] = states;
  const { domainId, profileId } = main.row;
  const changed = writeOf(differingFields(main.document, merged), merged);
  const { added, removed } = fieldKeyChanges(main.document, merged, changed);
  const gone = new Set(removed.map(nameOfKey));
  const fromFields = states.flatMap(({ keys, document }) => {
    const given = new Map(givenFieldKeys(document).map((key) => [nameOfKey(key), key.given]));
    return keys
      .filter(({ origin, keyName }) => origin === 'FIELD' && keyName !== '_profileId')
      .map((row) => {
        const value = given.get(nameOfKey(row));
        return { ...row, givenValue: value === row.keyValue ? null : (value ?? null) };
      });
  });
  const stay = new Set([
    ...fromFields
      .filter((row) => row.profileId === profileId && !gone.has(nameOfKey(row)))
      .map(nameOfKey),
    ...added.map(nameOfKey),
  ]);
  const ids = others.map((state) => state.profileId);
  await copyKeysTo(session, domainId, profileId, ids);
  await removeFieldKeys(session, domainId, profileId, removed);
  await addFieldKeys(session, domainId, profileId, added);
  const lost = fromFields.filter((row) => !stay.has(nameOfKey(row)));
  await addKeys(session, domainId, asApiKeys(profileId, lost));
}

/** Where the fields come from that the main profile is to have of each profile. */
function sourcesTaken(
  states: readonly MergedState[],
  takenFrom: ReadonlyMap<string, string>,
): FieldSourceRow[] {
  return states.flatMap(({ profileId, sources }) =>
    sources.filter(({ fieldName }) => takenFrom.get(fieldOfPath(fieldName)) === profileId),
  );
}

/** Notes where the fields came from that the main profile has from others. */
async function moveSources(
  session: WriteSession,
  main: MergedState,
  taken: readonly FieldSourceRow[],
): Promise<void> {
  const isOwn = new Set(main.sources);
  const stay = new Set(taken.filter((source) => isOwn.has(source)));
  const gone = main.sources.filter((source) => !stay.has(source));
  await removeFieldSources(
    session,
    main.row,
    gone.map(({ fieldName }) => fieldName),
  );
  for (const source of taken)
    if (!stay.has(source)) await setFieldSources(session, main.row, [source.fieldName], source);
}

/** What images hold besides the profiles themselves. */
interface WrittenDown {
  readonly dropped: readonly DroppedObject[];
  readonly apart: readonly Omit<ApartRow, 'domainId'>[];
  readonly merged: Pick<ProfileImage, 'document' | 'sources'>;
}

/** Keeps what the profiles were, for undoing the merge. */
async function keepImages(
  session: WriteSession,
  { caller, now }: UnitContext,
  mergeId: string,
  states: readonly [MergedState, ...MergedState[]],
  { dropped, apart, merged }: WrittenDown,
): Promise<void> {
  const [main] = states;
  const { domainId, profileId: mainProfileId } = main.row;
  const ids = states.map((state) => state.profileId);
  const earlier = await mergesOwnedBy(session, domainId, ids);
  for (const { row, profileId, document, keys, sources, objects } of states) {
    const { createdAt, expiresAt } = row;
    const ofProfile = dropped.filter((object) => object.profileId === profileId);
    const isDropped = new Set(ofProfile.map(({ objectKey }) => objectKey));
    const image: ProfileImage = {
      profileId,
      profile: { createdAt, expiresAt },
      document,
      keys,
      sources,
      moved: objects
        .filter(({ objectKey }) => row !== main.row && !isDropped.has(objectKey))
        .map(({ objectTypeName, objectKey }) => ({ objectTypeName, objectKey })),
      dropped: ofProfile,
      mergeIds: earlier
        .filter(({ ownerProfileId }) => ownerProfileId === profileId)
        .map((merge) => merge.mergeId),
      apartFrom: apart
        .filter((pair) => pair.profileId === profileId)
        .map(({ otherProfileId }) => otherProfileId),
      ...(row === main.row && { merged }),
    };
    const stored = {
      domainId,
      mergeId,
      profileId,
      mainProfileId,
      ownerProfileId: mainProfileId,
      image: imageText(image),
      performedBy: caller.arn,
      createdAt: now,
    };
    await insertMergeImage(session, stored, objectTypesIn(image));
  }
  const others = earlier.filter(({ ownerProfileId }) => ownerProfileId !== mainProfileId);
  await giveMergesTo(
    session,
    domainId,
    mainProfileId,
    others.map((merge) => merge.mergeId),
  );
}

/**
 * Merges profiles into one, within a unit of work: their keys, objects and fields are then the main
 * profile's, and they are gone. What they were is kept in the merge log.
 *
 * @returns the id of the merge.
 * @throws ServiceError ResourceNotFoundException when one of the profiles isn't there,
 *   BadRequestException when the main profile would be larger than the quotas allow.
 */
export async function mergeProfilesInto(
  session: WriteSession,
  context: UnitContext,
  request: MergeRequest,
): Promise<string> {
  const { ids, quotas, now } = context;
  const { domainId, mainProfileId, profileIds } = request;
  // Nobody begins to delete an object type while its objects go from one profile to another.
  await shareDomain(session, domainId);
  const states = await holdStates(session, domainId, [mainProfileId, ...profileIds], now);
  const [main, ...others] = states;
  const sources = request.chooseSources(states);
  const { document, takenFrom } = mergeFields(states, sources);
  const text = encodeDocument(document, quotas.profileBytes);
  const all = states.map((state) => state.profileId);
  const older = outdated(await objectsInSeveral(session, domainId, all));
  const objects = objectsOfMerge(context, states, older);
  const apart = await apartFrom(session, domainId, all);
  const inherited = apart.filter(({ profileId }) => profileId !== mainProfileId);
  await inheritApart(session, domainId, mainProfileId, profileIds, inherited);
  const mergeId = ids.recordId(now);
  const dropped = await findDropped(session, domainId, older);
  const taken = sourcesTaken(states, takenFrom);
  const merged = { document, sources: taken };
  await keepImages(session, context, mergeId, states, { dropped, apart, merged });
  await dropOutdated(session, main, states, older);
  await moveObjects(session, states, objects);
  await moveKeys(session, states, document);
  await moveSources(session, main, taken);
  const renewed = expiryOf(now, request.defaultExpirationDays);
  const expiresAt = Math.max(renewed, ...states.map(({ row }) => row.expiresAt));
  await updateProfile(session, main.row, { document: text, updatedAt: now, expiresAt });
  for (const { row } of others) {
    await removeProfile(session, domainId, row.profileId);
    recordAction(session, context, row, 'DELETED_BY_MERGE', null);
  }
  const content = { ProfileId: mainProfileId, ...document };
  recordAction(session, context, main.row, 'MERGED', content);
  return mergeId;
}
