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
import type { DomainRow } from '../../repository/domains.ts';
import { inParts } from '../../repository/lists.ts';
import { findProfiles, GET_PROFILES_MAX } from '../../repository/profiles.ts';
import {
  addValues,
  profilesWithValue,
  removeValues,
  valuesOfProfile,
} from '../../repository/rule-match-values.ts';
import {
  dissolveGroupsOf,
  membersOfGroup,
  placesAtLevel,
  uniteGroups,
} from '../../repository/rule-matches.ts';
import type { Session, WriteSession } from '../../repository/session.ts';

/** Amazon's guide: a value that more profiles than this have says nothing about who they are. */
export const SHARED_VALUE_MAX = 500;

/** A domain with the rules that apply in it. */
export interface MatchingDomain {
  readonly row: DomainRow;
  readonly rules: MatchingRules;
}

/** A profile that is looked at; without a document it is gone or has expired. */
interface Subject {
  readonly profileId: string;
  readonly document: ProfileDocument | undefined;
}

/** How many documents a unit remembers: those of two values that as many have as may. */
const DOCUMENTS_MAX = 1_000;

/**
 * What a unit of matching looks up, each once: the profiles that have a value, and their documents. The
 * profiles that the unit looks at must be in the index before.
 */
class Lookups {
  /** How often profiles were compared on a level. */
  comparisons = 0;
  readonly #session: Session;
  readonly #row: DomainRow;
  readonly #now: number;
  readonly #holders = new Map<string, readonly string[] | undefined>();
  readonly #documents = new Map<string, ProfileDocument | undefined>();

  constructor(session: Session, row: DomainRow, now: number) {
    this.#session = session;
    this.#row = row;
    this.#now = now;
  }

  /** The profiles that have a value; undefined when it is too common. */
  async holdersOf(value: string): Promise<readonly string[] | undefined> {
    if (!this.#holders.has(value)) {
      const limit = SHARED_VALUE_MAX + 1;
      const rows = await profilesWithValue(this.#session, this.#row.domainId, value, limit);
      this.#holders.set(value, rows.length === limit ? undefined : rows);
    }
    return this.#holders.get(value);
  }

  /** The documents of the unexpired ones of up to 100 profiles. */
  async documentsOf(
    profileIds: readonly string[],
  ): Promise<(readonly [string, ProfileDocument])[]> {
    if (this.#documents.size + profileIds.length > DOCUMENTS_MAX) this.#documents.clear();
    const missing = profileIds.filter((profileId) => !this.#documents.has(profileId));
    for (const profileId of missing) this.#documents.set(profileId, undefined);
    const domain = { accountId: this.#row.accountId, domainName: this.#row.name };
    for (const { profileId, document } of await findProfiles(
      this.#session,
      domain,
      missing,
      this.#now,
    ))
      this.#documents.set(profileId, JSON.parse(document) as ProfileDocument);
    this.comparisons += profileIds.length;
    return profileIds.flatMap((profileId) => {
      const document = this.#documents.get(profileId);
      return document === undefined ? [] : [[profileId, document] as const];
    });
  }
}

/**
 * The profiles that may match on a level: those that have a value of the attribute with the fewest, or
 * where every attribute has a value that is too common, those that have any of the others. Undefined
 * when all values of the level are too common.
 */
async function candidatesOn(
  lookups: Lookups,
  values: readonly (readonly string[])[],
): Promise<Set<string> | undefined> {
  let fewest: Set<string> | undefined;
  const rare = new Set<string>();
  let hasRare = false;
  for (const ofAttribute of values) {
    const ids = new Set<string>();
    let isComplete = true;
    for (const value of ofAttribute) {
      const found = await lookups.holdersOf(value);
      if (found === undefined) isComplete = false;
      else {
        hasRare = true;
        for (const id of found) ids.add(id);
      }
    }
    if (!isComplete) for (const id of ids) rare.add(id);
    else if (fewest === undefined || ids.size < fewest.size) fewest = ids;
    // Nobody but the profile itself has the value.
    if (fewest !== undefined && fewest.size <= 1) return fewest;
  }
  return fewest ?? (hasRare ? rare : undefined);
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
