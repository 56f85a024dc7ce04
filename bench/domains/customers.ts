/** The domain that every part works on. */
export const DOMAIN = 'customers';
/** The account and region of Keyfold's default configuration. */
export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';
/** A key of AddProfileKey that every profile has, with a value of its own. */
export const CARD = 'loyaltyCard';

/** Numbers from here on are nobody's in a domain: what is new is made of them. */
export const NEW = 2 ** 30;

/** A number below this has a card, an address and a phone number of its own. */
const NUMBERS = 2 ** 31;
/** How many profiles share a full name, however large the domain is. */
const NAMESAKES = 10;

/** Every profile id begins as one that was made long ago: the product's own ids come after. */
const ID_PREFIX = '01990000000070008';
const FIRST_ID = 100_000_000_000_000;

const firstNames =
  'Ada Amara Bao Carlos Chiara Dana Elif Emeka Fatima Grace Hugo Ines Jamal Keiko Lars Maya Nikolai Olu Priya Quinn'.split(
    ' ',
  );
const lastNames =
  'Abara Andersson Botha Chen Costa Dubois Eriksen Fischer Haddad Ivanova Jensen Kowalski Kumar Nakamura Okafor Patel'.split(
    ' ',
  );
const cities = ['Seattle', 'Lisboa', 'Nairobi', 'Toronto', 'Berlin', 'Osaka', 'Lima'];

function pick(items: readonly string[], index: number): string {
  return items[index % items.length] ?? '';
}

/**
 * A number below 2³¹ for each number below 2³¹, and no two the same: values that look random and are
 * the same on every run. Rows in the order of their numbers then land all over an index, as they do
 * in a store that has grown.
 */
export function scramble(index: number): number {
  let mixed = Math.imul(index ^ (index >>> 15), 0x2c1b3c6d) & (NUMBERS - 1);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) & (NUMBERS - 1);
  return mixed ^ (mixed >>> 15);
}

/** The id of profile number `index`; ids ascend with it. */
export function profileIdOf(index: number): string {
  return `${ID_PREFIX}${FIRST_ID + index}`;
}

/** The value of `loyaltyCard` number `index`; profile number `index` has it. */
export function cardOf(index: number): string {
  return `LC-${String(scramble(index)).padStart(10, '0')}`;
}

export function emailOf(index: number): string {
  return `${String(scramble(index)).padStart(10, '0')}@example.com`;
}

export function phoneOf(index: number): string {
  return `+44 ${String(scramble(index)).padStart(10, '0')}`;
}

/** The standard fields of profile number `index`. */
export function customer(index: number) {
  const household = Math.floor(index / NAMESAKES);
  return {
    AccountNumber: `ACCT${String(scramble(index)).padStart(10, '0')}`,
    FirstName: pick(firstNames, household),
    LastName: `${pick(lastNames, household)} ${scramble(household)}`,
    PhoneNumber: phoneOf(index),
    EmailAddress: emailOf(index),
    Address: {
      Address1: `${1 + (index % 190)} Example Street`,
      City: pick(cities, index),
      PostalCode: String(10_000 + (index % 90_000)),
      Country: 'XX',
    },
    Attributes: { tier: pick(['bronze', 'silver', 'gold'], index) },
  };
}

/** The full name of profile number `index`, which ten profiles have. */
export function fullNameOf(index: number): string {
  const { FirstName, LastName } = customer(index);
  return `${FirstName} ${LastName}`;
}
