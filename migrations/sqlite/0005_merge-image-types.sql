CREATE TABLE `merge_image_types` (
	`domain_id` text NOT NULL,
	`merge_id` text NOT NULL,
	`profile_id` text NOT NULL,
	`object_type_name` text NOT NULL,
	PRIMARY KEY(`domain_id`, `merge_id`, `profile_id`, `object_type_name`),
	FOREIGN KEY (`domain_id`,`merge_id`,`profile_id`) REFERENCES `merge_images`(`domain_id`,`merge_id`,`profile_id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `merge_image_types_of` ON `merge_image_types` (`domain_id`,`object_type_name`);
