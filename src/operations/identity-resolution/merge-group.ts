import type { z } from 'zod';
import type { Context } from '../../model/operation.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { WriteSession } from '../../repository/session.ts';
import type { ConflictResolution } from '../domains/shapes.ts';

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
  context: Pick<Context, 'ids' | 'caller' | 'now' | 'quotas'>,
  domain: DomainRow,
  profileIds: readonly string[],
  conflictResolution: z.output<typeof ConflictResolution>,
) => Promise<boolean>;

/** As many as MergeProfiles takes: twenty, and the one that they go into. */
export const MERGED_TOGETHER_MAX = 21;

/** Merging is on its way: it comes with MergeProfiles, and takes this place. */
export const mergeGroup: MergeGroup = async () => {
  throw new Error('profiles can not be merged yet');
};
