import type { z } from 'zod';
import { criteriaValues, meetCriterion } from '../../identity/consolidation.ts';
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

/**
 * Merges profiles in the unit of work of a job.
 *
 * @param context the caller is the service itself.
 * @param profileIds two to {@link MERGED_TOGETHER_MAX}: the first is the one that the others go into.
 * @returns false when it left everything as it is, because fewer than two of them are there or meet a
 *   criterion any more, or somebody wants them apart.
 * @throws ServiceError when they can't be merged, because of a quota say: the unit is then undone.
 */
export type MergeGroup = (
  session: WriteSession,
  context: Pick<WorkContext, 'ids' | 'caller' | 'now' | 'quotas'>,
  domain: DomainRow,
  profileIds: readonly string[],
  settings: AutoMergingSettings,
) => Promise<boolean>;

/** As many as MergeProfiles takes: twenty, and the one that they go into. */
export const MERGED_TOGETHER_MAX = 21;

/**
 * Merges what a job has found to be one customer. Somebody may have changed a profile since the job read
 * it: those that meet no criterion any more are left out.
 */
export const mergeGroup: MergeGroup = async (session, context, domain, profileIds, settings) => {
  const criteria = settings.Consolidation?.MatchingAttributesList ?? [];
  const isMatch = (document: ProfileDocument, other: ProfileDocument) =>
    meetCriterion(criteriaValues(document, criteria), criteriaValues(other, criteria));
  const resolution = settings.ConflictResolution ?? BY_RECENCY;
  const merge = { domain, profileIds, resolution, isMatch };
  return (await mergeAutomatically(session, context, merge)) > 0;
};
