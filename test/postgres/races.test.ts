import { expect, test } from 'vitest';
import { formatArn } from '../../src/model/arns.ts';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { deleteIntegration } from '../../src/operations/integrations/delete-integration.ts';
import { putIntegration } from '../../src/operations/integrations/put-integration.ts';
import { addProfileKey } from '../../src/operations/profile-keys/add-profile-key.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { createProfile } from '../../src/operations/profiles/create-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { tagResource } from '../../src/operations/tags/tag-resource.ts';
import { findDomain, updateDomain as updateDomainRow } from '../../src/repository/domains.ts';
import { findProfile, updateProfile as updateProfileRow } from '../../src/repository/profiles.ts';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { countAllRows, countRows } from '../support/rows.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { startSweeper, untilSwept } from '../support/sweep.ts';

const DomainName = 'customers';
const VALUES = Array.from({ length: 100 }, (_, index) => String(index));

/** Two stores on one database: their connections race as those of two processes do. */
async function openTwo(): Promise<{ database: string; stores: [TestStore, TestStore] }> {
  const database = await sharedDatabase();
  const stores: [TestStore, TestStore] = [
    await openTestStore(database),
    await openTestStore(database),
  ];
  await stores[0].seed.domain(DomainName);
  return { database, stores };
}

/** The keys of profiles that aren't there, and counts that aren't those of the rows. */
async function expectIntegrity(database: string): Promise<void> {
  const orphans = await query(
    database,
    'select * from profile_keys k where not exists (select 1 from profiles p where p.domain_id = k.domain_id and p.profile_id = k.profile_id)',
  );
  expect(orphans).toEqual([]);
  const [counts] = await query(
    database,
    'select (select coalesce(sum(profile_count), 0) from domain_counts) as counted, (select count(*) from profiles p join domains d using (domain_id) where d.name is not null) as profiles',
  );
  expect(counts?.counted).toBe(counts?.profiles);
}

test('adding and deleting a hundred values of a key end with all or none of them', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  const ProfileId = await one.seed.profile(DomainName);
  const key = { DomainName, ProfileId, KeyName: 'card', Values: VALUES };
  for (let turn = 0; turn < 60; turn++) {
    await Promise.all([
      one.run(addProfileKey, key),
      two.run(deleteProfileKey, key),
      two.run(addProfileKey, key),
    ]);
    const rows = await countRows(database, 'profile_keys', "key_name = 'card'");
    expect([0, VALUES.length]).toContain(rows);
  }
});

test('profiles deleted and changed while keys are added leave no orphan and no wrong count', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  for (let turn = 0; turn < 20; turn++) {
    const ProfileId = await one.seed.profile(DomainName, { EmailAddress: 'a@x.y' });
    const key = { DomainName, ProfileId, KeyName: 'card', Values: ['1', '2'] };
    const outcomes = await Promise.allSettled([
      one.run(addProfileKey, key),
      two.run(updateProfile, { DomainName, ProfileId, EmailAddress: 'b@x.y' }),
      two.run(addProfileKey, key),
      one.run(updateProfile, { DomainName, ProfileId, PhoneNumber: '5551234567' }),
      two.run(deleteProfile, { DomainName, ProfileId }),
      one.run(createProfile, { DomainName, EmailAddress: 'c@x.y' }),
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ResourceNotFoundException' });
    expect(outcomes[4]).toMatchObject({ status: 'fulfilled' });
    expect(await countRows(database, 'profiles', `profile_id = '${ProfileId}'`)).toBe(0);
  }
  await expectIntegrity(database);
});

test('concurrent updates of one profile lose nothing', async () => {
  const { database, stores } = await openTwo();
  const [one] = stores;
  const ProfileId = await one.seed.profile(DomainName);
  const names = Array.from({ length: 16 }, (_, index) => `a${index}`);
  await Promise.all(
    names.map((name, index) =>
      (stores[index % 2] ?? one).run(updateProfile, {
        DomainName,
        ProfileId,
        Attributes: { [name]: '1' },
      }),
    ),
  );
  const [row] = await query(database, 'select document from profiles');
  expect(Object.keys(JSON.parse(String(row?.document)).Attributes).sort()).toEqual(names.sort());
});

test('a domain deleted while profiles are created and keys added leaves nothing', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  for (let turn = 0; turn < 10; turn++) {
    const name = `domain-${turn}`;
    await one.seed.domain(name);
    const ProfileId = await one.seed.profile(name);
    const key = { DomainName: name, ProfileId, KeyName: 'card', Values: ['1'] };
    const outcomes = await Promise.allSettled([
      two.run(createProfile, { DomainName: name, EmailAddress: 'a@x.y' }),
      one.run(addProfileKey, key),
      two.run(deleteDomain, { DomainName: name }),
      one.run(createProfile, { DomainName: name, EmailAddress: 'b@x.y' }),
      two.run(addProfileKey, key),
    ]);
    expect(outcomes[2]).toMatchObject({ status: 'fulfilled' });
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ResourceNotFoundException' });
  }
  startSweeper(one);
  await untilSwept(one);
  expect(await countAllRows(database)).toEqual({
    domains: 1,
    domain_counts: 0,
    profiles: 0,
    profile_keys: 0,
  });
});

