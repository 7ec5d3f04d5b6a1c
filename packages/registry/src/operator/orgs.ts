import { asc, eq, sql } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { devices, orgs, projects, tokens } from '../schema/index.ts';
import { counted, type Listed, offsetOf, type PageOf } from './page.ts';

/** An organization and how much it has. */
export interface OrgSummary {
  /** Its slug. */
  readonly orgId: string;
  readonly name: string;
  /** When false, none of its tokens opens anything. */
  readonly isActive: boolean;
  readonly createTime: Date;
  readonly projects: number;
  readonly devices: number;
  /** Tokens that are not revoked, expired ones included. */
  readonly tokens: number;
}

// Inside a query of one table, drizzle writes columns without their table: these name it themselves.
const summaryColumns = {
  orgId: orgs.slug,
  name: orgs.name,
  isActive: orgs.isActive,
  createTime: orgs.createTime,
  projects: sql<number>`(select count(*)::integer from ${projects} where ${projects}.org_pk = ${orgs}.pk)`,
  devices: sql<number>`(select count(*)::integer from ${devices} where ${devices}.org_pk = ${orgs}.pk)`,
  tokens: sql<number>`(select count(*)::integer from ${tokens} where ${tokens}.org_pk = ${orgs}.pk and ${tokens}.is_active)`,
};

/** Organizations, for operators: no scope limits what is seen. All methods throw a {@link RegistryError}. */
export class Orgs {
  readonly #db: Database;
  readonly #tokensChanged: () => void;

  /** `tokensChanged` is told when tokens that were good may be good no more, or the other way round. */
  constructor(db: Database, tokensChanged: () => void) {
    this.#db = db;
    this.#tokensChanged = tokensChanged;
  }

  /** Makes an organization; one that is there stays as it is. */
  async create(org: { readonly orgId: string; readonly name: string }): Promise<'created' | 'exists'> {
    const made = await inRegistry(async () =>
      this.#db
        .insert(orgs)
        .values({ slug: org.orgId, name: org.name })
        .onConflictDoNothing({ target: orgs.slug })
        .returning({ pk: orgs.pk }),
    );
    return made.length > 0 ? 'created' : 'exists';
  }

  /** By slug. */
  async list(page: PageOf): Promise<Listed<OrgSummary>> {
    return await inRegistry(async () => {
      const [total] = await this.#db.select({ count: counted }).from(orgs);
      const rows = await this.#db
        .select(summaryColumns)
        .from(orgs)
        .orderBy(asc(orgs.slug))
        .limit(page.pageSize)
        .offset(offsetOf(page));
      return { count: total?.count ?? 0, rows };
    });
  }

  async find(orgId: string): Promise<OrgSummary | undefined> {
    const [row] = await inRegistry(async () =>
      this.#db.select(summaryColumns).from(orgs).where(eq(orgs.slug, orgId)),
    );
    return row;
  }

  /** Switches an organization off, with all its tokens, or on again. */
  async setActive(orgId: string, isActive: boolean): Promise<'changed' | 'unchanged' | 'missing'> {
    return await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const [row] = await tx.select().from(orgs).where(eq(orgs.slug, orgId)).for('update');
        if (row === undefined) return 'missing';
        if (row.isActive === isActive) return 'unchanged';
        await tx.update(orgs).set({ isActive }).where(eq(orgs.pk, row.pk));
        this.#tokensChanged();
        return 'changed';
      }),
    );
  }
}
