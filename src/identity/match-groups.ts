import type { MatchFeatures } from './match-features.ts';
import { MATCH_SCORE_MIN, matchScore } from './match-score.ts';

/**
 * How many profiles may share a value of a key and still be compared: a value of more says nothing
 * about who they are (Amazon's guide to rule-based matching has the same bound).
 */
export const KEY_HOLDERS_MAX = 500;

/**
 * How many profiles a match group has at most. Matches chain up: this keeps a chain from growing into
 * a group that is nobody, and every group within what one unit of work may write.
 */
export const GROUP_PROFILES_MAX = 500;

/** Two profiles that match, in the order of their ids. */
export interface MatchLink {
  readonly profileIds: readonly [string, string];
  /** From 0 to 1. */
  readonly score: number;
}

/** Which profiles are in one group: those of the store, and what is joined to them since. */
export class MatchGroups {
  readonly #parents = new Map<string, string>();
  readonly #sizes = new Map<string, number>();

  /** A group of the store with `size` profiles, of which `profileIds` are of interest. */
  addGroup(matchId: string, size: number, profileIds: readonly string[]): void {
    const root = `group ${matchId}`;
    this.#sizes.set(root, size);
    for (const profileId of profileIds) this.#parents.set(profileId, root);
  }

  #rootOf(profileId: string): string {
    let root = profileId;
    for (;;) {
      const parent = this.#parents.get(root);
      if (parent === undefined) break;
      root = parent;
    }
    // What was passed on the way points at the root from now on.
    for (let node = profileId; node !== root; ) {
      const parent = this.#parents.get(node) ?? root;
      this.#parents.set(node, root);
      node = parent;
    }
    return root;
  }

  areJoined(one: string, other: string): boolean {
    return this.#rootOf(one) === this.#rootOf(other);
  }

  /** Joins the groups of two profiles. False when they are one already, or would be too large. */
  join(one: string, other: string): boolean {
    const root = this.#rootOf(one);
    const joined = this.#rootOf(other);
    const size = (this.#sizes.get(root) ?? 1) + (this.#sizes.get(joined) ?? 1);
    if (root === joined || size > GROUP_PROFILES_MAX) return false;
    this.#parents.set(joined, root);
    this.#sizes.set(root, size);
    return true;
  }
}

/**
 * The matches between a profile and those that follow it in the order of ids. Those that are in its
 * group already are passed over, and so is whoever has no features. What is certain is joined in
 * `groups` at once, since no link can be stronger: a customer who was imported five hundred times is
 * compared five hundred times, not a hundred thousand.
 */
export function matchesOf(
  profileId: string,
  followers: readonly string[],
  features: ReadonlyMap<string, MatchFeatures>,
  groups: MatchGroups,
): MatchLink[] {
  const own = features.get(profileId);
  if (own === undefined) return [];
  return followers.flatMap((follower): MatchLink[] => {
    const other = features.get(follower);
    if (other === undefined || groups.areJoined(profileId, follower)) return [];
    const score = matchScore(own, other);
    const isLink = score === 1 ? groups.join(profileId, follower) : score >= MATCH_SCORE_MIN;
    return isLink ? [{ profileIds: [profileId, follower], score }] : [];
  });
}

/**
 * The links that join everybody who matches, and no more: the strongest first, so that the weakest
 * link of a group is as strong as can be. `groups` is joined along.
 *
 * @param matches as {@link matchesOf} gives them, of one profile after the other.
 */
export function strongestLinks(matches: readonly MatchLink[], groups: MatchGroups): MatchLink[] {
  // Sorting keeps the order of ids where scores are the same.
  return matches
    .toSorted((a, b) => b.score - a.score)
    .filter(({ profileIds: [one, other], score }) => score === 1 || groups.join(one, other));
}
