import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deleteDomain } from '../../src/operations/domains/delete-domain.ts';
import { getDomain } from '../../src/operations/domains/get-domain.ts';
import { updateDomain } from '../../src/operations/domains/update-domain.ts';
import { getProfileHistoryRecord } from '../../src/operations/history/get-profile-history-record.ts';
import { listProfileHistoryRecords } from '../../src/operations/history/list-profile-history-records.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { batchGetProfile } from '../../src/operations/profiles/batch-get-profile.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { nextChanges } from '../../src/repository/rule-match-changes.ts';
import { keysOfProfile } from '../../src/transfer/keys-of-profile.ts';
import { sharedDatabase, testDatabase } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { accountId, rejectsOf, Transfers } from '../support/transfer.ts';
import { inFrontOf } from '../support/units.ts';

const DomainName = 'customers';
const other = 'other';
const id = (digit: string) => digit.repeat(32);

async function open(database?: string) {
  const store = await openTestStore(database);
  await store.seed.domain(DomainName);
  await store.seed.domain(other);
  return { store, transfers: new Transfers(store) };
}

/** The profiles that a search by one key finds. */
async function find(store: TestStore, domain: string, KeyName: string, ...Values: string[]) {
  const { Items = [] } = await store.run(searchProfiles, { DomainName: domain, KeyName, Values });
  return Items;
}

async function fillWithNastyProfiles(store: TestStore): Promise<void> {
  const { seed } = store;
  const nasty = await seed.profile(DomainName, {
    FirstName: ' "Ada", ',
    LastName: 'line\nbreak\r\nand\rmore\r',
    EmailAddress: 'Ada@Example.com',
    PhoneNumber: '(555) 123-4567',
    AdditionalInformation: '\uFEFF=SUM(A1)\t😀 日本 \u2028',
    Address: { City: 'c', Address1: "'" },
    Attributes: JSON.parse('{"__proto__":"x","constructor":"y","a.b":"[","10":"1","9":"2"}'),
    EngagementPreferences: { Phone: [{ KeyName: 'a', KeyValue: '"' }] },
  });
  await seed.key(DomainName, nasty, 'card', '[1]', '["quoted"]', ' spaced ', 'a,b');
  await seed.key(DomainName, nasty, 'single', '[vip] 7');
  await seed.key(DomainName, nasty, '_phone', '+1 555 123 4567');
  for (const part of [0, 1, 2])
    await seed.key(
      DomainName,
      nasty,
      'many',
      ...Array.from({ length: 200 }, (_, n) => `${part}-${n}`),
    );
  const robbed = await seed.profile(DomainName, { EmailAddress: 'gone@x.y', LastName: 'Robbed' });
  await store.run(deleteProfileKey, {
    DomainName,
    ProfileId: robbed,
    KeyName: '_email',
    Values: ['gone@x.y'],
  });
  await seed.profile(DomainName, {});
}

