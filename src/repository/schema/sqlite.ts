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
