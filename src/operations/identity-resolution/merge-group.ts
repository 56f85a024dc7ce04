import type { ConflictResolution } from '../../identity/conflict-resolution.ts';
import type { WorkContext } from '../../model/operation.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { WriteSession } from '../../repository/session.ts';
import { mergeAutomatically } from '../matching/merge-automatically.ts';

/**
 * Merges profiles in the unit of work of a job.
 *
 * @param context the caller is the service itself.
 * @param profileIds two to {@link MERGED_TOGETHER_MAX}: the first is the one that the others go into.
 * @returns false when it left everything as it is, because fewer than two of them are there or somebody
 *   wants them apart.
 * @throws ServiceError when they can't be merged, because of a quota say: the unit is then undone.
 */
export type MergeGroup = (
  session: WriteSession,
  context: Pick<WorkContext, 'ids' | 'caller' | 'now' | 'quotas'>,
  domain: DomainRow,
  profileIds: readonly string[],
  conflictResolution: ConflictResolution,
) => Promise<boolean>;

/** As many as MergeProfiles takes: twenty, and the one that they go into. */
export const MERGED_TOGETHER_MAX = 21;

/** Merges what a job has found to be one customer: the job has compared the profiles. */
export const mergeGroup: MergeGroup = async (session, context, domain, profileIds, resolution) => {
  const isMatch = () => true;
  const merge = { domain, profileIds, resolution, isMatch };
  return (await mergeAutomatically(session, context, merge)) > 0;
};
