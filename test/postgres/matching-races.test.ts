import { expect, test } from 'vitest';
import { compileRules, matchOn } from '../../src/identity/matching-rules.ts';
import type { ProfileDocument } from '../../src/identity/profile-document.ts';
import { asService } from '../../src/model/operation.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { advanceMatching } from '../../src/operations/matching/advance.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { mergeProfilesInto } from '../../src/operations/profiles/merge.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { unmerge } from '../../src/operations/profiles/unmerge.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { listMerges, NEWEST_MERGE } from '../../src/repository/merge-images.ts';
import { findProfile, updateProfile as updateProfileRow } from '../../src/repository/profiles.ts';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const rules = {
  Enabled: true,
  MatchingRules: [{ Rule: ['BusinessName'] }, { Rule: ['AccountNumber'] }, { Rule: ['LastName'] }],
  MaxAllowedRuleLevelForMatching: 3,
  MaxAllowedRuleLevelForMerging: 1,
  ConflictResolution: { ConflictResolvingModel: 'RECENCY' as const },
};

async function openTwo() {
  const database = await sharedDatabase();
  const [one, two] = [await openTestStore(database), await openTestStore(database)];
  await one.seed.domain(DomainName);
  return { database, one, two };
}

/** Takes matching on until nothing is left to do. */
async function look(store: TestStore): Promise<void> {
  const name = { accountId: '000000000000', domainName: DomainName };
  const row = await findDomain(store.repository.autocommit, name);
  while ((await advanceMatching(asService(store.context()), row?.domainId ?? '')).hasMore);
}

/** Fails are those of a profile that somebody else has deleted or merged. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => expect(error).toMatchObject({ code: 'ResourceNotFoundException' }));
}

/** Every two profiles that match on a level must be in one group of it, and nobody else. */
async function expectGroups(database: string): Promise<void> {
  const profiles = await query(database, 'select profile_id, document from profiles');
  const rows = await query(database, 'select profile_id, rule_level, match_id from rule_matches');
  const compiled = compileRules(rules);
  for (const level of compiled.levels) {
    const groupOf = new Map(
      rows
        .filter((row) => Number(row.rule_level) === level.level)
        .map((row) => [row.profile_id, row.match_id]),
    );
    const documents = profiles.map((row) => ({
      id: row.profile_id,
      document: JSON.parse(String(row.document)) as ProfileDocument,
    }));
    for (const { id, document } of documents) {
      // These rules are equalities: who matches one of a group matches all of it.
      const matches = documents.filter(
        (other) => other.id !== id && matchOn(compiled, level, document, other.document),
      );
      expect(groupOf.has(id), `level ${level.level}`).toBe(matches.length > 0);
      for (const other of matches) expect(groupOf.get(other.id)).toBe(groupOf.get(id));
    }
  }
}

test('profiles that are written while two processes match end in the right groups', async () => {
  const { database, one, two } = await openTwo();
  await one.run(updateDomain, { DomainName, RuleBasedMatching: rules });
  const ids = await one.seed.profiles(DomainName, 24, { LastName: 'x' });
  const values = ['a', 'b', 'c'];
  for (let turn = 0; turn < 6; turn++)
    await Promise.all([
      look(one),
      look(two),
      ...ids.map((ProfileId, index) => {
        const store = index % 2 === 0 ? one : two;
        if (index === turn) return unlessGone(store.run(deleteProfile, { DomainName, ProfileId }));
        const AccountNumber = values[(index + turn) % values.length] ?? '';
        const LastName = turn % 2 === 0 ? `${index % 5}` : 'x';
        const changes = { DomainName, ProfileId, AccountNumber, LastName };
        return unlessGone(store.run(updateProfile, changes));
      }),
    ]);
  await Promise.all([look(one), look(two)]);
  await look(one);
  await expectGroups(database);
});

/** Until somebody waits for a lock of somebody else's, or the work that might has ended. */
async function untilWaiting(database: string, work: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  const ended = () => {
    hasEnded = true;
  };
  work.then(ended, ended);
  const waiting =
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while (!hasEnded && (await query(database, waiting)).length === 0);
}

/**
 * Changes a profile in a unit that stays open while others work: until they wait for it, or have ended.
 */
