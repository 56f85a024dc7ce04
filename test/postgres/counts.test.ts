import pg from 'pg';
import { expect, test } from 'vitest';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { countObjects } from '../../src/repository/domain-counts.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';
const ObjectTypeName = 'ticket';

/** Two processes on one domain with a profile that has a ticket. */
async function open() {
  const database = await sharedDatabase();
  const [one, two] = [await openTestStore(database), await openTestStore(database)];
  await one.seed.domain(DomainName);
  await one.run(putProfileObjectType, {
    DomainName,
    ObjectTypeName,
    Description: 'd',
    AllowProfileCreation: true,
    Fields: { id: { Source: '_source.id' } },
    Keys: { ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }] },
  });
  const put = (store: TestStore, text: string) =>
    store.run(putProfileObject, {
      DomainName,
      ObjectTypeName,
      Object: JSON.stringify({ id: 1, text }),
    });
  await put(one, 'one');
  const search = { DomainName, KeyName: 'ticket', Values: ['1'] };
  const { Items = [] } = await one.run(searchProfiles, search);
  const account = { accountId: '000000000000', domainName: DomainName };
  const domain = await findDomain(one.repository.autocommit, account);
  const profileId = Items[0]?.ProfileId ?? '';
  return { database, one, two, put, domainId: domain?.domainId ?? '', profileId };
}

/** Whether work is done, or waits for somebody's lock. */
async function outcomeOf(database: string, work: Promise<unknown>): Promise<'stored' | 'waiting'> {
  let outcome: 'stored' | undefined;
  void work.then(() => {
    outcome = 'stored';
  });
  const waiting =
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
  while (outcome === undefined) if ((await query(database, waiting)).length > 0) return 'waiting';
  return outcome;
}

test('an object is stored while a unit that has counted in the same place is open', async () => {
  const { database, one, two, put, domainId, profileId } = await open();
  const outcome = await one.repository.write(async (session) => {
    countObjects(session, domainId, [{ profileId, before: 1, after: 1, bytes: 1 }]);
    return outcomeOf(database, put(two, 'longer than one'));
  });
  expect(outcome).toBe('stored');
});

test('an object is replaced by one of its size while somebody else holds the counts', async () => {
  const { database, two, put } = await open();
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query('begin; select * from domain_counts for update');
    expect(await outcomeOf(database, put(two, 'two'))).toBe('stored');
  } finally {
    await client.end();
  }
});
