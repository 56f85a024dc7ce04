import { enumeration, optional, timestamp } from '../../model/shapes.ts';
import { string1To255, typeName, uuid } from '../shapes.ts';

export const ActionType = enumeration(
  'ADDED_PROFILE_KEY',
  'DELETED_PROFILE_KEY',
  'CREATED',
  'UPDATED',
  'INGESTED',
  'DELETED_BY_CUSTOMER',
  'EXPIRED',
  'MERGED',
  'DELETED_BY_MERGE',
);

/** What a record tells wherever it is shown. */
export const recordMembers = {
  Id: uuid,
  ObjectTypeName: typeName,
  CreatedAt: timestamp(),
  LastUpdatedAt: optional(timestamp()),
  ActionType,
  ProfileObjectUniqueKey: optional(string1To255),
  PerformedBy: optional(string1To255),
};
