import { describe, expect, test } from 'vitest';
import {
  deriveObject,
  derives,
  isDerivedType,
  isFoundBy,
} from '../../src/identity/derived-objects.ts';
import type { ObjectTypeKey, ObjectTypeMapping } from '../../src/identity/object-type.ts';
import { readObject, sourceValues } from '../../src/identity/object-values.ts';
import { templates } from '../../src/identity/templates.ts';

function object(text: string) {
  const read = readObject(text);
  if (read === undefined) throw new Error('this is no object');
  return read;
}

/** A mapping of sources to targets. */
function mapping(
  fields: Readonly<Record<string, string>>,
  Keys: Readonly<Record<string, readonly ObjectTypeKey[]>> = {},
): ObjectTypeMapping {
  const Fields = Object.fromEntries(
    Object.entries(fields).map(([source, Target]) => [source, { Source: source, Target }]),
  );
  return { AllowProfileCreation: true, Fields, Keys };
}

describe('sourceValues', () => {
  const order = object(
    '{"lines":[{"title":"a","tags":["x","y"]},{"title":"","n":2},{"n":3,"tags":["z"]},7],"list":["p",1.50,true,null,{}],"name":"n"}',
  );

  test.each([
    ['_source.lines[].title', ['a', undefined, undefined, undefined]],
    ['lines[].n', [undefined, '2', '3', undefined]],
    ['_source.lines[].tags[]', ['x', 'y', 'z']],
    ['_source.list[]', ['p', '1.50', 'true', undefined, undefined]],
    ['_source.lines[].tags', [undefined, undefined, undefined, undefined]],
    ['_source.name', ['n']],
    ['_source.absent', [undefined]],
    ['{{_source.name}}!', ['n!']],
    ['_source.name[]', []],
    ['_source.absent[].title', []],
    ['_source.lines[].absent[].title', []],
    ['_source.__proto__[].title', []],
  ])('%s gives %j', (source, values) => {
    expect(sourceValues(order, source)).toEqual(values);
  });
});

describe('a standard object', () => {
  test.each([
    ['_asset', true],
    ['_case', true],
    ['_order', true],
    ['_profile', false],
    ['asset', false],
    ['_loyalty', false],
  ])('of type %s is made of others: %s', (typeName, isMade) => {
    expect(isDerivedType(typeName)).toBe(isMade);
  });

  test('has what the type maps to it, and nothing else', () => {
    const type = mapping({
      id: '_order.OrderId',
      total: '_order.TotalPrice',
      '_source.bill.city': '_order.BillingAddress.City',
      '_source.bill.name': '_order.BillingAddress.Name',
      '_source.colour': '_order.Attributes.the colour',
      paid: '_order.Status',
      absent: '_order.Gateway',
      email: '_profile.EmailAddress',
      serial: '_asset.SerialNumber',
    });
    const text =
      '{"id":12345678901234567890,"total":1.50,"bill":{"city":"Ulm"},"colour":"red","paid":true,"email":"a@b.c","other":1,"serial":"s"}';
    expect(deriveObject(type, '_order', object(text))).toEqual({
      OrderId: '12345678901234567890',
      TotalPrice: '1.50',
      BillingAddress: { City: 'Ulm' },
      Attributes: { 'the colour': 'red' },
      Status: 'true',
    });
    expect(deriveObject(type, '_asset', object(text))).toEqual({ SerialNumber: 's' });
    expect(derives(type, '_asset')).toBe(true);
    expect(derives(type, '_case')).toBe(false);
  });

  test('has an item for each item of a list that has something for it', () => {
    const type = mapping({
      '_source.lines[].title': '_order.OrderItems[].Title',
      '_source.lines[].price': '_order.OrderItems[].Price',
    });
    const text = '{"lines":[{"price":2},{"no":1},{"title":"b","price":"3"},{"title":"c"}]}';
    expect(deriveObject(type, '_order', object(text))).toEqual({
      OrderItems: [{ Price: '2' }, { Title: 'b', Price: '3' }, { Title: 'c' }],
    });
  });

  test('has one item where the source is no list', () => {
    const type = mapping({
      title: '_order.OrderItems[].Title',
      '{{n}} x': '_order.OrderItems[].Quantity',
    });
    expect(deriveObject(type, '_order', object('{"title":"a","n":2}'))).toEqual({
      OrderItems: [{ Title: 'a', Quantity: '2 x' }],
    });
  });

  test('has no value of a list where the field is one text', () => {
    const type = mapping({ '_source.lines[].title': '_order.Name', id: '_order.OrderId' });
    expect(deriveObject(type, '_order', object('{"id":1,"lines":[{"title":"a"}]}'))).toEqual({
      OrderId: '1',
    });
  });

  test('takes a field without a source from the member of its name', () => {
    const type = {
      AllowProfileCreation: true,
      Fields: { id: { Target: '_case.CaseId' } },
      Keys: {},
    };
    expect(deriveObject(type, '_case', object('{"id":1}'))).toEqual({ CaseId: '1' });
  });

  test.each(['{}', '{"id":null}', '{"id":""}', '{"id":{}}', '{"lines":[]}', '{"lines":[{}]}'])(
    'is not made of %s, which has nothing for it',
    (text) => {
      const type = mapping({ id: '_order.OrderId', 'lines[].t': '_order.OrderItems[].Title' });
      expect(deriveObject(type, '_order', object(text))).toBeUndefined();
    },
  );

  test('keeps to the length of an object, and leaves the rest out', () => {
    const type = mapping({
      id: '_case.CaseId',
      ...Object.fromEntries(
        Array.from({ length: 9 }, (_, index) => [`{{text}}${index}`, `_case.Attributes.a${index}`]),
      ),
    });
    const text = '"'.repeat(20_000);
    const made = deriveObject(type, '_case', object(JSON.stringify({ id: 1, text })));
    expect(made).toMatchObject({ CaseId: '1', Attributes: { a5: `${text}5` } });
    expect(Object.keys(made?.Attributes ?? {})).toHaveLength(6);
    expect(JSON.stringify(made).length).toBeLessThan(256_000);
  });

  test('holds what an object of 256,000 characters has, each part once', () => {
    const type = mapping({ id: '_case.CaseId', text: '_case.Summary' });
    const text = '\n'.repeat(127_980);
    const given = JSON.stringify({ id: 1, text });
    expect(deriveObject(type, '_case', object(given))).toEqual({ CaseId: '1', Summary: text });
  });

  test.each([
    [
      'Zendesk-tickets',
      '_case',
      '{"id":7,"requester_id":3,"subject":"Help","status":"open"}',
      {
        Attributes: { ZendeskUserId: '3', ZendeskTicketId: '7' },
        Title: 'Help',
        Status: 'open',
        CreatedBy: '3',
      },
    ],
    [
      'Salesforce-Asset',
      '_asset',
      '{"Id":"02i","SerialNumber":"S-1","Price":9.90}',
      { Attributes: { sfdcAssetId: '02i' }, SerialNumber: 'S-1', Price: '9.90' },
    ],
    [
      'Shopify-Order',
      '_order',
      '{"detail":{"event":{"detail":{"payload":{"id":1,"total_price":"3.00","billing_address":{"city":"Ulm"},"line_items":[{"title":"a","price":"1.00","quantity":3}]}}}}}',
      {
        Attributes: { ShopifyOrderId: '1' },
        TotalPrice: '3.00',
        BillingAddress: { City: 'Ulm' },
        OrderItems: [{ Title: 'a', Price: '1.00', Quantity: '3' }],
      },
    ],
  ])('is made of objects of the template %s', (templateId, typeName, text, made) => {
    const type = templates.get(templateId)?.mapping ?? mapping({});
    expect(deriveObject(type, typeName, object(text))).toEqual(made);
  });
});

