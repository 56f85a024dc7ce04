import { setsToMerge } from '../../identity/consolidation.ts';
import { ServiceError } from '../../model/errors.ts';
import { type DomainRow, findDomainById } from '../../repository/domains.ts';
import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import { advanceJob, countInJob } from '../../repository/job-progress.ts';
import { inParts } from '../../repository/lists.ts';
import type { WriteSession } from '../../repository/session.ts';
import type { DomainSettings } from '../domains/settings.ts';
import { type MatchGroup, readGroups } from '../matches/latest-matches.ts';
import { readCriteriaValues } from './criteria.ts';
import { asService, type JobContext } from './job-context.ts';
import { type AutoMergingSettings, MERGED_TOGETHER_MAX, type MergeSet } from './merge-group.ts';

/** Where a job in the status MERGING is. */
interface MergingPosition {
  /** A number that grows. */
  readonly unit: number;
  /** Groups up to this one are done, a page of them at a time. */
  readonly after: string;
  /** In the page that follows, groups before this one are, and of this one the sets up to `set`. */
  readonly group: string;
  readonly set: string;
}

/** Where MERGING begins, as the job keeps it. */
export const startOfMerging = JSON.stringify({
  unit: 0,
  after: '',
  group: '',
  set: '',
} satisfies MergingPosition);

function mergingPositionOf({ position }: JobRow): MergingPosition {
  // Only this module writes it while the job has this status.
  return JSON.parse(position) as MergingPosition;
}

/**
 * How the job is to merge; undefined when it isn't: it has no criteria, or the domain has switched merging
 * off since the job began. Whoever does that wants it to stop.
 */
export function autoMergingOf(job: JobRow, domain: DomainRow): AutoMergingSettings | undefined {
  // It was part of a domain's settings, which went through this shape.
  const own = JSON.parse(job.autoMerging ?? 'null') as AutoMergingSettings | null;
  const { Matching } = JSON.parse(domain.settings) as DomainSettings;
  const isOn = Matching?.Enabled && Matching.AutoMerging?.Enabled;
  return isOn && own?.Enabled && own.Consolidation !== undefined ? own : undefined;
}

/** The sets of a group that are to be merged, as many profiles at a time as may. */
async function readSets(
  { repository, now }: JobContext,
  domain: DomainRow,
  { profileIds, confidenceScore }: MatchGroup,
  settings: AutoMergingSettings,
): Promise<MergeSet[]> {
  if (confidenceScore < (settings.MinAllowedConfidenceScoreForMerging ?? 0)) return [];
  const criteria = settings.Consolidation?.MatchingAttributesList ?? [];
  const name = { accountId: domain.accountId, domainName: domain.name };
  const values = await readCriteriaValues(repository, name, profileIds, criteria, now());
  return setsToMerge(values).flatMap(([main = '', ...others]) =>
    [...inParts(others, MERGED_TOGETHER_MAX - 1)].map((part, index) => {
      const unchanged = index === 0 ? [main, ...part] : part;
      const read = new Map(unchanged.map((profileId) => [profileId, values.get(profileId) ?? []]));
      return { profileIds: [main, ...part], read };
    }),
  );
}

/** What orders the sets of a group, whichever of its profiles were merged before. */
function placeOf(set: readonly string[]): string {
  return `${set[0]} ${set.at(-1)}`;
}

/** Takes a job to another place in a unit of its own, in which `work` is done. */
function moveTo(
  { repository, now }: JobContext,
  job: JobRow,
  place: Omit<MergingPosition, 'unit'> & { readonly message?: string },
  work: (session: WriteSession, held: JobRow) => Promise<JobRow> = async (_, held) => held,
): Promise<JobRow | undefined> {
  const { message = job.message, ...rest } = place;
  const position: MergingPosition = { ...rest, unit: mergingPositionOf(job).unit + 1 };
  const state = { position: JSON.stringify(position), message, updatedAt: now() };
  return repository.write(async (session) => {
    const held = await advanceJob(session, job, state);
    return held && work(session, held);
  });
}

/** Merges a set in a unit of its own. A set that can't be merged is left, and the job says so. */
async function mergeSet(
  context: JobContext,
  job: JobRow,
  group: string,
  set: MergeSet,
): Promise<JobRow | undefined> {
  const { after } = mergingPositionOf(job);
  const place = { after, group, set: placeOf(set.profileIds) };
  try {
    return await moveTo(context, job, place, async (session, held) => {
      const domain = await findDomainById(session, held.domainId);
      const settings = domain && autoMergingOf(held, domain);
      if (domain === undefined || settings === undefined) return held;
      const service = asService(context, domain.accountId);
      const isMerged = await context.mergeGroup(session, service, domain, set, settings);
      return countInJob(session, held, { merges: isMerged ? 1 : 0 });
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = `Not all profiles could be merged: ${error.message}`;
    return moveTo(context, job, { ...place, message });
  }
}

/**
 * Merges the profiles of match groups as the domain's AutoMerging says, group by group, with a unit of
 * work for each set of profiles.
 *
 * Gives the job after each unit, and ends with the job when all groups are done, or with undefined when
 * somebody else goes on with it or the domain is gone. A group that a stopped process has left is read
 * again: profiles that were merged are no longer in it, and sets that were passed over stay so.
 */
export async function* merging(
  context: JobContext,
  job: JobRow,
): AsyncGenerator<JobRow, JobRow | undefined> {
  const { repository } = context;
  let current = job;
  for (;;) {
    const domain = await findDomainById(repository.autocommit, job.domainId);
    if (domain === undefined) return undefined;
    const settings = autoMergingOf(current, domain);
    if (settings === undefined) return current;
    const { after, group: begun, set: done } = mergingPositionOf(current);
    const page = await readGroups(repository.autocommit, job, after, context.now());
    for (const group of page.groups) {
      const { matchId } = group;
      for (const set of await readSets(context, domain, group, settings)) {
        if (matchId < begun || (matchId === begun && placeOf(set.profileIds) <= done)) continue;
        const merged = await mergeSet(context, current, matchId, set);
        if (merged === undefined) return undefined;
        current = merged;
        yield merged;
      }
      await context.pause();
    }
    if (page.next === undefined) return current;
    const passed = await moveTo(context, current, { after: page.next, group: '', set: '' });
    if (passed === undefined) return undefined;
    current = passed;
    yield passed;
  }
}
