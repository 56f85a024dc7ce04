import { type FieldSourceProfileIds, fieldOfPath, fieldsOf, type MergeField } from './merge.ts';
import type { ProfileDocument } from './profile-document.ts';

/** How an automatic merge chooses between values, in the API's terms. */
export interface ConflictResolution {
  readonly ConflictResolvingModel: 'RECENCY' | 'SOURCE';
  /** The object type whose values are taken first, with SOURCE. */
  readonly SourceName?: string | undefined;
}

/** A profile with where its fields came from. Times are milliseconds since the epoch. */
export interface ProfileWithSources {
  readonly profileId: string;
  readonly document: ProfileDocument;
  readonly updatedAt: number;
  readonly sources: readonly {
    readonly fieldName: string;
    readonly objectTypeName: string;
    readonly updatedAt: number;
  }[];
}

/** A value that a profile has for a field. */
interface Claim {
  readonly profileId: string;
  /** The object type that brought it; undefined when it came through the API. */
  readonly objectTypeName: string | undefined;
  readonly updatedAt: number;
}

function claimOf({ profileId, updatedAt, sources }: ProfileWithSources, field: MergeField): Claim {
  const own = sources.filter(({ fieldName }) => fieldOfPath(fieldName) === field);
  // Of parts that are equally new, the same one whatever the order in which they were read.
  const newest = own.toSorted(
    (a, b) => b.updatedAt - a.updatedAt || (a.objectTypeName < b.objectTypeName ? -1 : 1),
  )[0];
  if (newest === undefined) return { profileId, objectTypeName: undefined, updatedAt };
  const { objectTypeName } = newest;
  return { profileId, objectTypeName, updatedAt: newest.updatedAt };
}

function isBetter(claim: Claim, than: Claim, resolution: ConflictResolution | undefined): boolean {
  const isEntered = claim.objectTypeName === undefined;
  if (isEntered !== (than.objectTypeName === undefined)) return isEntered;
  if (resolution?.ConflictResolvingModel === 'SOURCE') {
    const isNamed = claim.objectTypeName === resolution.SourceName;
    if (isNamed !== (than.objectTypeName === resolution.SourceName)) return isNamed;
  }
  return claim.updatedAt > than.updatedAt;
}

/**
 * From which profile an automatic merge takes each field that several of them have. What came through
 * the API is not overwritten by what objects brought; among those, the named source comes first where
 * the model is SOURCE, and then what is newest: by the source's own time where it gives one (Amazon's
 * guide). Of equals, that of the first profile stays.
 *
 * Of a field that came through the API nothing is known but when its profile was last written.
 */
export function resolveConflicts(
  profiles: readonly ProfileWithSources[],
  resolution?: ConflictResolution,
): FieldSourceProfileIds {
  const best = new Map<MergeField, Claim>();
  for (const profile of profiles)
    for (const field of fieldsOf(profile.document).keys()) {
      const claim = claimOf(profile, field);
      const present = best.get(field);
      if (present === undefined || isBetter(claim, present, resolution)) best.set(field, claim);
    }
  return new Map([...best].map(([field, { profileId }]) => [field, profileId]));
}
