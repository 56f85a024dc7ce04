import type { ContentType } from './normal-forms.ts';
import type { ObjectTypeField, ObjectTypeKey, ObjectTypeMapping } from './object-type.ts';
import type { StandardObject } from './standard-objects.ts';
import { type TemplateFacts, templateFacts } from './template-data.ts';

/** A mapping that comes with the service, for the objects of a well-known source. */
export interface Template {
  readonly templateId: string;
  readonly sourceName: string;
  readonly sourceObject: string;
  readonly mapping: ObjectTypeMapping;
}

const ownIdentifiers = {
  asset: ['ASSET', 'UNIQUE'],
  case: ['CASE', 'UNIQUE'],
  order: ['ORDER', 'UNIQUE'],
  profile: ['PROFILE', 'UNIQUE'],
} as const;

/** `MailingAddress.City` → `MailingAddress_City`, `Attributes.sfdcId` → `sfdcId`: for use in keys. */
function fieldName(target: string): string {
  return target
    .replace(/^Attributes\./, '')
    .replaceAll('[]', '')
    .replaceAll('.', '_');
}

function contentType(object: StandardObject, target: string): ContentType {
  if (/Email(Address)?$/.test(target)) return 'EMAIL_ADDRESS';
  if (/Phone(Number)?$/.test(target)) return 'PHONE_NUMBER';
  const isName = object === 'profile' && /^(First|Middle|Last|Business)Name$/.test(target);
  return isName ? 'NAME' : 'STRING';
}

function mappingOf({ object, prefix = '', fields, keys }: TemplateFacts): ObjectTypeMapping {
  const Fields: Record<string, ObjectTypeField> = {};
  for (const [source, target] of fields)
    Fields[fieldName(target)] = {
      Source: `_source.${prefix}${source}`,
      Target: `_${object}.${target}`,
      ContentType: contentType(object, target),
    };
  const Keys: Record<string, ObjectTypeKey[]> = {};
  for (const [index, [keyName, source]] of keys.entries()) {
    const [, target = ''] = fields.find(([from]) => from === source) ?? [];
    Keys[keyName] = [
      {
        StandardIdentifiers: index === 0 ? ownIdentifiers[object] : ['PROFILE', 'SECONDARY'],
        FieldNames: [fieldName(target)],
      },
    ];
  }
  return { AllowProfileCreation: object === 'profile', Fields, Keys };
}

function templateOf(facts: TemplateFacts): Template {
  const { templateId } = facts;
  const [sourceName = ''] = templateId.split('-', 1);
  const sourceObject = templateId.slice(sourceName.length + 1);
  return { templateId, sourceName, sourceObject, mapping: mappingOf(facts) };
}

/** A contact record fills no field: an inferred profile gets its phone number by the content type. */
function contactRecord(
  templateId: string,
  Keys: Record<string, readonly ObjectTypeKey[]>,
): Template {
  const Fields = {
    contactId: { Source: '_source.ContactId', ContentType: 'STRING' },
    phone: { Source: '_source.CustomerEndpoint.Address', ContentType: 'PHONE_NUMBER' },
  } as const;
  const mapping = { AllowProfileCreation: true, Fields, Keys };
  return { templateId, sourceName: 'Connect', sourceObject: templateId, mapping };
}

/**
 * Amazon's guide: a contact record finds a profile by its phone number only if an earlier record has
 * given it that number. The number is therefore a key of the records' own.
 */
const CTR = contactRecord('CTR', {
  _ctrContactId: [{ StandardIdentifiers: ['PROFILE', 'UNIQUE'], FieldNames: ['contactId'] }],
  _ctrPhone: [{ StandardIdentifiers: ['PROFILE', 'SECONDARY'], FieldNames: ['phone'] }],
});

/**
 * Amazon's guide: here the number finds any profile that has it, and a record is refused if several
 * have. Its own id must then not bind it too, or not all of its keys would be ambiguous.
 */
const CTR_NO_INFERRED = contactRecord('CTR-NoInferred', {
  _phone: [{ StandardIdentifiers: ['PROFILE'], FieldNames: ['phone'] }],
  _ctrContactId: [{ StandardIdentifiers: ['UNIQUE'], FieldNames: ['contactId'] }],
});

/**
 * The templates by id. Their bodies are not published: the fields and keys are those of Amazon's
 * guide, an object's own id binds it (`PROFILE`, `CASE`, …) and is `UNIQUE`, and the ids of other
 * objects are `SECONDARY` keys of the profile. Templates of profiles may create them.
 */
export const templates: ReadonlyMap<string, Template> = new Map(
  [CTR, CTR_NO_INFERRED, ...templateFacts.map(templateOf)].map((template) => [
    template.templateId,
    template,
  ]),
);
