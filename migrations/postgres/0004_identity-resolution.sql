CREATE TABLE "identity_resolution_jobs" (
	"domain_id" text COLLATE "C" NOT NULL,
	"job_id" text COLLATE "C" NOT NULL,
	"status" text COLLATE "C" NOT NULL,
	"message" text COLLATE "C",
	"auto_merging" text COLLATE "C",
	"starts_at" bigint NOT NULL,
	"ended_at" bigint,
	"updated_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"profiles_reviewed" bigint DEFAULT 0 NOT NULL,
	"matches_found" bigint DEFAULT 0 NOT NULL,
	"merges_done" bigint DEFAULT 0 NOT NULL,
	"position" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_resolution_jobs_pk" PRIMARY KEY("domain_id","job_id"),
	CONSTRAINT "identity_resolution_jobs_start" UNIQUE("domain_id","starts_at")
);
--> statement-breakpoint
CREATE TABLE "job_matches" (
	"domain_id" text COLLATE "C" NOT NULL,
	"job_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"match_id" text COLLATE "C" NOT NULL,
	"confidence_score" double precision NOT NULL,
	CONSTRAINT "job_matches_pk" PRIMARY KEY("domain_id","job_id","profile_id")
);
--> statement-breakpoint
CREATE TABLE "kept_apart" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"other_profile_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "kept_apart_pk" PRIMARY KEY("domain_id","profile_id","other_profile_id")
);
--> statement-breakpoint
CREATE TABLE "rule_match_changes" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "rule_match_changes_pk" PRIMARY KEY("domain_id","profile_id")
);
--> statement-breakpoint
CREATE TABLE "rule_match_rebuilds" (
	"domain_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"phase" text COLLATE "C" NOT NULL,
	"after" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rule_match_values" (
	"domain_id" text COLLATE "C" NOT NULL,
	"value_hash" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "rule_match_values_pk" PRIMARY KEY("domain_id","value_hash","profile_id")
);
--> statement-breakpoint
CREATE TABLE "rule_matches" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"rule_level" bigint NOT NULL,
	"match_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "rule_matches_pk" PRIMARY KEY("domain_id","profile_id","rule_level")
);
--> statement-breakpoint
ALTER TABLE "merge_images" DROP CONSTRAINT "merge_images_domain_id_domains_domain_id_fk";
--> statement-breakpoint
ALTER TABLE "domain_counts" ADD COLUMN "metering_extra" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "domains" ADD COLUMN "is_rule_matching" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "merge_images" ADD COLUMN "owner_profile_id" text COLLATE "C" NOT NULL;--> statement-breakpoint
ALTER TABLE "merge_images" ADD COLUMN "performed_by" text COLLATE "C" NOT NULL;--> statement-breakpoint
ALTER TABLE "identity_resolution_jobs" ADD CONSTRAINT "identity_resolution_jobs_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_matches" ADD CONSTRAINT "job_matches_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "kept_apart" ADD CONSTRAINT "kept_apart_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_match_changes" ADD CONSTRAINT "rule_match_changes_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_match_rebuilds" ADD CONSTRAINT "rule_match_rebuilds_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_match_values" ADD CONSTRAINT "rule_match_values_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_matches" ADD CONSTRAINT "rule_matches_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "job_matches_group" ON "job_matches" USING btree ("domain_id","job_id","match_id","profile_id");--> statement-breakpoint
CREATE INDEX "job_matches_of" ON "job_matches" USING btree ("domain_id","profile_id");--> statement-breakpoint
CREATE INDEX "rule_match_values_of" ON "rule_match_values" USING btree ("domain_id","profile_id");--> statement-breakpoint
CREATE INDEX "rule_matches_group" ON "rule_matches" USING btree ("domain_id","match_id","profile_id");--> statement-breakpoint
ALTER TABLE "merge_images" ADD CONSTRAINT "merge_images_owner" FOREIGN KEY ("domain_id","owner_profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "merge_images_of_merge" ON "merge_images" USING btree ("merge_id");--> statement-breakpoint
CREATE INDEX "merge_images_of_owner" ON "merge_images" USING btree ("domain_id","owner_profile_id");--> statement-breakpoint
CREATE INDEX "profile_objects_recent" ON "profile_objects" USING btree ("domain_id","object_type_name","updated_at");