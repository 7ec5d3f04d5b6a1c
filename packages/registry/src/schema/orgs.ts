import { boolean, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** Organizations. `slug` is the public name, which device data calls `org_id`. */
export const orgs = pgTable('orgs', {
  pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  isActive: boolean('is_active').notNull().default(true),
  createTime: instant('create_time').notNull().defaultNow(),
});

/** Projects. `project_id` is the public name, unique within the organization. */
export const projects = pgTable(
  'projects',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    orgPk: integer('org_pk')
      .notNull()
      .references(() => orgs.pk, { onDelete: 'restrict' }),
    projectId: text('project_id').notNull(),
    name: text('name').notNull(),
    createTime: instant('create_time').notNull().defaultNow(),
  },
  (table) => [
    unique('projects_org_project_id_unique').on(table.orgPk, table.projectId),
    // What lets other tables say "a project of this organization" as a foreign key.
    unique('projects_org_pk_unique').on(table.orgPk, table.pk),
  ],
);
