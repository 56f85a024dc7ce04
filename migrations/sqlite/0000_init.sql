CREATE TABLE `domain_counts` (
	`domain_id` text NOT NULL,
	`shard` integer NOT NULL,
	`profile_count` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `shard`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `domains` (
	`domain_id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`name` text,
	`default_expiration_days` integer NOT NULL,
	`settings` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `domains_name` ON `domains` (`account_id`,`name`);--> statement-breakpoint
CREATE TABLE `profile_keys` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`key_name` text NOT NULL,
	`key_value` text NOT NULL,
	`origin` text NOT NULL,
	`origin_ref` text NOT NULL,
	`given_value` text,
	PRIMARY KEY(`domain_id`, `profile_id`, `key_name`, `key_value`, `origin`, `origin_ref`),
	FOREIGN KEY (`domain_id`,`profile_id`) REFERENCES `profiles`(`domain_id`,`profile_id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "profile_keys_origin" CHECK("profile_keys"."origin" in ('API', 'FIELD', 'OBJECT'))
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `profile_keys_search` ON `profile_keys` (`domain_id`,`key_name`,`key_value`,`profile_id`);--> statement-breakpoint
CREATE TABLE `profiles` (
	`domain_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`document` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`domain_id`, `profile_id`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE INDEX `profiles_expiry` ON `profiles` (`expires_at`);
