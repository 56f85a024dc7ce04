import { type ObjectKey, ObjectRefusedError, profileKeysOf } from '../../identity/object-keys.ts';
import { holdersOf, objectsByUniqueValue } from '../../repository/profile-objects.ts';
import type { Session } from '../../repository/session.ts';

/** An object that looks for its profile. */
export interface Unassigned {
  readonly domainId: string;
  readonly objectTypeName: string;
  readonly uniqueValue: string;
  readonly keys: readonly ObjectKey[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The profile that an object belongs to, or undefined when it belongs to none that is there. Its keys
 * are tried one after another, those that aren't SECONDARY first; one that several profiles have is
 * ambiguous and decides nothing (Amazon's guide). An object that no key assigns is the next version
 * of the one with its unique value, where there is exactly one.
 *
 * @throws ObjectRefusedError when every key that it could be assigned by is ambiguous.
 */
export async function assignProfile(
  session: Session,
  { domainId, objectTypeName, uniqueValue, keys, now }: Unassigned,
): Promise<string | undefined> {
  const candidates = profileKeysOf(keys);
  let ambiguous = 0;
  for (const key of candidates) {
    const [profileId, another] = await holdersOf(session, domainId, key, now);
    if (another !== undefined) ambiguous += 1;
    else if (profileId !== undefined) return profileId;
  }
  if (candidates.length > 0 && ambiguous === candidates.length)
    throw new ObjectRefusedError('More than one profile has the keys of the object');
  const object = { domainId, objectTypeName, uniqueValue };
  const [before, another] = await objectsByUniqueValue(session, object, now);
  return another === undefined ? before?.profileId : undefined;
}
