import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceError } from '../../src/model/errors.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { engine } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

/**
 * A random history of operations must leave the store as a simple model of it. The model knows the
 * rules of the API in their plainest form: maps and sets, no index, no normal forms but upper and
 * lower case. Names and values are few, so that histories collide all the time.
 */
const domainNames = ['one', 'two'] as const;
const emails = ['ada@x.y', 'ADA@x.y', 'bob@x.y'] as const;
const names = ['Ada', 'ADA', 'Bob'] as const;
const keyNames = ['_email', '_fullName', 'card'] as const;
const values = [...emails, ...names] as const;

interface Fields {
  FirstName?: string | undefined;
  EmailAddress?: string | undefined;
  PersonalEmailAddress?: string | undefined;
}

interface ModelProfile {
  fields: Fields;
  /** `keyName value` of the keys its fields give, and of those that were added. */
  fieldKeys: Set<string>;
  addedKeys: Set<string>;
}

type ModelDomain = Map<string, ModelProfile>;

type Command =
  | { kind: 'create domain' | 'delete domain'; domain: string }
  | { kind: 'create profile'; domain: string; fields: Fields }
  | { kind: 'update profile'; domain: string; profile: number; fields: Fields }
  | { kind: 'delete profile'; domain: string; profile: number }
  | {
      kind: 'add key' | 'delete key';
      domain: string;
      profile: number;
      key: string;
      values: string[];
    };

function normal(keyName: string, value: string): string {
  return keyName === 'card' ? value : value.toLowerCase();
}

function keysOf(fields: Fields, written: Fields = fields): string[] {
  const keys: string[] = [];
  for (const field of ['EmailAddress', 'PersonalEmailAddress'] as const)
    if (fields[field] && written[field] !== undefined)
      keys.push(`_email ${normal('_email', fields[field])}`);
  if (fields.FirstName && written.FirstName !== undefined)
    keys.push(`_fullName ${normal('_fullName', fields.FirstName)}`);
  return keys;
}

/** The plain model of what a history has left. */
class Model {
  readonly domains = new Map<string, ModelDomain>();

  createDomain(name: string): boolean {
    if (this.domains.has(name)) return false;
    this.domains.set(name, new Map());
    return true;
  }

  profile(domain: string, id: string): ModelProfile | undefined {
    return this.domains.get(domain)?.get(id);
  }

  update(profile: ModelProfile, changes: Fields): void {
    for (const [field, value] of Object.entries(changes))
      if (value !== undefined) profile.fields[field as keyof Fields] = value || undefined;
    const given = new Set(keysOf(profile.fields));
    for (const key of profile.fieldKeys) if (!given.has(key)) profile.fieldKeys.delete(key);
    for (const key of keysOf(profile.fields, changes)) profile.fieldKeys.add(key);
  }

  search(domain: string, keyName: string, value: string): string[] {
    const key = `${keyName} ${normal(keyName, value)}`;
    return [...(this.domains.get(domain) ?? [])]
      .filter(([, { fieldKeys, addedKeys }]) => fieldKeys.has(key) || addedKeys.has(key))
      .map(([id]) => id);
  }
}

const domain = fc.constantFrom('one', ...domainNames);
const profile = fc.nat({ max: 2 });
const optionally = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: undefined });
const newFields = fc.record({
  FirstName: optionally(fc.constantFrom(...names)),
  EmailAddress: optionally(fc.constantFrom(...emails)),
  PersonalEmailAddress: optionally(fc.constantFrom(...emails)),
});
const changedFields = fc.record({
  FirstName: optionally(fc.constantFrom(...names, '')),
  EmailAddress: optionally(fc.constantFrom(...emails, '')),
  PersonalEmailAddress: optionally(fc.constantFrom(...emails, '')),
});
const someValues = fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('create domain' as const), domain }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete domain' as const), domain }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('create profile' as const),
      domain,
      fields: newFields,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('update profile' as const),
      domain,
      profile,
      fields: changedFields,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete profile' as const), domain, profile }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('add key' as const, 'delete key' as const),
      domain,
      profile,
      key: fc.constantFrom(...keyNames),
      values: someValues,
    }),
  },
);

const ABSENT_ID = 'f'.repeat(32);

/** Runs a command on the store and on the model; both must say the same. */
class History {
  readonly model = new Model();
  /** Every profile id that was ever made, so that commands also name deleted ones. */
  readonly ids: string[] = [];
  readonly #store: TestStore;

  constructor(store: TestStore) {
    this.#store = store;
  }

