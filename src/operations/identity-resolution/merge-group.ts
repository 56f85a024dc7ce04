import type * as z from 'zod';
import { type CriteriaValues, criteriaValues, setsToMerge } from '../../identity/consolidation.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { WorkContext } from '../../model/operation.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { WriteSession } from '../../repository/session.ts';
import type { AutoMerging } from '../domains/shapes.ts';
import { mergeAutomatically } from '../matching/merge-automatically.ts';

/** How a domain has its profiles merged by jobs. */
export type AutoMergingSettings = z.output<typeof AutoMerging>;

/** How conflicts are resolved where the domain doesn't say. */
const BY_RECENCY = { ConflictResolvingModel: 'RECENCY' } as const;

/** Profiles that are to be merged, two to {@link MERGED_TOGETHER_MAX}. */
export interface MergeSet {
  /** The first is the one that the others go into. */
  readonly profileIds: readonly string[];
  /**
   * What they said to the criteria when the job read them. The first one is not there when others went
   * into it before: it says what they have made of it.
   */
  readonly read: ReadonlyMap<string, CriteriaValues>;
}

/**
 * Merges profiles in the unit of work of a job.
 *
 * @param context the caller is the service itself.
 * @returns false when it left everything as it is, because fewer than two of them are there or meet a
 *   criterion any more, or somebody wants them apart.
 * @throws ServiceError when they can't be merged, because of a quota say: the unit is then undone.
 */
export type MergeGroup = (
  session: WriteSession,
  context: Pick<WorkContext, 'ids' | 'caller' | 'now' | 'quotas'>,
  domain: DomainRow,
  set: MergeSet,
  settings: AutoMergingSettings,
) => Promise<boolean>;

/** As many as MergeProfiles takes: twenty, and the one that they go into. */
export const MERGED_TOGETHER_MAX = 21;

/**
 * Merges what a job has found to be one customer. Somebody may have changed a profile since the job read
 * it: the set is then what those that are there make of it now.
 */
export const mergeGroup: MergeGroup = async (session, context, domain, set, settings) => {
  const criteria = settings.Consolidation?.MatchingAttributesList ?? [];
  const matching = (documents: ReadonlyMap<string, ProfileDocument>) => {
    const now = new Map(
      [...documents].map(([id, document]) => [id, criteriaValues(document, criteria)]),
    );
    const isUnchanged = [...set.read].every(([id, values]) =>
      values.every((value, index) => now.get(id)?.[index] === value),
    );
    if (isUnchanged) return [...documents.keys()];
    const [main = ''] = set.profileIds;
    return setsToMerge(now).find((ids) => ids.includes(main)) ?? [];
  };
  const { profileIds } = set;
  const resolution = settings.ConflictResolution ?? BY_RECENCY;
  const merge = { domain, profileIds, resolution, matching, mayLeaveSome: false };
  return (await mergeAutomatically(session, context, merge)) > 0;
};
