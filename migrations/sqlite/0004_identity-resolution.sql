CREATE TABLE `identity_resolution_jobs` (
	`domain_id` text NOT NULL,
	`job_id` text NOT NULL,
	`status` text NOT NULL,
	`message` text,
	`auto_merging` text,
	`starts_at` integer NOT NULL,
	`ended_at` integer,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`profiles_reviewed` integer DEFAULT 0 NOT NULL,
	`matches_found` integer DEFAULT 0 NOT NULL,
	`merges_done` integer DEFAULT 0 NOT NULL,
	`position` text NOT NULL,
	PRIMARY KEY(`domain_id`, `job_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `identity_resolution_jobs_start` ON `identity_resolution_jobs` (`domain_id`,`starts_at`);--> statement-breakpoint
CREATE TABLE `job_matches` (
	`domain_id` text NOT NULL,
	`job_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`match_id` text NOT NULL,
	`confidence_score` real NOT NULL,
	PRIMARY KEY(`domain_id`, `job_id`, `profile_id`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `job_matches_group` ON `job_matches` (`domain_id`,`job_id`,`match_id`,`profile_id`);--> statement-breakpoint
CREATE INDEX `job_matches_of` ON `job_matches` (`domain_id`,`profile_id`);--> statement-breakpoint
CREATE TABLE `kept_apart` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`other_profile_id` text NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`, `other_profile_id`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rule_match_changes` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rule_match_rebuilds` (
	`domain_id` text PRIMARY KEY NOT NULL,
	`phase` text NOT NULL,
	`after` text NOT NULL,
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `rule_match_values` (
	`domain_id` text NOT NULL,
	`value_hash` text NOT NULL,
	`profile_id` text NOT NULL,
	PRIMARY KEY(`domain_id`, `value_hash`, `profile_id`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `rule_match_values_of` ON `rule_match_values` (`domain_id`,`profile_id`);--> statement-breakpoint
CREATE TABLE `rule_matches` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`rule_level` integer NOT NULL,
	`match_id` text NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`, `rule_level`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `rule_matches_group` ON `rule_matches` (`domain_id`,`match_id`,`profile_id`);--> statement-breakpoint
-- Nothing has written this table yet.
DROP TABLE `merge_images`;--> statement-breakpoint
CREATE TABLE `merge_images` (
	`domain_id` text NOT NULL,
	`merge_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`main_profile_id` text NOT NULL,
	`owner_profile_id` text NOT NULL,
	`image` text NOT NULL,
	`performed_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `merge_id`, `profile_id`),
	FOREIGN KEY (`domain_id`,`owner_profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `merge_images_of_merge` ON `merge_images` (`merge_id`);--> statement-breakpoint
CREATE INDEX `merge_images_of_owner` ON `merge_images` (`domain_id`,`owner_profile_id`);--> statement-breakpoint
ALTER TABLE `domain_counts` ADD `metering_extra` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `domains` ADD `is_rule_matching` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `profile_objects_recent` ON `profile_objects` (`domain_id`,`object_type_name`,`updated_at`);