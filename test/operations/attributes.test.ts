import { describe, expect, test } from 'vitest';
import { listObjectTypeAttributeValues } from '../../src/operations/attributes/list-object-type-attribute-values.ts';
import { listObjectTypeAttributes } from '../../src/operations/attributes/list-object-type-attributes.ts';
import { listProfileAttributeValues } from '../../src/operations/attributes/list-profile-attribute-values.ts';
import { inTurns } from '../../src/operations/in-turns.ts';
import { putProfileObjectType } from '../../src/operations/object-types/put-profile-object-type.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { insertObject } from '../../src/repository/profile-objects.ts';
import { insertProfile } from '../../src/repository/profiles.ts';
import { minimal } from '../support/object-types.ts';
import { openTestStore } from '../support/store.ts';

const DomainName = 'customers';
const domain = { accountId: '000000000000', domainName: DomainName };
const ObjectTypeName = 'Orders';
const type = { DomainName, ObjectTypeName };
const DAY_MS = 24 * 60 * 60 * 1000;

interface Stored {
  readonly document: string;
  readonly updatedAt?: number;
  readonly expiresAt?: number;
  readonly objectTypeName?: string;
}

async function open() {
  const store = await openTestStore();
  const { clock, repository } = store;
  await store.seed.domain(DomainName);
  await store.run(putProfileObjectType, { ...type, ...minimal });
  const { domainId = '' } = (await findDomain(repository.autocommit, domain)) ?? {};
  const { ids } = store.context();
  /** Stores objects of a profile in one unit of work, as many as no client could in a test. */
  const storeObjects = (profileId: string, objects: readonly Stored[]) =>
    repository.write(async (session) => {
      for (const { document, updatedAt = clock.now, ...rest } of objects) {
        const objectKey = ids.recordId(clock.now);
        await insertObject(session, {
          domainId,
          profileId,
          objectTypeName: rest.objectTypeName ?? ObjectTypeName,
          objectKey,
          uniqueValue: objectKey,
          document,
          documentBytes: Buffer.byteLength(document),
          sourceUpdatedAt: null,
          createdAt: updatedAt,
          updatedAt,
          expiresAt: rest.expiresAt ?? clock.now + 30 * DAY_MS,
        });
      }
    });
  const storeProfiles = (documents: readonly string[]) =>
    repository.write(async (session) => {
      for (const document of documents)
        await insertProfile(session, {
          domainId,
          profileId: ids.profileId(clock.now),
          document,
          version: 1,
          createdAt: clock.now,
          updatedAt: clock.now,
          expiresAt: clock.now + 30 * DAY_MS,
        });
    });
  const page = (AttributeName: string, position?: string) =>
    store.run(
      listObjectTypeAttributeValues,
      { ...type, AttributeName },
      { pagePosition: () => position },
    );
  /** All values, of every page. */
  const values = async (name: string) => {
    const all: string[] = [];
    let position: string | undefined;
    do {
      const { Items = [], NextToken } = await page(name, position);
      all.push(...Items.map(({ Value }) => Value));
      position = NextToken;
    } while (position !== undefined);
    return all;
  };
  const profileValues = async (AttributeName: string) => {
    const { Items = [] } = await store.run(listProfileAttributeValues, {
      DomainName,
      AttributeName,
    });
    return Items.map(({ Value }) => Value);
  };
  return { store, clock, storeObjects, storeProfiles, page, values, profileValues };
}

/** So many texts of JSON, numbered from 0, of at least so many bytes. */
function documents(count: number, bytes = 0): string[] {
  const filler = 'é'.repeat(bytes / 2);
  return Array.from({ length: count }, (_, n) =>
    JSON.stringify({ n: String(n), FirstName: String(n), filler }),
  );
}

/** The numbers below `count` from the last down, so many of them. */
function lastOf(count: number, length: number): string[] {
  return Array.from({ length }, (_, index) => String(count - 1 - index));
}

