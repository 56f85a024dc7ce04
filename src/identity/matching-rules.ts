import { createHash } from 'node:crypto';
import { type ContentType, normalForm } from './normal-forms.ts';
import {
  type AddressField,
  addressFields,
  emailFields,
  type ProfileDocument,
  phoneFields,
} from './profile-document.ts';

/** What a domain's settings say about rule-based matching, in the API's terms. */
export interface RuleBasedMatching {
  readonly MatchingRules?: readonly { readonly Rule: readonly string[] }[] | undefined;
  readonly MaxAllowedRuleLevelForMatching?: number | undefined;
  readonly MaxAllowedRuleLevelForMerging?: number | undefined;
  readonly AttributeTypesSelector?:
    | {
        readonly AttributeMatchingModel: 'MANY_TO_MANY' | 'ONE_TO_ONE';
        readonly Address?: readonly string[] | undefined;
        readonly PhoneNumber?: readonly string[] | undefined;
        readonly EmailAddress?: readonly string[] | undefined;
      }
    | undefined;
}

/** One attribute of a rule: in which fields of a profile its values are, and how they compare. */
interface RuleAttribute {
  readonly name: string;
  /** Where its values are; several for the types of attributes that the selector has. */
  readonly fields: readonly string[];
  /** For the parts of addresses: which member. */
  readonly part?: string;
  readonly contentType: ContentType;
}

/** One level of the rules: profiles match on it if they do in all of its attributes. */
export interface RuleLevel {
  /** From 1: lower levels come first. */
  readonly level: number;
  readonly attributes: readonly RuleAttribute[];
}

/** Rules as they apply. */
export interface MatchingRules {
  readonly levels: readonly RuleLevel[];
  /** Matches on levels up to this one are merged automatically; 0 merges none. */
  readonly mergeLevelMax: number;
  readonly isManyToMany: boolean;
}

/**
 * Amazon's console shows a set of rules that applies when a domain names none, and the documentation
 * doesn't say which: these are Keyfold's.
 */
const DEFAULT_RULES: readonly (readonly string[])[] = [
  ['EmailAddress', 'PhoneNumber', 'FirstName', 'LastName'],
  ['EmailAddress', 'FirstName', 'LastName'],
  ['PhoneNumber', 'FirstName', 'LastName'],
  ['EmailAddress'],
  ['PhoneNumber'],
];

const singles: Readonly<Record<string, ContentType>> = {
  AccountNumber: 'STRING',
  BirthDate: 'STRING',
  BusinessName: 'NAME',
  FirstName: 'NAME',
  Gender: 'STRING',
  LastName: 'NAME',
  MiddleName: 'NAME',
};

/** Address1 to Address4 in one; the others are members of the API's Address. */
const STREET = 'Address';
const addressParts = [
  STREET,
  'Address1',
  'Address2',
  'Address3',
  'Address4',
  'City',
  'Country',
  'County',
  'PostalCode',
  'Province',
  'State',
];

/**
 * The names by which selectors call fields in Amazon's documentation, where they aren't the fields' own.
 */
const aliases: Readonly<Record<string, string>> = {
  BusinessAddress: 'BillingAddress',
  BusinessEmail: 'BusinessEmailAddress',
  BusinessPhone: 'BusinessPhoneNumber',
  Email: 'EmailAddress',
  HomePhone: 'HomePhoneNumber',
  MaillingAddress: 'MailingAddress',
  MobilePhone: 'MobilePhoneNumber',
  PersonalEmail: 'PersonalEmailAddress',
  Phone: 'PhoneNumber',
};

const ATTRIBUTES = 'Attributes.';
const ADDRESS = 'Address.';

type Selector = NonNullable<RuleBasedMatching['AttributeTypesSelector']>;

/** The fields of a type of attributes that take part: all of them unless the selector says which. */
function selected(
  all: readonly string[],
  selector: Selector | undefined,
  type: 'Address' | 'EmailAddress' | 'PhoneNumber',
): readonly string[] {
  const named = selector?.[type];
  if (named === undefined) return all;
  return [...new Set(named.map((name) => (Object.hasOwn(aliases, name) ? aliases[name] : name)))]
    .filter((name) => name !== undefined && all.includes(name))
    .map(String);
}

