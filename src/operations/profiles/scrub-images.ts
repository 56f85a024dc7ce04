import {
  findImagesOfType,
  findMergeImage,
  type ImageName,
  type MergeImageRow,
  removeTypeOfImage,
  updateMergeImage,
} from '../../repository/merge-images.ts';
import type { ObjectName } from '../../repository/profile-objects.ts';
import type { WriteSession } from '../../repository/session.ts';
import {
  type DroppedObject,
  imageText,
  readImage,
  withoutDropped,
  withoutTypes,
} from './merge-image.ts';

/** Takes from the merge log what it keeps of a deleted object type. The owners of the images are held. */
export async function scrubTypeFromImages(
  session: WriteSession,
  domainId: string,
  objectTypeName: string,
  images: readonly Omit<ImageName, 'domainId'>[],
): Promise<void> {
  const names = new Set([objectTypeName]);
  for (const image of images) {
    const name = { domainId, ...image };
    const text = await findMergeImage(session, name);
    // Its owner was deleted at this moment.
    if (text === undefined) continue;
    const was = readImage({ ...image, image: text });
    await updateMergeImage(session, name, imageText(withoutTypes(was, names)));
    await removeTypeOfImage(session, name, objectTypeName);
  }
}

/** Takes from the image of a merge what gave way to one of some objects, and says what that was. */
async function scrubDropped(
  session: WriteSession,
  row: MergeImageRow,
  isGone: (object: DroppedObject) => boolean,
): Promise<DroppedObject[]> {
  const was = readImage(row);
  const gone = was.dropped.filter(isGone);
  if (gone.length > 0) await updateMergeImage(session, row, imageText(withoutDropped(was, isGone)));
  return gone;
}

/**
 * Takes from the merge log what gave way to an object that somebody has deleted: they mean the object,
 * not its newest version. The profile that has it is held.
 */
export async function scrubOlderVersions(
  session: WriteSession,
  { domainId, profileId, objectTypeName, objectKey }: ObjectName,
): Promise<void> {
  const keys = new Set([objectKey]);
  // What gave way to it in an early merge may have been what others gave way to in an earlier one.
  for (const row of await findImagesOfType(session, { domainId, objectTypeName }, profileId)) {
    const isGone = (object: DroppedObject) =>
      object.objectTypeName === objectTypeName && keys.has(object.gaveWayTo);
    for (const older of await scrubDropped(session, row, isGone)) keys.add(older.objectKey);
  }
}
