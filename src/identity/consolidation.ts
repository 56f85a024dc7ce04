import { hash } from 'node:crypto';
import { addressFields, type ProfileDocument, textFields } from './profile-document.ts';

/** The criteria of Consolidation: lists of attributes, the most important list first. */
export type MatchingAttributesList = readonly (readonly string[])[];

/**
 * What a profile says to each criterion: a hash of its values of all attributes of it, so that many
 * profiles fit into memory, or undefined when it lacks one of them.
 */
export type CriteriaValues = readonly (string | undefined)[];

const structures: readonly string[] = [...addressFields, 'Attributes'];
const texts: readonly string[] = textFields;

/** The value of an attribute by its name: `FirstName`, `Address.City`, `Attributes.plan`. */
export function attributeValue(document: ProfileDocument, name: string): string | undefined {
  const [, field = name, part] = /^(\w+)\.(.+)$/s.exec(name) ?? [];
  if (!(part === undefined ? texts : structures).includes(field)) return undefined;
  // The field is one of the document's, by the lists above.
  const value = (document as Record<string, string | Record<string, string> | undefined>)[field];
  if (typeof value !== 'object') return value;
  return part !== undefined && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** What a profile says to each criterion. */
export function criteriaValues(
  document: ProfileDocument,
  criteria: MatchingAttributesList,
): CriteriaValues {
  return criteria.map((attributes) => {
    const values = attributes.map((name) => attributeValue(document, name));
    return values.includes(undefined)
      ? undefined
      : hash('sha256', JSON.stringify(values), 'base64');
  });
}

/**
 * The sets of profiles of a match group that are to be merged: two profiles are, when they meet at
 * least one criterion (Amazon's guide), that is when both have all of its attributes and every value is
 * exactly the same. A missing attribute never matches. Whoever is to be merged with the same profile
 * is in one set, so that the order of the criteria doesn't change the sets.
 *
 * @returns sets of two and more ids, in the order of ids; the first of each is the oldest profile.
 */
export function setsToMerge(group: ReadonlyMap<string, CriteriaValues>): string[][] {
  const setOf = new Map<string, Set<string>>();
  const holderOf = new Map<string, string>();
  for (const profileId of [...group.keys()].sort()) {
    let set = new Set([profileId]);
    for (const [index, value] of (group.get(profileId) ?? []).entries()) {
      if (value === undefined) continue;
      const criterion = `${index} ${value}`;
      const holder = holderOf.get(criterion);
      if (holder === undefined) holderOf.set(criterion, profileId);
      else set = new Set([...(setOf.get(holder) ?? []), ...set]);
      for (const member of set) setOf.set(member, set);
    }
    setOf.set(profileId, set);
  }
  return [...new Set(setOf.values())]
    .filter(({ size }) => size > 1)
    .map((set) => [...set].sort())
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}
