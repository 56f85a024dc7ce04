import { describe, expect, test } from 'vitest';
import { listProfileHistoryRecords } from '../../src/operations/history/list-profile-history-records.ts';
import { mergeAutomatically } from '../../src/operations/matching/merge-automatically.ts';
import { deleteProfileKey } from '../../src/operations/profile-keys/delete-profile-key.ts';
import { deleteProfile } from '../../src/operations/profiles/delete-profile.ts';
import { mergeProfiles } from '../../src/operations/profiles/merge-profiles.ts';
import { NotUndoneError } from '../../src/operations/profiles/unmerge.ts';
import { updateProfile } from '../../src/operations/profiles/update-profile.ts';
import { findDomain } from '../../src/repository/domains.ts';
import { apartFrom } from '../../src/repository/kept-apart.ts';
import { PROFILES_PER_MERGE_MAX } from '../../src/repository/merging.ts';
import { account, DomainName, Merges } from '../support/merges.ts';

describe('undoing a merge', () => {
  test('restores every profile with its fields, keys and objects', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    await merges.put({ id: 1, mail: 'ada', plan: 'gold' });
    await merges.put({ id: 2, mail: 'eve', plan: 'iron' });
    const [main = ''] = await merges.found('mail', 'ada');
    const [other = ''] = await merges.found('mail', 'eve');
    const third = await seed.profile(DomainName, { FirstName: 'Cy', PhoneNumber: '555-222-3333' });
    await seed.key(DomainName, third, 'card', '7');
    const before = {
      profiles: await merges.profiles(main, other, third),
      counts: await merges.counts(),
    };
    const mergeId = await merges.merge(main, other, third);
    expect(await merges.found('card', '7')).toEqual([main]);
    const { profileIds } = await merges.undo(mergeId);
    expect([...profileIds].sort()).toEqual([main, other, third].sort());
    expect(await merges.profiles(main, other, third)).toEqual(before.profiles);
    expect(await merges.counts()).toEqual(before.counts);
    expect(await merges.objects(main)).toEqual([{ id: 1, mail: 'ada', plan: 'gold' }]);
    expect(await merges.objects(other)).toEqual([{ id: 2, mail: 'eve', plan: 'iron' }]);
    for (const [key, value, owner] of [
      ['mail', 'ada', main],
      ['mail', 'eve', other],
      ['card', '7', third],
      ['_phone', '555-222-3333', third],
      ['_fullName', 'cy', third],
      ['_profileId', other, other],
    ] as const)
      expect(await merges.found(key, value), key).toEqual([owner]);
  });

  test('restores a field that the merge had replaced, and where it came from', async () => {
    const merges = await Merges.open();
    await merges.put({ id: 1, mail: 'ada', plan: 'gold' });
    const [main = ''] = await merges.found('mail', 'ada');
    const other = await merges.store.seed.profile(DomainName, { Attributes: { plan: 'iron' } });
    await merges.store.run(mergeProfiles, {
      DomainName,
      MainProfileId: main,
      ProfileIdsToBeMerged: [other],
      FieldSourceProfileIds: { Attributes: { plan: other } },
    });
    expect(await merges.profiles(main)).toMatchObject([{ Attributes: { plan: 'iron' } }]);
    const [merge] = await merges.merges();
    await merges.undo(merge?.mergeId ?? '');
    expect(await merges.profiles(main)).toMatchObject([{ Attributes: { plan: 'gold' } }]);
    await merges.deleteType();
    expect(await merges.profiles(main, other)).toEqual([
      { ProfileId: main },
      { ProfileId: other, Attributes: { plan: 'iron' } },
    ]);
  });

  test('leaves what was written since', async () => {
    const merges = await Merges.open();
    const { run, seed } = merges.store;
    const main = await seed.profile(DomainName, { FirstName: 'Ada' });
    const other = await seed.profile(DomainName, { LastName: 'Byron', PhoneNumber: '5551112222' });
    await seed.key(DomainName, other, 'mail', 'eve');
    await merges.put({ id: 1, mail: 'eve', plan: 'gold' });
    const mergeId = await merges.merge(main, other);
    await merges.put({ id: 1, mail: 'eve', plan: 'iron' });
    await merges.put({ id: 2, mail: 'eve' });
    await run.call(merges.store, updateProfile, {
      DomainName,
      ProfileId: main,
      LastName: 'King',
      EmailAddress: 'ada@x.y',
    });
    await seed.key(DomainName, main, 'card', '7');
    await merges.undo(mergeId);
    expect(await merges.profiles(main, other)).toEqual([
      {
        ProfileId: main,
        FirstName: 'Ada',
        LastName: 'King',
        EmailAddress: 'ada@x.y',
        Attributes: { plan: 'iron' },
      },
      {
        ProfileId: other,
        LastName: 'Byron',
        PhoneNumber: '5551112222',
        Attributes: { plan: 'gold' },
      },
    ]);
    expect(await merges.objects(main)).toEqual([{ id: 2, mail: 'eve' }]);
    expect(await merges.objects(other)).toEqual([{ id: 1, mail: 'eve', plan: 'iron' }]);
    expect(await merges.found('card', '7')).toEqual([main]);
    expect(await merges.found('_phone', '5551112222')).toEqual([other]);
    expect(await merges.found('_fullName', 'ada king')).toEqual([main]);
  });

  test('does not bring back a key that was deleted before the merge', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    const main = await seed.profile(DomainName, { PhoneNumber: '5551112222' });
    const other = await seed.profile(DomainName, { PhoneNumber: '5553334444' });
    await merges.store.run(deleteProfileKey, {
      DomainName,
      ProfileId: main,
      KeyName: '_phone',
      Values: ['5551112222'],
    });
    await merges.store.run(mergeProfiles, {
      DomainName,
      MainProfileId: main,
      ProfileIdsToBeMerged: [other],
      FieldSourceProfileIds: { PhoneNumber: other },
    });
    const [merge] = await merges.merges();
    await merges.undo(merge?.mergeId ?? '');
    expect(await merges.profiles(main)).toEqual([{ ProfileId: main, PhoneNumber: '5551112222' }]);
    expect(await merges.found('_phone', '5551112222')).toEqual([]);
    expect(await merges.found('_phone', '5553334444')).toEqual([other]);
  });

  test('does not leave it either when another profile had a field that gives the same key', async () => {
    const merges = await Merges.open();
    const { run, seed } = merges.store;
    const main = await seed.profile(DomainName, { EmailAddress: 'ada@x.y' });
    const other = await seed.profile(DomainName, { PersonalEmailAddress: 'ada@x.y' });
    const key = { DomainName, ProfileId: main, KeyName: '_email', Values: ['ada@x.y'] };
    await run.call(merges.store, deleteProfileKey, key);
    const mergeId = await merges.merge(main, other);
    expect(await merges.found('_email', 'ada@x.y')).toEqual([main]);
    await merges.undo(mergeId);
    expect(await merges.found('_email', 'ada@x.y')).toEqual([other]);
  });

  test('takes as many profiles apart as one merge takes, each from each', async () => {
    const merges = await Merges.open();
    const { store } = merges;
    const profileIds = await store.seed.profiles(DomainName, PROFILES_PER_MERGE_MAX);
    const domain = await findDomain(store.repository.autocommit, account);
    if (domain === undefined) throw new Error('the domain is not there');
    const merge = {
      domain,
      profileIds,
      mayLeaveSome: false,
      resolution: undefined,
      matching: (documents: ReadonlyMap<string, unknown>) => [...documents.keys()],
    };
    const { domainId } = domain;
    await store.repository.write((session) => mergeAutomatically(session, store.context(), merge));
    const [newest] = await merges.merges();
    await merges.undo(newest?.mergeId ?? '');
    const apart = await apartFrom(store.repository.autocommit, domainId, profileIds);
    expect(apart).toHaveLength(PROFILES_PER_MERGE_MAX * (PROFILES_PER_MERGE_MAX - 1));
  });

  test('keeps profiles apart that were, and the main one no longer from those of the others', async () => {
    const merges = await Merges.open();
    const [one, two, main = ''] = await merges.twoApart(3);
    const mergeId = await merges.merge(main, one);
    expect(await merges.apart(main)).toEqual([two]);
    await merges.undo(mergeId);
    expect(await merges.apart(one)).toEqual([two, main].sort());
    expect(await merges.apart(two)).toEqual([one]);
    expect(await merges.apart(main)).toEqual([one]);
  });

  test('keeps the main profile apart from whom it was before the merge, or is since', async () => {
    const merges = await Merges.open();
    const [one, two, main = '', later = ''] = await merges.twoApart(4);
    await merges.undo(await merges.merge(main, two));
    const mergeId = await merges.merge(main, one);
    await merges.undo(await merges.merge(main, later));
    await merges.undo(mergeId);
    expect(await merges.apart(main)).toEqual([one, two, later].sort());
    expect(await merges.apart(two)).toEqual([one, main].sort());
    expect(await merges.apart(later)).toEqual([main]);
  });

  test('keeps profiles apart though both have been part of others', async () => {
    const merges = await Merges.open();
    const [one, two, first = '', second = ''] = await merges.twoApart(4);
    const ofOne = await merges.merge(first, one);
    const ofTwo = await merges.merge(second, two);
    await merges.undo(ofOne);
    expect(await merges.apart(second)).toContain(one);
    await merges.undo(ofTwo);
    expect(await merges.apart(one)).toContain(two);
    expect(await merges.apart(two)).toContain(one);
    expect(await merges.apart(second)).toEqual([two]);
  });

  test('is recorded: UPDATED, and CREATED for those that are there again', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    const [main, other] = [await seed.profile(DomainName), await seed.profile(DomainName)];
    await merges.undo(await merges.merge(main, other));
    const actions = async (ProfileId: string) => {
      const input = { DomainName, ProfileId };
      const { ProfileHistoryRecords } = await merges.store.run(listProfileHistoryRecords, input);
      return (ProfileHistoryRecords ?? []).map(({ ActionType }) => ActionType);
    };
    expect(await actions(main)).toEqual(['UPDATED', 'MERGED', 'CREATED']);
    expect(await actions(other)).toEqual(['CREATED', 'DELETED_BY_MERGE', 'CREATED']);
  });

  test('merges go back the other way round: the later one first', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    const [a, b, c] = [
      await seed.profile(DomainName, { FirstName: 'A' }),
      await seed.profile(DomainName, { LastName: 'B' }),
      await seed.profile(DomainName, { MiddleName: 'C' }),
    ];
    const first = await merges.merge(a, b);
    const second = await merges.merge(c, a);
    expect(await merges.merges()).toMatchObject([
      { mergeId: second, mainProfileId: c, ownerProfileId: c, profiles: 1 },
      { mergeId: first, mainProfileId: a, ownerProfileId: c, profiles: 1 },
    ]);
    await expect(merges.undo(first)).rejects.toThrow(`merge ${second} came later: undo that first`);
    await merges.undo(second);
    await merges.undo(first);
    expect(await merges.profiles(a, b, c)).toEqual([
      { ProfileId: a, FirstName: 'A' },
      { ProfileId: b, LastName: 'B' },
      { ProfileId: c, MiddleName: 'C' },
    ]);
    expect(await merges.merges()).toEqual([]);
  });

  test('is refused the second time, and for a merge that never was', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    const [main, other] = [await seed.profile(DomainName), await seed.profile(DomainName)];
    const mergeId = await merges.merge(main, other);
    const outcomes = await Promise.allSettled([merges.undo(mergeId), merges.undo(mergeId)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(merges.undo(mergeId)).rejects.toThrow(NotUndoneError);
    await expect(merges.undo('f'.repeat(32))).rejects.toThrow('there is no merge');
    expect(await merges.counts()).toMatchObject({ ProfileCount: 2 });
  });

  test('is impossible once the main profile is deleted: nothing of it is kept', async () => {
    const merges = await Merges.open();
    const { seed } = merges.store;
    const [main, other] = [await seed.profile(DomainName), await seed.profile(DomainName)];
    const mergeId = await merges.merge(main, other);
    await merges.store.run(deleteProfile, { DomainName, ProfileId: main });
    expect(await merges.merges()).toEqual([]);
    await expect(merges.undo(mergeId)).rejects.toThrow('there is no merge');
  });
});
