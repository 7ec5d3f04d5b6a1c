import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { orgs, projects } from './orgs.ts';

/** What the holder of a token may do: read, or also change. */
export type TokenRole = 'reader' | 'manager';

/** Where a token holds: everywhere in its organization, or only in the projects that `token_projects` lists. */
export type TokenScope = 'org' | 'projects';

/**
 * Access tokens. The text is never stored: `hash` is its SHA-256 in hexadecimal, `prefix` its first characters, which find
 * the row and let people tell their tokens apart. The scope is said outright, so that a token whose last project goes away
 * opens nothing.
 */
export const tokens = pgTable(
  'tokens',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    orgPk: integer('org_pk')
      .notNull()
      .references(() => orgs.pk, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull().unique(),
    role: text('role').$type<TokenRole>().notNull(),
    scope: text('scope').$type<TokenScope>().notNull(),
    isActive: boolean('is_active').notNull().default(true),
    expiresAt: instant('expires_at'),
    createTime: instant('create_time').notNull().defaultNow(),
    lastUsed: instant('last_used'),
  },
  (table) => [
    unique('tokens_org_name_unique').on(table.orgPk, table.name),
    unique('tokens_org_pk_unique').on(table.orgPk, table.pk),
    index('tokens_prefix_index').on(table.prefix),
    check('tokens_role', sql`${table.role} in ('reader', 'manager')`),
    check('tokens_scope', sql`${table.scope} in ('org', 'projects')`),
  ],
);

/** The projects of a token whose scope is `projects`; all of its own organization. */
export const tokenProjects = pgTable(
  'token_projects',
  {
    orgPk: integer('org_pk').notNull(),
    tokenPk: integer('token_pk').notNull(),
    projectPk: integer('project_pk').notNull(),
  },
  (table) => [
    primaryKey({ name: 'token_projects_pk', columns: [table.tokenPk, table.projectPk] }),
    foreignKey({
      name: 'token_projects_token_fk',
      columns: [table.orgPk, table.tokenPk],
      foreignColumns: [tokens.orgPk, tokens.pk],
    }).onDelete('cascade'),
    foreignKey({
      name: 'token_projects_project_fk',
      columns: [table.orgPk, table.projectPk],
      foreignColumns: [projects.orgPk, projects.pk],
    }).onDelete('cascade'),
    index('token_projects_project_index').on(table.projectPk),
  ],
);
