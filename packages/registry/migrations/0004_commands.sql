CREATE TABLE "commands" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "commands_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"token" text NOT NULL,
	"org_pk" integer NOT NULL,
	"device_pk" integer NOT NULL,
	"factor_pk" integer,
	"requested_by" integer,
	"action" jsonb NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"reason" text,
	"detail" text DEFAULT '' NOT NULL,
	"create_time" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"sent_time" timestamp with time zone,
	"answer_by" timestamp with time zone,
	"finish_time" timestamp with time zone,
	CONSTRAINT "commands_token_unique" UNIQUE("token"),
	CONSTRAINT "commands_state" CHECK ("commands"."state" in ('queued', 'sent', 'confirmed', 'failed', 'expired')),
	CONSTRAINT "commands_sent" CHECK ("commands"."state" <> 'sent' or "commands"."answer_by" is not null)
);
--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "gateway_model" text DEFAULT 'yy-m200' NOT NULL;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_org_pk_orgs_pk_fk" FOREIGN KEY ("org_pk") REFERENCES "public"."orgs"("pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_device_pk_devices_pk_fk" FOREIGN KEY ("device_pk") REFERENCES "public"."devices"("pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_factor_pk_factors_pk_fk" FOREIGN KEY ("factor_pk") REFERENCES "public"."factors"("pk") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_requested_by_tokens_pk_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."tokens"("pk") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "commands_one_in_flight" ON "commands" USING btree ("device_pk") WHERE "commands"."state" = 'sent';--> statement-breakpoint
CREATE INDEX "commands_waiting_index" ON "commands" USING btree ("device_pk","pk") WHERE "commands"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "commands_create_time_index" ON "commands" USING btree ("create_time");