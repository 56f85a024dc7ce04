CREATE TABLE "domain_counts" (
	"domain_id" text COLLATE "C" NOT NULL,
	"shard" bigint NOT NULL,
	"profile_count" bigint NOT NULL,
	CONSTRAINT "domain_counts_domain_id_shard_pk" PRIMARY KEY("domain_id","shard")
);
--> statement-breakpoint
CREATE TABLE "domains" (
	"domain_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C",
	"default_expiration_days" bigint NOT NULL,
	"settings" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "domains_name" UNIQUE("account_id","name")
);
--> statement-breakpoint
CREATE TABLE "profile_keys" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"key_name" text COLLATE "C" NOT NULL,
	"key_value" text COLLATE "C" NOT NULL,
	"origin" text COLLATE "C" NOT NULL,
	"origin_ref" text COLLATE "C" NOT NULL,
	"given_value" text COLLATE "C",
	CONSTRAINT "profile_keys_pk" PRIMARY KEY("domain_id","profile_id","key_name","key_value","origin","origin_ref"),
	CONSTRAINT "profile_keys_origin" CHECK ("profile_keys"."origin" in ('API', 'FIELD', 'OBJECT'))
);
--> statement-breakpoint
CREATE TABLE "profiles" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"document" text COLLATE "C" NOT NULL,
	"version" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "profiles_domain_id_profile_id_pk" PRIMARY KEY("domain_id","profile_id")
);
--> statement-breakpoint
ALTER TABLE "domain_counts" ADD CONSTRAINT "domain_counts_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_keys" ADD CONSTRAINT "profile_keys_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "profile_keys_search" ON "profile_keys" USING btree ("domain_id","key_name","key_value","profile_id");--> statement-breakpoint
CREATE INDEX "profiles_expiry" ON "profiles" USING btree ("expires_at");