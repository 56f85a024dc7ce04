import type { ProfileDocument } from '../../identity/profile-document.ts';
import type { DomainRow } from '../../repository/domains.ts';
import { findProfiles } from '../../repository/profiles.ts';
import { profilesWithValue } from '../../repository/rule-match-values.ts';
import type { Session } from '../../repository/session.ts';

/** Amazon's guide: a value that more profiles than this have says nothing about who they are. */
export const SHARED_VALUE_MAX = 500;

/** How many profiles of a value are read first: most values have fewer, and one such value is enough. */
const FEW_HOLDERS = 16;

/** How many documents a unit remembers: those of two values that as many have as may. */
const DOCUMENTS_MAX = 1_000;

/** The first profiles that have a value, as many as were asked for. */
interface Holders {
  readonly ids: readonly string[];
  readonly limit: number;
}

/**
 * What a unit of matching looks up, each once: the profiles that have a value, and their documents. The
 * profiles that the unit looks at must be in the index before.
 */
export class Lookups {
  /** How often profiles were compared on a level. */
  comparisons = 0;
  readonly #session: Session;
  readonly #row: DomainRow;
  readonly #now: number;
  readonly #holders = new Map<string, Holders>();
  readonly #documents = new Map<string, ProfileDocument | undefined>();

  constructor(session: Session, row: DomainRow, now: number) {
    this.#session = session;
    this.#row = row;
    this.#now = now;
  }

  /** The profiles that have a value; undefined when more than `max` have. */
  async holdersOf(value: string, max: number): Promise<readonly string[] | undefined> {
    let known = this.#holders.get(value);
    // All that have it are known when fewer were found than asked for.
    if (known === undefined || (known.ids.length === known.limit && known.limit <= max)) {
      const limit = max + 1;
      known = {
        ids: await profilesWithValue(this.#session, this.#row.domainId, value, limit),
        limit,
      };
      this.#holders.set(value, known);
    }
    return known.ids.length > max ? undefined : known.ids;
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

/** The profiles that have one of some values, and whether those are all. */
async function unionOf(lookups: Lookups, values: readonly string[], max: number) {
  const ids = new Set<string>();
  let tooCommon = 0;
  for (const value of values) {
    const found = await lookups.holdersOf(value, max);
    if (found === undefined) tooCommon += 1;
    else for (const id of found) ids.add(id);
  }
  return { ids, isComplete: tooCommon === 0, isNothing: tooCommon === values.length };
}

/** The fewest profiles that have a value of one of the attributes, where no value has more than `max`. */
async function fewestOf(
  lookups: Lookups,
  values: readonly (readonly string[])[],
  max: number,
): Promise<Set<string> | undefined> {
  let fewest: Set<string> | undefined;
  for (const ofAttribute of values) {
    const { ids, isComplete } = await unionOf(lookups, ofAttribute, max);
    if (isComplete && (fewest === undefined || ids.size < fewest.size)) fewest = ids;
    // Nobody but the profile itself has the value.
    if (fewest !== undefined && fewest.size <= 1) return fewest;
  }
  return fewest;
}

/**
 * The profiles that may match on a level: those that have a value of the attribute with the fewest, or
 * where every attribute has a value that is too common, those that have any of the others.
 *
 * @returns undefined when all values of the level are too common.
 */
export async function candidatesOn(
  lookups: Lookups,
  values: readonly (readonly string[])[],
): Promise<Set<string> | undefined> {
  const fewest =
    (await fewestOf(lookups, values, FEW_HOLDERS)) ??
    (await fewestOf(lookups, values, SHARED_VALUE_MAX));
  if (fewest !== undefined) return fewest;
  const { ids, isNothing } = await unionOf(lookups, values.flat(), SHARED_VALUE_MAX);
  return isNothing ? undefined : ids;
}
