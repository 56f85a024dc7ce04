import type * as z from 'zod';
import { standardIdentifiers } from '../../identity/object-type.ts';
import {
  boolean,
  enumeration,
  integer,
  label,
  list,
  map,
  optional,
  sensitive,
  string,
  structure,
  timestamp,
} from '../../model/shapes.ts';
import { encryptionKey, expirationDaysInteger } from '../domains/shapes.ts';
import { name, string1To255, TagMap, text } from '../shapes.ts';

export const typeName = string({ min: 1, max: 255, pattern: /^[a-zA-Z_][a-zA-Z_0-9-]*$/ });
const fieldName = string({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_.-]+$/ });
const sensitiveText = sensitive(text);
const minSize0 = integer({ min: 0 });
const minSize1 = integer({ min: 1 });

const ObjectTypeField = structure({
  Source: optional(text),
  Target: optional(text),
  ContentType: optional(enumeration('STRING', 'NUMBER', 'PHONE_NUMBER', 'EMAIL_ADDRESS', 'NAME')),
});

const ObjectTypeKey = structure({
  StandardIdentifiers: optional(list(enumeration(...standardIdentifiers))),
  FieldNames: optional(list(name)),
});

/** What maps objects to profiles, in types, in templates and in what was detected. */
export const mappingMembers = {
  SourceLastUpdatedTimestampFormat: optional(string1To255),
  Fields: optional(sensitive(map(fieldName, ObjectTypeField))),
  Keys: optional(sensitive(map(name, list(ObjectTypeKey)))),
};

/** What a request gives and every answer about a type repeats. */
const definitionMembers = {
  Description: sensitiveText,
  TemplateId: optional(name),
  ExpirationDays: optional(expirationDaysInteger),
  EncryptionKey: optional(encryptionKey),
  AllowProfileCreation: optional(boolean()),
  MaxProfileObjectCount: optional(minSize1),
  SourcePriority: optional(minSize1),
  ...mappingMembers,
  Tags: optional(TagMap),
};

export const ObjectTypeName = { DomainName: label(name), ObjectTypeName: label(typeName) };

export const PutProfileObjectTypeRequest = structure({ ...ObjectTypeName, ...definitionMembers });

/** The answer of PutProfileObjectType and of GetProfileObjectType. */
export const ProfileObjectType = structure({
  ObjectTypeName: typeName,
  ...definitionMembers,
  MaxAvailableProfileObjectCount: optional(minSize0),
  CreatedAt: optional(timestamp()),
  LastUpdatedAt: optional(timestamp()),
});

export const ListProfileObjectTypeItem = structure({
  ObjectTypeName: typeName,
  Description: text,
  CreatedAt: optional(timestamp()),
  LastUpdatedAt: optional(timestamp()),
  MaxProfileObjectCount: optional(minSize1),
  MaxAvailableProfileObjectCount: optional(minSize0),
  SourcePriority: optional(minSize1),
  Tags: optional(TagMap),
});

/** A definition as it is stored: what the request gave. Tags are absent rather than empty. */
export type ObjectTypeDefinition = Omit<
  z.output<typeof PutProfileObjectTypeRequest>,
  'DomainName' | 'ObjectTypeName'
>;
