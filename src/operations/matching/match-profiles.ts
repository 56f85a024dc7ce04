import {
  allIndexedValues,
  indexedValues,
  type MatchingRules,
  matchOn,
  type RuleLevel,
  reportId,
  ruleMatchId,
} from '../../identity/matching-rules.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { WorkContext } from '../../model/operation.ts';
import { insertDeadLetterOnce } from '../../repository/dead-letters.ts';
import { inParts } from '../../repository/lists.ts';
import { GET_PROFILES_MAX } from '../../repository/profiles.ts';
import { addValues, removeValues, valuesOfProfile } from '../../repository/rule-match-values.ts';
import {
  dissolveGroupsOf,
  membersOfGroup,
  placesAtLevel,
  uniteGroups,
} from '../../repository/rule-matches.ts';
import type { WriteSession } from '../../repository/session.ts';
import { candidatesOn, Lookups, SHARED_VALUE_MAX } from './lookups.ts';
import type { MatchingDomain } from './matching-domain.ts';

/** A profile that is looked at; without a document it is gone or has expired. */
interface Subject {
  readonly profileId: string;
  readonly document: ProfileDocument | undefined;
}

/** The profiles that match one on a level, in no order; undefined when all its values are too common. */
async function matchesOn(
  lookups: Lookups,
  rules: MatchingRules,
  level: RuleLevel,
  { profileId, document }: Subject & { readonly document: ProfileDocument },
): Promise<string[] | undefined> {
  const values = indexedValues(rules, level, document);
  if (values === undefined) return [];
  const candidates = await candidatesOn(lookups, values);
  if (candidates === undefined) return undefined;
  candidates.delete(profileId);
  const matches: string[] = [];
  for (const ids of inParts([...candidates], GET_PROFILES_MAX))
    for (const [otherId, other] of await lookups.documentsOf(ids))
      if (matchOn(rules, level, document, other)) matches.push(otherId);
  return matches;
}

/** Says once a day that a level has values that are too common: Amazon's guide has the words. */
async function reportCommonValues(
  session: WriteSession,
  { caller, now }: WorkContext,
  { row }: MatchingDomain,
  level: number,
  profileId: string,
): Promise<void> {
  await insertDeadLetterOnce(session, {
    domainId: row.domainId,
    letterId: reportId(row.domainId, level, now),
    objectTypeName: '_profile',
    document: JSON.stringify({ ProfileId: profileId }),
    reason: `All attributes at rule level ${level} are associated with more than ${SHARED_VALUE_MAX} records`,
    performedBy: caller.arn,
    createdAt: now,
  });
}

/** Brings the index of matching up to what a profile is now; what it matched before may no longer do. */
async function indexSubject(
  session: WriteSession,
  { row, rules }: MatchingDomain,
  { profileId, document }: Subject,
): Promise<void> {
  const { domainId } = row;
  const profile = { domainId, profileId };
  const had = new Set(await valuesOfProfile(session, profile));
  const has = document === undefined ? new Set<string>() : allIndexedValues(rules, document);
  const lost = [...had].filter((value) => !has.has(value));
  if (lost.length > 0) {
    await dissolveGroupsOf(session, profile);
    await removeValues(session, profile, lost);
  }
  const gained = [...has].filter((value) => !had.has(value));
  await addValues(session, profile, gained);
}

/** Puts a profile and those that match it on a level into one group, with all that they are grouped with. */
async function group(
  session: WriteSession,
  domainId: string,
  ruleLevel: number,
  profileIds: readonly string[],
): Promise<string> {
  const places = await placesAtLevel(session, domainId, ruleLevel, profileIds);
  const groups = [...new Set(places.values())];
  const first = [...profileIds];
  for (const matchId of groups)
    for (const member of await membersOfGroup(session, domainId, matchId, '', 1))
      first.push(member.profileId);
  const matchId = ruleMatchId(domainId, ruleLevel, first.toSorted()[0] ?? '');
  // Those that are in a group go with it.
  const joining = profileIds.filter((profileId) => !places.has(profileId));
  await uniteGroups(session, domainId, { ruleLevel, matchId }, groups, joining);
  return matchId;
}

/** Puts a profile into the groups of those that it matches. Gives those that are merged automatically. */
async function matchSubject(
  session: WriteSession,
  context: WorkContext,
  domain: MatchingDomain,
  lookups: Lookups,
  subject: Subject & { readonly document: ProfileDocument },
): Promise<string[]> {
  const { profileId } = subject;
  const toMerge: string[] = [];
  for (const level of domain.rules.levels) {
    const matches = await matchesOn(lookups, domain.rules, level, subject);
    if (matches === undefined)
      await reportCommonValues(session, context, domain, level.level, profileId);
    else if (matches.length > 0) {
      const ids = [profileId, ...matches];
      const matchId = await group(session, domain.row.domainId, level.level, ids);
      if (level.level <= domain.rules.mergeLevelMax) toMerge.push(matchId);
    }
  }
  return toMerge;
}

/**
 * After how many comparisons of a profile on a level a unit leaves the rest to the next: some tens of
 * milliseconds. A profile that shares its values with five hundred others, on fifteen levels, is
 * compared 7,500 times.
 */
const COMPARISONS_MAX = 5_000;

/** What became of profiles that matching was to look at. */
export interface MatchedProfiles {
  /** The groups of levels that are merged automatically. */
  readonly toMerge: readonly string[];
  /** The profiles that are left to the next unit; never all of them. */
  readonly left: readonly string[];
}

/**
 * Looks at profiles that were changed: at each level of the rules each joins the group of the profiles
 * that it matches, by lookups of its values and never by reading the domain. Groups that one may no
 * longer belong to are dissolved, and their profiles looked at again.
 *
 * @throws MissingParentError when one of the profiles vanishes at this moment.
 */
export async function matchProfiles(
  session: WriteSession,
  context: WorkContext,
  domain: MatchingDomain,
  subjects: readonly Subject[],
): Promise<MatchedProfiles> {
  for (const subject of subjects) await indexSubject(session, domain, subject);
  const lookups = new Lookups(session, domain.row, context.now);
  const toMerge = new Set<string>();
  const left: string[] = [];
  for (const { profileId, document } of subjects)
    if (lookups.comparisons >= COMPARISONS_MAX) left.push(profileId);
    else if (document !== undefined)
      for (const matchId of await matchSubject(session, context, domain, lookups, {
        profileId,
        document,
      }))
        toMerge.add(matchId);
  return { toMerge: [...toMerge], left };
}
