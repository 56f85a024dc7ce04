import type {
  ContactPreference,
  EngagementPreferences,
  Gender,
  PartyType,
  ProfileType,
} from '@aws-sdk/client-customer-profiles';
import { describe, expect, test } from 'vitest';
import type { Complete } from '../support/complete.ts';
import {
  type Customers,
  type ProfileChanges,
  type ProfileFields,
  startCustomers,
} from '../support/customers.ts';
import { badRequest, domainNotFound, profileNotFound, violation } from '../support/outcomes.ts';
import { send } from '../support/service.ts';

const unknownId = '0123456789abcdef0123456789abcdef';

/** An address with every member, told apart by `mark`. */
function address(mark: string) {
  return {
    Address1: `1 ${mark}`,
    Address2: `2 ${mark}`,
    Address3: `3 ${mark}`,
    Address4: `4 ${mark}`,
    City: `City ${mark}`,
    County: `County ${mark}`,
    State: `State ${mark}`,
    Province: `Province ${mark}`,
    Country: `Country ${mark}`,
    PostalCode: `Code ${mark}`,
  };
}

const contactTypes = [
  'PhoneNumber',
  'MobilePhoneNumber',
  'HomePhoneNumber',
  'BusinessPhoneNumber',
  'EmailAddress',
  'PersonalEmailAddress',
  'BusinessEmailAddress',
] as const;

/** The 15 fields of up to 255 characters; values as people write them, which must come back so. */
const texts = {
  AccountNumber: 'ACC 0042',
  BusinessName: 'Café “Zoë” & Söhne',
  FirstName: ' Jane',
  MiddleName: 'Q',
  LastName: "O'Neill",
  BirthDate: 'in the spring of 1980',
  PhoneNumber: '555-334-3389-updated',
  MobilePhoneNumber: '+1 (555) 123-4567',
  HomePhoneNumber: '00 49 30 123456',
  BusinessPhoneNumber: 'ext. 12',
  EmailAddress: ' Jane@Example.COM ',
  PersonalEmailAddress: 'jane+home@example.com',
  BusinessEmailAddress: 'not an address',
  PartyTypeString: 'robot',
  GenderString: 'none of your business',
};

/** Every member that CreateProfile takes. */
const everyField: Complete<ProfileFields> = {
  ...texts,
  AdditionalInformation: 'Line one\nline two\t"quoted" 👋🏽',
  PartyType: 'INDIVIDUAL',
  Gender: 'FEMALE',
  Address: address('home'),
  ShippingAddress: address('shipping'),
  MailingAddress: address('mailing'),
  BillingAddress: address('billing'),
  Attributes: { tier: 'gold', Tier: 'silver', 'a.b/c d': 'ünï' },
  ProfileType: 'ACCOUNT_PROFILE',
  EngagementPreferences: {
    Phone: contactTypes.map((ContactType) => ({
      KeyName: '_phone',
      KeyValue: '+15551234567',
      ProfileId: unknownId,
      ContactType,
    })),
    Email: [
      { KeyName: '_email', KeyValue: 'a@b', ProfileId: unknownId, ContactType: 'EmailAddress' },
    ],
  },
};

/** Another value for each member. */
const everyChange: Complete<ProfileChanges> = {
  ...mapTexts(() => 'changed'),
  AdditionalInformation: 'changed',
  PartyType: 'BUSINESS',
  Gender: 'MALE',
  Address: address('home 2'),
  ShippingAddress: address('shipping 2'),
  MailingAddress: address('mailing 2'),
  BillingAddress: address('billing 2'),
  Attributes: { tier: 'platinum', Tier: 'bronze', 'a.b/c d': 'changed' },
  ProfileType: 'PROFILE',
  EngagementPreferences: {
    Phone: [],
    Email: [{ KeyName: 'k', KeyValue: 'v', ProfileId: unknownId, ContactType: 'EmailAddress' }],
  },
};

function mapTexts(text: (field: string) => string): typeof texts {
  const entries = Object.keys(texts).map((field) => [field, text(field)]);
  return Object.fromEntries(entries) as typeof texts;
}

const emptyAddress = {
  Address1: '',
  Address2: '',
  Address3: '',
  Address4: '',
  City: '',
  County: '',
  State: '',
  Province: '',
  Country: '',
  PostalCode: '',
};