describe('what is exported is what is imported', () => {
  test.each(['ndjson', 'csv'] as const)('%s: byte by byte, and back', async (format) => {
    const { store, transfers } = await open();
    await fillWithNastyProfiles(store);
    store.clock.advanceDays(3);
    await store.seed.profile(DomainName, { FirstName: 'Later' });
    const exported = await transfers.exportText(DomainName, format);
    store.clock.advanceDays(1);
    const file = transfers.file(exported, format);
    const { state, end, rowsOfRun } = await transfers.importFile(other, file);
    expect({ end, rowsOfRun }).toEqual({ end: 'done', rowsOfRun: 4 });
    expect(state).toMatchObject({ created: 4, updated: 0, rejected: 0 });
    expect(await transfers.exportText(other, format)).toBe(exported);
    expect(await find(store, other, '_email', 'gone@x.y')).toEqual([]);
    expect(await find(store, other, 'single', '[vip] 7')).toHaveLength(1);
    const { Stats } = await store.run(getDomain, { DomainName: other });
    expect(Stats?.ProfileCount).toBe(4);
    // A second time it changes nothing, though every profile is there.
    const again = await transfers.importFile(other, file, { isAgain: true });
    expect(again.state).toMatchObject({ created: 0, updated: 4, rejected: 0 });
    expect(await transfers.exportText(other, format)).toBe(exported);
  });

  test('keys of objects become keys of the profile, and objects are not part of it', async () => {
    const { store, transfers } = await open();
    await store.run(putProfileObjectType, {
      DomainName,
      ObjectTypeName: 'crm',
      Description: 'd',
      AllowProfileCreation: true,
      Fields: {
        id: { Source: '_source.id', Target: '_profile.AccountNumber', ContentType: 'STRING' },
        mail: {
          Source: '_source.mail',
          Target: '_profile.EmailAddress',
          ContentType: 'EMAIL_ADDRESS',
        },
      },
      Keys: {
        crmId: [{ FieldNames: ['id'], StandardIdentifiers: ['PROFILE', 'UNIQUE'] }],
        crmMail: [{ FieldNames: ['mail'] }],
        crmBoth: [{ FieldNames: ['id', 'mail'] }],
      },
    });
    const object = JSON.stringify({ id: '7', mail: 'Ada@X.y' });
    await store.run(putProfileObject, { DomainName, ObjectTypeName: 'crm', Object: object });
    const exported = await transfers.exportText(DomainName);
    expect(JSON.parse(exported)).toMatchObject({
      AccountNumber: '7',
      Keys: [
        { KeyName: 'crmId', Values: ['7'] },
        { KeyName: 'crmMail', Values: ['Ada@X.y'] },
      ],
    });
    await transfers.importFile(other, transfers.file(exported));
    expect(await transfers.exportText(other)).toBe(exported);
    expect(await find(store, other, 'crmId', '7')).toHaveLength(1);
  });

  test.each([
    ['of its own', testDatabase],
    ['that others may open', sharedDatabase],
  ])(
    'an export of a database %s is of one moment, whatever is written meanwhile',
    async (_, database) => {
      const { store, transfers } = await open(await database());
      const ids = await store.seed.profiles(DomainName, 300, { FirstName: 'Before' });
      const [first = ''] = ids;
      const last = ids.at(-1) ?? '';
      const before = await transfers.exportText(DomainName);
      let pages = 0;
      const during = await transfers.exportText(DomainName, 'ndjson', async () => {
        if (pages++ > 0) return;
        await store.run(deleteProfile, { DomainName, ProfileId: last });
        await store.run(updateProfile, {
          DomainName,
          ProfileId: ids[298] ?? '',
          FirstName: 'After',
        });
        await store.seed.key(DomainName, ids[297] ?? '', 'card', 'new');
        await store.seed.profile(DomainName, { FirstName: 'New' });
      });
      expect(pages).toBeGreaterThan(1);
      expect(during).toBe(before);
      const after = await transfers.exportText(DomainName);
      expect(after).toContain('"After"');
      expect(after).not.toContain(last);
      expect(after).toContain(first);
    },
  );

  test('CSV has the columns of all profiles, of the moment of its first', async () => {
    const { store, transfers } = await open();
    await store.seed.profile(DomainName, { FirstName: 'Ada' });
    await store.seed.profile(DomainName, { Attributes: { plan: 'gold' } });
    const [header] = (await transfers.exportText(DomainName, 'csv')).split('\n');
    expect(header).toBe('ProfileId,FirstName,Attributes.plan,CreatedAt,UpdatedAt,ExpiresAt');
    expect(await transfers.exportText(other, 'csv')).toBe(
      'ProfileId,CreatedAt,UpdatedAt,ExpiresAt\n',
    );
  });

  test('expired profiles are not exported, and not imported', async () => {
    const { store, transfers } = await open();
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 1 });
    await store.seed.profile(DomainName, { FirstName: 'Old' });
    const exported = await transfers.exportText(DomainName);
    store.clock.advanceDays(2);
    expect(await transfers.exportText(DomainName)).toBe('');
    const { rejects } = await transfers.importLines(other, [exported.trimEnd()]);
    expect(rejects).toMatchObject([{ Line: 1, Reason: 'The profile has expired.' }]);
  });

  test('a domain that is not there', async () => {
    const { transfers } = await open();
    const missing = `account ${accountId} has no domain 'nowhere'`;
    await expect(transfers.exportText('nowhere')).rejects.toThrow(missing);
    await expect(transfers.importLines('nowhere', [{}])).rejects.toThrow(missing);
  });
});

