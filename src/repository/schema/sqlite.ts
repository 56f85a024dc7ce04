import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
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
    /** 1 while rule-based matching is on: writes of profiles then say that they must be looked at. */
    isRuleMatching: integer('is_rule_matching').notNull().default(0),
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
    /** By how many the metering counts profiles with more than 100 objects more than once. */
    meteringExtra: integer('metering_extra').notNull().default(0),
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
    index('profile_objects_recent').on(table.domainId, table.objectTypeName, table.updatedAt),
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

/**
 * What a merge changed, profile by profile, as it was before: for undoing it. The images of a merge
 * live as long as the profile that they went into: when that is deleted, nothing of it stays here.
 */
export const mergeImages = sqliteTable(
  'merge_images',
  {
    domainId: text('domain_id').notNull(),
    mergeId: text('merge_id').notNull(),
    /** Whose image it is: the main profile's, or that of a profile that was merged into it. */
    profileId: text('profile_id').notNull(),
    mainProfileId: text('main_profile_id').notNull(),
    /** The profile that the main profile is part of by now: itself, until it is merged into another. */
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

/** Of which object types images hold data: who deletes a type finds them, and what gave way to an object. */
export const mergeImageTypes = sqliteTable(
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

/** Profiles that somebody has taken apart again: they are not merged automatically any more. */
export const keptApart = sqliteTable(
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

/** Profiles that rule-based matching has yet to look at, and deleted ones among them. */
export const ruleMatchChanges = sqliteTable(
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

/** Domains whose matches are being made anew, because matching was configured, and how far that is. */
export const ruleMatchRebuilds = sqliteTable('rule_match_rebuilds', {
  domainId: text('domain_id')
    .primaryKey()
    .references(() => domains.domainId, { onDelete: 'cascade' }),
  /** Clears what the old rules gave, notes every profile, then looks at them. */
  phase: text('phase', { enum: ['CLEAR', 'FILL', 'MATCH'] }).notNull(),
  /** The last profile that was taken. */
  after: text('after').notNull(),
});

/** The index of rule-based matching: which profiles have a value of an attribute that rules name. */
export const ruleMatchValues = sqliteTable(
  'rule_match_values',
  {
    domainId: text('domain_id').notNull(),
    /** A hash of the attribute and the normal form of the value. */
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

/** Which profiles match by rules: at each level of the rules a profile is in one group at most. */
export const ruleMatches = sqliteTable(
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

/** Runs of identity resolution. Times are milliseconds since the epoch. */
export const identityResolutionJobs = sqliteTable(
  'identity_resolution_jobs',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    /** Ascending with time. */
    jobId: text('job_id').notNull(),
    status: text('status').notNull(),
    message: text('message'),
    /** The domain's AutoMerging when the job began, as JSON text. */
    autoMerging: text('auto_merging'),
    startsAt: integer('starts_at').notNull(),
    endedAt: integer('ended_at'),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    profilesReviewed: integer('profiles_reviewed').notNull().default(0),
    matchesFound: integer('matches_found').notNull().default(0),
    mergesDone: integer('merges_done').notNull().default(0),
    /** How far its status has come: a job goes on where a stopped process left it. */
    position: text('position').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'identity_resolution_jobs_pk',
      columns: [table.domainId, table.jobId],
    }),
    // Two processes that see the same schedule make one job of it.
    unique('identity_resolution_jobs_start').on(table.domainId, table.startsAt),
  ],
);

/** Which profiles a run of identity resolution takes for the same customer. */
export const jobMatches = sqliteTable(
  'job_matches',
  {
    domainId: text('domain_id').notNull(),
    jobId: text('job_id').notNull(),
    profileId: text('profile_id').notNull(),
    matchId: text('match_id').notNull(),
    /** From 0 to 1; that of the weakest link of the group. */
    confidenceScore: real('confidence_score').notNull(),
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
 * How far the import of a file into a domain has come. It stays when the file is through: the same file is
 * not imported twice by mistake.
 */
export const imports = sqliteTable(
  'imports',
  {
    domainId: text('domain_id')
      .notNull()
      .references(() => domains.domainId, { onDelete: 'cascade' }),
    /** A hash of what the file says and how it is read. */
    fingerprint: text('fingerprint').notNull(),
    /** The first byte of the file that is yet to be read, and the number of its line. */
    position: integer('position').notNull(),
    line: integer('line').notNull(),
    created: integer('created').notNull(),
    updated: integer('updated').notNull(),
    rejected: integer('rejected').notNull(),
    /** Pairs of FoundByItems that don't tell which key a profile has. */
    unclearKeys: integer('unclear_keys').notNull(),
    /** How long the file of rejects was before the last unit's, in bytes, and those. */
    rejectsBytes: integer('rejects_bytes').notNull(),
    lastRejects: text('last_rejects').notNull(),
    startedAt: integer('started_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    endedAt: integer('ended_at'),
  },
  (table) => [primaryKey({ name: 'imports_pk', columns: [table.domainId, table.fingerprint] })],
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
