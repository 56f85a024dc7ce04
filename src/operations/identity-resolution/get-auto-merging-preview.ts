import { type MatchingAttributesList, setsToMerge } from '../../identity/consolidation.ts';
import { type Context, operation } from '../../model/operation.ts';
import { label, long, optional, structure } from '../../model/shapes.ts';
import type { DomainName } from '../../repository/domains.ts';
import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import { checkConflictResolution } from '../domains/settings.ts';
import { ConflictResolution, Consolidation, Double0To1 } from '../domains/shapes.ts';
import { findShownJob, type MatchGroup, readGroups } from '../matches/latest-matches.ts';
import { name } from '../shapes.ts';
import { readCriteriaValues } from './criteria.ts';

/** How many groups a sample has at most, and how many profiles: their documents are all read. */
const SAMPLE_GROUPS_MAX = 1_000;
const SAMPLE_PROFILES_MAX = 2_000;

/** The first groups of the latest run by their ids, which are as good as random. */
async function readSample(
  { repository, now }: Context,
  job: JobRow,
): Promise<readonly MatchGroup[]> {
  const sample: MatchGroup[] = [];
  let profiles = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await readGroups(repository.autocommit, job, after, now);
    for (const group of page.groups) {
      profiles += group.profileIds.length;
      if (sample.length === SAMPLE_GROUPS_MAX || profiles > SAMPLE_PROFILES_MAX) return sample;
      sample.push(group);
    }
    after = page.next;
  }
  return sample;
}

/** How many profiles of groups would go into another one. */
async function countMerged(
  { repository, now }: Context,
  domain: DomainName,
  groups: readonly MatchGroup[],
  criteria: MatchingAttributesList,
): Promise<number> {
  const profileIds = groups.flatMap((group) => group.profileIds);
  const values = await readCriteriaValues(repository, domain, profileIds, criteria, now);
  let merged = 0;
  for (const group of groups) {
    const own = group.profileIds.map(
      (profileId) => [profileId, values.get(profileId) ?? []] as const,
    );
    for (const set of setsToMerge(new Map(own))) merged += set.length - 1;
  }
  return merged;
}

/**
 * Tells what auto-merging would do with the matches of the latest run of identity resolution, without
 * doing it. The sample are the first thousand match groups by their ids, or as many as have 2,000
 * profiles; the same on every call. NumberOfProfilesWillBeMerged are those that would go into another
 * profile, as ProfileIdsToBeMerged are in MergeProfiles: the profile that they go into doesn't count.
 * Without matches all numbers are 0.
 */
export const getAutoMergingPreview = operation({
  name: 'GetAutoMergingPreview',
  method: 'POST',
  path: '/domains/{DomainName}/identity-resolution-jobs/auto-merging-preview',
  input: structure({
    DomainName: label(name),
    Consolidation,
    ConflictResolution,
    MinAllowedConfidenceScoreForMerging: optional(Double0To1),
  }),
  output: structure({
    DomainName: name,
    NumberOfMatchesInSample: optional(long()),
    NumberOfProfilesInSample: optional(long()),
    NumberOfProfilesWillBeMerged: optional(long()),
  }),
  async handler(context, input) {
    const { DomainName: domainName, MinAllowedConfidenceScoreForMerging: scoreMin = 0 } = input;
    const { MatchingAttributesList: criteria } = input.Consolidation;
    const domain = { accountId: context.caller.accountId, domainName };
    const job = await context.repository.read((session) =>
      findShownJob(session, domain, context.now),
    );
    checkConflictResolution('', input.ConflictResolution);
    const sample = job === undefined ? [] : await readSample(context, job);
    const confident = sample.filter(({ confidenceScore }) => confidenceScore >= scoreMin);
    return {
      DomainName: domainName,
      NumberOfMatchesInSample: sample.length,
      NumberOfProfilesInSample: sample.reduce((sum, { profileIds }) => sum + profileIds.length, 0),
      NumberOfProfilesWillBeMerged: await countMerged(context, domain, confident, criteria),
    };
  },
});