function attributeOf(name: string, selector: Selector | undefined): RuleAttribute | undefined {
  const contentType = Object.hasOwn(singles, name) ? singles[name] : undefined;
  if (contentType !== undefined) return { name, fields: [name], contentType };
  if (name === 'PhoneNumber')
    return { name, fields: selected(phoneFields, selector, name), contentType: 'PHONE_NUMBER' };
  if (name === 'EmailAddress')
    return { name, fields: selected(emailFields, selector, name), contentType: 'EMAIL_ADDRESS' };
  if (name.startsWith(ATTRIBUTES) && name.length > ATTRIBUTES.length)
    return { name, fields: [name], contentType: 'STRING' };
  const part = name.startsWith(ADDRESS) ? name.slice(ADDRESS.length) : '';
  if (!addressParts.includes(part)) return undefined;
  const fields = selected(addressFields, selector, 'Address');
  return { name, fields, part, contentType: 'NAME' };
}

/** What settings name that isn't there: attributes of rules, and fields of selectors. */
export function unknownNames({
  MatchingRules,
  AttributeTypesSelector,
}: RuleBasedMatching): string[] {
  const attributes = (MatchingRules ?? []).flatMap(({ Rule }) => Rule);
  const unknown = attributes.filter((name) => attributeOf(name, undefined) === undefined);
  const all = { Address: addressFields, EmailAddress: emailFields, PhoneNumber: phoneFields };
  for (const type of ['Address', 'EmailAddress', 'PhoneNumber'] as const)
    for (const name of AttributeTypesSelector?.[type] ?? [])
      if (
        selected(all[type], { AttributeMatchingModel: 'ONE_TO_ONE', [type]: [name] }, type)
          .length === 0
      )
        unknown.push(name);
  return unknown;
}

/** The rules that settings stand for. */
export function compileRules(matching: RuleBasedMatching): MatchingRules {
  const { MatchingRules, AttributeTypesSelector: selector } = matching;
  const rules = MatchingRules?.map(({ Rule }) => Rule) ?? DEFAULT_RULES;
  const levelMax = matching.MaxAllowedRuleLevelForMatching ?? rules.length;
  const levels = rules.slice(0, levelMax).map((names, index) => ({
    level: index + 1,
    attributes: [...new Set(names)].flatMap((name) => attributeOf(name, selector) ?? []),
  }));
  return {
    levels,
    mergeLevelMax: Math.min(matching.MaxAllowedRuleLevelForMerging ?? 0, levels.length),
    isManyToMany: selector?.AttributeMatchingModel === 'MANY_TO_MANY',
  };
}

/** A value of an attribute in a profile, with the field that has it. */
interface FieldValue {
  readonly field: string;
  readonly value: string;
}

