import type { Context } from '../model/operation.ts';
import { createDomain } from '../operations/domains/create-domain.ts';
import { addProfileKey } from '../operations/profile-keys/add-profile-key.ts';
import { createProfile } from '../operations/profiles/create-profile.ts';

export const DEMO_DOMAIN = 'ExampleDomainName';
const PROFILE_COUNT = 300;
/** Every twentieth household shares a phone: such a number finds two profiles. */
const HOUSEHOLD_EVERY = 20;

const firstNames =
  'Ada Amara Bao Carlos Chiara Dana Elif Emeka Fatima Grace Hugo Ines Jamal Keiko Lars Maya Nikolai Olu Priya Quinn Rosa Sven Tomas Uma Viktor Wanjiru Ximena Yusuf Zoë Émile'.split(
    ' ',
  );
const lastNames =
  "Abara Andersson Botha Chen Costa Dubois Eriksen Fischer García Haddad Ivanova Jensen Kowalski Kumar López Müller Nakamura O'Brien Okafor Patel Quispe Rossi Silva Tanaka Usman Varga Weiß Xu Yilmaz Zhang".split(
    ' ',
  );
const cities = [
  ['Seattle', 'WA', '98101', 'USA'],
  ['Lisboa', '', '1100-148', 'Portugal'],
  ['Nairobi', '', '00100', 'Kenya'],
  ['Toronto', 'ON', 'M5H 2N2', 'Canada'],
  ['København', '', '1050', 'Denmark'],
  ['São Paulo', 'SP', '01310-100', 'Brazil'],
] as const;

/** The customer of the samples in the API reference, with the id that the printed commands use. */
const sampleProfile = {
  AccountNumber: 'ACCT12344',
  AdditionalInformation: 'High Profile Customer',
  PartyType: 'INDIVIDUAL',
  BusinessName: 'My Awesome Company',
  FirstName: 'John',
  LastName: 'Doe',
  BirthDate: '07/12/1980',
  Gender: 'MALE',
  MobilePhoneNumber: '555-333-7777',
  HomePhoneNumber: '555-334-3344',
  BusinessPhoneNumber: '555-334-3389',
  EmailAddress: 'john.doe@example.com',
  PersonalEmailAddress: 'email1@example.com',
  Attributes: { LoyaltyPoints: '4000' },
  Address: {
    Address1: '123 Sample St',
    Address2: 'Apt 4',
    City: 'Seattle',
    County: 'King',
    State: 'WA',
    PostalCode: '98011',
    Country: 'USA',
  },
} as const;

function pick<T>(items: readonly T[], index: number): T {
  // The index is taken within the list, which is not empty.
  return items[index % items.length] as T;
}

function lettersOf(name: string): string {
  return name.normalize('NFD').replace(/[^A-Za-z]/g, '');
}

/** The fields of the demo's profile number `index`; the same on every run. */
function demoProfile(index: number) {
  const FirstName = pick(firstNames, index * 7);
  const LastName = pick(lastNames, index * 11 + Math.floor(index / 30));
  const [City, State, PostalCode, Country] = pick(cities, index);
  const household = index % HOUSEHOLD_EVERY === 1 ? index - 1 : index;
  return {
    AccountNumber: `ACCT${20_000 + index}`,
    FirstName,
    LastName,
    BirthDate: `${1950 + (index % 55)}-${String(1 + (index % 12)).padStart(2, '0')}-15`,
    PhoneNumber: `+1 (555) 010-${String(1000 + household).slice(-4)}`,
    EmailAddress:
      `${lettersOf(FirstName)}.${lettersOf(LastName)}.${index}@example.com`.toLowerCase(),
    Address: {
      Address1: `${10 + (index % 190)} Example Street`,
      City,
      ...(State === '' ? {} : { State }),
      PostalCode,
      Country,
    },
    Attributes: { Tier: pick(['Bronze', 'Silver', 'Gold'], index) },
  };
}

/** Fills an empty store. Returns the id of the sample profile. */
export async function seedDemo(context: Context): Promise<string> {
  const DomainName = DEMO_DOMAIN;
  await createDomain.handler(context, { DomainName, DefaultExpirationDays: 1098 });
  const sample = await createProfile.handler(context, { DomainName, ...sampleProfile });
  const seedOne = async (index: number) => {
    const { ProfileId } = await createProfile.handler(context, {
      DomainName,
      ...demoProfile(index),
    });
    const keys = [
      ['_ctrContactId', `contact-${index}-a`, `contact-${index}-b`],
      ['_salesforceContactId', `003EX${String(index).padStart(10, '0')}`],
      ['loyaltyCard', `LC-${7_000_000 + index}`],
    ] as const;
    for (const [KeyName, ...Values] of keys.slice(0, 1 + (index % keys.length)))
      await addProfileKey.handler(context, { DomainName, ProfileId, KeyName, Values });
  };
  await Promise.all(Array.from({ length: PROFILE_COUNT }, (_, index) => seedOne(index)));
  return sample.ProfileId;
}
