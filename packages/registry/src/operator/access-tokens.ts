import { and, asc, eq, sql } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { anyOf } from '../lookups/columns.ts';
import { orgs, projects, type TokenRole, tokenProjects, tokens } from '../schema/index.ts';
import { newTokenText, tokenDigest } from '../tokens/token-text.ts';
import { counted, type Listed, offsetOf, type PageOf } from './page.ts';

/** What a new token may do, and where. */
export interface TokenWish {
  /** The organization's slug. */
  readonly orgId: string;
  /** What it is called, once in the organization. */
  readonly name: string;
  readonly role: TokenRole;
  /** The `project_id`s that it opens; undefined for the whole organization. */
  readonly projects: readonly string[] | undefined;
  /** Undefined when it does not expire. */
  readonly expiresAt: Date | undefined;
}

/** `text` is the token, which is nowhere else. `exists` is a token of that name which is not revoked. */
export type TokenOutcome =
  | { readonly kind: 'created'; readonly text: string }
  | { readonly kind: 'exists' | 'no_org' }
  | { readonly kind: 'no_project'; readonly projects: readonly string[] };

/** A token as it may be shown: without its text, which nobody has any more. */
export interface TokenSummary {
  readonly orgId: string;
  readonly name: string;
  /** How its text begins. */
  readonly prefix: string;
  readonly role: TokenRole;
  /** Null when the whole organization is open. */
  readonly projects: readonly string[] | null;
  /** False when it is revoked. */
  readonly isActive: boolean;
  readonly expiresAt: Date | null;
  readonly createTime: Date;
  /** To the minute; null when never. */
  readonly lastUsed: Date | null;
}

/** Access tokens of all organizations, for operators. All methods throw a {@link RegistryError}. */
export class AccessTokens {
  readonly #db: Database;
  readonly #changed: () => void;

  /** `changed` is told when a token was made or revoked. */
  constructor(db: Database, changed: () => void) {
    this.#db = db;
    this.#changed = changed;
  }

  /** Makes a token. The name of a revoked one is free again. */
  async create(wish: TokenWish): Promise<TokenOutcome> {
    const outcome = await inRegistry(() => this.#db.transaction((tx) => createToken(tx, wish)));
    this.#changed();
    return outcome;
  }

  /** By organization and name; those of one organization when it is named. */
  async list({
    orgId,
    ...page
  }: PageOf & { readonly orgId?: string | undefined }): Promise<Listed<TokenSummary>> {
    const where = orgId === undefined ? undefined : eq(orgs.slug, orgId);
    return await inRegistry(async () => {
      const [total] = await this.#db
        .select({ count: counted })
        .from(tokens)
        .innerJoin(orgs, eq(orgs.pk, tokens.orgPk))
        .where(where);
      const rows = await this.#db
        .select({
          orgId: orgs.slug,
          name: tokens.name,
          prefix: tokens.prefix,
          role: tokens.role,
          projects: sql<string[] | null>`case when ${tokens.scope} = 'projects' then array(
            select ${projects.projectId} from ${tokenProjects}
            join ${projects} on ${projects.pk} = ${tokenProjects.projectPk}
            where ${tokenProjects.tokenPk} = ${tokens.pk} order by 1) end`,
          isActive: tokens.isActive,
          expiresAt: tokens.expiresAt,
          createTime: tokens.createTime,
          lastUsed: tokens.lastUsed,
        })
        .from(tokens)
        .innerJoin(orgs, eq(orgs.pk, tokens.orgPk))
        .where(where)
        .orderBy(asc(orgs.slug), asc(tokens.name))
        .limit(page.pageSize)
        .offset(offsetOf(page));
      return { count: total?.count ?? 0, rows };
    });
  }

  /** Switches a token off for good. Other processes notice within the time for which they use an answer again, 3 seconds. */
  async revoke(orgId: string, name: string): Promise<'revoked' | 'unchanged' | 'missing'> {
    const outcome = await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const [row] = await tx
          .select({ pk: tokens.pk, isActive: tokens.isActive })
          .from(tokens)
          .innerJoin(orgs, eq(orgs.pk, tokens.orgPk))
          .where(and(eq(orgs.slug, orgId), eq(tokens.name, name)))
          .for('update', { of: tokens });
        if (row === undefined) return 'missing';
        if (!row.isActive) return 'unchanged';
        await tx.update(tokens).set({ isActive: false }).where(eq(tokens.pk, row.pk));
        return 'revoked';
      }),
    );
    this.#changed();
    return outcome;
  }
}

async function createToken(tx: Database, wish: TokenWish): Promise<TokenOutcome> {
  const { name, role } = wish;
  const [org] = await tx.select({ pk: orgs.pk }).from(orgs).where(eq(orgs.slug, wish.orgId));
  if (org === undefined) return { kind: 'no_org' };
  const wanted = [...new Set(wish.projects)];
  const opened = await tx
    .select({ pk: projects.pk, projectId: projects.projectId })
    .from(projects)
    .where(and(eq(projects.orgPk, org.pk), anyOf(projects.projectId, wanted)));
  const unknown = wanted.filter((id) => !opened.some(({ projectId }) => projectId === id));
  if (unknown.length > 0) return { kind: 'no_project', projects: unknown };
  const ofName = and(eq(tokens.orgPk, org.pk), eq(tokens.name, name));
  await tx.delete(tokens).where(and(ofName, eq(tokens.isActive, false)));
  const text = newTokenText();
  const [made] = await tx
    .insert(tokens)
    .values({
      orgPk: org.pk,
      name,
      role,
      scope: wish.projects === undefined ? 'org' : 'projects',
      expiresAt: wish.expiresAt ?? null,
      ...tokenDigest(text),
    })
    .onConflictDoNothing({ target: [tokens.orgPk, tokens.name] })
    .returning({ pk: tokens.pk });
  if (made === undefined) return { kind: 'exists' };
  if (opened.length > 0) {
    await tx
      .insert(tokenProjects)
      .values(opened.map(({ pk }) => ({ orgPk: org.pk, tokenPk: made.pk, projectPk: pk })));
  }
  return { kind: 'created', text };
}
