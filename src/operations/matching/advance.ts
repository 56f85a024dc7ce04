import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { WorkContext } from '../../model/operation.ts';
import { findDomainById } from '../../repository/domains.ts';
import { ConflictError, MissingParentError } from '../../repository/errors.ts';
import { lockKeyValues } from '../../repository/profile-objects.ts';
import { findProfiles } from '../../repository/profiles.ts';
import {
  nextChanges,
  noteChange,
  noteProfilesAfter,
  removeChangesOfDomain,
  takeChanges,
} from '../../repository/rule-match-changes.ts';
import {
  findRebuild,
  type RebuildRow,
  removeRebuild,
  saveRebuild,
} from '../../repository/rule-match-rebuilds.ts';
import { removeValuesOfDomain } from '../../repository/rule-match-values.ts';
import { removeGroupsOfDomain } from '../../repository/rule-matches.ts';
import type { WriteSession } from '../../repository/session.ts';
import { matchProfiles } from './match-profiles.ts';
import { type MatchingDomain, matchingOf } from './matching-domain.ts';
import { mergeRuleMatch } from './merge-automatically.ts';

/** How many profiles one unit looks at: few enough that requests don't notice. */
const BATCH_PROFILES = 10;
/** How many rows one unit clears, or notes, of a domain whose matching was configured. */
const BATCH_ROWS = 1_000;

/** What a step of matching has left to do. */
export interface MatchingStep {
  readonly hasMore: boolean;
  /** The groups that were not merged because the profile would be larger than the quotas allow. */
  readonly refused: readonly string[];
}

/** Nobody else works on the matches of a domain until the unit ends. */
function lockMatching(session: WriteSession, domainId: string): Promise<void> {
  return lockKeyValues(session, domainId, [{ indexName: '#rule-matching', indexValue: '' }]);
}

/** One step of a rebuild. Whether there is another before profiles are looked at. */
async function rebuild(
  session: WriteSession,
  { domainId, phase, after }: RebuildRow,
  isOn: boolean,
): Promise<boolean> {
  if (phase === 'CLEAR') {
    const hasGroups = await removeGroupsOfDomain(session, domainId, BATCH_ROWS);
    const hasValues = await removeValuesOfDomain(session, domainId, BATCH_ROWS);
    if (hasGroups || hasValues) return true;
    if (isOn) await saveRebuild(session, { domainId, phase: 'FILL', after: '' });
    else await removeRebuild(session, domainId);
    return isOn;
  }
  if (phase === 'MATCH') return false;
  const last = await noteProfilesAfter(session, domainId, after, BATCH_ROWS);
  const next = last === undefined ? ('MATCH' as const) : ('FILL' as const);
  await saveRebuild(session, { domainId, phase: next, after: last ?? after });
  return last !== undefined;
}

/** Looks at some profiles that were changed. Gives the groups to be merged, and whether there are more. */
async function matchBatch(
  session: WriteSession,
  context: WorkContext,
  domain: MatchingDomain,
): Promise<{ hasMore: boolean; toMerge: readonly string[] }> {
  const { domainId, accountId, name } = domain.row;
  const profileIds = await nextChanges(session, domainId, BATCH_PROFILES);
  if (profileIds.length === 0) {
    const waiting = await findRebuild(session, domainId);
    if (waiting?.phase === 'MATCH') await removeRebuild(session, domainId);
    return { hasMore: false, toMerge: [] };
  }
  await takeChanges(session, domainId, profileIds);
  const found = await findProfiles(
    session,
    { accountId, domainName: name },
    profileIds,
    context.now,
  );
  const documents = new Map(found.map((row) => [row.profileId, row.document]));
  const subjects = profileIds.map((profileId) => {
    const text = documents.get(profileId);
    const document = text === undefined ? undefined : (JSON.parse(text) as ProfileDocument);
    return { profileId, document };
  });
  const { toMerge, left } = await matchProfiles(session, context, domain, subjects);
  for (const profileId of left) await noteChange(session, { domainId, profileId });
  return { hasMore: true, toMerge };
}

async function workOn(
  session: WriteSession,
  context: WorkContext,
  domainId: string,
): Promise<{ hasMore: boolean; toMerge: readonly string[] }> {
  await lockMatching(session, domainId);
  const row = await findDomainById(session, domainId);
  const domain = row && matchingOf(row);
  const waiting = row && (await findRebuild(session, domainId));
  if (waiting && (await rebuild(session, waiting, domain !== undefined)))
    return { hasMore: true, toMerge: [] };
  if (row === undefined || domain === undefined)
    return { hasMore: await removeChangesOfDomain(session, domainId, BATCH_ROWS), toMerge: [] };
  return matchBatch(session, context, domain);
}

/**
 * Takes rule-based matching in a domain a step on: clears, notes or looks at a few profiles, and merges
 * those that match on a level up to which they are merged.
 */
export async function advanceMatching(
  context: WorkContext,
  domainId: string,
): Promise<MatchingStep> {
  const { hasMore, toMerge } = await context.repository.write((session) =>
    workOn(session, context, domainId).catch((error) => {
      // A profile was deleted at this moment: the unit runs again without it.
      throw error instanceof MissingParentError
        ? new ConflictError('a profile that matches is gone', { cause: error })
        : error;
    }),
  );
  const refused: string[] = [];
  for (const matchId of toMerge)
    if ((await mergeRuleMatch(context, domainId, matchId)) === 'refused') refused.push(matchId);
  return { hasMore, refused };
}

/** How far a request takes matching on before it answers: about two hundred profiles. */
const CATCH_UP_STEPS_MAX = 20;

/**
 * Takes matching on until it has looked at every answered write, or so far: a request then sees what it
 * would see on a service that matches at once, and is not held up by a domain that is being filled.
 */
export async function catchUpMatching(context: WorkContext, domainId: string): Promise<void> {
  for (let steps = 0; steps < CATCH_UP_STEPS_MAX; steps++)
    if (!(await advanceMatching(context, domainId)).hasMore) return;
}