describe('imported profiles', () => {
  test('are what the operations make, with their history and counts', async () => {
    const { store, transfers } = await open();
    const fields = { FirstName: 'Ada', EmailAddress: 'ada@x.y', Attributes: { plan: 'gold' } };
    const made = await store.seed.profile(DomainName, fields);
    await store.seed.key(DomainName, made, 'card', '2', '1');
    await transfers.importLines(other, [
      { ...fields, Keys: [{ KeyName: 'card', Values: ['2', '1'] }] },
    ]);
    const [found] = await find(store, other, 'card', '1');
    const imported = found?.ProfileId ?? '';
    expect(imported).toMatch(/^[0-9a-f]{32}$/);
    const seen = async (domain: string, ProfileId: string) => {
      const { ProfileHistoryRecords: records = [] } = await store.run(listProfileHistoryRecords, {
        DomainName: domain,
        ProfileId,
      });
      const contents = records.map(async ({ Id = '' }) => {
        const record = await store.run(getProfileHistoryRecord, {
          DomainName: domain,
          ProfileId,
          Id,
        });
        const { ActionType, PerformedBy, Content } = record;
        return { ActionType, PerformedBy, Content: Content?.replace(ProfileId, 'id') };
      });
      const name = { accountId, domainName: domain, profileId: ProfileId, now: store.clock.now };
      const keys = await store.repository.read((session) => keysOfProfile(session, name));
      const { Stats } = await store.run(getDomain, { DomainName: domain });
      const texts = JSON.stringify(keys).replaceAll(ProfileId, 'id');
      return { history: await Promise.all(contents), keys: texts, Stats };
    };
    const byOperations = await seen(DomainName, made);
    expect(byOperations.history).toHaveLength(2);
    expect(await seen(other, imported)).toEqual(byOperations);
  });

  test('that are there are changed: fields are set, keys added, the rest stays', async () => {
    const { store, transfers } = await open();
    const ProfileId = await store.seed.profile(DomainName, {
      FirstName: 'Ada',
      EmailAddress: 'old@x.y',
      Attributes: { a: '1' },
    });
    await store.seed.key(DomainName, ProfileId, 'card', '1');
    const { created, updated } = await transfers.importLines(DomainName, [
      { ProfileId, EmailAddress: 'new@x.y', Attributes: { b: '2' } },
      { ProfileId, LastName: 'Lovelace', Keys: [{ KeyName: 'card', Values: ['2'] }] },
    ]);
    expect({ created, updated }).toEqual({ created: 0, updated: 2 });
    const [profile] = await find(store, DomainName, 'card', '2');
    expect(profile).toMatchObject({
      ProfileId,
      FirstName: 'Ada',
      LastName: 'Lovelace',
      EmailAddress: 'new@x.y',
      Attributes: { a: '1', b: '2' },
    });
    expect(await find(store, DomainName, '_email', 'old@x.y')).toEqual([]);
    expect(await find(store, DomainName, '_fullName', 'ada lovelace')).toHaveLength(1);
    expect(await find(store, DomainName, 'card', '1')).toHaveLength(1);
  });

  test('with an id that is new and comes several times are made once, and then changed', async () => {
    const { store, transfers } = await open();
    const { created, updated } = await transfers.importLines(DomainName, [
      { Items: [{ ProfileId: id('a'), FirstName: 'Ada' }] },
      {
        Profiles: [
          { ProfileId: id('a'), LastName: 'L' },
          { ProfileId: id('a'), FirstName: 'A' },
        ],
      },
      { ProfileId: id('b') },
    ]);
    expect({ created, updated }).toEqual({ created: 2, updated: 2 });
    const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds: [id('a')] });
    expect(Profiles).toEqual([{ ProfileId: id('a'), FirstName: 'A', LastName: 'L' }]);
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(2);
  });

  test('take the place of an expired one of the same id', async () => {
    const { store, transfers } = await open();
    await store.run(updateDomain, { DomainName, DefaultExpirationDays: 1 });
    const ProfileId = await store.seed.profile(DomainName, { FirstName: 'Old', LastName: 'Old' });
    store.clock.advanceDays(2);
    const { created } = await transfers.importLines(DomainName, [{ ProfileId, FirstName: 'New' }]);
    expect(created).toBe(1);
    const { Profiles } = await store.run(batchGetProfile, { DomainName, ProfileIds: [ProfileId] });
    expect(Profiles).toEqual([{ ProfileId, FirstName: 'New' }]);
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(1);
  });

  test('are noted for rule-based matching where their domain has it', async () => {
    const { store, transfers } = await open();
    await store.run(updateDomain, { DomainName, RuleBasedMatching: { Enabled: true } });
    await transfers.importLines(DomainName, [{ ProfileId: id('a') }, { ProfileId: id('b') }]);
    await transfers.importLines(other, [{ ProfileId: id('c') }]);
    const changes = async (domainName: string) => {
      const { autocommit } = store.repository;
      const domain = await findDomain(autocommit, { accountId, domainName });
      return nextChanges(autocommit, domain?.domainId ?? '', 10);
    };
    expect(await changes(DomainName)).toEqual([id('a'), id('b')]);
    expect(await changes(other)).toEqual([]);
  });

  test('are found by the keys of a recorded answer that their fields do not give', async () => {
    const { store, transfers } = await open();
    const FoundByItems = [
      { KeyName: '_email', Values: ['ADA@x.y'] },
      { KeyName: 'card', Values: ['7'] },
    ];
    const Items = [{ ProfileId: id('a'), EmailAddress: 'ada@x.y', FoundByItems }];
    await transfers.importLines(DomainName, [{ Items, NextToken: 'n' }]);
    const name = { accountId, domainName: DomainName, profileId: id('a'), now: store.clock.now };
    const keys = await store.repository.read((session) => keysOfProfile(session, name));
    expect(keys).toEqual([
      { keyName: '_email', value: 'ada@x.y', from: 'FIELD', fields: ['EmailAddress'] },
      { keyName: '_profileId', value: id('a'), from: 'FIELD' },
      { keyName: 'card', value: '7', from: 'API' },
    ]);
  });

  test('are many in one line, and in one file', async () => {
    const { store, transfers } = await open();
    const Items = Array.from({ length: 700 }, (_, index) => ({ FirstName: `n${index}` }));
    const { created } = await transfers.importLines(DomainName, [{ Items }, ...Items]);
    expect(created).toBe(1_400);
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(1_400);
    expect(await find(store, DomainName, '_fullName', 'n699')).toHaveLength(2);
  });
});

