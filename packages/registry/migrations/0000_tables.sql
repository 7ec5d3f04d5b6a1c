CREATE SEQUENCE "public"."device_numbers" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1000 CACHE 1;--> statement-breakpoint
CREATE TABLE "devices" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "devices_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"org_pk" integer,
	"project_pk" integer,
	"device_id" text NOT NULL,
	"agri_id" text COLLATE "C" NOT NULL,
	"device_name" text DEFAULT '' NOT NULL,
	"info" text DEFAULT '' NOT NULL,
	"safe_code" text,
	"allow" boolean DEFAULT true NOT NULL,
	"scaled" boolean DEFAULT false NOT NULL,
	"bind_time" timestamp with time zone,
	"create_time" timestamp with time zone DEFAULT now() NOT NULL,
	"connect_time" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "devices_device_id_unique" UNIQUE("device_id"),
	CONSTRAINT "devices_agri_id_unique" UNIQUE("agri_id"),
	CONSTRAINT "devices_project_needs_org" CHECK ("devices"."project_pk" is null or "devices"."org_pk" is not null)
);
--> statement-breakpoint
CREATE TABLE "factors" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "factors_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"device_pk" integer NOT NULL,
	"agri_id" text COLLATE "C" NOT NULL,
	"name" text DEFAULT '' NOT NULL,
	"unit" integer NOT NULL,
	"modbus_type" text NOT NULL,
	"address" integer NOT NULL,
	"data_index" integer NOT NULL,
	"data_type" text NOT NULL,
	"data_endian" text NOT NULL,
	"data_factor" double precision NOT NULL,
	"data_delta" double precision NOT NULL,
	"the_type" text NOT NULL,
	"info" text DEFAULT '' NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"extras" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"create_time" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "factors_agri_id_unique" UNIQUE("agri_id")
);
--> statement-breakpoint
CREATE TABLE "orgs" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "orgs_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"create_time" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "orgs_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "projects_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"org_pk" integer NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"create_time" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "projects_org_project_id_unique" UNIQUE("org_pk","project_id"),
	CONSTRAINT "projects_org_pk_unique" UNIQUE("org_pk","pk")
);
--> statement-breakpoint
CREATE TABLE "token_projects" (
	"org_pk" integer NOT NULL,
	"token_pk" integer NOT NULL,
	"project_pk" integer NOT NULL,
	CONSTRAINT "token_projects_pk" PRIMARY KEY("token_pk","project_pk")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"pk" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tokens_pk_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"org_pk" integer NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"role" text NOT NULL,
	"scope" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"expires_at" timestamp with time zone,
	"create_time" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used" timestamp with time zone,
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash"),
	CONSTRAINT "tokens_org_name_unique" UNIQUE("org_pk","name"),
	CONSTRAINT "tokens_org_pk_unique" UNIQUE("org_pk","pk"),
	CONSTRAINT "tokens_role" CHECK ("tokens"."role" in ('reader', 'manager')),
	CONSTRAINT "tokens_scope" CHECK ("tokens"."scope" in ('org', 'projects'))
);
--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_org_pk_orgs_pk_fk" FOREIGN KEY ("org_pk") REFERENCES "public"."orgs"("pk") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_project_of_org_fk" FOREIGN KEY ("org_pk","project_pk") REFERENCES "public"."projects"("org_pk","pk") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "factors" ADD CONSTRAINT "factors_device_pk_devices_pk_fk" FOREIGN KEY ("device_pk") REFERENCES "public"."devices"("pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_org_pk_orgs_pk_fk" FOREIGN KEY ("org_pk") REFERENCES "public"."orgs"("pk") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_projects" ADD CONSTRAINT "token_projects_token_fk" FOREIGN KEY ("org_pk","token_pk") REFERENCES "public"."tokens"("org_pk","pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_projects" ADD CONSTRAINT "token_projects_project_fk" FOREIGN KEY ("org_pk","project_pk") REFERENCES "public"."projects"("org_pk","pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_org_pk_orgs_pk_fk" FOREIGN KEY ("org_pk") REFERENCES "public"."orgs"("pk") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "devices_org_project_index" ON "devices" USING btree ("org_pk","project_pk");--> statement-breakpoint
CREATE INDEX "devices_project_index" ON "devices" USING btree ("project_pk");--> statement-breakpoint
CREATE UNIQUE INDEX "factors_position_unique" ON "factors" USING btree ("device_pk","unit","modbus_type","address","data_index",coalesce(("extras" ->> 'bit')::integer, -1));--> statement-breakpoint
CREATE INDEX "token_projects_project_index" ON "token_projects" USING btree ("project_pk");--> statement-breakpoint
CREATE INDEX "tokens_prefix_index" ON "tokens" USING btree ("prefix");