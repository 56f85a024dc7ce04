import {
  GetProfileObjectTypeTemplateCommand,
  ListProfileObjectTypeTemplatesCommand,
  type ListProfileObjectTypeTemplatesCommandInput,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import { templateNotFound } from '../support/outcomes.ts';
import { startTestService } from '../support/service.ts';

async function start() {
  const { client } = await startTestService();
  return {
    get: async (TemplateId: string) => {
      const { $metadata, ...template } = await client.send(
        new GetProfileObjectTypeTemplateCommand({ TemplateId }),
      );
      return template;
    },
    list: async (input: ListProfileObjectTypeTemplatesCommandInput = {}) => {
      const { $metadata, ...page } = await client.send(
        new ListProfileObjectTypeTemplatesCommand(input),
      );
      return page;
    },
  };
}

const ids = [
  'CTR',
  'CTR-NoInferred',
  'Marketo-leads',
  'Salesforce-Account',
  'Salesforce-Asset',
  'Salesforce-Contact',
  'Segment-Identify',
  'Servicenow-incident',
  'Servicenow-sys_user',
  'Servicenow-task',
  'Shopify-Customer',
  'Shopify-DraftOrder',
  'Shopify-Order',
  'Zendesk-tickets',
  'Zendesk-users',
];

describe('GetProfileObjectTypeTemplate', () => {
  test('shows a template of profiles, whole', async () => {
    const { get } = await start();
    expect(await get('Zendesk-users')).toEqual({
      TemplateId: 'Zendesk-users',
      SourceName: 'Zendesk',
      SourceObject: 'users',
      AllowProfileCreation: true,
      Fields: {
        ZendeskUserId: {
          Source: '_source.id',
          Target: '_profile.Attributes.ZendeskUserId',
          ContentType: 'STRING',
        },
        ZendeskExternalId: {
          Source: '_source.external_id',
          Target: '_profile.Attributes.ZendeskExternalId',
          ContentType: 'STRING',
        },
        EmailAddress: {
          Source: '_source.email',
          Target: '_profile.EmailAddress',
          ContentType: 'EMAIL_ADDRESS',
        },
        PhoneNumber: {
          Source: '_source.phone',
          Target: '_profile.PhoneNumber',
          ContentType: 'PHONE_NUMBER',
        },
      },
      Keys: {
        _zendeskUserId: [
          { StandardIdentifiers: ['PROFILE', 'UNIQUE'], FieldNames: ['ZendeskUserId'] },
        ],
        _zendeskExternalId: [
          { StandardIdentifiers: ['PROFILE', 'SECONDARY'], FieldNames: ['ZendeskExternalId'] },
        ],
      },
    });
  });

  test.each([
    ['Salesforce-Asset', 'ASSET', '_salesforceAssetId', '_asset.SerialNumber'],
    ['Servicenow-incident', 'CASE', '_serviceNowIncidentId', '_case.Reason'],
    ['Shopify-Order', 'ORDER', '_shopifyOrderId', '_order.OrderItems[].Title'],
  ])('%s fills %ss and creates no profiles', async (id, identifier, key, target) => {
    const { Fields = {}, Keys = {}, AllowProfileCreation } = await (await start()).get(id);
    expect(AllowProfileCreation).toBe(false);
    expect(Keys[key]?.[0]?.StandardIdentifiers).toEqual([identifier, 'UNIQUE']);
    expect(Object.values(Fields).map(({ Target }) => Target)).toContain(target);
  });

  test('reads the events of Shopify and Segment where they carry the object', async () => {
    const { get } = await start();
    const shopify = await get('Shopify-Customer');
    expect(shopify.Fields?.EmailAddress?.Source).toBe('_source.detail.event.detail.payload.email');
    const segment = await get('Segment-Identify');
    expect(segment.Fields?.FirstName?.Source).toBe('_source.detail.event.detail.traits.firstName');
  });

  test('404 for an unknown one', async () => {
    const { get } = await start();
    for (const id of ['Nobody', 'constructor', 'ctr'])
      await expect(get(id)).rejects.toMatchObject(templateNotFound(id));
  });
});

describe('ListProfileObjectTypeTemplates', () => {
  test('lists every template by id, with its source', async () => {
    const { list, get } = await start();
    const { Items = [], ...rest } = await list();
    expect(rest).toEqual({});
    expect(Items.map(({ TemplateId }) => TemplateId)).toEqual(ids);
    for (const item of Items) expect(await get(item.TemplateId ?? '')).toMatchObject(item);
  });

  test('goes through all templates in pages, none twice', async () => {
    const { list } = await start();
    const found: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await list({ MaxResults: 5, NextToken });
      expect(page.Items).toHaveLength(5);
      found.push(...(page.Items ?? []).map(({ TemplateId }) => TemplateId));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(found).toEqual(ids);
  });

  test('BadRequestException for a token that is no token', async () => {
    const { list } = await start();
    await expect(list({ NextToken: 'x' })).rejects.toMatchObject({ name: 'BadRequestException' });
  });
});