describe('rejected rows', () => {
  test('are kept with line and reason, as they stand in the file, and the others are imported', async () => {
    const { store, transfers } = await open();
    const large = Object.fromEntries(
      Array.from({ length: 1_100 }, (_, index) => [`a${index}`, 'x'.repeat(255)]),
    );
    const { created, rejects } = await transfers.importLines(DomainName, [
      { FirstName: 'Ada' },
      '{"FirstName":',
      '',
      { Attributes: large },
      { Items: [{ FirstName: 'Grace' }, { FirstName: '' }] },
      { Keys: [{ KeyName: '_profileId', Values: [id('b')] }], ProfileId: id('a') },
      { ProfileId: id('b') },
      { Keys: [{ KeyName: '_profileId', Values: [id('a')] }] },
    ]);
    expect(created).toBe(3);
    const row = (line: number) => rejects.find(({ Line }) => Line === line);
    expect(rejects.map(({ Line }) => Line)).toEqual([2, 4, 5, 7, 8]);
    expect(row(2)).toEqual({
      Line: 2,
      Reason: 'The line is not valid JSON.',
      Row: '{"FirstName":',
    });
    expect(row(4)?.Reason).toBe('The profile is larger than 256000 bytes');
    expect(row(5)).toMatchObject({ Profile: 2, Row: '{"FirstName":""}' });
    expect(row(7)?.Reason).toBe('ProfileId is a value of _profileId of another profile.');
    expect(row(8)?.Reason).toBe('A value of _profileId is the id of another profile.');
    // The same when the other is stored already.
    const later = await transfers.importLines(DomainName, [
      { ProfileId: id('b'), FirstName: 'x' },
      { Keys: [{ KeyName: '_profileId', Values: [id('a')] }], FirstName: 'y' },
    ]);
    expect(later.rejects.map(({ Reason }) => Reason)).toEqual([row(7)?.Reason, row(8)?.Reason]);
    expect(await find(store, DomainName, '_profileId', id('b'))).toMatchObject([
      { ProfileId: id('a') },
    ]);
  });

  test('of CSV have the numbers of their lines, whatever goes over lines before them', async () => {
    const { store, transfers } = await open();
    const rows = [
      '\uFEFFFirstName,LastName',
      '"a',
      'b",c',
      'one cell',
      '"open,x',
      'Ada,Lovelace',
      'Grace,Hopper,Rear Admiral',
    ];
    const file = transfers.file(rows.join('\r\n'), 'csv');
    const { state } = await transfers.importFile(DomainName, file);
    expect(state).toMatchObject({ created: 2, rejected: 3 });
    expect(rejectsOf(file)).toEqual([
      { Line: 4, Reason: 'The row has 1 cells, and the header has 2.', Row: 'one cell' },
      { Line: 5, Reason: 'The quotes of the row are not in order.', Row: '"open,x' },
      {
        Line: 7,
        Reason: 'The row has 3 cells, and the header has 2.',
        Row: 'Grace,Hopper,Rear Admiral',
      },
    ]);
    expect(await find(store, DomainName, '_fullName', 'ada lovelace')).toHaveLength(1);
  });

  test('that are no UTF-8', async () => {
    const { transfers } = await open();
    const file = transfers.file(Buffer.from([0x7b, 0xff, 0x7d, 0x0a]));
    await transfers.importFile(DomainName, file);
    expect(rejectsOf(file)).toMatchObject([{ Line: 1, Reason: 'The line is not valid UTF-8.' }]);
  });

  test('do not go into a file that has something in it', async () => {
    const { transfers } = await open();
    const rejectsFile = transfers.file('precious');
    const file = transfers.file('{}\n');
    await expect(transfers.importFile(DomainName, file, { rejectsFile })).rejects.toThrow(
      'is there already: move it away',
    );
    expect(readFileSync(rejectsFile, 'utf8')).toBe('precious');
  });
});

