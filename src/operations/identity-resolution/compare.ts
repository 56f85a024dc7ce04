import { type MatchFeatures, matchFeatures } from '../../identity/match-features.ts';
import {
  MatchGroups,
  type MatchLink,
  matchesOf,
  strongestLinks,
} from '../../identity/match-groups.ts';
import type { DomainRow } from '../../repository/domains.ts';
import type { JobRow } from '../../repository/identity-resolution-jobs.ts';
import { findMatchGroups, findMatchRows } from '../../repository/job-matches.ts';
import { inParts } from '../../repository/lists.ts';
import type { KeyPosition } from '../../repository/match-candidates.ts';
import type { CandidatePage } from './candidates.ts';
import { documentsOf } from './criteria.ts';
import type { JobContext } from './job-context.ts';
import { matchingPositionOf } from './matching-position.ts';

/** How many links one unit of work stores: each takes up to six statements, and a round trip for each. */
export const LINKS_PER_UNIT = 32;

/** How many profiles are prepared, and how many pairs compared, until others have their turn. */
const FEATURES_PER_TURN = 100;
const PAIRS_PER_TURN = 1_000;

/** What is compared of each profile that is in a block. */
async function readFeatures(
  { repository, now, pause }: JobContext,
  domain: DomainRow,
  profileIds: readonly string[],
): Promise<Map<string, MatchFeatures>> {
  const name = { accountId: domain.accountId, domainName: domain.name };
  const features = new Map<string, MatchFeatures>();
  for await (const [profileId, document] of documentsOf(repository, name, profileIds, now())) {
    features.set(profileId, matchFeatures(document));
    if (features.size % FEATURES_PER_TURN === 0) await pause();
  }
  return features;
}

/** The groups that the job has made so far of these profiles. */
async function readJoined(
  { repository: { autocommit } }: JobContext,
  job: JobRow,
  profileIds: readonly string[],
): Promise<MatchGroups> {
  const rows = await findMatchRows(autocommit, job, profileIds);
  const members = Map.groupBy(rows, ({ matchId }) => matchId);
  const groups = new MatchGroups();
  for (const { matchId, profiles } of await findMatchGroups(autocommit, job, [...members.keys()])) {
    const own = members.get(matchId) ?? [];
    groups.addGroup(
      matchId,
      profiles,
      own.map(({ profileId }) => profileId),
    );
  }
  return groups;
}

/** Links to store together, and where the job is when that is done. */
export interface LinkUnit {
  readonly links: readonly MatchLink[];
  readonly reached: KeyPosition;
}

/** Compares the profiles of each block, and says what to store, in units of a bounded size. */
export async function* compareCandidates(
  context: JobContext,
  domain: DomainRow,
  job: JobRow,
  { blocks, end }: CandidatePage,
): AsyncGenerator<LinkUnit> {
  const { keyName, after } = matchingPositionOf(job);
  const profileIds = [...new Set(blocks.flatMap((block) => block.profileIds))];
  const features = await readFeatures(context, domain, profileIds);
  const groups = await readJoined(context, job, profileIds);
  let links: MatchLink[] = [];
  let reached: KeyPosition = { keyName, after };
  let compared = 0;
  for (const { keyValue, profileIds: holders } of blocks) {
    const matches: MatchLink[] = [];
    for (const [index, profileId] of holders.entries()) {
      const followers = holders.slice(index + 1);
      for (const match of matchesOf(profileId, followers, features, groups)) matches.push(match);
      compared += followers.length;
      if (compared < PAIRS_PER_TURN) continue;
      compared = 0;
      await context.pause();
    }
    for (const part of inParts(strongestLinks(matches, groups), LINKS_PER_UNIT)) {
      if (links.length + part.length > LINKS_PER_UNIT) {
        yield { links, reached };
        links = [];
      }
      links.push(...part);
    }
    // Once the links that wait are stored.
    reached = { keyName, after: keyValue };
  }
  // The last page is read once more by whoever goes on from its end, and must not be an end without end.
  if (links.length > 0 || end.keyName !== keyName || end.after !== after)
    yield { links, reached: end };
}
