import { expect, test } from 'vitest';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { putProfileObject } from '../../src/operations/objects/put-profile-object.ts';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { countObjects } from '../../src/repository/domain-counts.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { sharedDatabase } from '../support/database.ts';
import { query } from '../support/postgres-server.ts';
import { openTestStore } from '../support/store.ts';

const DomainName = 'customers';
const ObjectTypeName = 'ticket';

test('an object is stored while a unit that has counted in the same place is open', async () => {
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
  const ticket = (text: string) => ({
    DomainName,
    ObjectTypeName,
    Object: JSON.stringify({ id: 1, text }),
  });
  await one.run(putProfileObject, ticket('one'));
  const search = { DomainName, KeyName: 'ticket', Values: ['1'] };
  const { Items = [] } = await one.run(searchProfiles, search);
  const profileId = Items[0]?.ProfileId ?? '';
  const account = { accountId: '000000000000', domainName: DomainName };
  const domain = await findDomain(one.repository.autocommit, account);
  let outcome: 'stored' | 'waiting' | undefined;
  let replaced: Promise<unknown> = Promise.resolve();
  await one.repository.write(async (session) => {
    const change = { profileId, before: 1, after: 1, bytes: 1 };
    countObjects(session, domain?.domainId ?? '', [change]);
    replaced = two.run(putProfileObject, ticket('longer than one')).then(() => {
      outcome ??= 'stored';
    });
    const waiting =
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while (outcome === undefined)
      if ((await query(database, waiting)).length > 0) outcome = 'waiting';
  });
  await replaced;
  expect(outcome).toBe('stored');
});
