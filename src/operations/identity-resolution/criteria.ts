import {
  type CriteriaValues,
  criteriaValues,
  type MatchingAttributesList,
} from '../../identity/consolidation.ts';
import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { DomainName } from '../../repository/domains.ts';
import { inParts } from '../../repository/lists.ts';
import { findProfiles } from '../../repository/profiles.ts';
import type { Repository } from '../../repository/repository.ts';
import { inTurns } from '../in-turns.ts';

/** How many documents are read at a time: each may be a quarter of a megabyte. */
const DOCUMENTS_PER_READ = 100;

/** Goes through the documents of the unexpired ones of some profiles, a few at a time and with turns for others. */
export async function* documentsOf(
  repository: Repository,
  domain: DomainName,
  profileIds: readonly string[],
  now: number,
): AsyncGenerator<[profileId: string, document: ProfileDocument]> {
  for (const part of inParts(profileIds, DOCUMENTS_PER_READ)) {
    const rows = await findProfiles(repository.autocommit, domain, part, now);
    // What was stored went through the shapes of a profile.
    for await (const { profileId, document } of inTurns(rows))
      yield [profileId, JSON.parse(document) as ProfileDocument];
  }
}

/** What some profiles say to each criterion; those that have expired are left out. */
export async function readCriteriaValues(
  repository: Repository,
  domain: DomainName,
  profileIds: readonly string[],
  criteria: MatchingAttributesList,
  now: number,
): Promise<Map<string, CriteriaValues>> {
  const values = new Map<string, CriteriaValues>();
  for await (const [profileId, document] of documentsOf(repository, domain, profileIds, now))
    values.set(profileId, criteriaValues(document, criteria));
  return values;
}
