import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceError } from '../../src/model/errors.ts';
import { createDomain } from '../../src/operations/domains/create-domain.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { deleteProfileObject } from '../../src/operations/objects/delete-profile-object.ts';
import { listProfileObjects } from '../../src/operations/objects/list-profile-objects.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { unmerge } from '../../src/operations/profiles/unmerge.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { listMerges, NEWEST_MERGE } from '../../src/repository/merge-images.ts';
import { engine } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { type Command, commands, domainNames, keyNames, type Ticket, values } from './commands.ts';
import { StoreModel } from './store-model.ts';

const ABSENT_ID = 'f'.repeat(32);

const ObjectTypeName = 'tickets';
const ticketType = {
  Description: 'd',
  AllowProfileCreation: true,
  Fields: {
    id: { Source: '_source.id' },
    card: { Source: '_source.card' },
    name: { Source: '_source.name', Target: '_profile.FirstName' },
  },
  Keys: {
    ticket: [{ StandardIdentifiers: ['UNIQUE' as const], FieldNames: ['id'] }],
    card: [{ StandardIdentifiers: ['PROFILE' as const], FieldNames: ['card'] }],
  },
};

/** Runs a command on the store and on the model; both must say the same. */
class History {
  readonly model = new StoreModel();
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
    // Of two writes one is later.
    this.#store.clock.advanceMs(1);
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
      case 'define type': {
        const domain = this.model.domains.get(DomainName);
        const put = { DomainName, ObjectTypeName, ...ticketType };
        await this.#expect(this.#store.run(putProfileObjectType, put), domain !== undefined);
        if (domain) domain.hasType = true;
        return;
      }
      case 'delete type': {
        const domain = this.model.domains.get(DomainName);
        const deleted = this.#store.run(deleteProfileObjectType, { DomainName, ObjectTypeName });
        await this.#expect(deleted, domain?.hasType ?? false);
        if (domain?.hasType) this.model.deleteType(domain);
        return;
      }
      case 'create profile': {
        const created = this.#store.run(createProfile, { DomainName, ...command.fields });
        await this.#expect(created, this.model.domains.has(DomainName));
        if (!this.model.domains.has(DomainName)) return;
        const { ProfileId } = await created;
        this.ids.push(ProfileId);
        this.model.createProfile(DomainName, ProfileId, command.fields);
        return;
      }
      case 'update profile': {
        const ProfileId = this.#id(command.profile);
        const profile = this.model.profile(DomainName, ProfileId);
        const changes = { DomainName, ProfileId, ...command.fields };
        await this.#expect(this.#store.run(updateProfile, changes), profile !== undefined);
        if (profile !== undefined) this.model.update(profile, command.fields);
        return;
      }
      case 'delete profile': {
        const ProfileId = this.#id(command.profile);
        const isThere = this.model.domains.get(DomainName)?.profiles.delete(ProfileId) ?? false;
        return this.#expect(this.#store.run(deleteProfile, { DomainName, ProfileId }), isThere);
      }
      case 'add key':
      case 'delete key': {
        const ProfileId = this.#id(command.profile);
        const profile = this.model.profile(DomainName, ProfileId);
        const { kind, key: KeyName, values: Values } = command;
        const input = { DomainName, ProfileId, KeyName, Values };
        const changed =
          kind === 'add key'
            ? this.#store.run(addProfileKey, input)
            : this.#store.run(deleteProfileKey, input);
        await this.#expect(changed, profile !== undefined);
        if (profile === undefined) return;
        if (kind === 'add key') this.model.addKeys(profile, KeyName, Values);
        else this.model.deleteKeys(profile, KeyName, Values);
        return;
      }
      case 'put object':
        return this.#put(DomainName, command.ticket);
      case 'delete object':
        return this.#deleteObject(DomainName, this.#id(command.profile), command.id);
      case 'merge':
      case 'merge and undo': {
        const others = command.others.map((other) => this.#id(other));
        return this.#merge(DomainName, this.#id(command.profile), others, command.kind !== 'merge');
      }
    }
  }

  async #put(DomainName: string, ticket: Ticket): Promise<void> {
    const input = { DomainName, ObjectTypeName, Object: JSON.stringify(ticket) };
    const put = this.#store.run(putProfileObject, input);
    if (!this.model.domains.get(DomainName)?.hasType) return this.#expect(put, false);
    const assigned = this.model.assign(DomainName, ticket);
    await this.#expect(put, assigned !== 'refused', 'BadRequestException');
    if (assigned === 'refused') return;
    if (assigned !== 'new') return this.model.put(DomainName, assigned.profileId, ticket);
    const made = await this.#search(DomainName, 'ticket', [ticket.id]);
    const [ProfileId, ...more] = made.filter((id) => !this.ids.includes(id));
    expect(more).toEqual([]);
    if (ProfileId === undefined) throw new Error('the object has made no profile');
    this.ids.push(ProfileId);
    this.model.put(DomainName, ProfileId, ticket);
  }

  async #deleteObject(DomainName: string, ProfileId: string, id: string): Promise<void> {
    const profile = this.model.profile(DomainName, ProfileId);
    const isThere = profile?.objects.has(id) ?? false;
    const objects = isThere ? await this.#objects(DomainName, ProfileId) : [];
    const found = objects.find(({ ticket }) => ticket.id === id);
    const ProfileObjectUniqueKey = found?.key ?? ABSENT_ID;
    const name = { DomainName, ProfileId, ObjectTypeName, ProfileObjectUniqueKey };
    await this.#expect(this.#store.run(deleteProfileObject, name), isThere);
    profile?.objects.delete(id);
  }

  async #merge(
    DomainName: string,
    MainProfileId: string,
    ids: readonly string[],
    isUndone: boolean,
  ): Promise<void> {
    const ProfileIdsToBeMerged = [...new Set(ids)];
    const merged = this.#store.run(mergeProfiles, {
      DomainName,
      MainProfileId,
      ProfileIdsToBeMerged,
    });
    const domain = this.model.domains.get(DomainName);
    if (domain && ProfileIdsToBeMerged.includes(MainProfileId))
      return this.#expect(merged, false, 'BadRequestException');
    const all = [MainProfileId, ...ProfileIdsToBeMerged];
    const areThere = all.every((id) => domain?.profiles.has(id) ?? false);
    await this.#expect(merged, areThere);
    if (domain === undefined || !areThere) return;
    if (!isUndone) return this.model.merge(domain, MainProfileId, ProfileIdsToBeMerged);
    const account = { accountId: '000000000000', domainName: DomainName };
    const { repository } = this.#store;
    const [newest] = await listMerges(repository.autocommit, account, NEWEST_MERGE, 1);
    const context = this.#store.context();
    await repository.write((session) => unmerge(session, context, newest?.mergeId ?? ''));
  }

  async #objects(DomainName: string, ProfileId: string) {
    const input = { DomainName, ObjectTypeName, ProfileId };
    const { Items = [] } = await this.#store.run(listProfileObjects, input);
    return Items.map(({ ProfileObjectUniqueKey: key = '', Object: text = '' }) => ({
      key,
      ticket: JSON.parse(text) as Ticket,
    }));
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
      await this.#expectCounts(DomainName);
      for (const KeyName of keyNames) {
        for (const value of values)
          expect(await this.#search(DomainName, KeyName, [value]), `${KeyName} ${value}`).toEqual(
            this.model.search(DomainName, KeyName, value),
          );
        const either = values
          .slice(0, 4)
          .flatMap((value) => this.model.search(DomainName, KeyName, value));
        expect(await this.#search(DomainName, KeyName, values.slice(0, 4))).toEqual(
          [...domain.profiles.keys()].filter((id) => either.includes(id)),
        );
      }
      for (const [ProfileId, { fields, objects }] of domain.profiles) {
        const get = { DomainName, ProfileIds: [ProfileId] };
        const { Profiles } = await this.#store.run(batchGetProfile, get);
        expect(Profiles).toEqual([{ ProfileId, ...JSON.parse(JSON.stringify(fields)) }]);
        if (!domain.hasType) continue;
        const stored = await this.#objects(DomainName, ProfileId);
        const byId = (one: Ticket, other: Ticket) => one.id.localeCompare(other.id);
        expect(stored.map(({ ticket }) => ticket).sort(byId)).toEqual(
          [...objects.values()]
            .map(({ ticket }) => JSON.parse(JSON.stringify(ticket)) as Ticket)
            .sort(byId),
        );
      }
    }
  }

  async #expectCounts(DomainName: string): Promise<void> {
    const profiles = [...(this.model.domains.get(DomainName)?.profiles.values() ?? [])];
    const objects = profiles.flatMap((profile) => [...profile.objects.values()]);
    const { Stats } = await this.#store.run(getDomain, { DomainName });
    expect(Stats).toEqual({
      ProfileCount: profiles.length,
      MeteringProfileCount: profiles.length,
      ObjectCount: objects.length,
      TotalSize: objects.reduce((sum, { ticket }) => sum + JSON.stringify(ticket).length, 0),
    });
  }
}

/**
 * A random history of operations must leave the store as a simple model of it, which knows the rules of
 * the API in their plainest form. A merge that is undone leaves no trace in it.
 */
describe('after any history', () => {
  test('fields, keys, objects, searches and counts agree with a simple model', async () => {
    const store = await openTestStore();
    await fc.assert(
      fc.asyncProperty(commands, async (history) => {
        await store.repository.clear();
        const both = new History(store);
        await both.run({ kind: 'create domain', domain: 'one' });
        await both.run({ kind: 'define type', domain: 'one' });
        for (const command of history) await both.run(command);
        await both.expectAgreement();
      }),
      // Each statement is a round trip there.
      { numRuns: engine === 'postgres' ? 20 : 150 },
    );
  });
});
