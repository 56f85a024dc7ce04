import {
  AddProfileKeyCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  type CustomerProfilesClient,
  DeleteProfileKeyCommand,
  SearchProfilesCommand,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { startTestService } from '../support/service.ts';

const DomainName = 'customers';

async function startWithProfile() {
  const { client, service } = await startTestService();
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const ProfileId = await createProfile(client);
  return { client, service, ProfileId };
}

async function createProfile(client: CustomerProfilesClient, domain = DomainName) {
  const created = await client.send(new CreateProfileCommand({ DomainName: domain }));
  return created.ProfileId;
}

async function foundBy(client: CustomerProfilesClient, KeyName: string, ...Values: string[]) {
  const { Items } = await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values }));
  return (Items ?? []).map((item) => item.ProfileId);
}

describe('AddProfileKey', () => {
  test('answers with exactly KeyName and Values', async () => {
    const { client, ProfileId } = await startWithProfile();
    const { $metadata, ...answer } = await client.send(
      new AddProfileKeyCommand({
        DomainName,
        ProfileId,
        KeyName: '_ctrContactId',
        Values: ['valueOfTheContactId'],
      }),
    );
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ KeyName: '_ctrContactId', Values: ['valueOfTheContactId'] });
    expect(await foundBy(client, '_ctrContactId', 'valueOfTheContactId')).toEqual([ProfileId]);
  });

  test('takes every listed key name and custom ones', async () => {
    const { client, ProfileId } = await startWithProfile();
    const keyNames =
      '_account _profileId _assetId _caseId _orderId _fullName _phone _email _ctrContactId _marketoLeadId _salesforceAccountId _salesforceContactId _salesforceAssetId _zendeskUserId _zendeskExternalId _zendeskTicketId _serviceNowSystemId _serviceNowIncidentId _segmentUserId _shopifyCustomerId _shopifyOrderId loyalty-card 42'.split(
        ' ',
      );
    for (const KeyName of keyNames) {
      const Values = [`value of ${KeyName}`];
      await client.send(new AddProfileKeyCommand({ DomainName, ProfileId, KeyName, Values }));
      expect(await foundBy(client, KeyName, ...Values), KeyName).toEqual([ProfileId]);
    }
  });

  test('ResourceNotFoundException when the profile belongs to another domain', async () => {
    const { client } = await startWithProfile();
    await client.send(
      new CreateDomainCommand({ DomainName: 'others', DefaultExpirationDays: 366 }),
    );
    const ProfileId = await createProfile(client, 'others');
    const add = new AddProfileKeyCommand({ DomainName, ProfileId, KeyName: 'k', Values: ['v'] });
    await expect(client.send(add)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
    expect(await foundBy(client, 'k', 'v')).toEqual([]);
  });
});

describe('DeleteProfileKey', () => {
  test('takes the key from its profile only', async () => {
    const { client, ProfileId } = await startWithProfile();
    const other = await createProfile(client);
    const key = { DomainName, KeyName: 'card', Values: ['1'] };
    await client.send(new AddProfileKeyCommand({ ...key, ProfileId }));
    await client.send(new AddProfileKeyCommand({ ...key, ProfileId: other }));
    const answer = await client.send(new DeleteProfileKeyCommand({ ...key, ProfileId }));
    expect(answer.Message).toBe('OK');
    expect(await foundBy(client, 'card', '1')).toEqual([other]);
  });
});
