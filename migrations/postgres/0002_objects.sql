CREATE TABLE "dead_letters" (
	"domain_id" text COLLATE "C" NOT NULL,
	"letter_id" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"document" text COLLATE "C" NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"performed_by" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "dead_letters_domain_id_letter_id_pk" PRIMARY KEY("domain_id","letter_id")
);
--> statement-breakpoint
CREATE TABLE "field_sources" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"field_name" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"object_key" text COLLATE "C" NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "field_sources_pk" PRIMARY KEY("domain_id","profile_id","field_name")
);
--> statement-breakpoint
CREATE TABLE "integrations" (
	"domain_id" text COLLATE "C" NOT NULL,
	"uri" text COLLATE "C" NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"document" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "integrations_domain_id_uri_pk" PRIMARY KEY("domain_id","uri"),
	CONSTRAINT "integrations_uri" UNIQUE("account_id","uri")
);
--> statement-breakpoint
CREATE TABLE "merge_images" (
	"domain_id" text COLLATE "C" NOT NULL,
	"merge_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"main_profile_id" text COLLATE "C" NOT NULL,
	"image" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "merge_images_pk" PRIMARY KEY("domain_id","merge_id","profile_id")
);
--> statement-breakpoint
CREATE TABLE "object_types" (
	"domain_id" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"definition" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "object_types_domain_id_object_type_name_pk" PRIMARY KEY("domain_id","object_type_name")
);
--> statement-breakpoint
CREATE TABLE "profile_history" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"record_id" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"action_type" text COLLATE "C" NOT NULL,
	"object_key" text COLLATE "C",
	"performed_by" text COLLATE "C" NOT NULL,
	"content" text COLLATE "C",
	"created_at" bigint NOT NULL,
	CONSTRAINT "profile_history_pk" PRIMARY KEY("domain_id","profile_id","record_id")
);
--> statement-breakpoint
CREATE TABLE "profile_objects" (
	"domain_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"object_key" text COLLATE "C" NOT NULL,
	"unique_value" text COLLATE "C" NOT NULL,
	"document" text COLLATE "C" NOT NULL,
	"source_updated_at" bigint,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "profile_objects_pk" PRIMARY KEY("domain_id","profile_id","object_type_name","object_key"),
	CONSTRAINT "profile_objects_unique" UNIQUE("domain_id","object_type_name","unique_value","profile_id")
);
--> statement-breakpoint
ALTER TABLE "domain_counts" ADD COLUMN "object_count" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "domain_counts" ADD COLUMN "object_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD CONSTRAINT "dead_letters_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "field_sources" ADD CONSTRAINT "field_sources_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merge_images" ADD CONSTRAINT "merge_images_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "object_types" ADD CONSTRAINT "object_types_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_history" ADD CONSTRAINT "profile_history_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_objects" ADD CONSTRAINT "profile_objects_profile" FOREIGN KEY ("domain_id","profile_id") REFERENCES "profiles"("domain_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "field_sources_type" ON "field_sources" USING btree ("domain_id","object_type_name","profile_id");--> statement-breakpoint
CREATE INDEX "profile_objects_expiry" ON "profile_objects" USING btree ("expires_at");