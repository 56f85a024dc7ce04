CREATE TABLE `object_type_keys` (
	`domain_id` text NOT NULL,
	`key_name` text NOT NULL,
	`object_type_name` text NOT NULL,
	`content_type` text NOT NULL,
	PRIMARY KEY(`domain_id`, `key_name`, `object_type_name`),
	FOREIGN KEY (`domain_id`,`object_type_name`) REFERENCES `object_types`(`domain_id`,`object_type_name`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
ALTER TABLE `profile_objects` ADD `document_bytes` integer DEFAULT 0 NOT NULL;