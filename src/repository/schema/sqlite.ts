import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  unique,
} from 'drizzle-orm/sqlite-core';

/**
 * Times are milliseconds since the epoch, documents are JSON text. Every key of profile data holds
 * `domain_id` and `profile_id`, so that a distributed database can shard by either.
 *
 * The migration adds what Drizzle can't say: tables are STRICT, and `profile_keys` is WITHOUT ROWID.
 */
export const domains = sqliteTable(
  'domains',
  {
    domainId: text('domain_id').primaryKey(),
    accountId: text('account_id').notNull(),
    /**
     * Null once the domain is deleted: its name is free and nothing finds it any more, while the
     * sweeper still removes the last of a large one.
     */
    name: text('name'),
    defaultExpirationDays: integer('default_expiration_days').notNull(),
    /** The other settings and the tags. */
    settings: text('settings').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [unique('domains_name').on(table.accountId, table.name)],
);

/**
 * How many profiles a domain has, in parts: GetDomain adds them up instead of counting a million
 * rows, and writers to one domain need not wait for one another on a single row.
 */
export const domainCounts = sqliteTable(
  'domain_counts',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    shard: integer('shard').notNull(),
    profileCount: integer('profile_count').notNull(),
    objectCount: integer('object_count').notNull().default(0),
    /** Bytes of UTF-8 of the objects as they were given. */
    objectBytes: integer('object_bytes').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.domainId, table.shard] })],
);

export const profiles = sqliteTable(
  'profiles',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    profileId: text('profile_id').notNull(),
    /** The profile's fields as the API shows them, without its id. */
    document: text('document').notNull(),
    /** Counts the profile's writes: an update that read an older one must start again. */
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

/** Why a row of the key index is there. Rows of different origins live side by side. */
export const keyOrigins = ['API', 'FIELD', 'OBJECT'] as const;

/**
 * The key index: in this domain, this key name and this value (in its normal form) find this
 * profile. A value may find several profiles; `profile_keys_search` has them in the order of a
 * search's pages. The primary key begins with the profile, because SQLite looks for a profile's keys
 * by it alone when the profile is deleted.
 */
export const profileKeys = sqliteTable(
  'profile_keys',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    keyName: text('key_name').notNull(),
    /** The normal form of the value. */
    keyValue: text('key_value').notNull(),
    origin: text('origin', { enum: keyOrigins }).notNull(),
    /** Which object an OBJECT row came from; empty for the other origins. */
    originRef: text('origin_ref').notNull(),
    /** The value as it was given, where its normal form differs. */
    givenValue: text('given_value'),
  },
  (table) => [
    primaryKey({
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
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('profile_keys_search').on(table.domainId, table.keyName, table.keyValue, table.profileId),
    check('profile_keys_origin', sql`${table.origin} in ('API', 'FIELD', 'OBJECT')`),
  ],
);

/**
 * Object types that were defined. The definition is kept as it was given: the order of its keys is
 * the order in which they bind objects to profiles.
 */
export const objectTypes = sqliteTable(
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

/**
 * How the values of a type's keys compare, where a key is a single field that isn't plain text:
 * searches and AddProfileKey compare values of a key of that name in the same way.
 */
export const objectTypeKeys = sqliteTable(
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

/**
 * Objects, verbatim. The value of an object's unique key is unique in its profile, and another
 * profile may have an object with the same one (Amazon's own clients rely on it).
 */
export const profileObjects = sqliteTable(
  'profile_objects',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    /** The API's ProfileObjectUniqueKey: made by the service. */
    objectKey: text('object_key').notNull(),
    /** The normal form of the value of the object's unique key. */
    uniqueValue: text('unique_value').notNull(),
    document: text('document').notNull(),
    documentBytes: integer('document_bytes').notNull().default(0),
    /** When the source last changed the object, where it says so. */
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

/** Which object a field of a profile was taken from; a field that came through the API has no row. */
export const fieldSources = sqliteTable(
  'field_sources',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    /** `FirstName`, `Address.City`, `Attributes.plan`. */
    fieldName: text('field_name').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    objectKey: text('object_key').notNull(),
    /** When the source changed it, or else when it came. */
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

/**
 * What happened to profiles. It outlives them: otherwise nothing would tell of a deletion.
 */
export const profileHistory = sqliteTable(
  'profile_history',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    profileId: text('profile_id').notNull(),
    /** Ascending with time, as profile ids are. */
    recordId: text('record_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
    actionType: text('action_type').notNull(),
    objectKey: text('object_key'),
    performedBy: text('performed_by').notNull(),
    /** The profile, the object or the key after the action, as JSON text. */
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

/** Objects that were refused, for an operator to look at and to send again. */
export const deadLetters = sqliteTable(
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

/** What a merge changed, profile by profile, as it was before: for undoing it. */
export const mergeImages = sqliteTable(
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

export const integrations = sqliteTable(
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
    // Amazon's guide: an integration belongs to one domain.
    unique('integrations_uri').on(table.accountId, table.uri),
  ],
);

/**
 * Who may sign requests. The secret is sealed with a key that is not in the database, and bound to
 * the rest of its row.
 */
export const credentials = sqliteTable('credentials', {
  accessKeyId: text('access_key_id').primaryKey(),
  accountId: text('account_id').notNull(),
  userName: text('user_name').notNull(),
  sealedSecret: text('sealed_secret').notNull(),
  /** IAM policy documents, as a JSON list of texts. */
  policies: text('policies').notNull(),
  /** For temporary credentials: the SHA-256 of their session token. */
  sessionTokenHash: text('session_token_hash'),
  expiresAt: integer('expires_at'),
  createdAt: integer('created_at').notNull(),
});