describe('an import that is stopped', () => {
  const lines = Array.from({ length: 1_000 }, (_, index) =>
    index % 10 === 3 ? `{"bad":${index}}` : JSON.stringify({ FirstName: `n${index}` }),
  );

  test('goes on where it was, and each row is taken or rejected once', async () => {
    const { store, transfers } = await open();
    const file = transfers.file(lines.join('\n'));
    let units = 0;
    const isStopped = () => ++units > 2;
    const first = await transfers.importFile(DomainName, file, {}, { isStopped });
    expect(first.end).toBe('stopped');
    expect(first.rowsOfRun).toBe(512);
    expect(first.state.line).toBe(513);
    const begun: number[] = [];
    const onBegin = ({ rows }: { rows: number }) => void begun.push(rows);
    const second = await transfers.importFile(DomainName, file, {}, { onBegin });
    expect(begun).toEqual([512]);
    expect(second).toMatchObject({
      end: 'done',
      rowsOfRun: 488,
      state: { created: 900, rejected: 100 },
    });
    expect(rejectsOf(file).map(({ Line }) => Line)).toEqual(
      Array.from({ length: 100 }, (_, index) => index * 10 + 4),
    );
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(900);
    const third = await transfers.importFile(DomainName, file);
    expect(third).toMatchObject({ end: 'before', rowsOfRun: 0, state: { created: 900 } });
  });

  test('is another one for another domain, format or mapping', async () => {
    const { transfers } = await open();
    const file = transfers.file('FirstName,x\nAda,y\n', 'csv');
    const columns = (target: string | null) => new Map([['x', target]]);
    for (const [domain, mapping, created] of [
      [DomainName, columns(null), 1],
      [other, columns(null), 1],
      [DomainName, columns('LastName'), 1],
    ] as const) {
      const { end, state } = await transfers.importFile(domain, file, { mapping });
      expect({ end, created: state.created }).toEqual({ end: 'done', created });
    }
  });

  test('is not gone on with by two at once: one of them stores a row, the other nothing', async () => {
    const { store, transfers } = await open();
    const file = transfers.file(lines.slice(0, 3).join('\n'));
    await transfers.importFile(DomainName, file, {}, { isStopped: () => true });
    const runs = await Promise.allSettled(
      ['a', 'b'].map((name) =>
        transfers.importFile(DomainName, file, { rejectsFile: `${file}.${name}` }),
      ),
    );
    const failed = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []));
    for (const { message } of failed) expect(message).toContain('another process is importing');
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(3);
  });

  test('wants the file of rejects that it had, and leaves any other alone', async () => {
    const { transfers } = await open();
    const file = transfers.file(lines.join('\n'));
    let units = 0;
    await transfers.importFile(DomainName, file, {}, { isStopped: () => ++units > 2 });
    const written = readFileSync(`${file}.rejects`, 'utf8');
    for (const text of ['', 'precious', `${written}precious`, `${written.slice(0, -5)}wrong`]) {
      const rejectsFile = transfers.file(text);
      const elsewhere = transfers.importFile(DomainName, file, { rejectsFile });
      await expect(elsewhere).rejects.toThrow('name the same file with --rejects');
      expect(readFileSync(rejectsFile, 'utf8')).toBe(text);
    }
    // What was stored and not yet written is: all of it, or half of it.
    const rejectsFile = transfers.file(written.slice(0, -10));
    const { end } = await transfers.importFile(DomainName, file, { rejectsFile });
    expect(end).toBe('done');
    expect(readFileSync(rejectsFile, 'utf8').startsWith(written)).toBe(true);
  });

  test('ends when its domain is deleted, and is not there for the next of that name', async () => {
    const { store, transfers } = await open();
    const file = transfers.file(lines.join('\n'));
    const deleted = async (isMade: boolean) => {
      await store.run(deleteDomain, { DomainName });
      if (isMade) await store.seed.domain(DomainName);
    };
    for (const isMade of [false, true]) {
      const { repository } = store;
      const own = inFrontOf(repository, {
        write: async (work) => {
          const value = await repository.write(work);
          await deleted(isMade);
          return value;
        },
      });
      const gone = transfers.importFile(DomainName, file, {}, { repository: own });
      await expect(gone).rejects.toThrow(`has no domain '${DomainName}'`);
      if (!isMade) await store.seed.domain(DomainName);
      const { Stats } = await store.run(getDomain, { DomainName });
      expect(Stats?.ProfileCount).toBe(0);
    }
  });
});

describe('files that are refused', () => {
  test.each([
    ['', 'is empty: it must have a header'],
    ['Mail\nx\n', "nobody knows the columns 'Mail'"],
    ['a"b\n', 'its first line is no header of CSV'],
  ])('CSV %j', async (text, problem) => {
    const { store, transfers } = await open();
    await expect(transfers.importFile(DomainName, transfers.file(text, 'csv'))).rejects.toThrow(
      problem,
    );
    const { Stats } = await store.run(getDomain, { DomainName });
    expect(Stats?.ProfileCount).toBe(0);
  });

  test('what is no file, and what is not there', async () => {
    const { transfers } = await open();
    await expect(transfers.importFile(DomainName, '/dev/null')).rejects.toThrow(
      'is not a regular file',
    );
    await expect(transfers.importFile(DomainName, '/nowhere/x')).rejects.toThrow("can't be read");
  });
});
