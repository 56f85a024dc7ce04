import { badRequest } from '../../model/errors.ts';

/** Which match group GetSimilarProfiles is asked for, and which page of it. */
export interface MatchSearch {
  /** Whether `value` is the id of the group or of a profile in it. */
  readonly key: 'matchId' | 'profileId';
  readonly value: string;
  /** Only profiles after this id. */
  readonly after: string;
  /** How many profiles are wanted at most. */
  readonly limit: number;
}

/** A match group and the profiles of the page, by id. */
export interface FoundMatch {
  readonly matchId: string;
  readonly profileIds: readonly string[];
  /** After which profile the next page begins; undefined for the last one. */
  readonly next: string | undefined;
  /** Of groups that rules have made. */
  readonly ruleLevel?: number;
  /** Of groups that a run of identity resolution has made: from 0 to 1. */
  readonly confidenceScore?: number;
}

/**
 * What a SearchKey names. Amazon's guide has `matchId` and `profileId`; case doesn't count, and the key
 * by which SearchProfiles finds a profile does too.
 *
 * @throws ServiceError BadRequestException when it is another.
 */
export function searchKeyOf(searchKey: string): MatchSearch['key'] {
  switch (searchKey.toLowerCase()) {
    case 'matchid':
      return 'matchId';
    case 'profileid':
    case '_profileid':
      return 'profileId';
    default:
      throw badRequest('SearchKey must be matchId or profileId');
  }
}