describe('the newest objects of a type', () => {
  test('are a thousand, by when they were written', async () => {
    const { store, clock, storeObjects, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    const objects = documents(1_002).map((document, index) => ({
      document,
      updatedAt: clock.now + index,
    }));
    // In another order than that of their times.
    await storeObjects(profileId, [...objects.slice(500), ...objects.slice(0, 500)]);
    expect(await values('n')).toEqual(lastOf(1_002, 1_000));
  });

  test('are fewer when they are large: the one that passes two megabytes is the last', async () => {
    const { store, clock, storeObjects, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    const large = documents(12, 250_000).map((document, index) => ({
      document,
      updatedAt: clock.now + index,
    }));
    await storeObjects(profileId, large);
    expect(await values('n')).toEqual(lastOf(12, 9));
  });

  test('are the same on every page, though more come later', async () => {
    const { store, clock, storeObjects, page, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    const objects = documents(1_000).map((document) => ({ document }));
    await storeObjects(profileId, objects);
    const before = await values('n');
    expect(new Set(before).size).toBe(1_000);
    const { Items, NextToken } = await page('n');
    clock.advanceMs(1);
    await storeObjects(
      profileId,
      documents(500).map((document) => ({ document: document.replace('"n":"', '"n":"new ') })),
    );
    const next = await page('n', NextToken);
    const shown = [...(Items ?? []), ...(next.Items ?? [])].map(({ Value }) => Value);
    expect(shown).toEqual(before.slice(0, 200));
  });

  test('are none of another type, of another domain, or that have expired', async () => {
    const { store, clock, storeObjects, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    await storeObjects(profileId, [
      { document: '{"n":"ours"}' },
      { document: '{"n":"other"}', objectTypeName: 'Other' },
      { document: '{"n":"expired"}', expiresAt: clock.now },
      { document: '{"n":"expiring"}', expiresAt: clock.now + 1 },
    ]);
    expect((await values('n')).toSorted()).toEqual(['expiring', 'ours']);
    clock.advanceMs(1);
    expect(await values('n')).toEqual(['ours']);
    await store.seed.domain('others');
    const elsewhere = { ...type, DomainName: 'others' };
    await store.run(putProfileObjectType, { ...elsewhere, ...minimal });
    const { Items } = await store.run(listObjectTypeAttributes, elsewhere);
    expect(Items?.map(({ AttributeName }) => AttributeName)).toEqual(['id']);
  });

  test('are none of a profile that has expired, even if nobody has swept it', async () => {
    const { store, clock, storeObjects, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    await storeObjects(profileId, [
      { document: '{"n":"orphan"}', expiresAt: clock.now + 1_000 * DAY_MS },
    ]);
    expect(await values('n')).toEqual(['orphan']);
    clock.advanceDays(366);
    expect(await values('n')).toEqual([]);
  });

  test('pass over what is no object: only somebody who changes the store can leave that', async () => {
    const { store, storeObjects, values } = await open();
    const profileId = await store.seed.profile(DomainName);
    await storeObjects(profileId, [{ document: '[]' }, { document: '{"n":"1"}' }]);
    expect(await values('n')).toEqual(['1']);
  });
});

describe('the newest profiles', () => {
  test('are a thousand, by when they were created', async () => {
    const { storeProfiles, profileValues } = await open();
    await storeProfiles(documents(1_001));
    expect(await profileValues('FirstName')).toEqual(lastOf(1_001, 1_000));
  });

  test('are fewer when they are large', async () => {
    const { storeProfiles, profileValues } = await open();
    await storeProfiles(documents(12, 250_000));
    expect(await profileValues('FirstName')).toEqual(lastOf(12, 9));
  });

  test('are none that have expired', async () => {
    const { store, clock, profileValues } = await open();
    await store.seed.profile(DomainName, { FirstName: 'Ada' });
    clock.advanceDays(366);
    await store.seed.profile(DomainName, { FirstName: 'Grace' });
    expect(await profileValues('FirstName')).toEqual(['Grace']);
  });
});

describe('inTurns', () => {
  async function turnsDuring(texts: readonly string[]): Promise<boolean> {
    let hasTurned = false;
    setImmediate(() => {
      hasTurned = true;
    });
    const seen: string[] = [];
    for await (const { document } of inTurns(texts.map((document) => ({ document, updatedAt: 0 }))))
      seen.push(document);
    expect(seen).toEqual(texts);
    return hasTurned;
  }

  test('gives others a turn among many documents, or few that are large', async () => {
    expect(await turnsDuring(documents(1_000))).toBe(true);
    expect(await turnsDuring(documents(2, 250_000))).toBe(true);
  });

  test('does not for what is soon done', async () => {
    expect(await turnsDuring(documents(10))).toBe(false);
  });
});
