CREATE TABLE `imports` (
	`domain_id` text NOT NULL,
	`fingerprint` text NOT NULL,
	`position` integer NOT NULL,
	`line` integer NOT NULL,
	`created` integer NOT NULL,
	`updated` integer NOT NULL,
	`rejected` integer NOT NULL,
	`unclear_keys` integer NOT NULL,
	`rejects_bytes` integer NOT NULL,
	`last_rejects` text NOT NULL,
	`started_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`domain_id`, `fingerprint`),
	FOREIGN KEY (`domain_id`) REFERENCES `domains`(`domain_id`) ON UPDATE no action ON DELETE cascade
) STRICT;