function textOf(document: ProfileDocument, field: string, part?: string): string | undefined {
  const values = document as Readonly<Record<string, unknown>>;
  if (part !== undefined) {
    const address = document[field as AddressField];
    if (part !== STREET) return address?.[part];
    const { Address1, Address2, Address3, Address4 } = address ?? {};
    return [Address1, Address2, Address3, Address4].filter((line) => line?.trim()).join(' ');
  }
  if (!field.startsWith(ATTRIBUTES)) return values[field] as string | undefined;
  const attributes = document.Attributes ?? {};
  const name = field.slice(ATTRIBUTES.length);
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

/** What documents say to attributes: a profile is compared with hundreds, and each of them anew. */
const known = new WeakMap<ProfileDocument, Map<RuleAttribute, readonly FieldValue[]>>();

/** The values that a profile has of an attribute, in normal form; one of nothing but spaces is none. */
function valuesOf(document: ProfileDocument, attribute: RuleAttribute): readonly FieldValue[] {
  const ofDocument = known.get(document) ?? new Map<RuleAttribute, readonly FieldValue[]>();
  known.set(document, ofDocument);
  const found = ofDocument.get(attribute);
  if (found !== undefined) return found;
  const values = attribute.fields.flatMap((field) => {
    const text = textOf(document, field, attribute.part);
    return text?.trim() ? [{ field, value: normalForm(attribute.contentType, text) }] : [];
  });
  ofDocument.set(attribute, values);
  return values;
}

/** 128 bits of a hash, as the index of matching has values. */
function hashed(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

function hashOf({ name }: RuleAttribute, isManyToMany: boolean, { field, value }: FieldValue) {
  // A home number matches home numbers only, unless any field may match any other.
  return hashed([name, isManyToMany ? '' : field, value]);
}

/**
 * The values of a profile for each attribute of a level, as the index of matching has them. Undefined
 * when the profile lacks an attribute: it then doesn't match on the level (Amazon's guide).
 */
export function indexedValues(
  { isManyToMany }: MatchingRules,
  { attributes }: RuleLevel,
  document: ProfileDocument,
): readonly (readonly string[])[] | undefined {
  if (attributes.length === 0) return undefined;
  const all = attributes.map((attribute) => [
    ...new Set(
      valuesOf(document, attribute).map((value) => hashOf(attribute, isManyToMany, value)),
    ),
  ]);
  return all.every((values) => values.length > 0) ? all : undefined;
}

/**
 * What a level says of each address as a whole. Two profiles may go on having the same cities and postal
 * codes while no address has both any more: the index must tell.
 */
function wholeAddresses({ attributes }: RuleLevel, document: ProfileDocument): string[] {
  const parts = attributes.filter(({ part }) => part !== undefined);
  if (parts.length < 2) return [];
  return addressFields.map((field) => {
    const values = parts.map(
      (part) => valuesOf(document, part).find((one) => one.field === field)?.value,
    );
    const names = parts.map(({ name }) => name);
    return hashed([names, field, values]);
  });
}

/** Every value of a profile that any level has in the index: while they stay, so do its matches. */
export function allIndexedValues(rules: MatchingRules, document: ProfileDocument): Set<string> {
  return new Set(
    rules.levels.flatMap((level) => {
      const values = indexedValues(rules, level, document);
      return values === undefined ? [] : [...values.flat(), ...wholeAddresses(level, document)];
    }),
  );
}

/** Whether a field of one profile may be compared with a field of another. */
function comparable({ isManyToMany }: MatchingRules, field: string, other: string): boolean {
  return isManyToMany || field === other;
}

/**
 * Whether two profiles match on a level: in every attribute they have a value in common. What a level
 * says of addresses must hold between one address of each: a city of one and a postal code of another
 * are nobody's address.
 */
export function matchOn(
  rules: MatchingRules,
  { attributes }: RuleLevel,
  document: ProfileDocument,
  other: ProfileDocument,
): boolean {
  if (attributes.length === 0) return false;
  const parts = attributes.filter(({ part }) => part !== undefined);
  const rest = attributes.filter(({ part }) => part === undefined);
  const agree = (attribute: RuleAttribute, field?: string, otherField?: string): boolean =>
    valuesOf(document, attribute).some(
      (own) =>
        (field ?? own.field) === own.field &&
        valuesOf(other, attribute).some(
          (value) =>
            (otherField ?? value.field) === value.field &&
            comparable(rules, own.field, value.field) &&
            own.value === value.value,
        ),
    );
  if (!rest.every((attribute) => agree(attribute))) return false;
  const [first] = parts;
  if (first === undefined) return true;
  return first.fields.some((field) =>
    first.fields.some((otherField) => parts.every((part) => agree(part, field, otherField))),
  );
}

/**
 * The id of a group of profiles that match on a level: the same for as long as the profile that was
 * made first is in it.
 */
export function ruleMatchId(domainId: string, level: number, firstProfileId: string): string {
  const text = JSON.stringify([domainId, level, firstProfileId]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * The id of the report that a level has values which are too common: one a day, in the order of time
 * among the ids of records.
 */
export function reportId(domainId: string, level: number, now: number): string {
  const day = now - (now % (24 * 60 * 60 * 1000));
  const tail = ruleMatchId(domainId, level, 'too common').slice(0, 19);
  return `${day.toString(16).padStart(12, '0')}7${tail}`;
}

/**
 * The profiles that are connected with the first one by matches, the first among them and in the order
 * given.
 */
export function connected(
  documents: ReadonlyMap<string, ProfileDocument>,
  isMatch: (document: ProfileDocument, other: ProfileDocument) => boolean,
): string[] {
  const [first] = documents.keys();
  if (first === undefined) return [];
  const found = new Set([first]);
  // Iterating a set goes on to what is added meanwhile.
  for (const profileId of found)
    for (const [other, document] of documents) {
      const own = documents.get(profileId);
      if (own && !found.has(other) && isMatch(own, document)) found.add(other);
    }
  return [...documents.keys()].filter((profileId) => found.has(profileId));
}

/**
 * Which of some profiles are merged, the main one first: each that is not kept apart from one before it.
 * None when every two are kept apart.
 */
export function mergeable(
  profileIds: readonly string[],
  apart: readonly { readonly profileId: string; readonly otherProfileId: string }[],
): string[] {
  const pairs = new Set(
    apart.flatMap(({ profileId, otherProfileId }) => [
      `${profileId} ${otherProfileId}`,
      `${otherProfileId} ${profileId}`,
    ]),
  );
  for (const [index] of profileIds.entries()) {
    const together: string[] = [];
    for (const profileId of profileIds.slice(index))
      if (together.every((other) => !pairs.has(`${profileId} ${other}`))) together.push(profileId);
    if (together.length > 1) return together;
  }
  return [];
}
