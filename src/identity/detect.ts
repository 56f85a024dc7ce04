import type { ContentType } from './normal-forms.ts';
import type { ObjectTypeField, ObjectTypeKey, StandardIdentifier } from './object-type.ts';
import { isSource } from './object-type-rules.ts';

/** A mapping for objects like the samples, for their owner to look over. */
export interface DetectedMapping {
  readonly SourceLastUpdatedTimestampFormat?: string | undefined;
  readonly Fields: Readonly<Record<string, ObjectTypeField>>;
  readonly Keys: Readonly<Record<string, readonly ObjectTypeKey[]>>;
}

type Scalar = string | number | boolean;

/** A place in the samples where a value stands. */
interface Leaf {
  readonly path: readonly string[];
  /** The path without what isn't a letter or digit, in lower case: `billingaddresscity`. */
  readonly plainPath: string;
  readonly plainName: string;
  /** At most one from each sample. */
  readonly values: Scalar[];
}

/** How many fields a suggestion has: objects of data come with thousands of members. */
const FIELDS_MAX = 200;
const DEPTH_MAX = 8;
const FIELD_NAME_MAX = 64;
const SOURCE_MAX = 1_000;

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a field's source can name a member. */
function canName(source: string): boolean {
  const isText = source.isWellFormed() && !source.includes('\0');
  return isText && source.length <= SOURCE_MAX && isSource(source);
}

