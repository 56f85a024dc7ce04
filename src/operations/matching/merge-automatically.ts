import { type ConflictResolution, resolveConflicts } from '../../identity/conflict-resolution.ts';
import { connected, matchOn, mergeable } from '../../identity/matching-rules.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { ServiceError } from '../../model/errors.ts';
import type { UnitContext, WorkContext } from '../../model/operation.ts';
import type { DomainRow } from '../../repository/domains.ts';
import { apartFrom } from '../../repository/kept-apart.ts';
import { holdProfiles, PROFILES_PER_MERGE_MAX } from '../../repository/merging.ts';
import { membersOfGroup } from '../../repository/rule-matches.ts';
import type { WriteSession } from '../../repository/session.ts';
import { mergeProfilesInto } from '../profiles/merge.ts';
import type { MatchingDomain } from './match-profiles.ts';

/** Two profiles, or more, that are taken for one customer. */
export interface AutomaticMerge {
  readonly domain: DomainRow;
  readonly profileIds: readonly string[];
  readonly resolution: ConflictResolution | undefined;
  /** Whether two of them still are, now that nobody else changes them. */
  readonly isMatch: (document: ProfileDocument, other: ProfileDocument) => boolean;
}

/**
 * Merges profiles that were found to match, within a unit of work: into the one that was made first, but
 * for those that no longer match or that somebody keeps apart. How many went into it; 0 when nothing is
 * left to merge.
 *
 * @throws ServiceError BadRequestException when the merged profile would be larger than the quotas allow.
 */
export async function mergeAutomatically(
  session: WriteSession,
  context: UnitContext,
  { domain, profileIds, resolution, isMatch }: AutomaticMerge,
): Promise<number> {
  const { domainId, defaultExpirationDays } = domain;
  const some = profileIds.toSorted().slice(0, PROFILES_PER_MERGE_MAX);
  if (some.length < 2) return 0;
  const held = await holdProfiles(session, domainId, some, context.now);
  const documents = new Map(
    [...held]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, row]) => [id, JSON.parse(row.document) as ProfileDocument]),
  );
  const apart = await apartFrom(session, domainId, some);
  const [mainProfileId, ...others] = mergeable(connected(documents, isMatch), apart);
  if (mainProfileId === undefined || others.length === 0) return 0;
  await mergeProfilesInto(session, context, {
    domainId,
    defaultExpirationDays,
    mainProfileId,
    profileIds: others,
    chooseSources: (states) =>
      resolveConflicts(
        states.map(({ row, profileId, document, sources }) => ({
          profileId,
          document,
          sources,
          updatedAt: row.updatedAt,
        })),
        resolution,
      ),
  });
  return others.length;
}

/** What became of a group of profiles that match by rules. */
export type GroupOutcome = 'merged' | 'refused' | 'unchanged';

/**
 * Merges a group of profiles that match on a level of the rules up to which they are merged (Amazon's
 * guide). A group whose merged profile would be too large stays as it is.
 */
export async function mergeRuleMatch(
  context: WorkContext,
  { row, rules }: MatchingDomain,
  resolution: ConflictResolution | undefined,
  matchId: string,
): Promise<GroupOutcome> {
  const { domainId } = row;
  try {
    return await context.repository.write(async (session): Promise<GroupOutcome> => {
      const limit = PROFILES_PER_MERGE_MAX;
      const members = await membersOfGroup(session, domainId, matchId, '', limit);
      const level = rules.levels.find((one) => one.level === members[0]?.ruleLevel);
      if (level === undefined) return 'unchanged';
      const merged = await mergeAutomatically(session, context, {
        domain: row,
        profileIds: members.map(({ profileId }) => profileId),
        resolution,
        isMatch: (document, other) => matchOn(rules, level, document, other),
      });
      return merged > 0 ? 'merged' : 'unchanged';
    });
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'BadRequestException') return 'refused';
    // One of them was deleted at this moment: the others are looked at again.
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException')
      return 'unchanged';
    throw error;
  }
}
