import { describe, expect, test } from 'vitest';
import { searchProfiles } from '../../src/operations/profiles/search-profiles.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { addProfileKeys } from '../../src/repository/profile-keys.ts';
import { insertProfile } from '../../src/repository/profiles.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DomainName = 'customers';

/** Profiles in one unit of work, one for each list of key names that it is to have. */
async function seedMany(store: TestStore, profiles: readonly string[][]): Promise<string[]> {
  const { repository, caller, ids, now } = store.context();
  const domain = { accountId: caller.accountId, domainName: DomainName };
  return repository.write(async (session) => {
    const { domainId = '' } = (await findDomain(session, domain)) ?? {};
    const profileIds: string[] = [];
    for (const keyNames of profiles) {
      const profileId = ids.profileId(now);
      profileIds.push(profileId);
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

const common = (index: number) => (index % 2 === 0 ? ['common'] : ['frequent']);
const both = Array(3).fill(['common', 'frequent']);

describe('AND over keys that very many profiles have', () => {
  test('answers with short pages, and finds every overlap in the end', async () => {
    const store = await openTestStore();
    await store.seed.domain(DomainName);
    await seedMany(
      store,
      Array.from({ length: 22_000 }, (_, index) => common(index)),
    );
    const overlap = await seedMany(store, both);
    const [first, second] = await searchPages(store);
    expect([first, second]).toEqual([[], overlap]);
  });

  test('skips what only one of them has', async () => {
    const store = await openTestStore();
    await store.seed.domain(DomainName);
    await seedMany(store, Array(22_000).fill(['common']));
    const overlap = await seedMany(store, both);
    expect(await searchPages(store)).toEqual([overlap]);
  });
});
