import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MatchFeatures, matchFeatures } from '../../src/identity/match-features.ts';
import {
  GROUP_PROFILES_MAX,
  MatchGroups,
  type MatchLink,
  matchesOf,
  strongestLinks,
} from '../../src/identity/match-groups.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';

/** The links of profiles that share a value, by their ids. */
function linksOf(documents: Readonly<Record<string, ProfileDocument>>, groups = new MatchGroups()) {
  const features = new Map<string, MatchFeatures>();
  for (const [profileId, document] of Object.entries(documents))
    features.set(profileId, matchFeatures(document));
  const ids = [...features.keys()].sort();
  const matches = ids.flatMap((id, index) => matchesOf(id, ids.slice(index + 1), features, groups));
  return strongestLinks(matches, groups);
}

const john = { FirstName: 'John', LastName: 'Doe', PhoneNumber: '555-010-0000' };
const misspelt = { ...john, FirstName: 'Jhn' };

test('a profile that was imported many times is joined by as many links', () => {
  const documents = Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, john]));
  expect(linksOf(documents)).toEqual([
    { profileIds: ['a', 'b'], score: 1 },
    { profileIds: ['a', 'c'], score: 1 },
    { profileIds: ['a', 'd'], score: 1 },
  ]);
});

test('the strongest links are taken, whatever the order of the profiles', () => {
  const strong = { ...misspelt, BirthDate: '1980-07-12' };
  const links = linksOf({ a: misspelt, b: { ...john, BirthDate: '1980-07-12' }, c: strong });
  expect(links.map(({ profileIds }) => profileIds)).toEqual([
    ['a', 'c'],
    ['b', 'c'],
  ]);
  const [first, second] = links.map(({ score }) => score);
  expect(first).toBe(1);
  expect(second).toBeLessThan(1);
});

test('who is joined already is passed over', () => {
  const groups = new MatchGroups();
  groups.addGroup('group', 2, ['a', 'b']);
  expect(linksOf({ a: john, b: john }, groups)).toEqual([]);
  expect(linksOf({ a: john, b: john, c: john }, groups)).toEqual([
    { profileIds: ['a', 'c'], score: 1 },
  ]);
});

test('who has no features matches nobody: the profile is gone', () => {
  const features = new Map([['a', matchFeatures(john)]]);
  const groups = new MatchGroups();
  expect(matchesOf('a', ['b'], features, groups)).toEqual([]);
  expect(matchesOf('b', ['a'], features, groups)).toEqual([]);
});

describe('a group', () => {
  test('has a bounded size, and what is left out makes another', () => {
    const groups = new MatchGroups();
    groups.addGroup('large', GROUP_PROFILES_MAX - 1, ['a']);
    expect(groups.join('a', 'b')).toBe(true);
    expect(groups.join('c', 'a')).toBe(false);
    expect(groups.join('c', 'd')).toBe(true);
    expect(groups.join('d', 'b')).toBe(false);
    expect(groups.areJoined('a', 'b')).toBe(true);
    expect(groups.areJoined('a', 'c')).toBe(false);
  });

  test('is what the links connect', () => {
    const node = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.array(fc.tuple(node, node)), (pairs) => {
        const groups = new MatchGroups();
        const sets = new Map<string, Set<string>>();
        for (const [one, other] of pairs) {
          const before = sets.get(one) ?? new Set([one]);
          const isNew = !before.has(other);
          expect(groups.join(one, other)).toBe(isNew);
          const set = new Set([...before, ...(sets.get(other) ?? [other])]);
          for (const member of set) sets.set(member, set);
        }
        for (const [one] of pairs)
          for (const [, other] of pairs)
            expect(groups.areJoined(one, other)).toBe(one === other || sets.get(one)?.has(other));
      }),
    );
  });
});

test('links are as few as can be, and the weakest of them as strong as can be', () => {
  const document = fc.record({
    FirstName: fc.constantFrom('John', 'Jhn', 'Johnny', 'Ada'),
    LastName: fc.constantFrom('Doe', 'Dough'),
    PhoneNumber: fc.constant('555-010-0000'),
    EmailAddress: fc.constantFrom('a@x.y', 'b@x.y'),
  });
  fc.assert(
    fc.property(fc.array(document, { minLength: 2, maxLength: 7 }), (documents) => {
      const byId = Object.fromEntries(documents.map((own, index) => [`p${index}`, own]));
      const links = linksOf(byId);
      // Every pair by itself, as a plain search for paths sees it.
      const all: MatchLink[] = [];
      const ids = Object.keys(byId);
      for (const a of ids)
        for (const b of ids.slice(ids.indexOf(a) + 1))
          all.push(...linksOf({ [a]: byId[a] ?? {}, [b]: byId[b] ?? {} }));
      const reachable = (from: string, links: readonly MatchLink[], min: number) => {
        const found = new Set([from]);
        for (const id of found)
          for (const { profileIds, score } of links)
            if (score >= min && profileIds.includes(id))
              for (const other of profileIds) found.add(other);
        return [...found].sort();
      };
      for (const min of new Set([0, ...all.map(({ score }) => score)]))
        for (const id of ids) expect(reachable(id, links, min)).toEqual(reachable(id, all, min));
      const groups = new Set(ids.map((id) => reachable(id, links, 0).join()));
      expect(links).toHaveLength(ids.length - groups.size);
    }),
    { numRuns: 300 },
  );
});
