import { fieldKeys, nameOfKey } from '../../identity/field-keys.ts';
import { applyFields, emptied, type ProfileDocument } from '../../identity/profile-document.ts';
import type { FieldSourceRow } from '../../repository/field-sources.ts';
import type { MergeImageRow } from '../../repository/merge-images.ts';
import { isKeyOf, type KeyRow } from '../../repository/merging.ts';
import { objectTypeOfRef, originRefOf } from '../../repository/object-keys.ts';
import type { ObjectRow } from '../../repository/profile-objects.ts';
import type { ProfileRow } from '../../repository/profiles.ts';

/** An object that gave way to a newer one of its type with the same unique value. */
export interface DroppedObject extends ObjectRow {
  /** The key of the newer one. */
  readonly gaveWayTo: string;
}

/** What a profile was before a merge: all that undoing it needs, as JSON in the merge log. */
export interface MergeImage {
  readonly profile: Pick<ProfileRow, 'createdAt' | 'expiresAt'>;
  readonly document: ProfileDocument;
  readonly keys: readonly KeyRow[];
  readonly sources: readonly FieldSourceRow[];
  /** The objects that went to the main profile. */
  readonly moved: readonly Pick<ObjectRow, 'objectTypeName' | 'objectKey'>[];
  /** Those that gave way to newer ones, whole. */
  readonly dropped: readonly DroppedObject[];
  /** The earlier merges whose images the profile held. */
  readonly mergeIds: readonly string[];
  /** From whom it was kept apart. */
  readonly apartFrom: readonly string[];
  /** The main profile's only: what the merge made of it. */
  readonly merged?: Pick<MergeImage, 'document' | 'sources'>;
}

/** The image of a profile, by its id. */
export interface ProfileImage extends MergeImage {
  readonly profileId: string;
}

/** Reads what is kept of a profile. Only a merge writes it. */
export function readImage({
  profileId,
  image,
}: Pick<MergeImageRow, 'profileId' | 'image'>): ProfileImage {
  return { ...(JSON.parse(image) as MergeImage), profileId };
}

/** The object types of which an image holds data. */
export function objectTypesIn({ sources, dropped, merged }: MergeImage): string[] {
  const data = [...sources, ...(merged?.sources ?? []), ...dropped];
  return [...new Set(data.map(({ objectTypeName }) => objectTypeName))];
}

/** Empties the fields that objects of some types had filled. */
function withoutFieldsOf(
  { document, sources }: Pick<MergeImage, 'document' | 'sources'>,
  objectTypeNames: ReadonlySet<string>,
): Pick<MergeImage, 'document' | 'sources'> {
  const isGone = (source: FieldSourceRow) => objectTypeNames.has(source.objectTypeName);
  const gone = sources.filter(isGone).map(({ fieldName }) => fieldName);
  return {
    document: applyFields(document, emptied(gone)),
    sources: sources.filter((source) => !isGone(source)),
  };
}

/**
 * What a profile was, without what came from objects of types that were deleted since: what their
 * deletion has promised to remove doesn't come back, though a type of that name is there again.
 */
export function withoutTypes(
  was: ProfileImage,
  objectTypeNames: ReadonlySet<string>,
): ProfileImage {
  const isThere = (from: { readonly objectTypeName: string }) =>
    !objectTypeNames.has(from.objectTypeName);
  const { document, sources } = withoutFieldsOf(was, objectTypeNames);
  const given = new Set(fieldKeys(was.profileId, document).map(nameOfKey));
  const isKept = (row: KeyRow) =>
    (row.origin !== 'FIELD' || given.has(nameOfKey(row))) &&
    (row.origin !== 'OBJECT' || !objectTypeNames.has(objectTypeOfRef(row.originRef)));
  return {
    ...was,
    document,
    keys: was.keys.filter(isKept),
    sources,
    moved: was.moved.filter(isThere),
    dropped: was.dropped.filter(isThere),
    ...(was.merged && { merged: withoutFieldsOf(was.merged, objectTypeNames) }),
  };
}

/** What a profile was, without some of the objects that gave way, and without the keys that those gave it. */
export function withoutDropped(
  was: ProfileImage,
  isGone: (object: DroppedObject) => boolean,
): ProfileImage {
  const isKeyOfGone = isKeyOf(was.dropped.filter(isGone));
  return {
    ...was,
    keys: was.keys.filter((row) => !isKeyOfGone(row)),
    dropped: was.dropped.filter((object) => !isGone(object)),
  };
}

/** The keys of an object that gave way, as the main profile has them: of the object that it gave way to. */
export function keysPassedOn(
  keys: readonly KeyRow[],
  object: Pick<DroppedObject, 'objectTypeName' | 'objectKey' | 'gaveWayTo'>,
  profileId: string,
): KeyRow[] {
  const originRef = originRefOf({ ...object, objectKey: object.gaveWayTo });
  return keys.filter(isKeyOf([object])).map((row) => ({ ...row, profileId, originRef }));
}

/** An image as the merge log keeps it. */
export function imageText({ profileId: _, ...image }: ProfileImage): string {
  return JSON.stringify(image satisfies MergeImage);
}
