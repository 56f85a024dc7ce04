CREATE TABLE `dead_letters` (
	`domain_id` text NOT NULL,
	`letter_id` text NOT NULL,
	`object_type_name` text NOT NULL,
	`document` text NOT NULL,
	`reason` text NOT NULL,
	`performed_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `letter_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `field_sources` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`field_name` text NOT NULL,
	`object_type_name` text NOT NULL,
	`object_key` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`, `field_name`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `field_sources_type` ON `field_sources` (`domain_id`,`object_type_name`,`profile_id`);--> statement-breakpoint
CREATE TABLE `integrations` (
	`domain_id` text NOT NULL,
	`uri` text NOT NULL,
	`account_id` text NOT NULL,
	`document` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `uri`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `integrations_uri` ON `integrations` (`account_id`,`uri`);--> statement-breakpoint
CREATE TABLE `merge_images` (
	`domain_id` text NOT NULL,
	`merge_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`main_profile_id` text NOT NULL,
	`image` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `merge_id`, `profile_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `object_types` (
	`domain_id` text NOT NULL,
	`object_type_name` text NOT NULL,
	`definition` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `object_type_name`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `profile_history` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`record_id` text NOT NULL,
	`object_type_name` text NOT NULL,
	`action_type` text NOT NULL,
	`object_key` text,
	`performed_by` text NOT NULL,
	`content` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`, `record_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `profile_objects` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`object_type_name` text NOT NULL,
	`object_key` text NOT NULL,
	`unique_value` text NOT NULL,
	`document` text NOT NULL,
	`source_updated_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`, `object_type_name`, `object_key`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `profile_objects_expiry` ON `profile_objects` (`expires_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `profile_objects_unique` ON `profile_objects` (`domain_id`,`object_type_name`,`unique_value`,`profile_id`);--> statement-breakpoint
ALTER TABLE `domain_counts` ADD `object_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `domain_counts` ADD `object_bytes` integer DEFAULT 0 NOT NULL;