describe('a filter', () => {
  const type = mapping(
    {
      id: '_asset.AssetId',
      name: '_asset.AssetName',
      serial: '_asset.SerialNumber',
      mail: '_asset.Attributes.mail',
    },
    {
      ticket: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['id'] }],
      seen: [{ StandardIdentifiers: ['PROFILE', 'LOOKUP_ONLY'], FieldNames: ['id'] }],
      _email: [{ FieldNames: ['mail'] }],
    },
  );
  const asset = object('{"id":1,"name":"Pump","serial":"S","mail":"Ada@x.y"}');
  const finds = (keyName: string, ...values: string[]) => {
    const derived = deriveObject(type, '_asset', asset) ?? {};
    return isFoundBy({ keyName, values }, '_asset', derived, type, asset);
  };

  test('by a predefined key compares with its field', () => {
    expect(finds('_assetId', '1')).toBe(true);
    expect(finds('_assetId', '2', '1')).toBe(true);
    expect(finds('_assetName', 'Pump')).toBe(true);
    expect(finds('_serialNumber', 'S')).toBe(true);
    expect(finds('_assetName', 'pump')).toBe(false);
    expect(finds('_assetId', 'Pump')).toBe(false);
    expect(finds('_caseId', '1')).toBe(false);
  });

  test('by another key compares with the keys of the object, as they compare', () => {
    expect(finds('ticket', '1')).toBe(true);
    expect(finds('_email', 'ADA@x.y')).toBe(true);
    expect(finds('ticket', '2')).toBe(false);
    expect(finds('seen', '1')).toBe(false);
    expect(finds('other', '1')).toBe(false);
  });

  test('finds nothing by the keys of an object that its type would not take any more', () => {
    const long = object(JSON.stringify({ id: 'x'.repeat(300), name: 'Pump' }));
    const find = (keyName: string, value: string) =>
      isFoundBy({ keyName, values: [value] }, '_asset', { AssetName: 'Pump' }, type, long);
    expect(find('ticket', '1')).toBe(false);
    expect(find('_assetName', 'Pump')).toBe(true);
  });
});
