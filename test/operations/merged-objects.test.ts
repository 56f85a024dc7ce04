import { describe, expect, test } from 'vitest';
import { deleteProfileObject } from '../../src/operations/objects/delete-profile-object.ts';
import { listProfileObjects } from '../../src/operations/objects/list-profile-objects.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { PROFILES_PER_MERGE_MAX } from '../../src/repository/merging.ts';
import { sharedDatabase } from '../support/database.ts';
import { DomainName, Merges } from '../support/merges.ts';
import { countRows } from '../support/rows.ts';
import { sweepOnce } from '../support/sweep.ts';

/** Two profiles that have each an object of one unique value, and how each is found. */
async function twoVersions(database?: string) {
  const merges = await Merges.open(database);
  await merges.put({ id: 2, mail: 'ada' });
  await merges.put({ id: 1, mail: 'eve', text: 'older' });
  await merges.put({ id: 1, mail: 'ada', text: 'newer' });
  const [main = ''] = await merges.found('mail', 'eve');
  const [other = ''] = await merges.found('mail', 'ada');
  return { merges, main, other };
}

/** Deletes the object of a profile that has an id. */
async function deleteObject({ store }: Merges, ProfileId: string, id: number): Promise<void> {
  const input = { DomainName, ObjectTypeName: 'ticket', ProfileId };
  const { Items = [] } = await store.run(listProfileObjects, input);
  const found = Items.find(({ Object: text = '' }) => JSON.parse(text).id === id);
  const ProfileObjectUniqueKey = found?.ProfileObjectUniqueKey ?? '';
  await store.run(deleteProfileObject, { ...input, ProfileObjectUniqueKey });
}

describe('undoing a merge', () => {
  test('restores the older of two objects with the same unique value to its profile', async () => {
    const merges = await Merges.open();
    await merges.put({ id: 2, mail: 'ada' });
    await merges.put({ id: 1, mail: 'eve', text: 'older' });
    await merges.put({ id: 1, mail: 'ada', text: 'newer' });
    const [main = ''] = await merges.found('mail', 'eve');
    const [other = ''] = await merges.found('mail', 'ada');
    const before = await merges.counts();
    const mergeId = await merges.merge(main, other);
    expect(await merges.objects(main)).toHaveLength(2);
    await merges.undo(mergeId);
    expect(await merges.objects(main)).toEqual([{ id: 1, mail: 'eve', text: 'older' }]);
    expect(await merges.objects(other)).toEqual([
      { id: 2, mail: 'ada' },
      { id: 1, mail: 'ada', text: 'newer' },
    ]);
    expect(await merges.found('mail', 'eve')).toEqual([main]);
    expect(await merges.counts()).toEqual(before);
  });

  test('does not bring back what a deleted object type has left', async () => {
    const merges = await Merges.open();
    await merges.put({ id: 2, mail: 'ada', plan: 'gold' });
    await merges.put({ id: 1, mail: 'eve', plan: 'iron' });
    await merges.put({ id: 1, mail: 'ada', plan: 'lead' });
    const [main = ''] = await merges.found('mail', 'ada');
    const [other = ''] = await merges.found('mail', 'eve');
    const mergeId = await merges.merge(main, other);
    await merges.deleteType();
    await merges.undo(mergeId);
    expect(await merges.profiles(main, other)).toEqual([{ ProfileId: main }, { ProfileId: other }]);
    expect(await merges.counts()).toMatchObject({ ProfileCount: 2, ObjectCount: 0, TotalSize: 0 });
  });

  test('does not bring it back either when a type of that name is there again', async () => {
    const merges = await Merges.open();
    await merges.put({ id: 2, mail: 'ada', plan: 'gold' });
    await merges.put({ id: 1, mail: 'eve', plan: 'iron' });
    await merges.put({ id: 1, mail: 'ada', plan: 'lead' });
    const [main = ''] = await merges.found('mail', 'ada');
    const [other = ''] = await merges.found('mail', 'eve');
    const mergeId = await merges.merge(main, other);
    await merges.deleteType();
    merges.store.clock.advanceMs(1);
    await merges.define();
    await merges.undo(mergeId);
    expect(await merges.profiles(main, other)).toEqual([{ ProfileId: main }, { ProfileId: other }]);
    expect(await merges.counts()).toMatchObject({ ProfileCount: 2, ObjectCount: 0, TotalSize: 0 });
  });

  test('does not bring back what a template has left that was deleted', async () => {
    const merges = await Merges.open();
    await merges.put({ Id: 'c1', FirstName: 'Ada' }, 'Salesforce-Contact');
    await merges.put({ Id: 'c2', FirstName: 'Eve' }, 'Salesforce-Contact');
    const [main = ''] = await merges.found('_salesforceContactId', 'c1');
    const [other = ''] = await merges.found('_salesforceContactId', 'c2');
    const mergeId = await merges.merge(main, other);
    await merges.deleteType('Salesforce-Contact');
    await merges.undo(mergeId);
    expect(await merges.profiles(main, other)).toEqual([{ ProfileId: main }, { ProfileId: other }]);
  });

  test('restores a field that what a deleted object type brought had replaced', async () => {
    const merges = await Merges.open();
    const { store } = merges;
    const main = await store.seed.profile(DomainName, { Attributes: { plan: 'gold' } });
    await merges.put({ id: 1, mail: 'ada', plan: 'lead' });
    const [other = ''] = await merges.found('mail', 'ada');
    await store.run(mergeProfiles, {
      DomainName,
      MainProfileId: main,
      ProfileIdsToBeMerged: [other],
      FieldSourceProfileIds: { Attributes: { plan: other } },
    });
    const [merge] = await merges.merges();
    await merges.deleteType();
    expect(await merges.profiles(main)).toEqual([{ ProfileId: main }]);
    await merges.undo(merge?.mergeId ?? '');
    expect(await merges.profiles(main, other)).toEqual([
      { ProfileId: main, Attributes: { plan: 'gold' } },
      { ProfileId: other },
    ]);
  });

  test('does not bring back the older version of an object that was deleted', async () => {
    const { merges, main, other } = await twoVersions();
    const mergeId = await merges.merge(main, other);
    await deleteObject(merges, main, 1);
    await merges.undo(mergeId);
    expect(await merges.objects(main)).toEqual([]);
    expect(await merges.objects(other)).toEqual([{ id: 2, mail: 'ada' }]);
    expect(await merges.found('mail', 'eve')).toEqual([]);
    expect(await merges.counts()).toMatchObject({ ObjectCount: 1 });
  });

  test('leaves an object that was sent since with the keys that it came with', async () => {
    const { merges, main, other } = await twoVersions();
    const mergeId = await merges.merge(main, other);
    merges.store.clock.advanceMs(1);
    await merges.put({ id: 1, mail: 'eve', plan: 'newest' });
    await merges.undo(mergeId);
    expect(await merges.objects(other)).toContainEqual({ id: 1, mail: 'eve', plan: 'newest' });
    expect((await merges.found('mail', 'eve')).sort()).toEqual([main, other].sort());
  });
});

