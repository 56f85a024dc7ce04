import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { deleteProfileObjectType } from '../../src/operations/object-types/delete-profile-object-type.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { listProfileObjects } from '../../src/operations/objects/list-profile-objects.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { unmerge } from '../../src/operations/profiles/unmerge.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { apartFrom } from '../../src/repository/kept-apart.ts';
import { listMerges, NEWEST_MERGE } from '../../src/repository/merge-images.ts';
import { openTestStore, type TestStore } from './store.ts';

/** The domain of the profiles. */
export const DomainName = 'customers';
export const account = { accountId: '000000000000', domainName: DomainName };

/** Profiles of one domain that are merged and taken apart again. */
export class Merges {
  readonly store: TestStore;

  constructor(store: TestStore) {
    this.store = store;
  }

  static async open(database?: string): Promise<Merges> {
    const store = await openTestStore(database);
    await store.seed.domain(DomainName);
    const merges = new Merges(store);
    await merges.define();
    return merges;
  }

  /** The object type of the tests. */
  define() {
    return this.store.run(putProfileObjectType, {
      DomainName,
      ObjectTypeName: 'ticket',
      Description: 'd',
      AllowProfileCreation: true,
      Fields: {
        id: { Source: '_source.id' },
        mail: { Source: '_source.mail' },
        plan: { Source: '_source.plan', Target: '_profile.Attributes.plan' },
      },
      Keys: {
        ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
        mail: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['mail'] }],
      },
    });
  }

  put(object: object, ObjectTypeName = 'ticket') {
    const text = JSON.stringify(object);
    return this.store.run(putProfileObject, { DomainName, ObjectTypeName, Object: text });
  }

  deleteType(ObjectTypeName = 'ticket') {
    return this.store.run(deleteProfileObjectType, { DomainName, ObjectTypeName });
  }

  /** Returns the id of the merge. */
  async merge(MainProfileId: string, ...ProfileIdsToBeMerged: string[]): Promise<string> {
    await this.store.run(mergeProfiles, { DomainName, MainProfileId, ProfileIdsToBeMerged });
    const [newest] = await this.merges();
    return newest?.mergeId ?? '';
  }

  merges() {
    return listMerges(this.store.repository.autocommit, account, NEWEST_MERGE, 10);
  }

  undo(mergeId: string) {
    return this.store.repository.write((session) =>
      unmerge(session, this.store.context(), mergeId),
    );
  }

  async found(KeyName: string, ...Values: string[]): Promise<string[]> {
    const { Items = [] } = await this.store.run(searchProfiles, { DomainName, KeyName, Values });
    return Items.map(({ ProfileId = '' }) => ProfileId);
  }

  async objects(ProfileId: string): Promise<unknown[]> {
    const input = { DomainName, ObjectTypeName: 'ticket', ProfileId };
    const { Items = [] } = await this.store.run(listProfileObjects, input);
    return Items.map(({ Object: text = '' }) => JSON.parse(text));
  }

  async profiles(...ProfileIds: string[]): Promise<unknown[] | undefined> {
    return (await this.store.run(batchGetProfile, { DomainName, ProfileIds })).Profiles;
  }

  /** From whom somebody keeps a profile apart. */
  async apart(profileId: string): Promise<string[]> {
    const session = this.store.repository.autocommit;
    const domain = await findDomain(session, account);
    const rows = await apartFrom(session, domain?.domainId ?? '', [profileId]);
    return rows.map(({ otherProfileId }) => otherProfileId).sort();
  }

  /** Profiles of which the first two were taken apart. */
  async twoApart(count: number): Promise<[string, string, ...string[]]> {
    const [one = '', two = '', ...more] = await this.store.seed.profiles(DomainName, count);
    await this.undo(await this.merge(one, two));
    return [one, two, ...more];
  }

  async counts() {
    return (await this.store.run(getDomain, { DomainName })).Stats;
  }
}
