import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleBasedMatching } from '../../src/identity/matching-rules.ts';
import { compileRules, matchOn } from '../../src/identity/matching-rules.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { findRuleMatch } from '../../src/operations/matches/find-rule-match.ts';
import { listRuleBasedMatches } from '../../src/operations/matches/list-rule-based-matches.ts';
import { advanceMatching } from '../../src/operations/matching/advance.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { engine } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const domain = { accountId: '000000000000', domainName: DomainName };

const texts = fc.constantFrom('a', 'b', '');
/** An update of a profile; few values, so that profiles match all the time. */
const changes = fc.record(
  {
    FirstName: texts,
    EmailAddress: texts,
    PersonalEmailAddress: texts,
    Address: fc.record({ City: texts, PostalCode: texts }, { requiredKeys: [] }),
    ShippingAddress: fc.record({ City: texts, PostalCode: texts }, { requiredKeys: [] }),
    Attributes: fc.record({ card: texts }),
  },
  { requiredKeys: [] },
);

const attributes = fc.constantFrom(
  'FirstName',
  'EmailAddress',
  'Address.City',
  'Address.PostalCode',
  'Attributes.card',
);
const matching = fc
  .record({
    rules: fc.array(fc.uniqueArray(attributes, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    AttributeMatchingModel: fc.constantFrom('ONE_TO_ONE' as const, 'MANY_TO_MANY' as const),
  })
  .map(({ rules, AttributeMatchingModel }) => ({
    Enabled: true,
    // Level 1 is merged at least: nobody has an account here.
    MatchingRules: [['AccountNumber'], ...rules].map((Rule) => ({ Rule })),
    MaxAllowedRuleLevelForMatching: rules.length + 1,
    MaxAllowedRuleLevelForMerging: 1,
    AttributeTypesSelector: { AttributeMatchingModel },
    ConflictResolution: { ConflictResolvingModel: 'RECENCY' as const },
  }));

const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('create' as const), changes }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('update' as const), profile: fc.nat(5), changes }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), profile: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('configure' as const), matching }) },
);

const commands = fc.array(command, { minLength: 10, maxLength: 40 });

type Matching = typeof matching extends fc.Arbitrary<infer T> ? T : never;
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
type Changes = Record<string, string | Record<string, string | undefined> | undefined>;

/** The plain rules of an update: an empty text removes. */
function apply(before: Changes, update: Changes): Changes {
  const after: Changes = { ...before };
  for (const [name, value] of Object.entries(update)) {
    if (typeof value === 'object') {
      const merged = apply((after[name] ?? {}) as Changes, value);
      if (Object.keys(merged).length === 0) delete after[name];
      else after[name] = merged as Record<string, string>;
    } else if (value === '') delete after[name];
    else if (value !== undefined) after[name] = value;
  }
  return after;
}

interface Group {
  readonly level: number;
  readonly members: readonly string[];
}

/** A plain model: compares every two profiles, level by level. */
class Model {
  readonly profiles = new Map<string, Changes>();
  matching: RuleBasedMatching = {};

  /** The groups of every level: profiles that are connected by matches on it. */
  groups(): Group[] {
    const rules = compileRules(this.matching);
    return rules.levels.flatMap((level) => {
      const open = new Set([...this.profiles.keys()].sort());
      const groups: Group[] = [];
      for (const first of open) {
        const members = new Set([first]);
        for (const member of members)
          for (const other of open)
            if (other !== member && this.#match(rules, level, member, other)) members.add(other);
        for (const member of members) open.delete(member);
        if (members.size > 1) groups.push({ level: level.level, members: [...members].sort() });
      }
      return groups;
    });
  }

  #match(
    rules: ReturnType<typeof compileRules>,
    level: ReturnType<typeof compileRules>['levels'][number],
    profileId: string,
    other: string,
  ): boolean {
    const of = (id: string) => (this.profiles.get(id) ?? {}) as ProfileDocument;
    return matchOn(rules, level, of(profileId), of(other));
  }

  /** Those that aren't within a group of a lower level. */
  listed() {
    const groups = this.groups();
    return groups.filter(
      ({ level, members }) =>
        !groups.some(
          (lower) =>
            lower.level < level && members.every((member) => lower.members.includes(member)),
        ),
    );
  }
}

/** Runs commands on the store and on the model. */
class History {
  readonly model = new Model();
  readonly #store: TestStore;
  readonly #ids: string[] = [];

  constructor(store: TestStore) {
    this.#store = store;
  }

  async open(RuleBasedMatching: Matching): Promise<void> {
    await this.#store.repository.clear();
    this.model.matching = RuleBasedMatching;
    const settings = { DomainName, DefaultExpirationDays: 1, RuleBasedMatching };
    await this.#store.run(createDomain, settings);
  }