const objectNames: Record<string, string> = JSON.parse(
  '{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}',
);

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

async function startWith(fields: ProfileFields = {}) {
  const customers = await startCustomers();
  return { customers, profileId: await customers.create(fields) };
}

/** Attributes of some 270 bytes each; a profile of a thousand of them is too large. */
function bulk(name: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${name}${index}`, 'x'.repeat(255)]),
  );
}

async function attributesOf(customers: Customers, profileId: string) {
  return (await customers.profile(profileId))?.Attributes;
}

/** What CreateProfile and UpdateProfile refuse alike. No message repeats a customer's data. */
const refusedFields: [what: string, fields: ProfileFields, error: object][] = [
  ...Object.keys(texts).map((field): [string, ProfileFields, object] => [
    `a ${field} of 256 characters`,
    { [field]: 'x'.repeat(256) },
    violation(`Value at '${lowerFirst(field)}'`, 'have length less than or equal to 255'),
  ]),
  [
    'an AdditionalInformation of 1001 characters',
    { AdditionalInformation: 'x'.repeat(1001) },
    violation("Value at 'additionalInformation'", 'have length less than or equal to 1000'),
  ],
  [
    'an unknown PartyType',
    // The SDK's types know only the model's values.
    { PartyType: 'ROBOT' as PartyType },
    violation("Value at 'partyType'", 'satisfy enum value set: [INDIVIDUAL, BUSINESS, OTHER]'),
  ],
  [
    'an empty Gender',
    { Gender: '' as Gender },
    violation("Value at 'gender'", 'satisfy enum value set: [MALE, FEMALE, UNSPECIFIED]'),
  ],
  [
    'a ProfileType in lower case',
    { ProfileType: 'profile' as ProfileType },
    violation("Value at 'profileType'", 'satisfy enum value set: [ACCOUNT_PROFILE, PROFILE]'),
  ],
  ...(['Address', 'ShippingAddress', 'MailingAddress', 'BillingAddress'] as const).flatMap(
    (field) =>
      Object.keys(emptyAddress).map((part): [string, ProfileFields, object] => [
        `a ${part} of 256 characters in ${field}`,
        { [field]: { [part]: 'x'.repeat(256) } },
        violation(
          `Value at '${lowerFirst(field)}.${lowerFirst(part)}'`,
          'have length less than or equal to 255',
        ),
      ]),
  ),
  [
    'an attribute without a name',
    { Attributes: { '': 'x' } },
    violation("Value at 'attributes.1.member'", 'have length greater than or equal to 1'),
  ],
  [
    'an attribute whose name has 256 characters',
    { Attributes: { ok: 'x', ['n'.repeat(256)]: 'x' } },
    violation("Value at 'attributes.2.member'", 'have length less than or equal to 255'),
  ],
  [
    'an attribute of 256 characters',
    { Attributes: { secret: 'x'.repeat(256) } },
    violation("Value at 'attributes.1.member'", 'have length less than or equal to 255'),
  ],
  ...(
    [
      ['keyName', { KeyName: 'a b' }, 'satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$'],
      ['keyName', { KeyName: 'k'.repeat(65) }, 'have length less than or equal to 64'],
      ['keyValue', { KeyValue: '' }, 'have length greater than or equal to 1'],
      ['profileId', { ProfileId: 'no id' }, 'satisfy regular expression pattern: [a-f0-9]{32}'],
      [
        'contactType',
        { ContactType: 'Fax' as 'PhoneNumber' },
        `satisfy enum value set: [${contactTypes.join(', ')}]`,
      ],
    ] as [string, ContactPreference, string][]
  ).map(([member, preference, constraint]): [string, ProfileFields, object] => [
    `a contact preference with ${JSON.stringify(preference)}`,
    { EngagementPreferences: { Email: [{}, preference] } },
    violation(`Value at 'engagementPreferences.email.2.member.${member}'`, constraint),
  ]),
];

describe('CreateProfile', () => {
  test('answers with exactly the new id', async () => {
    const { service } = await startCustomers();
    const answer = await send(service, 'POST', '/domains/customers/profiles', {});
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ProfileId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test('stores every field as it was written', async () => {
    const { customers, profileId } = await startWith(everyField);
    const shown = { ProfileId: profileId, ...everyField };
    expect((await customers.get(profileId)).Profiles).toEqual([shown]);
    const { Items } = await customers.search({ KeyName: '_profileId', Values: [profileId] });
    expect(Items).toEqual([
      { ...shown, FoundByItems: [{ KeyName: '_profileId', Values: [profileId] }] },
    ]);
  });

  test('a profile may be empty', async () => {
    const { customers, profileId } = await startWith();
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId });
  });

  test('empty addresses and attributes are no part of the profile', async () => {
    const { customers, profileId } = await startWith({ Address: {}, Attributes: {} });
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId });
  });

  test('the same fields again make another profile', async () => {
    const { customers, profileId } = await startWith(everyField);
    const second = await customers.create(everyField);
    expect(second).not.toBe(profileId);
    expect(await customers.foundBy('_account', texts.AccountNumber)).toEqual([profileId, second]);
  });

  test('keeps attributes named like members of an object', async () => {
    const { customers, profileId } = await startWith({ Attributes: objectNames });
    const shown = (await attributesOf(customers, profileId)) ?? {};
    expect(Object.entries(shown)).toEqual(Object.entries(objectNames));
  });

  test('counts code points: 255 emoji fit', async () => {
    const emoji = '🙂'.repeat(255);
    const { customers, profileId } = await startWith({
      FirstName: emoji,
      Attributes: { [emoji]: emoji },
    });
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      FirstName: emoji,
      Attributes: { [emoji]: emoji },
    });
    await expect(customers.create({ FirstName: `${emoji}🙂` })).rejects.toMatchObject(
      violation("Value at 'firstName'", 'have length less than or equal to 255'),
    );
  });

  test.each(refusedFields)('BadRequestException for %s', async (_what, fields, error) => {
    const customers = await startCustomers();
    await expect(customers.create({ AccountNumber: '1', ...fields })).rejects.toMatchObject(error);
    expect(await customers.foundBy('_account', '1')).toEqual([]);
  });

  test('BadRequestException names every empty text at once', async () => {
    const customers = await startCustomers();
    const empty = {
      ...mapTexts(() => ''),
      AdditionalInformation: '',
      Address: emptyAddress,
      Attributes: { a: '' },
    };
    const paths = [
      ...['accountNumber', 'additionalInformation', 'businessName', 'firstName', 'middleName'],
      ...['lastName', 'birthDate', 'phoneNumber', 'mobilePhoneNumber', 'homePhoneNumber'],
      ...['businessPhoneNumber', 'emailAddress', 'personalEmailAddress', 'businessEmailAddress'],
      ...Object.keys(emptyAddress).map((part) => `address.${lowerFirst(part)}`),
      ...['attributes.1.member', 'partyTypeString', 'genderString'],
    ];
    const list = paths.map(
      (path) =>
        `Value at '${path}' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
    await expect(customers.create(empty)).rejects.toMatchObject(
      badRequest(`${paths.length} validation errors detected: ${list.join('; ')}`),
    );
  });

  test('SerializationException for a field of the wrong JSON type', async () => {
    const { service } = await startCustomers();
    for (const body of [
      { FirstName: 1 },
      { Address: 'here' },
      { Attributes: [] },
      { Attributes: { a: null } },
      { Attributes: { a: 1 } },
      { EngagementPreferences: { Phone: {} } },
      { EngagementPreferences: { Phone: [null] } },
    ])
      expect(await send(service, 'POST', '/domains/customers/profiles', body)).toMatchObject({
        status: 400,
        errorType: 'SerializationException',
      });
  });

  test('null is the same as absent', async () => {
    const { service } = await startCustomers();
    const body = { FirstName: null, Address: { City: null }, Attributes: null, Gender: null };
    const answer = await send(service, 'POST', '/domains/customers/profiles', body);
    expect(answer.status).toBe(200);
  });

  test('BadRequestException for a profile larger than 250 KB', async () => {
    const customers = await startCustomers();
    const tooLarge = { AccountNumber: '1', Attributes: bulk('a', 1000) };
    await expect(customers.create(tooLarge)).rejects.toMatchObject(
      badRequest('The profile is larger than 256000 bytes'),
    );
    expect(await customers.foundBy('_account', '1')).toEqual([]);
  });
});

