import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
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
    isRuleMatching: integer('is_rule_matching').notNull().default(0),
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
    meteringExtra: integer('metering_extra').notNull().default(0),
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
    index('profile_objects_recent').on(table.domainId, table.objectTypeName, table.updatedAt),
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
    domainId: text('domain_id').notNull(),
    mergeId: text('merge_id').notNull(),
    profileId: text('profile_id').notNull(),
    mainProfileId: text('main_profile_id').notNull(),
    ownerProfileId: text('owner_profile_id').notNull(),
    image: text('image').notNull(),
    performedBy: text('performed_by').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'merge_images_pk',
      columns: [table.domainId, table.mergeId, table.profileId],
    }),
    foreignKey({
      name: 'merge_images_owner',
      columns: [table.domainId, table.ownerProfileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('merge_images_of_owner').on(table.domainId, table.ownerProfileId),
    index('merge_images_of_merge').on(table.mergeId),
  ],
);

export const mergeImageTypes = pgTable(
  'merge_image_types',
  {
    domainId: text('domain_id').notNull(),
    mergeId: text('merge_id').notNull(),
    profileId: text('profile_id').notNull(),
    objectTypeName: text('object_type_name').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'merge_image_types_pk',
      columns: [table.domainId, table.mergeId, table.profileId, table.objectTypeName],
    }),
    foreignKey({
      name: 'merge_image_types_image',
      columns: [table.domainId, table.mergeId, table.profileId],
      foreignColumns: [mergeImages.domainId, mergeImages.mergeId, mergeImages.profileId],
    }).onDelete('cascade'),
    index('merge_image_types_of').on(table.domainId, table.objectTypeName),
  ],
);

export const keptApart = pgTable(
  'kept_apart',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    otherProfileId: text('other_profile_id').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'kept_apart_pk',
      columns: [table.domainId, table.profileId, table.otherProfileId],
    }),
    foreignKey({
      name: 'kept_apart_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
  ],
);

export const ruleMatchChanges = pgTable(
  'rule_match_changes',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    profileId: text('profile_id').notNull(),
  },
  (table) => [
    primaryKey({ name: 'rule_match_changes_pk', columns: [table.domainId, table.profileId] }),
  ],
);

export const ruleMatchRebuilds = pgTable('rule_match_rebuilds', {
  domainId: text('domain_id')
    .primaryKey()
    .references(() => domains.domainId, { onDelete: 'cascade' }),
  phase: text('phase', { enum: ['CLEAR', 'FILL', 'MATCH'] }).notNull(),
  after: text('after').notNull(),
});

export const ruleMatchValues = pgTable(
  'rule_match_values',
  {
    domainId: text('domain_id').notNull(),
    valueHash: text('value_hash').notNull(),
    profileId: text('profile_id').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'rule_match_values_pk',
      columns: [table.domainId, table.valueHash, table.profileId],
    }),
    foreignKey({
      name: 'rule_match_values_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('rule_match_values_of').on(table.domainId, table.profileId),
  ],
);

export const ruleMatches = pgTable(
  'rule_matches',
  {
    domainId: text('domain_id').notNull(),
    profileId: text('profile_id').notNull(),
    ruleLevel: integer('rule_level').notNull(),
    matchId: text('match_id').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'rule_matches_pk',
      columns: [table.domainId, table.profileId, table.ruleLevel],
    }),
    foreignKey({
      name: 'rule_matches_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('rule_matches_group').on(table.domainId, table.matchId, table.profileId),
  ],
);

export const identityResolutionJobs = pgTable(
  'identity_resolution_jobs',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    jobId: text('job_id').notNull(),
    status: text('status').notNull(),
    message: text('message'),
    autoMerging: text('auto_merging'),
    startsAt: integer('starts_at').notNull(),
    endedAt: integer('ended_at'),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    profilesReviewed: integer('profiles_reviewed').notNull().default(0),
    matchesFound: integer('matches_found').notNull().default(0),
    mergesDone: integer('merges_done').notNull().default(0),
    position: text('position').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'identity_resolution_jobs_pk',
      columns: [table.domainId, table.jobId],
    }),
    unique('identity_resolution_jobs_start').on(table.domainId, table.startsAt),
  ],
);

export const jobMatches = pgTable(
  'job_matches',
  {
    domainId: text('domain_id').notNull(),
    jobId: text('job_id').notNull(),
    profileId: text('profile_id').notNull(),
    matchId: text('match_id').notNull(),
    confidenceScore: doublePrecision('confidence_score').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'job_matches_pk',
      columns: [table.domainId, table.jobId, table.profileId],
    }),
    foreignKey({
      name: 'job_matches_profile',
      columns: [table.domainId, table.profileId],
      foreignColumns: [profiles.domainId, profiles.profileId],
    }).onDelete('cascade'),
    index('job_matches_group').on(table.domainId, table.jobId, table.matchId, table.profileId),
    index('job_matches_of').on(table.domainId, table.profileId),
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

export const imports = pgTable(
  'imports',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    fingerprint: text('fingerprint').notNull(),
    position: integer('position').notNull(),
    line: integer('line').notNull(),
    created: integer('created').notNull(),
    updated: integer('updated').notNull(),
    rejected: integer('rejected').notNull(),
    unclearKeys: integer('unclear_keys').notNull(),
    rejectsBytes: integer('rejects_bytes').notNull(),
    lastRejects: text('last_rejects').notNull(),
    startedAt: integer('started_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [primaryKey({ name: 'imports_pk', columns: [table.domainId, table.fingerprint] })],
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
