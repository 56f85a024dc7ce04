import { describe, expect, test } from 'vitest';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { addProfileKeys } from '../../src/repository/profile-keys.ts';
import { insertProfile } from '../../src/repository/profiles.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';

/** Profiles in one unit of work, each with the keys that it is given. */
async function seedMany(store: TestStore, count: number, ...keyNames: string[]): Promise<string[]> {
  const { repository, caller, ids, now } = store.context();
  const domain = { accountId: caller.accountId, domainName: DomainName };
  return repository.write(async (session) => {
    const { domainId = '' } = (await findDomain(session, domain)) ?? {};
    const profileIds = Array.from({ length: count }, () => ids.profileId(now));
    for (const profileId of profileIds) {
      await insertProfile(session, {
        domainId,
        profileId,
        document: '{}',
        version: 1,
        createdAt: now,
        updatedAt: now,
        expiresAt: now + 1,
      });
      for (const keyName of keyNames)
        await addProfileKeys(session, { ...domain, profileId, now }, keyName, [
          { given: '1', normal: '1' },
        ]);
    }
    return profileIds;
  });
}

async function searchPages(store: TestStore): Promise<string[][]> {
  const pages: string[][] = [];
  let position: string | undefined;
  do {
    const after = position;
    const page = await store.run(
      searchProfiles,
      {
        DomainName,
        KeyName: 'common',
        Values: ['1'],
        AdditionalSearchKeys: [{ KeyName: 'frequent', Values: ['1'] }],
        LogicalOperator: 'AND',
      },
      { pagePosition: () => after },
    );
    pages.push((page.Items ?? []).map(({ ProfileId }) => ProfileId ?? ''));
    position = page.NextToken;
  } while (position !== undefined);
  return pages;
}

describe('AND over keys that very many profiles have', () => {
  test('answers with short pages, and finds every overlap in the end', async () => {
    const store = openTestStore();
    await store.seed.domain(DomainName);
    await seedMany(store, 10_300, 'common');
    await seedMany(store, 300, 'frequent');
    const both = await seedMany(store, 3, 'common', 'frequent');
    expect(await searchPages(store)).toEqual([[], both]);
  });

  test('goes through the key that few profiles have', async () => {
    const store = openTestStore();
    await store.seed.domain(DomainName);
    await seedMany(store, 10_300, 'common');
    const both = await seedMany(store, 3, 'common', 'frequent');
    expect(await searchPages(store)).toEqual([both]);
  });
});
