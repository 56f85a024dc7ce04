import {
  GetProfileHistoryRecordCommand,
  ListProfileHistoryRecordsCommand,
  type ListProfileHistoryRecordsCommandInput,
  type ProfileHistoryRecord,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { Customers, startCustomers } from '../support/customers.ts';
import { domainNotFound, profileNotFound } from '../support/outcomes.ts';
import { signedClient, startSignedService } from '../support/signing.ts';

type Filter = Omit<ListProfileHistoryRecordsCommandInput, 'DomainName' | 'ProfileId'>;

const root = 'arn:aws:iam::000000000000:root';
const unknown = '0123456789abcdef0123456789abcdef';

function list({ client, DomainName }: Customers, ProfileId: string, filter: Filter = {}) {
  return client.send(new ListProfileHistoryRecordsCommand({ DomainName, ProfileId, ...filter }));
}

/** What happened to a profile, newest first. */
async function actions(customers: Customers, profileId: string, filter: Filter = {}) {
  const { ProfileHistoryRecords = [] } = await list(customers, profileId, filter);
  return ProfileHistoryRecords.map(({ ActionType }) => ActionType);
}

function get({ client, DomainName }: Customers, ProfileId: string, Id: string) {
  return client.send(new GetProfileHistoryRecordCommand({ DomainName, ProfileId, Id }));
}

/** What the newest record says that the profile or key was after it. */
async function newestContent(customers: Customers, profileId: string): Promise<unknown> {
  const { ProfileHistoryRecords: [newest] = [] } = await list(customers, profileId);
  const { Content } = await get(customers, profileId, newest?.Id ?? '');
  return Content === undefined ? undefined : JSON.parse(Content);
}

describe('what happens to a profile is recorded', () => {
  test('with the profile or the key as it is then', async () => {
    const customers = await startCustomers();
    const ProfileId = await customers.create({ FirstName: 'Ada' });
    expect(await newestContent(customers, ProfileId)).toEqual({ ProfileId, FirstName: 'Ada' });
    await customers.update(ProfileId, { FirstName: '', LastName: 'Lovelace' });
    expect(await newestContent(customers, ProfileId)).toEqual({ ProfileId, LastName: 'Lovelace' });
    const key = { KeyName: 'card', Values: ['1', '2'] };
    await customers.addKey(ProfileId, 'card', '1', '2');
    expect(await newestContent(customers, ProfileId)).toEqual(key);
    await customers.deleteKey(ProfileId, 'card', '1', '2');
    expect(await newestContent(customers, ProfileId)).toEqual(key);
    await customers.delete(ProfileId);
    expect(await newestContent(customers, ProfileId)).toBeUndefined();
    expect(await actions(customers, ProfileId)).toEqual([
      'DELETED_BY_CUSTOMER',
      'DELETED_PROFILE_KEY',
      'ADDED_PROFILE_KEY',
      'UPDATED',
      'CREATED',
    ]);
  });

  test('with its members', async () => {
    const customers = await startCustomers({ clock: () => 1_000_500 });
    const profileId = await customers.create();
    const { ProfileHistoryRecords: [record] = [] } = await list(customers, profileId);
    const expected: Partial<ProfileHistoryRecord> = {
      Id: expect.stringMatching(/^[0-9a-f]{32}$/),
      ObjectTypeName: '_profile',
      CreatedAt: new Date(1_000_500),
      LastUpdatedAt: new Date(1_000_500),
      ActionType: 'CREATED',
      PerformedBy: root,
    };
    expect(record).toEqual(expected);
    expect(await get(customers, profileId, record?.Id ?? '')).toMatchObject(expected);
  });

  test('not where nothing changes', async () => {
    const customers = await startCustomers();
    const profileId = await customers.create();
    await customers.addKey(profileId, 'card', '1');
    await customers.addKey(profileId, 'card', '1');
    await customers.deleteKey(profileId, 'card', '2');
    await expect(customers.addKey(unknown, 'card', '1')).rejects.toMatchObject(profileNotFound);
    await expect(customers.delete(unknown)).rejects.toMatchObject(profileNotFound);
    expect(await actions(customers, profileId)).toEqual(['ADDED_PROFILE_KEY', 'CREATED']);
    await expect(list(customers, unknown)).rejects.toMatchObject(profileNotFound);
  });

  test('with whoever signed the request', async () => {
    const service = await startSignedService();
    const issued = await service.createCredentials({ userName: 'ada' });
    const customers = await new Customers(service, signedClient(service, issued), 'mine').open();
    const profileId = await customers.create();
    const PerformedBy = 'arn:aws:iam::000000000000:user/ada';
    expect(await actions(customers, profileId, { PerformedBy })).toEqual(['CREATED']);
    expect(await actions(customers, profileId, { PerformedBy: root })).toEqual([]);
  });
});

describe('ListProfileHistoryRecords', () => {
  test('has pages, newest first, each record once', async () => {
    const customers = await startCustomers();
    const profileId = await customers.create();
    for (const value of ['1', '2', '3', '4']) await customers.addKey(profileId, 'card', value);
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await list(customers, profileId, { MaxResults: 2, NextToken });
      expect(page.ProfileHistoryRecords?.length).toBe(ids.length < 4 ? 2 : 1);
      ids.push(...(page.ProfileHistoryRecords ?? []).map(({ Id }) => Id));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    const { ProfileHistoryRecords: all = [] } = await list(customers, profileId);
    expect(ids).toEqual(all.map(({ Id }) => Id));
    expect(ids).toEqual(ids.toSorted().reverse());
  });

  test('filters by action, by type and by who did it, all of them at once', async () => {
    const customers = await startCustomers();
    const profileId = await customers.create();
    await customers.addKey(profileId, 'card', '1');
    await customers.addKey(profileId, 'card', '2');
    const ActionType = 'ADDED_PROFILE_KEY';
    expect(await actions(customers, profileId, { ActionType })).toEqual([ActionType, ActionType]);
    expect(await actions(customers, profileId, { ObjectTypeName: '_profile' })).toHaveLength(3);
    expect(await actions(customers, profileId, { ObjectTypeName: 'ticket' })).toEqual([]);
    const both = { ActionType, PerformedBy: root } as const;
    expect(await actions(customers, profileId, both)).toHaveLength(2);
    expect(await actions(customers, profileId, { ...both, PerformedBy: 'other' })).toEqual([]);
  });

  test('404 for an unknown profile and an unknown domain', async () => {
    const customers = await startCustomers();
    await expect(list(customers, unknown)).rejects.toMatchObject(profileNotFound);
    const { nowhere } = customers;
    await expect(list(nowhere, unknown)).rejects.toMatchObject(domainNotFound('nowhere'));
  });

  test('400 for a NextToken of another request', async () => {
    const customers = await startCustomers();
    const profileId = await customers.create();
    await customers.update(profileId, {});
    const { NextToken } = await list(customers, profileId, { MaxResults: 1 });
    const other = list(customers, profileId, { NextToken, ActionType: 'CREATED' });
    await expect(other).rejects.toMatchObject({ name: 'BadRequestException' });
  });
});

describe('GetProfileHistoryRecord', () => {
  test("404 for an unknown record, another profile's and another domain's", async () => {
    const customers = await startCustomers();
    const [profileId, otherId] = [await customers.create(), await customers.create()];
    const { ProfileHistoryRecords: [record] = [] } = await list(customers, profileId);
    const others = await customers.openOther();
    for (const attempt of [
      () => get(customers, profileId, unknown),
      () => get(customers, otherId, record?.Id ?? ''),
      () => get(others, profileId, record?.Id ?? ''),
    ])
      await expect(attempt()).rejects.toMatchObject({
        name: 'ResourceNotFoundException',
        message: 'The history record does not exist',
      });
    const { nowhere } = customers;
    await expect(get(nowhere, profileId, unknown)).rejects.toMatchObject(domainNotFound('nowhere'));
  });
});
