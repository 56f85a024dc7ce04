import { fieldKeys, nameOfKey } from '../../identity/field-keys.ts';
import { applyFields, emptied, type ProfileDocument } from '../../identity/profile-document.ts';
import type { DomainName } from '../../repository/domains.ts';
import type { FieldSourceRow } from '../../repository/field-sources.ts';
import type { MergeImageRow } from '../../repository/merge-images.ts';
import type { KeyRow } from '../../repository/merging.ts';
import type { ObjectRow } from '../../repository/profile-objects.ts';
import type { ProfileRow } from '../../repository/profiles.ts';
import type { Session } from '../../repository/session.ts';
import { hasObjectTypeSince } from '../object-types/resolve.ts';

/** What a profile was before a merge: all that undoing it needs, as JSON in the merge log. */
export interface MergeImage {
  readonly profile: Pick<ProfileRow, 'createdAt' | 'expiresAt'>;
  readonly document: ProfileDocument;
  readonly keys: readonly KeyRow[];
  readonly sources: readonly FieldSourceRow[];
  /** The objects that went to the main profile. */
  readonly moved: readonly Pick<ObjectRow, 'objectTypeName' | 'objectKey'>[];
  /** Those that gave way to newer ones with the same unique value, whole. */
  readonly dropped: readonly ObjectRow[];
  /** The earlier merges whose images the profile held. */
  readonly mergeIds: readonly string[];
  /** From whom it was kept apart; images lack it that were written before it was noted. */
  readonly apartFrom?: readonly string[];
  /** The main profile's only: what the merge made of it. */
  readonly merged?: ProfileDocument;
}

/** The image of a profile, by its id. */
export interface ProfileImage extends MergeImage {
  readonly profileId: string;
}

/**
 * What a profile was, without what came from objects of types that were deleted since: what their
 * deletion has promised to remove doesn't come back, though a type of that name is there again.
 */
export async function readImage(
  session: Session,
  domain: DomainName,
  { profileId, image, createdAt }: MergeImageRow,
): Promise<ProfileImage> {
  // Only a merge writes it.
  const was = JSON.parse(image) as MergeImage;
  const named = [...was.sources, ...was.dropped].map(({ objectTypeName }) => objectTypeName);
  const there = new Set<string>();
  for (const objectTypeName of new Set(named))
    if (await hasObjectTypeSince(session, domain, objectTypeName, createdAt))
      there.add(objectTypeName);
  const isThere = (from: { readonly objectTypeName: string }) => there.has(from.objectTypeName);
  const lost = was.sources.filter((source) => !isThere(source));
  const document = applyFields(was.document, emptied(lost.map(({ fieldName }) => fieldName)));
  const given = new Set(fieldKeys(profileId, document).map(nameOfKey));
  return {
    ...was,
    profileId,
    document,
    keys: was.keys.filter((row) => row.origin !== 'FIELD' || given.has(nameOfKey(row))),
    sources: was.sources.filter(isThere),
    dropped: was.dropped.filter(isThere),
  };
}
