CREATE TABLE "credentials" (
	"access_key_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"user_name" text COLLATE "C" NOT NULL,
	"sealed_secret" text COLLATE "C" NOT NULL,
	"policies" text COLLATE "C" NOT NULL,
	"session_token_hash" text COLLATE "C",
	"expires_at" bigint,
	"created_at" bigint NOT NULL
);
