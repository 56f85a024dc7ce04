import { type ConflictResolution, resolveConflicts } from '../../identity/conflict-resolution.ts';
import { connected, matchOn, mergeable } from '../../identity/matching-rules.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import { ServiceError } from '../../model/errors.ts';
import type { UnitContext, WorkContext } from '../../model/operation.ts';
import { type DomainRow, findDomainById, shareDomain } from '../../repository/domains.ts';
import { apartFrom } from '../../repository/kept-apart.ts';
import { holdProfiles, PROFILES_PER_MERGE_MAX } from '../../repository/merging.ts';
import { objectCounts } from '../../repository/object-totals.ts';
import { levelsOfGroups, membersOfGroup } from '../../repository/rule-matches.ts';
import type { WriteSession } from '../../repository/session.ts';
import { mergeProfilesInto } from '../profiles/merge.ts';
import { matchingOf } from './matching-domain.ts';

/** Two profiles, or more, that are taken for one customer. */
export interface AutomaticMerge {
  readonly domain: DomainRow;
  readonly profileIds: readonly string[];
  readonly resolution: ConflictResolution | undefined;
  /**
   * Which of them still are, now that nobody else changes them. They come in the order of their ids;
   * those that have expired or are gone are left out.
   */
  readonly matching: (documents: ReadonlyMap<string, ProfileDocument>) => readonly string[];
  /** Whether some may be left that have many objects: whoever asks comes back for them. */
  readonly mayLeaveSome: boolean;
}

/**
 * As many of some profiles, two at least, from the first on, as have no more objects together than two may have:
 * nothing else bounds what a unit does.
 */
async function withFewObjects(
  session: WriteSession,
  { quotas }: UnitContext,
  domainId: string,
  profileIds: readonly string[],
): Promise<readonly string[]> {
  if (profileIds.length <= 2) return profileIds;
  const counts = await objectCounts(session, domainId, profileIds);
  let objects = 0;
  const end = profileIds.findIndex((profileId, index) => {
    objects += counts.get(profileId) ?? 0;
    return index >= 2 && objects > 2 * quotas.objectsPerProfile;
  });
  return end < 0 ? profileIds : profileIds.slice(0, end);
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
  { domain, profileIds, resolution, matching, mayLeaveSome }: AutomaticMerge,
): Promise<number> {
  const { domainId, defaultExpirationDays } = domain;
  const some = profileIds.toSorted().slice(0, PROFILES_PER_MERGE_MAX);
  if (some.length < 2) return 0;
  // The domain before its profiles, as everybody takes them.
  await shareDomain(session, domainId);
  const held = await holdProfiles(session, domainId, some, context.now);
  const documents = new Map(
    [...held]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, row]) => [id, JSON.parse(row.document) as ProfileDocument]),
  );
  const apart = await apartFrom(session, domainId, some);
  const found = mergeable(matching(documents), apart);
  const taken = mayLeaveSome ? await withFewObjects(session, context, domainId, found) : found;
  const [mainProfileId, ...others] = taken;
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
 * guide), by the rules that apply at this moment. Of a large group some are merged: matching then looks at it
 * again. Those whose merged profile would be too large stay as they are.
 */
export async function mergeRuleMatch(
  context: WorkContext,
  domainId: string,
  matchId: string,
): Promise<GroupOutcome> {
  try {
    return await context.repository.write(async (session): Promise<GroupOutcome> => {
      const row = await findDomainById(session, domainId);
      const domain = row && matchingOf(row);
      if (row === undefined || domain === undefined) return 'unchanged';
      const { rules, settings } = domain;
      const limit = PROFILES_PER_MERGE_MAX;
      const members = await membersOfGroup(session, domainId, matchId, '', limit);
      const level = rules.levels.find((one) => one.level === members[0]?.ruleLevel);
      if (level === undefined || level.level > rules.mergeLevelMax) return 'unchanged';
      const merged = await mergeAutomatically(session, context, {
        domain: row,
        profileIds: members.map(({ profileId }) => profileId),
        mayLeaveSome: true,
        resolution: settings.ConflictResolution,
        matching: (documents) =>
          connected(documents, (document, other) => matchOn(rules, level, document, other)),
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

/** How many groups are read at once. */
const GROUPS_PER_PAGE = 100;

/**
 * Merges the groups of a domain that were found and not merged: a process that stops between the two, or
 * that can't write then, leaves them behind, and nothing but this looks at them again. Groups that stay
 * what they are, for their size or because somebody keeps their profiles apart, are tried once more.
 */
export async function mergeGroupsLeft(
  context: WorkContext,
  domainId: string,
  isStopped: () => boolean,
): Promise<void> {
  const session = context.repository.autocommit;
  const row = await findDomainById(session, domainId);
  const levelMax = (row && matchingOf(row))?.rules.mergeLevelMax ?? 0;
  for (let after = ''; levelMax > 0 && !isStopped(); ) {
    const groups = await levelsOfGroups(session, domainId, after, GROUPS_PER_PAGE);
    for (const { matchId, ruleLevel } of groups)
      if (ruleLevel <= levelMax && !isStopped()) await mergeRuleMatch(context, domainId, matchId);
    const last = groups.at(-1);
    if (last === undefined || groups.length < GROUPS_PER_PAGE) return;
    after = last.matchId;
  }
}
