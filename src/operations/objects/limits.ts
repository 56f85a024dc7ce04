import { ObjectRefusedError } from '../../identity/object-keys.ts';
import type { Quotas } from '../../model/operation.ts';
import { objectSizes } from '../../repository/object-totals.ts';
import type { ObjectName } from '../../repository/profile-objects.ts';
import type { Session } from '../../repository/session.ts';
import type { EffectiveObjectType } from '../object-types/resolve.ts';

/**
 * Checks that a profile may have another object, or one of another size.
 *
 * @param bytes of the object.
 * @param before the object that it replaces, if any.
 * @returns how many objects the profile has so far.
 * @throws ObjectRefusedError which names the quota.
 */
export async function checkObjectLimits(
  session: Session,
  quotas: Quotas,
  { maxProfileObjectCount }: EffectiveObjectType,
  { domainId, profileId, objectTypeName }: ObjectName,
  bytes: number,
  before: { readonly documentBytes: number } | undefined,
): Promise<number> {
  if (bytes > quotas.objectBytes)
    throw new ObjectRefusedError(`The object is larger than ${quotas.objectBytes} bytes`);
  const sizes = await objectSizes(session, domainId, profileId);
  const added = before === undefined ? 1 : 0;
  const total = sizes.reduce((sum, { objects }) => sum + objects, 0);
  if (total + added > quotas.objectsPerProfile)
    throw new ObjectRefusedError(
      `The profile has ${quotas.objectsPerProfile} objects, and that is the quota`,
    );
  const ofType = sizes.find((size) => size.objectTypeName === objectTypeName)?.objects ?? 0;
  if (maxProfileObjectCount !== undefined && ofType + added > maxProfileObjectCount)
    throw new ObjectRefusedError(
      `The profile has ${maxProfileObjectCount} objects of type ${objectTypeName}, the most that the type allows`,
    );
  const allBytes = sizes.reduce((sum, size) => sum + size.bytes, bytes);
  if (allBytes - (before?.documentBytes ?? 0) > quotas.objectBytesPerProfile)
    throw new ObjectRefusedError(
      `The objects of the profile would be larger than ${quotas.objectBytesPerProfile} bytes`,
    );
  return total;
}