test('CreateProfile: ResourceNotFoundException, not the size, when the domain is missing', async () => {
  const { nowhere } = await startCustomers();
  const tooLarge = { Attributes: bulk('a', 1000) };
  await expect(nowhere.create(tooLarge)).rejects.toMatchObject(domainNotFound('nowhere'));
});

describe('UpdateProfile', () => {
  test('answers with exactly the id', async () => {
    const { customers, profileId } = await startWith();
    const { $metadata, ...answer } = await customers.update(profileId, { FirstName: 'Jane' });
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ ProfileId: profileId });
  });

  test('sets every field of an empty profile', async () => {
    const { customers, profileId } = await startWith();
    await customers.update(profileId, everyField);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...everyField });
  });

  test('changes every field of a full profile', async () => {
    const { customers, profileId } = await startWith(everyField);
    await customers.update(profileId, everyChange);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...everyChange });
  });

  test('keeps absent fields', async () => {
    const { customers, profileId } = await startWith(everyField);
    await customers.update(profileId, {});
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...everyField });
    await customers.update(profileId, { FirstName: 'Joan' });
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      ...everyField,
      FirstName: 'Joan',
    });
  });

  test.each([...Object.keys(texts), 'AdditionalInformation'])(
    'an empty %s removes it and nothing else',
    async (field) => {
      const { customers, profileId } = await startWith(everyField);
      await customers.update(profileId, { [field]: '' });
      const { [field]: _removed, ...rest }: Record<string, unknown> = everyField;
      expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, ...rest });
    },
  );

  test('empty texts remove all but enumerations and preferences', async () => {
    const { customers, profileId } = await startWith(everyField);
    await customers.update(profileId, {
      ...mapTexts(() => ''),
      AdditionalInformation: '',
      Address: emptyAddress,
      ShippingAddress: emptyAddress,
      MailingAddress: emptyAddress,
      BillingAddress: emptyAddress,
      Attributes: { tier: '', Tier: '', 'a.b/c d': '' },
    });
    const { PartyType, Gender, ProfileType, EngagementPreferences } = everyField;
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      ...{ PartyType, Gender, ProfileType, EngagementPreferences },
    });
  });

  test('removing what is not there changes nothing', async () => {
    const { customers, profileId } = await startWith({ FirstName: 'Jane' });
    await customers.update(profileId, {
      LastName: '',
      Address: { City: '' },
      Attributes: { a: '' },
    });
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, FirstName: 'Jane' });
  });

  test.each(['Address', 'ShippingAddress', 'MailingAddress', 'BillingAddress'] as const)(
    'merges %s member by member',
    async (field) => {
      const { customers, profileId } = await startWith({
        [field]: { Address1: '1 Road', City: 'Here', Country: 'X' },
      });
      await customers.update(profileId, { [field]: { City: 'There', Country: '', State: 'S' } });
      const merged = { Address1: '1 Road', City: 'There', State: 'S' };
      expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, [field]: merged });
      await customers.update(profileId, { [field]: { Address1: '', City: '', State: '' } });
      expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId });
    },
  );

  test('merges attributes name by name', async () => {
    const { customers, profileId } = await startWith({ Attributes: { a: '1', b: '2', A: '3' } });
    await customers.update(profileId, { Attributes: { b: 'new', c: '4', a: '' } });
    expect(await attributesOf(customers, profileId)).toEqual({ b: 'new', A: '3', c: '4' });
    await customers.update(profileId, { Attributes: {} });
    expect(await attributesOf(customers, profileId)).toEqual({ b: 'new', A: '3', c: '4' });
  });

  test('sets, changes and removes attributes named like members of an object', async () => {
    const { customers, profileId } = await startWith({ Attributes: { a: '1' } });
    await customers.update(profileId, { Attributes: objectNames });
    await customers.update(profileId, { Attributes: { b: '2' } });
    const merged = Object.entries((await attributesOf(customers, profileId)) ?? {});
    expect(merged).toEqual([['a', '1'], ...Object.entries(objectNames), ['b', '2']]);
    await customers.update(profileId, {
      Attributes: JSON.parse('{"__proto__":"","constructor":"new"}'),
    });
    const changed = Object.entries((await attributesOf(customers, profileId)) ?? {});
    expect(changed).toEqual([
      ['a', '1'],
      ['constructor', 'new'],
      ['toString', 'c'],
      ['hasOwnProperty', 'd'],
      ['b', '2'],
    ]);
  });

  test('replaces EngagementPreferences as a whole', async () => {
    const { customers, profileId } = await startWith(everyField);
    const preferences: EngagementPreferences = { Email: [{ KeyName: 'k' }] };
    await customers.update(profileId, { EngagementPreferences: preferences });
    expect((await customers.profile(profileId))?.EngagementPreferences).toEqual(preferences);
  });

  test('PartyType and PartyTypeString, Gender and GenderString are independent', async () => {
    const { customers, profileId } = await startWith({ PartyType: 'OTHER', Gender: 'MALE' });
    await customers.update(profileId, { PartyTypeString: 'robot', GenderString: 'n/a' });
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      PartyType: 'OTHER',
      PartyTypeString: 'robot',
      Gender: 'MALE',
      GenderString: 'n/a',
    });
  });

  test('concurrent updates of different members all stay', async () => {
    const { customers, profileId } = await startWith();
    const numbers = Array.from({ length: 20 }, (_, index) => `n${index}`);
    await Promise.all(
      numbers.map((name) => customers.update(profileId, { Attributes: { [name]: name } })),
    );
    expect(await attributesOf(customers, profileId)).toEqual(
      Object.fromEntries(numbers.map((name) => [name, name])),
    );
  });

  test.each(refusedFields)('BadRequestException for %s', async (_what, fields, error) => {
    const { customers, profileId } = await startWith({ AccountNumber: '1' });
    await expect(
      customers.update(profileId, { AccountNumber: '2', ...fields }),
    ).rejects.toMatchObject(error);
    expect(await customers.profile(profileId)).toEqual({
      ProfileId: profileId,
      AccountNumber: '1',
    });
    expect(await customers.foundBy('_account', '2')).toEqual([]);
  });

  test('BadRequestException when the merged profile is larger than 250 KB', async () => {
    const { customers, profileId } = await startWith({ Attributes: bulk('a', 500) });
    const more = { Attributes: bulk('b', 500) };
    await expect(customers.update(profileId, more)).rejects.toMatchObject(
      badRequest('The profile is larger than 256000 bytes'),
    );
    expect(await attributesOf(customers, profileId)).toEqual(bulk('a', 500));
  });
});