test('a large domain deleted twice at once goes once, and two sweepers share the rest', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  await query(
    database,
    `insert into profiles select domain_id, lpad(to_hex(number), 32, '0'), '{}', 1, 0, 0, ${one.clock.now + 1}
      from domains, generate_series(1, 2500) as number`,
  );
  const outcomes = await Promise.allSettled(
    stores.map((store) => store.run(deleteDomain, { DomainName })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'ResourceNotFoundException' },
  });
  expect(await countRows(database, 'profiles')).toBe(1500);
  startSweeper(one);
  startSweeper(two);
  await untilSwept(one);
  expect(await countAllRows(database)).toMatchObject({ domains: 0, profiles: 0 });
});

test('concurrent updates of one domain lose nothing', async () => {
  const { stores } = await openTwo();
  const [one, two] = stores;
  for (let days = 1; days <= 20; days++) {
    const DeadLetterQueueUrl = `queue-${days}`;
    await Promise.all([
      one.run(updateDomain, { DomainName, DefaultExpirationDays: days }),
      two.run(updateDomain, { DomainName, DeadLetterQueueUrl }),
      one.run(updateDomain, { DomainName, DefaultEncryptionKey: `key-${days}` }),
    ]);
    expect(await one.run(getDomain, { DomainName })).toMatchObject({
      DefaultExpirationDays: days,
      DeadLetterQueueUrl,
      DefaultEncryptionKey: `key-${days}`,
    });
  }
});

test('a domain’s tags and its settings changed at once lose nothing', async () => {
  const { stores } = await openTwo();
  const [one, two] = stores;
  const { caller } = one.context();
  const resourceArn = formatArn({ ...caller, domainName: DomainName });
  for (let days = 1; days <= 20; days++) {
    one.clock.advanceMs(1);
    two.clock.advanceMs(1);
    const key = `k${days}`;
    await Promise.all([
      one.run(updateDomain, { DomainName, DefaultExpirationDays: days }),
      two.run(tagResource, { resourceArn, tags: { [key]: 'v' } }),
      one.run(tagResource, { resourceArn, tags: { constant: key } }),
    ]);
    const domain = await one.run(getDomain, { DomainName });
    expect(domain.DefaultExpirationDays).toBe(days);
    // Tags leave this alone, even while it changes.
    expect(domain.LastUpdatedAt).toBe(one.clock.now / 1000);
    expect(domain.Tags).toMatchObject({ [key]: 'v', constant: key });
    expect(Object.keys(domain.Tags ?? {})).toHaveLength(days + 1);
  }
});

