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
  groupsAtLevel,
  membersOfGroup,
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

/** So many profiles that have a value are read at first: hardly any value of a good rule has more. */
const FEW_HOLDERS = 16;

/** The profiles that have values, each looked up once for a subject. */
class Holders {
  readonly #session: Session;
  readonly #domainId: string;
  readonly #found = new Map<string, { readonly ids: readonly string[]; readonly limit: number }>();

  constructor(session: Session, domainId: string) {
    this.#session = session;
    this.#domainId = domainId;
  }

  /** All that have a value; undefined when there are more than `max`. */
  async of(value: string, max: number): Promise<readonly string[] | undefined> {
    let found = this.#found.get(value);
    if (found === undefined || (found.ids.length === found.limit && found.limit <= max)) {
      const limit = max + 1;
      found = { ids: await profilesWithValue(this.#session, this.#domainId, value, limit), limit };
      this.#found.set(value, found);
    }
    return found.ids.length > max ? undefined : found.ids;
  }
}

/** The profiles that have one of some values, and whether those are all. */
async function unionOf(holders: Holders, values: readonly string[], max: number) {
  const ids = new Set<string>();
  let tooCommon = 0;
  for (const value of values) {
    const found = await holders.of(value, max);
    if (found === undefined) tooCommon += 1;
    else for (const id of found) ids.add(id);
  }
  return { ids, isComplete: tooCommon === 0, isNothing: tooCommon === values.length };
}

/** The fewest profiles that have a value of one of the attributes, where no value has more than `max`. */
async function fewestOf(
  holders: Holders,
  values: readonly (readonly string[])[],
  max: number,
): Promise<Set<string> | undefined> {
  let fewest: Set<string> | undefined;
  for (const ofAttribute of values) {
    const { ids, isComplete } = await unionOf(holders, ofAttribute, max);
    if (isComplete && (fewest === undefined || ids.size < fewest.size)) fewest = ids;
    // Nobody but the profile itself has the value.
    if (fewest !== undefined && fewest.size <= 1) return fewest;
  }
  return fewest;
}

/**
 * The profiles that may match on a level: those that have a value of the attribute with the fewest, or
 * where every attribute has a value that is too common, those that have any of the others. Undefined
 * when all values of the level are too common.
 */
async function candidatesOn(
  holders: Holders,
  values: readonly (readonly string[])[],
): Promise<Set<string> | undefined> {
  const fewest =
    (await fewestOf(holders, values, FEW_HOLDERS)) ??
    (await fewestOf(holders, values, SHARED_VALUE_MAX));
  if (fewest !== undefined) return fewest;
  const { ids, isNothing } = await unionOf(holders, values.flat(), SHARED_VALUE_MAX);
  return isNothing ? undefined : ids;
}

/** The profiles that match one on a level, in no order; undefined when all its values are too common. */
async function matchesOn(
  session: Session,
  holders: Holders,
  { row, rules }: MatchingDomain,
  level: RuleLevel,
  { profileId, document }: Subject & { readonly document: ProfileDocument },
  now: number,
): Promise<string[] | undefined> {
  const values = indexedValues(rules, level, document);
  if (values === undefined) return [];
  const candidates = await candidatesOn(holders, values);
  if (candidates === undefined) return undefined;
  candidates.delete(profileId);
  const domain = { accountId: row.accountId, domainName: row.name };
  const matches: string[] = [];
  for (const ids of inParts([...candidates], GET_PROFILES_MAX))
    for (const other of await findProfiles(session, domain, ids, now))
      if (matchOn(rules, level, document, JSON.parse(other.document) as ProfileDocument))
        matches.push(other.profileId);
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
  const groups = await groupsAtLevel(session, domainId, ruleLevel, profileIds);
  const first = [...profileIds];
  for (const matchId of groups)
    for (const member of await membersOfGroup(session, domainId, matchId, '', 1))
      first.push(member.profileId);
  const matchId = ruleMatchId(domainId, ruleLevel, first.toSorted()[0] ?? '');
  await uniteGroups(session, domainId, { ruleLevel, matchId }, groups, profileIds);
  return matchId;
}

/**
 * Looks at a profile that was changed: at each level of the rules it joins the group of the profiles
 * that it matches, by lookups of its values and never by reading the domain. Groups that it may no
 * longer belong to are dissolved, and their profiles looked at again.
 *
 * @returns the groups of levels that are merged automatically.
 * @throws MissingParentError when one of the profiles vanishes at this moment.
 */
export async function matchProfile(
  session: WriteSession,
  context: WorkContext,
  domain: MatchingDomain,
  subject: Subject,
): Promise<string[]> {
  await indexSubject(session, domain, subject);
  const { profileId, document } = subject;
  if (document === undefined) return [];
  const { domainId } = domain.row;
  const holders = new Holders(session, domainId);
  const toMerge: string[] = [];
  for (const level of domain.rules.levels) {
    const present = { profileId, document };
    const matches = await matchesOn(session, holders, domain, level, present, context.now);
    if (matches === undefined)
      await reportCommonValues(session, context, domain, level.level, profileId);
    else if (matches.length > 0) {
      const matchId = await group(session, domainId, level.level, [profileId, ...matches]);
      if (level.level <= domain.rules.mergeLevelMax) toMerge.push(matchId);
    }
  }
  return toMerge;
}
