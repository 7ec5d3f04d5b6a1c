import type { Database } from '../engine/engine.ts';
import { RegistryConflictError } from '../errors.ts';
import { anyOf } from '../lookups/columns.ts';
import { tokenProjects, tokens } from '../schema/index.ts';
import { newTokenText, tokenDigest } from '../tokens/token-text.ts';
import type { PlacedOrg } from './apply-orgs.ts';
import type { FleetToken } from './fleet-schema.ts';
import { type NewToken, noCounts, type SeedCounts } from './seed-report.ts';
import { insertRows, updateRows } from './write-rows.ts';

type TokenRow = typeof tokens.$inferSelect;

/** A token of the file with the keys of what it belongs to. */
interface Wanted {
  readonly token: FleetToken;
  readonly orgPk: number;
  readonly orgId: string;
  /** Undefined for the whole organization. */
  readonly projectPks: readonly number[] | undefined;
}

/** Creates and updates the tokens, which the file knows by organization and name; those that it does not name stay. */
export async function applyTokens(
  db: Database,
  placed: readonly PlacedOrg[],
): Promise<{ counts: SeedCounts; newTokens: NewToken[] }> {
  const wanted = wantedTokens(placed);
  const orgPks = placed.map(({ pk }) => pk);
  const before = await tokensOf(db, orgPks);
  const counts = noCounts();
  const newTokens: NewToken[] = [];
  const created: (typeof tokens.$inferInsert)[] = [];
  const updated: (ReturnType<typeof stateOf> & { pk: number; prefix: string; hash: string })[] = [];
  const rescoped: Wanted[] = [];
  for (const want of wanted) {
    const { token, orgPk, orgId } = want;
    const found = before.get(keyOf(orgPk, token.name));
    if (found === undefined) {
      const text = token.token ?? newTokenText();
      counts.created++;
      created.push({ orgPk, name: token.name, ...tokenDigest(text), ...stateOf(want) });
      newTokens.push({ orgId, name: token.name, text });
      rescoped.push(want);
    } else if (isSame(want, found)) {
      counts.unchanged++;
    } else {
      const digest = token.token === undefined ? found.row : tokenDigest(token.token);
      counts.updated++;
      updated.push({ pk: found.row.pk, prefix: digest.prefix, hash: digest.hash, ...stateOf(want) });
      rescoped.push(want);
    }
  }
  await updateRows(db, tokens, updated);
  await insertRows(db, tokens, created);
  await replaceProjects(db, orgPks, rescoped);
  return { counts, newTokens };
}

function wantedTokens(placed: readonly PlacedOrg[]): Wanted[] {
  const problems: string[] = [];
  const wanted = placed.flatMap(({ org, pk, projects }) =>
    org.tokens.map((token): Wanted => {
      const projectPks = token.projects?.flatMap((projectId) => {
        const projectPk = projects.get(projectId);
        if (projectPk !== undefined) return [projectPk];
        problems.push(
          `token ${token.name} of ${org.slug} opens project ${projectId}, which ${org.slug} does not have`,
        );
        return [];
      });
      return { token, orgPk: pk, orgId: org.slug, projectPks };
    }),
  );
  if (problems.length > 0) throw new RegistryConflictError(problems);
  return wanted;
}

function stateOf({ token, projectPks }: Wanted) {
  return {
    role: token.role,
    scope: projectPks === undefined ? ('org' as const) : ('projects' as const),
    expiresAt: token.expires_at ?? null,
  };
}

interface StoredToken {
  readonly row: TokenRow;
  readonly projectPks: ReadonlySet<number>;
}

function isSame(want: Wanted, { row, projectPks }: StoredToken): boolean {
  const { role, scope, expiresAt } = stateOf(want);
  const scopes = new Set(want.projectPks);
  return (
    row.role === role &&
    row.scope === scope &&
    row.expiresAt?.getTime() === expiresAt?.getTime() &&
    (want.token.token === undefined || tokenDigest(want.token.token).hash === row.hash) &&
    scopes.size === projectPks.size &&
    [...scopes].every((projectPk) => projectPks.has(projectPk))
  );
}

async function tokensOf(db: Database, orgPks: readonly number[]): Promise<Map<string, StoredToken>> {
  const rows = await db.select().from(tokens).where(anyOf(tokens.orgPk, orgPks));
  const scopes = await db.select().from(tokenProjects).where(anyOf(tokenProjects.orgPk, orgPks));
  const projectsOf = Map.groupBy(scopes, ({ tokenPk }) => tokenPk);
  return new Map(
    rows.map((row) => {
      const projectPks = new Set(projectsOf.get(row.pk)?.map(({ projectPk }) => projectPk));
      return [keyOf(row.orgPk, row.name), { row, projectPks }];
    }),
  );
}

async function replaceProjects(
  db: Database,
  orgPks: readonly number[],
  rescoped: readonly Wanted[],
): Promise<void> {
  const stored = await tokensOf(db, orgPks);
  const rows = rescoped.flatMap(({ token, orgPk, projectPks }) => {
    const tokenPk = stored.get(keyOf(orgPk, token.name))?.row.pk;
    return tokenPk === undefined ? [] : [{ orgPk, tokenPk, projectPks: new Set(projectPks) }];
  });
  await db.delete(tokenProjects).where(
    anyOf(
      tokenProjects.tokenPk,
      rows.map(({ tokenPk }) => tokenPk),
    ),
  );
  await insertRows(
    db,
    tokenProjects,
    rows.flatMap(({ orgPk, tokenPk, projectPks }) =>
      [...projectPks].map((projectPk) => ({ orgPk, tokenPk, projectPk })),
    ),
  );
}

function keyOf(orgPk: number, name: string): string {
  return `${orgPk} ${name}`;
}
