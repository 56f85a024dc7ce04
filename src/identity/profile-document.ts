/** The standard fields that hold one text each. */
export const textFields = [
  'AccountNumber',
  'AdditionalInformation',
  'PartyType',
  'BusinessName',
  'FirstName',
  'MiddleName',
  'LastName',
  'BirthDate',
  'Gender',
  'PhoneNumber',
  'MobilePhoneNumber',
  'HomePhoneNumber',
  'BusinessPhoneNumber',
  'EmailAddress',
  'PersonalEmailAddress',
  'BusinessEmailAddress',
  'PartyTypeString',
  'GenderString',
  'ProfileType',
] as const;

export const addressFields = [
  'Address',
  'ShippingAddress',
  'MailingAddress',
  'BillingAddress',
] as const;

/** The fields that hold phone numbers, and those that hold e-mail addresses. */
export const phoneFields = [
  'PhoneNumber',
  'MobilePhoneNumber',
  'HomePhoneNumber',
  'BusinessPhoneNumber',
] as const satisfies readonly TextField[];
export const emailFields = [
  'EmailAddress',
  'PersonalEmailAddress',
  'BusinessEmailAddress',
] as const satisfies readonly TextField[];

export type TextField = (typeof textFields)[number];
export type AddressField = (typeof addressFields)[number];

type Texts = Readonly<Record<string, string | undefined>>;

/** The fields of a profile, or changes to them: then an empty text removes what was there. */
export type ProfileFields = {
  readonly [field in TextField]?: string | undefined;
} & {
  readonly [field in AddressField]?: Texts | undefined;
} & {
  readonly Attributes?: Texts | undefined;
  readonly EngagementPreferences?: object | undefined;
};

/** A stored profile: no member is empty. The order of its members is that of the lists above. */
export type ProfileDocument = {
  [field in TextField]?: string;
} & {
  [field in AddressField]?: Record<string, string>;
} & {
  Attributes?: Record<string, string>;
  EngagementPreferences?: object;
};

/** Absent keeps, empty removes, anything else sets; undefined when nothing is left. */
function mergeTexts(before: Texts | undefined, changes: Texts): Record<string, string> | undefined {
  // Without a prototype, `__proto__` is an attribute like any other.
  const merged: Record<string, string> = Object.create(null);
  for (const texts of [before ?? {}, changes])
    for (const [name, text] of Object.entries(texts)) {
      if (text === '') delete merged[name];
      else if (text !== undefined) merged[name] = text;
    }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

/**
 * The profile after an update, by the rules of UpdateProfile: an absent member stays, an empty text
 * removes, addresses and attributes merge member by member, EngagementPreferences is replaced.
 * Creating a profile is the same with nothing before it.
 */
export function applyFields(before: ProfileDocument, changes: ProfileFields): ProfileDocument {
  const after: ProfileDocument = {};
  for (const field of textFields) {
    const text = changes[field] ?? before[field];
    if (text !== undefined && text !== '') after[field] = text;
  }
  for (const field of [...addressFields, 'Attributes'] as const) {
    const merged = mergeTexts(before[field], changes[field] ?? {});
    if (merged !== undefined) after[field] = merged;
  }
  const preferences = changes.EngagementPreferences ?? before.EngagementPreferences;
  if (preferences !== undefined) after.EngagementPreferences = preferences;
  return after;
}

/**
 * The changes that empty fields by their names, as the sources of fields have them: `FirstName`,
 * `Address.City`, `Attributes.plan`.
 */
export function emptied(fieldNames: readonly string[]): ProfileFields {
  const changes: Record<string, string | Record<string, string>> = {};
  for (const name of fieldNames) {
    const [, field = name, part] = /^(\w+)\.(.+)$/s.exec(name) ?? [];
    if (part === undefined) {
      changes[field] = '';
      continue;
    }
    // Without a prototype, `__proto__` is an attribute like any other.
    const parts: Record<string, string> = Object.create(null);
    changes[field] = Object.assign(parts, changes[field], { [part]: '' });
  }
  // The names are those of fields: nothing else gets a source.
  return changes as ProfileFields;
}