  #id(index: number): string {
    return this.ids.at(-1 - index) ?? ABSENT_ID;
  }

  async #expect(outcome: Promise<unknown>, exists: boolean, code = 'ResourceNotFoundException') {
    const result = await outcome.then(
      () => 'OK',
      (error: ServiceError) => error.code,
    );
    expect(result).toBe(exists ? 'OK' : code);
  }

  async run(command: Command): Promise<void> {
    const DomainName = command.domain;
    switch (command.kind) {
      case 'create domain': {
        const created = this.#store.run(createDomain, { DomainName, DefaultExpirationDays: 1 });
        return this.#expect(created, this.model.createDomain(DomainName), 'BadRequestException');
      }
      case 'delete domain':
        return this.#expect(
          this.#store.run(deleteDomain, { DomainName }),
          this.model.domains.delete(DomainName),
        );
      case 'create profile': {
        const created = this.#store.run(createProfile, { DomainName, ...command.fields });
        const domain = this.model.domains.get(DomainName);
        await this.#expect(created, domain !== undefined);
        if (domain === undefined) return;
        const { ProfileId } = await created;
        this.ids.push(ProfileId);
        domain.set(ProfileId, {
          fields: { ...command.fields },
          fieldKeys: new Set(keysOf(command.fields)),
          addedKeys: new Set(),
        });
        return;
      }
      case 'update profile': {
        const ProfileId = this.#id(command.profile);
        const profile = this.model.profile(DomainName, ProfileId);
        const updated = this.#store.run(updateProfile, {
          DomainName,
          ProfileId,
          ...command.fields,
        });
        await this.#expect(updated, profile !== undefined);
        if (profile !== undefined) this.model.update(profile, command.fields);
        return;
      }
      case 'delete profile': {
        const ProfileId = this.#id(command.profile);
        const isThere = this.model.domains.get(DomainName)?.delete(ProfileId) ?? false;
        return this.#expect(this.#store.run(deleteProfile, { DomainName, ProfileId }), isThere);
      }
      case 'add key':
      case 'delete key': {
        const ProfileId = this.#id(command.profile);
        const profile = this.model.profile(DomainName, ProfileId);
        const input = { DomainName, ProfileId, KeyName: command.key, Values: command.values };
        const changed =
          command.kind === 'add key'
            ? this.#store.run(addProfileKey, input)
            : this.#store.run(deleteProfileKey, input);
        await this.#expect(changed, profile !== undefined);
        for (const value of command.values) {
          const key = `${command.key} ${normal(command.key, value)}`;
          if (command.kind === 'add key') profile?.addedKeys.add(key);
          else {
            profile?.addedKeys.delete(key);
            profile?.fieldKeys.delete(key);
          }
        }
        return;
      }
    }
  }

  /** All pages of a search, two profiles each. */
  async #search(DomainName: string, KeyName: string, Values: string[]): Promise<string[]> {
    const found: string[] = [];
    let position: string | undefined;
    do {
      const after = position;
      const { Items, NextToken } = await this.#store.run(
        searchProfiles,
        { DomainName, KeyName, Values, MaxResults: 2 },
        { pagePosition: () => after },
      );
      found.push(...(Items ?? []).map(({ ProfileId }) => ProfileId ?? ''));
      position = NextToken;
    } while (position !== undefined);
    return found;
  }

  async expectAgreement(): Promise<void> {
    for (const DomainName of domainNames) {
      const domain = this.model.domains.get(DomainName);
      if (domain === undefined) {
        await this.#expect(this.#store.run(getDomain, { DomainName }), false);
        continue;
      }
      const { Stats } = await this.#store.run(getDomain, { DomainName });
      expect(Stats?.ProfileCount).toBe(domain.size);
      for (const KeyName of keyNames) {
        for (const value of values)
          expect(await this.#search(DomainName, KeyName, [value])).toEqual(
            this.model.search(DomainName, KeyName, value),
          );
        const either = values
          .slice(0, 4)
          .flatMap((value) => this.model.search(DomainName, KeyName, value));
        expect(await this.#search(DomainName, KeyName, values.slice(0, 4))).toEqual(
          [...domain.keys()].filter((id) => either.includes(id)),
        );
      }
      for (const [ProfileId, { fields }] of domain) {
        const { Profiles } = await this.#store.run(batchGetProfile, {
          DomainName,
          ProfileIds: [ProfileId],
        });
        expect(Profiles).toEqual([{ ProfileId, ...JSON.parse(JSON.stringify(fields)) }]);
      }
    }
  }
}

describe('after any history', () => {
  test('fields, keys, searches and counts agree with a simple model', async () => {
    const store = await openTestStore();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 40, maxLength: 80 }), async (commands) => {
        await store.repository.clear();
        const history = new History(store);
        await history.run({ kind: 'create domain', domain: 'one' });
        for (const command of commands) await history.run(command);
        await history.expectAgreement();
      }),
      // Each statement is a round trip there.
      { numRuns: engine === 'postgres' ? 20 : 150 },
    );
  });
});
