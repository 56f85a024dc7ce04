CREATE TABLE "imports" (
	"domain_id" text COLLATE "C" NOT NULL,
	"fingerprint" text COLLATE "C" NOT NULL,
	"position" bigint NOT NULL,
	"line" bigint NOT NULL,
	"created" bigint NOT NULL,
	"updated" bigint NOT NULL,
	"rejected" bigint NOT NULL,
	"unclear_keys" bigint NOT NULL,
	"rejects_bytes" bigint NOT NULL,
	"last_rejects" text COLLATE "C" NOT NULL,
	"started_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	"ended_at" bigint,
	CONSTRAINT "imports_pk" PRIMARY KEY("domain_id","fingerprint")
);
--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_domain_id_domains_domain_id_fk" FOREIGN KEY ("domain_id") REFERENCES "domains"("domain_id") ON DELETE cascade ON UPDATE no action;