test('a change of nothing but LastUpdatedAt is not undone by who read the time before', async () => {
  const { stores } = await openTwo();
  const [one, two] = stores;
  const { caller } = one.context();
  const domain = { accountId: caller.accountId, domainName: DomainName };
  const later = one.clock.now + 1000;
  let runs = 0;
  await one.repository.write(async (session) => {
    const row = await findDomain(session, domain);
    if (row === undefined) throw new Error('the domain is gone');
    if (++runs === 1) await two.run(updateDomain, { DomainName }, { now: later });
    const { defaultExpirationDays, updatedAt } = row;
    await updateDomainRow(session, row, { settings: '{}', defaultExpirationDays, updatedAt });
  });
  expect(runs).toBe(2);
  const { LastUpdatedAt } = await one.run(getDomain, { DomainName });
  expect(LastUpdatedAt).toBe(later / 1000);
});

test('an integration put, tagged and deleted at once is whole or gone', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  const { caller } = one.context();
  const name = { DomainName, Uri: 's3://bucket' };
  const inDomain = { kind: 'integrations', name: name.Uri };
  const resourceArn = formatArn({ ...caller, domainName: DomainName, inDomain });
  for (let turn = 0; turn < 30; turn++) {
    const put = { ...name, ObjectTypeName: 'CTR', Tags: { made: '1' } };
    const outcomes = await Promise.allSettled([
      one.run(putIntegration, put),
      two.run(tagResource, { resourceArn, tags: { [`k${turn}`]: 'v' } }),
      one.run(deleteIntegration, name),
      two.run(putIntegration, { ...put, Scope: 'DOMAIN' }),
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ResourceNotFoundException' });
    for (const index of [0, 3]) expect(outcomes[index]).toMatchObject({ status: 'fulfilled' });
    for (const { document } of await query(database, 'select document from integrations'))
      expect(JSON.parse(String(document)).Tags.made).toBe('1');
  }
});

test('a domain deleted while integrations are put leaves none', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  for (let turn = 0; turn < 10; turn++) {
    await one.seed.domain('short-lived');
    const put = (Uri: string) => ({ DomainName: 'short-lived', Uri, ObjectTypeName: 'CTR' });
    const outcomes = await Promise.allSettled([
      one.run(putIntegration, put('a')),
      two.run(deleteDomain, { DomainName: 'short-lived' }),
      one.run(putIntegration, put('b')),
    ]);
    expect(outcomes[1]).toMatchObject({ status: 'fulfilled' });
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'ResourceNotFoundException' });
    expect(await countRows(database, 'integrations')).toBe(0);
  }
});

test('a read sees one state, whatever is committed between its statements', async () => {
  const { stores } = await openTwo();
  const [one, two] = stores;
  const { caller } = one.context();
  const name = { accountId: caller.accountId, domainName: 'later' };
  const seen = await one.repository.read(async (session) => {
    const before = await findDomain(session, name);
    await two.seed.domain('later');
    return [before, await findDomain(session, name)];
  });
  expect(seen).toEqual([undefined, undefined]);
});

test('units that deadlock run again, and both are stored', async () => {
  const { database, stores } = await openTwo();
  const [one, two] = stores;
  const first = await one.seed.profile(DomainName);
  const second = await one.seed.profile(DomainName);
  const runs = [0, 0];
  const bothHold = Promise.withResolvers<void>();
  let holding = 0;
  const inOrder = (store: TestStore, number: 0 | 1, order: readonly string[]) =>
    store.repository.write(async (session) => {
      runs[number] = (runs[number] ?? 0) + 1;
      const { now, caller } = store.context();
      const domain = { accountId: caller.accountId, domainName: DomainName };
      for (const profileId of order) {
        const read = await findProfile(session, { ...domain, profileId, now });
        if (read === undefined) throw new Error('the profile is gone');
        const document = JSON.stringify({ ...JSON.parse(read.document), [`by${number}`]: '1' });
        await updateProfileRow(session, read, { document, updatedAt: now, expiresAt: now + 1 });
        // On the first run each holds one profile before it asks for the other's.
        if (++holding === 2) bothHold.resolve();
        if (runs[number] === 1) await bothHold.promise;
      }
    });
  await Promise.all([inOrder(one, 0, [first, second]), inOrder(two, 1, [second, first])]);
  expect(Math.max(...runs)).toBeGreaterThan(1);
  const rows = await query(database, 'select document from profiles');
  for (const { document } of rows)
    expect(JSON.parse(String(document))).toEqual({ by0: '1', by1: '1' });
});