describe('DeleteProfile', () => {
  test('answers OK, and the profile is gone with its keys', async () => {
    const { customers, profileId } = await startWith(everyField);
    await customers.addKey(profileId, 'card', '1', '2');
    const { $metadata, ...answer } = await customers.delete(profileId);
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({ Message: 'OK' });
    expect(await customers.profile(profileId)).toBeUndefined();
    for (const [key, value] of [
      ['_profileId', profileId],
      ['_account', texts.AccountNumber],
      ['_email', texts.EmailAddress],
      ['_phone', texts.MobilePhoneNumber],
      ['_fullName', "Jane Q O'Neill"],
      ['card', '2'],
    ] as const)
      expect(await customers.foundBy(key, value), key).toEqual([]);
  });

  test('leaves another profile with the same values alone', async () => {
    const { customers, profileId } = await startWith(everyField);
    const other = await customers.create(everyField);
    await customers.delete(profileId);
    expect(await customers.foundBy('_email', texts.EmailAddress)).toEqual([other]);
  });

  test('ResourceNotFoundException the second time', async () => {
    const { customers, profileId } = await startWith();
    await customers.delete(profileId);
    await expect(customers.delete(profileId)).rejects.toMatchObject(profileNotFound);
  });

  test('of several at the same time one succeeds', async () => {
    const { customers, profileId } = await startWith();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => customers.delete(profileId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(profileNotFound);
  });
});

describe.each([
  ['UpdateProfile', (customers: Customers, id: string) => customers.update(id, { LastName: 'X' })],
  ['DeleteProfile', (customers: Customers, id: string) => customers.delete(id)],
] as const)('%s', (_operation, attempt) => {
  test("ResourceNotFoundException when the profile doesn't exist", async () => {
    const customers = await startCustomers();
    await expect(attempt(customers, unknownId)).rejects.toMatchObject(profileNotFound);
  });

  test('ResourceNotFoundException when the profile is deleted', async () => {
    const { customers, profileId } = await startWith();
    await customers.delete(profileId);
    await expect(attempt(customers, profileId)).rejects.toMatchObject(profileNotFound);
  });

  test('ResourceNotFoundException when the profile belongs to another domain', async () => {
    const { customers, profileId } = await startWith({ LastName: 'Doe' });
    const others = await customers.openOther();
    await expect(attempt(others, profileId)).rejects.toMatchObject(profileNotFound);
    expect(await customers.profile(profileId)).toEqual({ ProfileId: profileId, LastName: 'Doe' });
  });

  test('ResourceNotFoundException for an id with text around it', async () => {
    const { customers, profileId } = await startWith();
    await expect(attempt(customers, `xx${profileId}yy`)).rejects.toMatchObject(profileNotFound);
  });

  test("BadRequestException for an id that isn't one", async () => {
    const customers = await startCustomers();
    await expect(attempt(customers, 'ABC')).rejects.toMatchObject(
      violation("Value 'ABC' at 'profileId'", 'satisfy regular expression pattern: [a-f0-9]{32}'),
    );
  });
});

test.each([
  ['PUT', '/domains/customers/profiles'],
  ['POST', '/domains/customers/profiles/delete'],
])('BadRequestException for %s %s without an id', async (method, path) => {
  const { service } = await startCustomers();
  expect(await send(service, method, path, {})).toMatchObject({
    status: 400,
    errorType: 'BadRequestException',
    body: {
      Message:
        "1 validation error detected: Value at 'profileId' failed to satisfy constraint: Member must not be null",
    },
  });
});

describe('BatchGetProfile', () => {
  test('answers in the order of the request, each profile once', async () => {
    const { customers, profileId: first } = await startWith({ FirstName: 'One' });
    const second = await customers.create({ FirstName: 'Two' });
    const { $metadata, ...answer } = await customers.get(second, first, second);
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({
      Profiles: [
        { ProfileId: second, FirstName: 'Two' },
        { ProfileId: first, FirstName: 'One' },
      ],
      Errors: [],
    });
  });

  test("lists what isn't there in Errors, each once, and shows the rest", async () => {
    const { customers, profileId } = await startWith({ FirstName: 'One' });
    const deleted = await customers.create();
    await customers.delete(deleted);
    const foreign = await (await customers.openOther()).create();
    const odd = `xx${profileId}`;
    const { Profiles, Errors } = await customers.get(
      ...[unknownId, profileId, deleted, unknownId, foreign, odd],
    );
    expect(Profiles).toEqual([{ ProfileId: profileId, FirstName: 'One' }]);
    expect(Errors).toEqual(
      [unknownId, deleted, foreign, odd].map((ProfileId) => ({
        Code: '404',
        Message: 'Profile not found',
        ProfileId,
      })),
    );
  });

  test('succeeds when every id fails', async () => {
    const customers = await startCustomers();
    const { $metadata, Profiles, Errors } = await customers.get(unknownId);
    expect($metadata.httpStatusCode).toBe(200);
    expect(Profiles).toEqual([]);
    expect(Errors).toHaveLength(1);
  });

  test('takes 1 to 20 ids', async () => {
    const customers = await startCustomers();
    const ids: string[] = [];
    for (let made = 0; made < 20; made++) ids.push(await customers.create());
    const { Profiles } = await customers.get(...ids.toReversed());
    expect(Profiles?.map(({ ProfileId }) => ProfileId)).toEqual(ids.toReversed());
    await expect(customers.get()).rejects.toMatchObject(
      violation("Value '[]' at 'profileIds'", 'have length greater than or equal to 1'),
    );
    await expect(customers.get(...ids, unknownId)).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringMatching(
        /at 'profileIds' failed to satisfy constraint: Member must have length less than or equal to 20$/,
      ),
    });
  });

  test("BadRequestException for an id that isn't one", async () => {
    const customers = await startCustomers();
    await expect(customers.get(unknownId, 'ABC')).rejects.toMatchObject(
      violation(
        "Value 'ABC' at 'profileIds.2.member'",
        'satisfy regular expression pattern: [a-f0-9]{32}',
      ),
    );
  });
});
