import { asc, eq, sql } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { devices, orgs, projects } from '../schema/index.ts';
import { counted, type Listed, offsetOf, type PageOf } from './page.ts';

/** A project by its public names. */
export interface ProjectName {
  readonly orgId: string;
  readonly projectId: string;
}

export interface ProjectSummary extends ProjectName {
  readonly name: string;
  readonly createTime: Date;
  readonly devices: number;
}

/** Projects of all organizations, for operators. All methods throw a {@link RegistryError}. */
export class Projects {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a project; one that is there stays as it is. */
  async create(project: ProjectName & { readonly name: string }): Promise<'created' | 'exists' | 'no_org'> {
    const { orgId, projectId, name } = project;
    return await inRegistry(async () => {
      const [org] = await this.#db.select({ pk: orgs.pk }).from(orgs).where(eq(orgs.slug, orgId));
      if (org === undefined) return 'no_org';
      const made = await this.#db
        .insert(projects)
        .values({ orgPk: org.pk, projectId, name })
        .onConflictDoNothing({ target: [projects.orgPk, projects.projectId] })
        .returning({ pk: projects.pk });
      return made.length > 0 ? 'created' : 'exists';
    });
  }

  /** By organization and name; those of one organization when it is named. */
  async list({
    orgId,
    ...page
  }: PageOf & { readonly orgId?: string | undefined }): Promise<Listed<ProjectSummary>> {
    const where = orgId === undefined ? undefined : eq(orgs.slug, orgId);
    return await inRegistry(async () => {
      const [total] = await this.#db
        .select({ count: counted })
        .from(projects)
        .innerJoin(orgs, eq(orgs.pk, projects.orgPk))
        .where(where);
      const rows = await this.#db
        .select({
          orgId: orgs.slug,
          projectId: projects.projectId,
          name: projects.name,
          createTime: projects.createTime,
          devices: sql<number>`(select count(*)::integer from ${devices} where ${devices.projectPk} = ${projects.pk})`,
        })
        .from(projects)
        .innerJoin(orgs, eq(orgs.pk, projects.orgPk))
        .where(where)
        .orderBy(asc(orgs.slug), asc(projects.projectId))
        .limit(page.pageSize)
        .offset(offsetOf(page));
      return { count: total?.count ?? 0, rows };
    });
  }
}