/** Members that a source can't name are left out, and so are lists: a field holds one value. */
function collect(value: unknown, path: readonly string[], leaves: Map<string, Leaf>): void {
  if (isObject(value)) {
    if (path.length < DEPTH_MAX)
      for (const [name, member] of Object.entries(value)) collect(member, [...path, name], leaves);
    return;
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return;
  if (value === '' || path.some((name) => /[.[\]]/.test(name))) return;
  const source = `_source.${path.join('.')}`;
  const leaf = leaves.get(source);
  if (leaf !== undefined) leaf.values.push(value);
  else if (leaves.size < FIELDS_MAX && canName(source))
    leaves.set(source, {
      path,
      plainPath: plain(path.join('')),
      plainName: plain(path.at(-1) ?? ''),
      values: [value],
    });
}

/** What the members of a customer's data are often called, by the field of the profile. */
const targetNames: Readonly<Record<string, readonly string[]>> = {
  AccountNumber: ['accountnumber', 'accountno', 'accountid', 'account', 'customernumber'],
  BusinessName: ['businessname', 'companyname', 'company', 'organization', 'organisation'],
  FirstName: ['firstname', 'givenname', 'forename', 'fname'],
  MiddleName: ['middlename'],
  LastName: ['lastname', 'familyname', 'surname', 'lname'],
  BirthDate: ['birthdate', 'dateofbirth', 'birthday', 'dob'],
  GenderString: ['gender', 'sex'],
  MobilePhoneNumber: ['mobilephonenumber', 'mobilephone', 'mobilenumber', 'mobile', 'cellphone'],
  HomePhoneNumber: ['homephonenumber', 'homephone'],
  BusinessPhoneNumber: ['businessphonenumber', 'businessphone', 'workphone'],
  PhoneNumber: ['phonenumber', 'phone', 'telephone', 'tel'],
  PersonalEmailAddress: ['personalemailaddress', 'personalemail'],
  BusinessEmailAddress: ['businessemailaddress', 'businessemail', 'workemail'],
  EmailAddress: ['emailaddress', 'email', 'mail'],
};

const partNames: Readonly<Record<string, readonly string[]>> = {
  Address1: ['address1', 'addressline1', 'street1', 'street', 'line1', 'streetaddress'],
  Address2: ['address2', 'addressline2', 'street2', 'line2'],
  Address3: ['address3', 'addressline3', 'line3'],
  Address4: ['address4', 'addressline4', 'line4'],
  City: ['city', 'town'],
  County: ['county'],
  State: ['state'],
  Province: ['province'],
  Country: ['country', 'countrycode'],
  PostalCode: ['postalcode', 'postcode', 'zipcode', 'zip'],
};

function byName(names: Readonly<Record<string, readonly string[]>>): Map<string, string> {
  return new Map(
    Object.entries(names).flatMap(([field, all]) => all.map((name) => [name, field] as const)),
  );
}

const targets = byName(targetNames);
const addressParts = byName(partNames);

/** `billing_city`, `billingAddress.city` and `address.city`, but not any `state` or `country`. */
function addressTarget({ plainPath, plainName }: Leaf): string | undefined {
  const [, kind = ''] = /(billing|mailing|shipping)/.exec(plainPath) ?? [];
  const own = plainName.replace(/^(billing|mailing|shipping)(address)?/, '');
  const part = addressParts.get(own) ?? addressParts.get(own.replace(/^address/, ''));
  if (part === undefined) return undefined;
  const isOfAddress = kind !== '' || plainPath.includes('address');
  if (!isOfAddress && !['City', 'PostalCode', 'Address1'].includes(part)) return undefined;
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Address.${part}`;
}

function contentType(target: string | undefined, values: readonly Scalar[]): ContentType {
  if (target?.endsWith('EmailAddress')) return 'EMAIL_ADDRESS';
  if (target?.endsWith('PhoneNumber')) return 'PHONE_NUMBER';
  if (target?.endsWith('Name')) return 'NAME';
  if (target !== undefined) return 'STRING';
  if (values.every((value) => typeof value === 'number')) return 'NUMBER';
  const isEmail = (value: Scalar) => /^[^\s@]+@[^\s@.]+\.[^\s@]+$/.test(String(value));
  return values.every(isEmail) ? 'EMAIL_ADDRESS' : 'STRING';
}

/** Forms of times, each with the Java pattern that reads it. */
const timestampFormats: readonly (readonly [form: RegExp, pattern: string])[] = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/, "yyyy-MM-dd'T'HH:mm:ssXXX"],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, "yyyy-MM-dd'T'HH:mm:ss"],
  [/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'yyyy-MM-dd HH:mm:ss'],
  [/^\d{4}-\d\d-\d\d$/, 'yyyy-MM-dd'],
];

const timestampName = /^(source)?(last)?(updated|modified|update)(timestamp|time|date|at|on)?$/;

function timestampFormat({ plainName, values }: Leaf): string | undefined {
  if (!timestampName.test(plainName)) return undefined;
  const found = timestampFormats.find(([form]) =>
    values.every((value) => typeof value === 'string' && form.test(value)),
  );
  return found?.[1];
}

/** Amazon's guide: a field of this name is the time of the object, and needs a format. */
const TIMESTAMP_FIELD = 'sourceLastUpdatedTimestamp';

/** The name of a field, from letters that names may have; each is given once. */
function freeName(path: readonly string[], taken: Readonly<Record<string, unknown>>): string {
  const wanted = path.join('_').replace(/[^a-zA-Z0-9_-]/g, '_');
  for (let copy = 1; ; copy++) {
    const suffix = copy === 1 ? '' : `_${copy}`;
    const name = `${wanted.slice(0, FIELD_NAME_MAX - suffix.length)}${suffix}`;
    if (name !== TIMESTAMP_FIELD && !Object.hasOwn(taken, name)) return name;
  }
}

/** A leaf as a field of the suggestion. */
interface Suggested extends Leaf {
  readonly name: string;
  readonly target: string | undefined;
}

/** Whether the values can tell the samples apart: every one has its own. */
function isDistinct({ values }: Leaf, samples: number): boolean {
  return values.length === samples && new Set(values.map(String)).size === samples;
}

/** The field that best identifies an object: its `id`, something's id, an address, anything. */
function uniqueField(fields: readonly Suggested[], samples: number): Suggested | undefined {
  const distinct = fields.filter((field) => isDistinct(field, samples));
  const preferences: ((field: Suggested) => boolean)[] = [
    ({ path, plainName }) => path.length === 1 && /^(id|uuid|guid)$/.test(plainName),
    ({ plainName }) => /(id|uuid|guid)$/.test(plainName),
    ({ target }) => target === 'AccountNumber',
    ({ target }) => target === 'EmailAddress',
    ({ target }) => target === 'PhoneNumber',
    () => true,
  ];
  for (const isPreferred of preferences) {
    const found = distinct.find(isPreferred);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Fields by which profiles are found, with the service's own keys for them. */
const profileKeys: readonly (readonly [
  target: string,
  keyName: string,
  identifiers: readonly StandardIdentifier[],
])[] = [
  ['AccountNumber', '_account', ['PROFILE']],
  ['EmailAddress', '_email', ['PROFILE']],
  ['PhoneNumber', '_phone', ['PROFILE', 'SECONDARY']],
];

function keysOf(fields: readonly Suggested[], unique: Suggested): DetectedMapping['Keys'] {
  const keys: Record<string, ObjectTypeKey[]> = Object.create(null);
  for (const [target, keyName, identifiers] of profileKeys) {
    const field = fields.find((candidate) => candidate.target === target);
    if (field === undefined) continue;
    const StandardIdentifiers: StandardIdentifier[] =
      field === unique ? ['PROFILE', 'UNIQUE'] : [...identifiers];
    keys[keyName] = [{ StandardIdentifiers, FieldNames: [field.name] }];
  }
  const hasProfileKey = Object.keys(keys).length > 0;
  if (!profileKeys.some(([target]) => target === unique.target))
    keys[unique.name] = [
      {
        StandardIdentifiers: hasProfileKey ? ['UNIQUE'] : ['PROFILE', 'UNIQUE'],
        FieldNames: [unique.name],
      },
    ];
  return keys;
}

/**
 * Suggests a mapping for objects like the samples: members by their names to fields of the profile,
 * an identifying one as the unique key, account, email address and phone number as keys of the
 * profile. The same samples always give the same. Undefined when no member tells the samples apart.
 *
 * Amazon doesn't say how its service does this; these are rules of our own.
 */
export function detectMapping(
  samples: readonly Readonly<Record<string, unknown>>[],
): DetectedMapping | undefined {
  const leaves = new Map<string, Leaf>();
  for (const sample of samples) collect(sample, [], leaves);
  const Fields: Record<string, ObjectTypeField> = Object.create(null);
  const fields: Suggested[] = [];
  const filled = new Set<string>();
  let format: string | undefined;
  for (const [source, leaf] of leaves) {
    const wanted = targets.get(leaf.plainName) ?? addressTarget(leaf);
    const target = wanted === undefined || filled.has(wanted) ? undefined : wanted;
    if (target !== undefined) filled.add(target);
    const leafFormat = format === undefined ? timestampFormat(leaf) : undefined;
    format ??= leafFormat;
    const name = leafFormat === undefined ? freeName(leaf.path, Fields) : TIMESTAMP_FIELD;
    fields.push({ ...leaf, name, target });
    Fields[name] = {
      Source: source,
      Target: target === undefined ? undefined : `_profile.${target}`,
      ContentType: contentType(target, leaf.values),
    };
  }
  const unique = uniqueField(fields, samples.length);
  if (unique === undefined) return undefined;
  return { SourceLastUpdatedTimestampFormat: format, Fields, Keys: keysOf(fields, unique) };
}
