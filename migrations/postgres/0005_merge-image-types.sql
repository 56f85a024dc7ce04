CREATE TABLE "merge_image_types" (
	"domain_id" text COLLATE "C" NOT NULL,
	"merge_id" text COLLATE "C" NOT NULL,
	"profile_id" text COLLATE "C" NOT NULL,
	"object_type_name" text COLLATE "C" NOT NULL,
	CONSTRAINT "merge_image_types_pk" PRIMARY KEY("domain_id","merge_id","profile_id","object_type_name")
);
--> statement-breakpoint
ALTER TABLE "merge_image_types" ADD CONSTRAINT "merge_image_types_image" FOREIGN KEY ("domain_id","merge_id","profile_id") REFERENCES "public"."merge_images"("domain_id","merge_id","profile_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "merge_image_types_of" ON "merge_image_types" USING btree ("domain_id","object_type_name");