async function whileChanging(
  { database, one }: { database: string; one: TestStore },
  ProfileId: string,
  document: ProfileDocument,
  work: () => Promise<unknown>,
): Promise<void> {
  const name = { accountId: '000000000000', domainName: DomainName, profileId: ProfileId };
  let others: Promise<unknown> = Promise.resolve();
  await one.repository.write(async (session) => {
    const read = await findProfile(session, { ...name, now: one.clock.now });
    if (read === undefined) throw new Error('the profile is not there');
    const { updatedAt, expiresAt } = read;
    const changes = { document: JSON.stringify(document), updatedAt, expiresAt };
    await updateProfileRow(session, read, changes);
    others = work();
    await untilWaiting(database, others);
  });
  await others;
}

test('a profile is looked at again that was being changed when it was looked at', async () => {
  const { database, one, two } = await openTwo();
  await one.run(updateDomain, { DomainName, RuleBasedMatching: rules });
  const [a = ''] = await one.seed.profiles(DomainName, 2, { AccountNumber: 'x' });
  await whileChanging({ database, one }, a, { AccountNumber: 'y' }, () => look(two));
  await look(two);
  await expectGroups(database);
});

test('a profile is looked at that was being changed when matching was switched on', async () => {
  const { database, one, two } = await openTwo();
  const [a = ''] = await one.seed.profiles(DomainName, 2, { AccountNumber: 'x' });
  const switchOn = async () => {
    await two.run(updateDomain, { DomainName, RuleBasedMatching: rules });
    await look(two);
  };
  await whileChanging({ database, one }, a, { AccountNumber: 'y' }, switchOn);
  await look(two);
  await expectGroups(database);
});

test('automatic merges lose no key while others write to the profiles', async () => {
  const { database, one, two } = await openTwo();
  const merging = { ...rules, MaxAllowedRuleLevelForMerging: 3 };
  await one.run(updateDomain, { DomainName, RuleBasedMatching: merging });
  const added: string[] = [];
  for (let turn = 0; turn < 10; turn++) {
    const ids = await one.seed.profiles(DomainName, 4, { AccountNumber: `${turn}` });
    await Promise.all([
      look(one),
      look(two),
      ...ids.map(async (ProfileId, index) => {
        const value = `${turn}-${index}`;
        const key = { DomainName, ProfileId, KeyName: 'card', Values: [value] };
        await unlessGone(two.run(addProfileKey, key).then(() => added.push(value)));
      }),
      unlessGone(
        two.run(mergeProfiles, {
          DomainName,
          MainProfileId: ids[3] ?? '',
          ProfileIdsToBeMerged: [ids[2] ?? ''],
        }),
      ),
    ]);
  }
  await look(one);
  const profiles = await query(database, 'select profile_id from profiles');
  expect(profiles).toHaveLength(10);
  const keys = await query(
    database,
    "select distinct key_value from profile_keys join profiles using (domain_id, profile_id) where key_name = 'card'",
  );
  expect(keys.map((row) => row.key_value).sort()).toEqual(added.sort());
});

test('a merge is not undone before one that was going on when it was asked for', async () => {
  const { database, one, two } = await openTwo();
  const name = { accountId: '000000000000', domainName: DomainName };
  const [a = '', b = '', c = ''] = await one.seed.profiles(DomainName, 3);
  const merge = { DomainName, MainProfileId: a, ProfileIdsToBeMerged: [b] };
  await one.run(mergeProfiles, merge);
  const [first] = await listMerges(one.repository.autocommit, name, NEWEST_MERGE, 1);
  const domain = await findDomain(one.repository.autocommit, name);
  if (domain === undefined) throw new Error('the domain is not there');
  const { domainId, defaultExpirationDays } = domain;
  one.clock.advanceMs(1);
  let undone: Promise<unknown> = Promise.resolve();
  await one.repository.write(async (session) => {
    await mergeProfilesInto(session, one.context(), {
      domainId,
      defaultExpirationDays,
      mainProfileId: a,
      profileIds: [c],
      chooseSources: () => new Map(),
    });
    undone = two.repository.write((other) => unmerge(other, two.context(), first?.mergeId ?? ''));
    await untilWaiting(database, undone);
  });
  await expect(undone).rejects.toThrow('came later: undo that first');
});
