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
