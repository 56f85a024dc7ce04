import type { ComparableAddress, MatchFeatures } from './match-features.ts';
import { similarity } from './name-similarity.ts';

/** Two profiles of at least this score are taken for the same customer. */
export const MATCH_SCORE_MIN = 0.6;

/** How much an attribute says for one customer when it agrees, and against when it doesn't. */
interface Weight {
  readonly agrees: number;
  readonly differs: number;
}

const weights = {
  email: { agrees: 45, differs: 10 },
  phone: { agrees: 40, differs: 10 },
  name: { agrees: 30, differs: 60 },
  halfName: { agrees: 15, differs: 30 },
  birthDate: { agrees: 20, differs: 70 },
  address: { agrees: 20, differs: 5 },
} as const satisfies Record<string, Weight>;

/** What is enough to be certain when nothing speaks against it: a name with a phone number, say. */
const CERTAIN = 70;

/** Names that are less alike than this are different ones. */
const NAME_SIMILARITY_MIN = 0.8;
/** What middle names that differ leave of an agreement. */
const OTHER_MIDDLE_NAME = 0.5;
/** Addresses that are the same but for `.`, `_`, `-` and what follows a `+`. */
const PLAIN_EMAIL = 0.8;
/** Scores have so many digits: adding up in another order gives the same. */
const SCORE_STEPS = 10_000;

/**
 * How far an attribute agrees, from 0 to 1; undefined when one of the profiles doesn't have it. These
 * functions run for every pair of candidates: they make no objects.
 */
type Agreement = number | undefined;

function isShared(some: readonly string[], others: readonly string[]): boolean {
  for (const item of some) if (others.includes(item)) return true;
  return false;
}

function emailAgreement(a: MatchFeatures, b: MatchFeatures): Agreement {
  if (a.emails.length === 0 || b.emails.length === 0) return undefined;
  if (isShared(a.emails, b.emails)) return 1;
  return isShared(a.plainEmails, b.plainEmails) ? PLAIN_EMAIL : 0;
}

function phoneAgreement(a: MatchFeatures, b: MatchFeatures): Agreement {
  if (a.phones.length === 0 || b.phones.length === 0) return undefined;
  return isShared(a.phones, b.phones) ? 1 : 0;
}

function textAgreement(a: string, b: string): number {
  if (a === b) return 1;
  return Math.max(0, (similarity(a, b) - NAME_SIMILARITY_MIN) / (1 - NAME_SIMILARITY_MIN));
}

/** `J` is any name that begins with it. */
function middleNameAgreement(a: string, b: string): number {
  if (a === '' || b === '') return 1;
  const isInitial = a.length === 1 || b.length === 1;
  const agrees = isInitial ? a[0] === b[0] : textAgreement(a, b) > 0;
  return agrees ? 1 : OTHER_MIDDLE_NAME;
}

function hasWholeName({ firstName, lastName }: MatchFeatures): boolean {
  return firstName !== '' && lastName !== '';
}

/** First name with first name, and last with last, or the other way round: they are often mistyped. */
function wholeNameAgreement(a: MatchFeatures, b: MatchFeatures): number {
  const first = textAgreement(a.firstName, b.firstName);
  const inOrder = first === 0 ? 0 : Math.min(first, textAgreement(a.lastName, b.lastName));
  if (inOrder === 1) return 1;
  const crossed = textAgreement(a.firstName, b.lastName);
  const swapped = crossed === 0 ? 0 : Math.min(crossed, textAgreement(a.lastName, b.firstName));
  return Math.max(inOrder, swapped);
}

/** One of the two has half a name, or all of it in one field. */
function halfNameAgreement(a: MatchFeatures, b: MatchFeatures): Agreement {
  const ofA = [a.firstName, a.lastName].filter((part) => part !== '');
  const ofB = [b.firstName, b.lastName].filter((part) => part !== '');
  if (ofA.length === 0 || ofB.length === 0) return undefined;
  const parts = ofA.flatMap((own) => ofB.map((other) => textAgreement(own, other)));
  return Math.max(textAgreement(ofA.join(' '), ofB.join(' ')), ...parts);
}

function birthDateAgreement(a: MatchFeatures, b: MatchFeatures): Agreement {
  if (a.birthDate === '' || b.birthDate === '') return undefined;
  return a.birthDate === b.birthDate ? 1 : 0;
}

function isSamePlace(a: ComparableAddress, b: ComparableAddress): boolean {
  if (a.line !== b.line) return false;
  if (a.postalCode !== '' && b.postalCode !== '') return a.postalCode === b.postalCode;
  return a.city !== '' && a.city === b.city;
}

function addressAgreement(a: MatchFeatures, b: MatchFeatures): Agreement {
  if (a.addresses.length === 0 || b.addresses.length === 0) return undefined;
  for (const own of a.addresses)
    for (const other of b.addresses) if (isSamePlace(own, other)) return 1;
  return 0;
}

/**
 * How likely two profiles are the same customer, from 0 to 1, by what both of them say. Amazon's
 * service has a model that learns; this adds up points, so that anybody can tell why:
 *
 * | attribute | for, when it agrees | against, when it differs |
 * |---|---|---|
 * | any e-mail address | 45, or 36 when only `.`, `_`, `-` or a `+tag` differ | 10 |
 * | any phone number | 40 | 10 |
 * | first and last name, in either order | 30, less the less alike they are | 60, less the more alike |
 * | half a name on one side | 15, likewise | 30, likewise |
 * | birth date | 20 | 70 |
 * | line of any address, with postal code or else city | 20 | 5 |
 *
 * Names agree fully when they are equal and not at all below a similarity of 0.8 (Jaro–Winkler); in
 * between they count on both sides. Middle names that differ halve the agreement. People have several
 * phones, addresses and mailboxes, and share them with their family: what differs there says little, and
 * another name or birth date says a lot.
 *
 * The score is `for / (max(for, 70) + against)`: 1 takes 70 points and nothing against it. More that
 * agrees never lowers it, and more that differs never raises it.
 */
export function matchScore(a: MatchFeatures, b: MatchFeatures): number {
  let agreeing = 0;
  let differing = 0;
  const count = ({ agrees, differs }: Weight, agreement: Agreement) => {
    if (agreement === undefined) return;
    agreeing += agreement * agrees;
    differing += (1 - agreement) * differs;
  };
  count(weights.email, emailAgreement(a, b));
  count(weights.phone, phoneAgreement(a, b));
  count(weights.birthDate, birthDateAgreement(a, b));
  count(weights.address, addressAgreement(a, b));
  const middle = middleNameAgreement(a.middleName, b.middleName);
  if (hasWholeName(a) && hasWholeName(b)) count(weights.name, wholeNameAgreement(a, b) * middle);
  else {
    const half = halfNameAgreement(a, b);
    count(weights.halfName, half && half * middle);
  }
  const score = agreeing / (Math.max(agreeing, CERTAIN) + differing);
  return Math.round(score * SCORE_STEPS) / SCORE_STEPS;
}
