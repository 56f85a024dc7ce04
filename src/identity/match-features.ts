import { normalForm } from './normal-forms.ts';
import {
  addressFields,
  emailFields,
  type ProfileDocument,
  phoneFields,
  type TextField,
} from './profile-document.ts';

/** A postal address: its first line, and where that is. */
export interface ComparableAddress {
  readonly line: string;
  readonly postalCode: string;
  readonly city: string;
}

/**
 * What of a profile is compared to tell whether two are the same customer, in forms that are equal
 * when they mean the same. A member that is empty or undefined says nothing.
 */
export interface MatchFeatures {
  /** Numbers of at least seven digits. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  /** The same without what people leave out of them or put in: `j.doe+shop@x.y` is `jdoe@x.y`. */
  readonly plainEmails: readonly string[];
  readonly firstName: string;
  readonly middleName: string;
  readonly lastName: string;
  /** The year, and day and month in order of size: nobody can tell `07/12` from `12/07`. */
  readonly birthDate: string;
  readonly addresses: readonly ComparableAddress[];
}

/** The normal form of a number that is one: `unknown` and `123` are what many have. */
const phoneForm = /^[0-9]{7,}$/;

function distinct(forms: readonly string[]): string[] {
  return [...new Set(forms)];
}

function textsOf(document: ProfileDocument, fields: readonly TextField[]): string[] {
  return fields.flatMap((field) => document[field] ?? []);
}

/** Case, accents, punctuation and spaces don't tell people apart. */
function comparableText(text: string | undefined): string {
  return normalForm('NAME', text ?? '')
    .normalize('NFD')
    .replace(/[\p{M}'’`.]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function plainEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [untagged = ''] = email.slice(0, at).split('+', 1);
  const name = untagged.replace(/[._-]/g, '');
  return name === '' ? email : `${name}${email.slice(at)}`;
}

const yearFirst = /^(\d{4})(?:[-/. ](\d{1,2})[-/. ](\d{1,2})|(\d{2})(\d{2}))(?:[T ].*)?$/s;
const yearLast = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/;

/**
 * `1980-07-12`, `19800712` and `07/12/1980` are one date, and so is `12.07.1980`. A text that isn't
 * written like that says nothing.
 */
function comparableDate(text: string): string {
  const [, year, one, other, compactOne, compactOther] = yearFirst.exec(text.trim()) ?? [];
  const [, first, second, last] = yearLast.exec(text.trim()) ?? [];
  const parts = [Number(one ?? compactOne ?? first), Number(other ?? compactOther ?? second)];
  const [smaller = 0, larger = 0] = parts.sort((a, b) => a - b);
  // `07121980` is not in the year 712.
  const isDate = smaller >= 1 && smaller <= 12 && larger <= 31;
  return isDate ? `${year ?? last} ${smaller} ${larger}` : '';
}

/** Without a line it can't be told from its neighbours'. */
function addressesOf(document: ProfileDocument): ComparableAddress[] {
  const addresses = addressFields.map((field): ComparableAddress => {
    const { Address1, PostalCode, City } = document[field] ?? {};
    return {
      line: comparableText(Address1),
      postalCode: comparableText(PostalCode),
      city: comparableText(City),
    };
  });
  return addresses.filter(({ line }) => line !== '');
}

/** What of a profile is compared. */
export function matchFeatures(document: ProfileDocument): MatchFeatures {
  const phones = textsOf(document, phoneFields).map((text) => normalForm('PHONE_NUMBER', text));
  const emails = textsOf(document, emailFields)
    .map((text) => normalForm('EMAIL_ADDRESS', text))
    // What isn't an address says nothing: `none` is what many have.
    .filter((form) => form.lastIndexOf('@') > 0);
  return {
    phones: distinct(phones.filter((form) => phoneForm.test(form))),
    emails: distinct(emails),
    plainEmails: distinct(emails.map(plainEmail)),
    firstName: comparableText(document.FirstName),
    middleName: comparableText(document.MiddleName),
    lastName: comparableText(document.LastName),
    birthDate: comparableDate(document.BirthDate ?? ''),
    addresses: addressesOf(document),
  };
}
