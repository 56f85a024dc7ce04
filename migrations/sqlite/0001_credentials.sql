CREATE TABLE `credentials` (
	`access_key_id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`user_name` text NOT NULL,
	`sealed_secret` text NOT NULL,
	`policies` text NOT NULL,
	`session_token_hash` text,
	`expires_at` integer,
	`created_at` integer NOT NULL
) STRICT;
