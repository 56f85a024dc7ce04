import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import type { KeyPosition } from '../../repository/match-candidates.ts';

/** The keys whose values make profiles candidates for one another, the most telling first. */
export const keyNames: readonly string[] = ['_email', '_phone', '_fullName'];

/** Where a job in the status FIND_MATCHING is: a number that grows, and how far the index was read. */
export interface MatchingPosition extends KeyPosition {
  readonly unit: number;
}

/** Where FIND_MATCHING begins, as the job keeps it. */
export const startOfMatching = JSON.stringify({
  unit: 0,
  keyName: keyNames[0] ?? '',
  after: '',
} satisfies MatchingPosition);

/** Where a job is that has the status FIND_MATCHING. */
export function matchingPositionOf({ position }: JobRow): MatchingPosition {
  // Only this module writes it while the job has this status.
  return JSON.parse(position) as MatchingPosition;
}
