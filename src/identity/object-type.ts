import type { ContentType } from './normal-forms.ts';

/** The API's standard identifiers: what a key of an object type is for. */
export const standardIdentifiers = [
  'PROFILE',
  'ASSET',
  'CASE',
  'DEVICE',
  'WEB_ANALYTICS',
  'ORDER',
  'COMMUNICATION_RECORD',
  'AIR_PREFERENCE',
  'HOTEL_PREFERENCE',
  'AIR_BOOKING',
  'AIR_SEGMENT',
  'HOTEL_RESERVATION',
  'HOTEL_STAY_REVENUE',
  'LOYALTY',
  'LOYALTY_TRANSACTION',
  'LOYALTY_PROMOTION',
  'UNIQUE',
  'SECONDARY',
  'LOOKUP_ONLY',
  'NEW_ONLY',
] as const;

export type StandardIdentifier = (typeof standardIdentifiers)[number];

/** A field of an object type: where its value is in an object, and which field of a profile it fills. */
export interface ObjectTypeField {
  readonly Source?: string | undefined;
  readonly Target?: string | undefined;
  readonly ContentType?: ContentType | undefined;
}

export interface ObjectTypeKey {
  readonly StandardIdentifiers?: readonly StandardIdentifier[] | undefined;
  readonly FieldNames?: readonly string[] | undefined;
}

/**
 * How objects of a type become parts of profiles. The order of `Keys` is that in which they are
 * tried; the API gives a list for each name, and every one of the list is a key of its own. Names that
 * are array indexes, such as `7`, come first: JavaScript has no other order for them, and a parser, shapes,
 * a store and an encoder of our own would cost more than such names are worth.
 */
export interface ObjectTypeMapping {
  readonly AllowProfileCreation: boolean;
  /** A Java date pattern for the field `sourceLastUpdatedTimestamp`. */
  readonly SourceLastUpdatedTimestampFormat?: string | undefined;
  readonly Fields: Readonly<Record<string, ObjectTypeField>>;
  readonly Keys: Readonly<Record<string, readonly ObjectTypeKey[]>>;
}