describe('the keys of an object that gave way to a newer one', () => {
  test('find the main profile, until the newer one is deleted', async () => {
    const { merges, main, other } = await twoVersions();
    await merges.merge(other, main);
    expect(await merges.found('mail', 'eve')).toEqual([other]);
    await deleteObject(merges, other, 1);
    expect(await merges.found('mail', 'eve')).toEqual([]);
  });

  test('go with the object type', async () => {
    const { merges, main, other } = await twoVersions();
    await merges.merge(main, other);
    await merges.deleteType();
    expect(await merges.found('mail', 'eve', 'ada')).toEqual([]);
  });

  test('are not those of the newer one when the merge is undone', async () => {
    for (const isMain of [true, false]) {
      const { merges, main, other } = await twoVersions();
      await merges.undo(isMain ? await merges.merge(main, other) : await merges.merge(other, main));
      expect(await merges.found('mail', 'eve')).toEqual([main]);
      expect(await merges.found('mail', 'ada')).toEqual([other]);
    }
  });
});

describe('the merge log', () => {
  const older = "image like '%older%'";

  test('keeps nothing of a deleted object type, of however many profiles', async () => {
    const database = await sharedDatabase();
    const merges = await Merges.open(database);
    const names = Array.from({ length: PROFILES_PER_MERGE_MAX }, (_, index) => `older ${index}`);
    for (const [id, plan] of names.entries()) await merges.put({ id, mail: plan, plan });
    const ids = await Promise.all(names.map(async (plan) => (await merges.found('mail', plan))[0]));
    const [main = '', ...others] = ids as string[];
    for (let from = 0; from < others.length; from += 20)
      await merges.merge(main, ...others.slice(from, from + 20));
    expect(await countRows(database, 'merge_images', older)).toBeGreaterThan(100);
    await merges.deleteType();
    await sweepOnce(merges.store);
    expect(await countRows(database, 'merge_images', older)).toBe(0);
    expect(await countRows(database, 'merge_image_types')).toBe(0);
  });

  test('keeps no older versions of a deleted object, of however many merges', async () => {
    const database = await sharedDatabase();
    const { merges, main, other } = await twoVersions(database);
    await merges.put({ id: 3, mail: 'zoe' });
    merges.store.clock.advanceMs(1);
    await merges.put({ id: 1, mail: 'zoe', text: 'newest' });
    const [last = ''] = await merges.found('mail', 'zoe');
    await merges.merge(main, other);
    await merges.merge(last, main);
    expect(await countRows(database, 'merge_images', older)).toBe(1);
    await deleteObject(merges, last, 1);
    expect(await countRows(database, 'merge_images', older)).toBe(0);
    expect(await countRows(database, 'merge_images', "image like '%newer%'")).toBe(0);
  });
});
