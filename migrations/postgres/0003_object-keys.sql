CREATE TABLE "object_type_keys" (
	"domain_id" text COLLATE "C" NOT NULL,
	"key_name" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	"content_type" text COLLATE "C" NOT NULL,
	CONSTRAINT "object_type_keys_pk" PRIMARY KEY("domain_id","key_name","object_type_name")
);
--> statement-breakpoint
ALTER TABLE "profile_objects" ADD COLUMN "document_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "object_type_keys" ADD CONSTRAINT "object_type_keys_type" FOREIGN KEY ("domain_id","object_type_name") REFERENCES "object_types"("domain_id","object_type_name") ON DELETE cascade ON UPDATE no action;