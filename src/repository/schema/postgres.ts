import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { keyOrigins } from './sqlite.ts';

/** Every number is one that JavaScript holds exactly: milliseconds since the epoch, and counts. */
const integer = (name: string) => bigint(name, { mode: 'number' });

/**
 * The same tables as in `sqlite.ts`, which says what they hold; a test compares the two.
 *
 * The migration adds what Drizzle can't say: every text has the collation C, so that it sorts by its
 * bytes as it does in SQLite.
 */
export const domains = pgTable(
  'domains',
  {
    domainId: text('domain_id').primaryKey(),
    accountId: text('account_id').notNull(),
    name: text('name'),
    defaultExpirationDays: integer('default_expiration_days').notNull(),
    settings: text('settings').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [unique('domains_name').on(table.accountId, table.name)],
);

export const domainCounts = pgTable(
  'domain_counts',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    shard: integer('shard').notNull(),
    profileCount: integer('profile_count').notNull(),
    objectCount: integer('object_count').notNull().default(0),
    objectBytes: integer('object_bytes').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.shard] })],
);

export const profiles = pgTable(
  'profiles',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    profileId: text('profile_id').notNull(),
    document: text('document').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.domainId, table.profileId] }),
    index('profiles_expiry').on(table.expiresAt),
  ],
);

export const profileKeys = pgTable(
  'profile_keys',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    keyName: text('key_name').notNull(),
    keyValue: text('key_value').notNull(),
    origin: text('origin', { enum: keyOrigins }).notNull(),
    originRef: text('origin_ref').notNull(),
    givenValue: text('given_value'),
  },
  (table) => [
    // The names that Drizzle would make are longer than PostgreSQL keeps.
    primaryKey({
      name: 'profile_keys_pk',
      columns: [
        table.domainId,
        table.profileId,
        table.keyName,
        table.keyValue,
        table.origin,
        table.originRef,
      ],
    }),
    foreignKey({
      name: 'profile_keys_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('profile_keys_search').on(table.domainId, table.keyName, table.keyValue, table.profileId),
    check('profile_keys_origin', sql`${table.origin} in ('API', 'FIELD', 'OBJECT')`),
  ],
);

export const objectTypes = pgTable(
  'object_types',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    objectTypeName: text('object_type_name').notNull(),
    definition: text('definition').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.objectTypeName] })],
);

export const objectTypeKeys = pgTable(
  'object_type_keys',
  {
    domainId: text('domain_id').notNull(),
    keyName: text('key_name').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    contentType: text('content_type').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'object_type_keys_pk',
      columns: [table.domainId, table.keyName, table.objectTypeName],
    }),
    foreignKey({
      name: 'object_type_keys_type',
      columns: [table.domainId, table.objectTypeName],
      foreignColumns: [objectTypes.domainId, objectTypes.objectTypeName],
    }).onDelete('cascade'),
  ],
);

export const profileObjects = pgTable(
  'profile_objects',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    objectKey: text('object_key').notNull(),
    uniqueValue: text('unique_value').notNull(),
    document: text('document').notNull(),
    documentBytes: integer('document_bytes').notNull().default(0),
    sourceUpdatedAt: integer('source_updated_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'profile_objects_pk',
      columns: [table.domainId, table.profileId, table.objectTypeName, table.objectKey],
    }),
    foreignKey({
      name: 'profile_objects_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    unique('profile_objects_unique').on(
      table.domainId,
      table.objectTypeName,
      table.uniqueValue,
      table.profileId,
    ),
    index('profile_objects_expiry').on(table.expiresAt),
  ],
);

export const fieldSources = pgTable(
  'field_sources',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    fieldName: text('field_name').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    objectKey: text('object_key').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'field_sources_pk',
      columns: [table.domainId, table.profileId, table.fieldName],
    }),
    foreignKey({
      name: 'field_sources_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('field_sources_type').on(table.domainId, table.objectTypeName, table.profileId),
  ],
);

export const profileHistory = pgTable(
  'profile_history',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    profileId: text('profile_id').notNull(),
    recordId: text('record_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    actionType: text('action_type').notNull(),
    objectKey: text('object_key'),
    performedBy: text('performed_by').notNull(),
    content: text('content'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'profile_history_pk',
      columns: [table.domainId, table.profileId, table.recordId],
    }),
  ],
);

export const deadLetters = pgTable(
  'dead_letters',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    letterId: text('letter_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    document: text('document').notNull(),
    reason: text('reason').notNull(),
    performedBy: text('performed_by').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.letterId] })],
);

export const mergeImages = pgTable(
  'merge_images',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    mergeId: text('merge_id').notNull(),
    profileId: text('profile_id').notNull(),
    mainProfileId: text('main_profile_id').notNull(),
    image: text('image').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'merge_images_pk',
      columns: [table.domainId, table.mergeId, table.profileId],
    }),
  ],
);

export const integrations = pgTable(
  'integrations',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    uri: text('uri').notNull(),
    accountId: text('account_id').notNull(),
    document: text('document').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.domainId, table.uri] }),
    unique('integrations_uri').on(table.accountId, table.uri),
  ],
);

export const credentials = pgTable('credentials', {
  accessKeyId: text('access_key_id').primaryKey(),
  accountId: text('account_id').notNull(),
  userName: text('user_name').notNull(),
  sealedSecret: text('sealed_secret').notNull(),
  policies: text('policies').notNull(),
  sessionTokenHash: text('session_token_hash'),
  expiresAt: integer('expires_at'),
  createdAt: integer('created_at').notNull(),
});