  async run(command: Command): Promise<void> {
    const { profiles } = this.model;
    switch (command.kind) {
      case 'create': {
        const fields = apply({}, command.changes);
        const { ProfileId } = await this.#store.run(createProfile, { DomainName, ...fields });
        this.#ids.push(ProfileId);
        profiles.set(ProfileId, fields);
        return;
      }
      case 'update': {
        const ProfileId = this.#ids.at(-1 - command.profile) ?? '';
        const before = profiles.get(ProfileId);
        if (before === undefined) return;
        await this.#store.run(updateProfile, { DomainName, ProfileId, ...command.changes });
        profiles.set(ProfileId, apply(before, command.changes));
        return;
      }
      case 'delete': {
        const ProfileId = this.#ids.at(-1 - command.profile) ?? '';
        if (profiles.delete(ProfileId))
          await this.#store.run(deleteProfile, { DomainName, ProfileId });
        return;
      }
      case 'configure':
        this.model.matching = command.matching;
        await this.#store.run(updateDomain, { DomainName, RuleBasedMatching: command.matching });
        return;
      case 'look':
        await this.look(1);
    }
  }

  /** Takes matching on, to its end unless only some steps are wanted. */
  async look(stepsMax = Number.POSITIVE_INFINITY): Promise<void> {
    const row = await findDomain(this.#store.repository.autocommit, domain);
    const step = () => advanceMatching(this.#store.context(), row?.domainId ?? '');
    for (let steps = 0; steps < stepsMax && (await step()).hasMore; steps++);
  }

  /** Makes the model's profiles what the store's are: those that were merged are gone. */
  async readBack(): Promise<void> {
    for (const ProfileId of this.#ids) {
      const get = { DomainName, ProfileIds: [ProfileId] };
      const [profile] = (await this.#store.run(batchGetProfile, get)).Profiles ?? [];
      if (profile === undefined) this.model.profiles.delete(ProfileId);
      else this.model.profiles.set(ProfileId, profile as Changes);
    }
  }

  /** All groups that are listed, two on a page, with their profiles. */
  async listed(): Promise<Group[]> {
    const groups: Group[] = [];
    let position: string | undefined;
    do {
      const after = position;
      const page = await this.#store.run(
        listRuleBasedMatches,
        { DomainName, MaxResults: 2 },
        { pagePosition: () => after },
      );
      for (const value of page.MatchIds ?? []) {
        const search = { key: 'matchId', value, after: '', limit: 100 } as const;
        const found = await findRuleMatch(this.#store.context(), domain, search);
        if (found) groups.push({ level: found.ruleLevel ?? 0, members: [...found.profileIds] });
      }
      position = page.NextToken;
    } while (position !== undefined);
    return groups;
  }

  async groupOf(value: string): Promise<Group | undefined> {
    const search = { key: 'profileId', value, after: '', limit: 100 } as const;
    const found = await findRuleMatch(this.#store.context(), domain, search);
    return found && { level: found.ruleLevel ?? 0, members: [...found.profileIds] };
  }
}

const sorted = (groups: readonly Group[]) => groups.map((group) => JSON.stringify(group)).sort();

describe('after any history', () => {
  test('the groups are those that comparing every two profiles gives', async () => {
    const store = await openTestStore();
    await fc.assert(
      fc.asyncProperty(matching, commands, async (first, history) => {
        const run = new History(store);
        await run.open(first);
        for (const one of history) await run.run(one);
        await run.look();
        const groups = run.model.groups();
        expect(sorted(await run.listed())).toEqual(sorted(run.model.listed()));
        for (const profileId of run.model.profiles.keys())
          expect(await run.groupOf(profileId)).toEqual(
            groups.find(({ members }) => members.includes(profileId)),
          );
      }),
      // Each statement is a round trip there.
      { numRuns: engine === 'postgres' ? 25 : 150 },
    );
  });

  test('no two profiles are left that match on a level up to which they are merged', async () => {
    const store = await openTestStore();
    await fc.assert(
      fc.asyncProperty(matching, commands, async (first, history) => {
        const run = new History(store);
        const levels = first.MatchingRules.length;
        await run.open({ ...first, MaxAllowedRuleLevelForMerging: levels });
        const names = new Set<string>();
        for (const one of history)
          if (one.kind === 'create') {
            await run.run(one);
            if (one.changes.FirstName) names.add(one.changes.FirstName);
          }
        await run.look();
        expect(await run.listed()).toEqual([]);
        await run.readBack();
        expect(run.model.groups()).toEqual([]);
        const { Stats } = await store.run(getDomain, { DomainName });
        expect(Stats?.ProfileCount).toBe(run.model.profiles.size);
        // What found any of them finds what they were merged into.
        for (const name of names) {
          const search = { DomainName, KeyName: '_fullName', Values: [name] };
          expect((await store.run(searchProfiles, search)).Items).not.toEqual([]);
        }
      }),
      { numRuns: engine === 'postgres' ? 15 : 100 },
    );
  });
});
