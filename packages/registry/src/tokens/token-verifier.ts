import { timingSafeEqual } from 'node:crypto';
import { and, eq, isNull, lt, or, sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import type { AccessToken, TokenVerdict } from '../records.ts';
import { orgs, projects, tokenProjects, tokens } from '../schema/index.ts';
import {
  TOKEN_MAX_LENGTH,
  TOKEN_MIN_LENGTH,
  TOKEN_PATTERN,
  type TokenDigest,
  tokenDigest,
} from './token-text.ts';

export interface TokenVerifierOptions {
  /**
   * How long an answer is used again, in milliseconds. Default 3,000: a token that is switched off goes on for that long at
   * most.
   */
  readonly cacheMs: number;
  /** Most known tokens remembered. Default 10,000. */
  readonly cacheEntries: number;
  /** Most unknown tokens remembered; apart from the known, so that guessing does not push those out. Default 1,000. */
  readonly unknownEntries: number;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

const DEFAULTS: TokenVerifierOptions = {
  cacheMs: 3_000,
  cacheEntries: 10_000,
  unknownEntries: 1_000,
  now: Date.now,
};

/** How exactly `last_used` is kept, in milliseconds: one write a minute for each token in use. */
const LAST_USED_GRAIN_MS = 60_000;

/** A token as it stands in the database, not yet judged: whether it has expired depends on when one asks. */
interface StoredToken {
  readonly token: AccessToken;
  readonly isActive: boolean;
  readonly orgIsActive: boolean;
}

interface Remembered {
  readonly stored: StoredToken | undefined;
  readonly at: number;
}

/** Checks bearer tokens. Only hashes are kept, in the database and in memory. */
export class TokenVerifier {
  readonly #db: Database;
  readonly #options: TokenVerifierOptions;
  readonly #known: LRUCache<string, Remembered>;
  readonly #unknown: LRUCache<string, Remembered>;
  readonly #underWay = new Map<string, Promise<StoredToken | undefined>>();

  constructor(db: Database, options: Partial<TokenVerifierOptions> = {}) {
    this.#db = db;
    this.#options = { ...DEFAULTS, ...options };
    this.#known = new LRUCache({ max: this.#options.cacheEntries });
    this.#unknown = new LRUCache({ max: this.#options.unknownEntries });
  }

  /** Judges a token. Throws {@link RegistryUnavailable} when the registry does not answer; that is no refusal. */
  async verify(text: string): Promise<TokenVerdict> {
    if (text.length < TOKEN_MIN_LENGTH || text.length > TOKEN_MAX_LENGTH || !TOKEN_PATTERN.test(text)) {
      return { ok: false, reason: 'unknown' };
    }
    const digest = tokenDigest(text);
    const now = this.#options.now();
    const remembered = this.#known.get(digest.hash) ?? this.#unknown.get(digest.hash);
    const fresh = remembered !== undefined && Math.abs(now - remembered.at) < this.#options.cacheMs;
    return judge(fresh ? remembered.stored : await this.#ask(digest), now);
  }

  /** Forgets what it remembers, for the one who just changed a token. */
  forget(): void {
    this.#known.clear();
    this.#unknown.clear();
  }

  #ask(digest: TokenDigest): Promise<StoredToken | undefined> {
    const asked = this.#underWay.get(digest.hash);
    if (asked) return asked;
    const asking = this.#load(digest).finally(() => this.#underWay.delete(digest.hash));
    this.#underWay.set(digest.hash, asking);
    return asking;
  }

  async #load(digest: TokenDigest): Promise<StoredToken | undefined> {
    const at = this.#options.now();
    const stored = await inRegistry(() => findToken(this.#db, digest));
    this.#known.delete(digest.hash);
    (stored ? this.#known : this.#unknown).set(digest.hash, { stored, at });
    if (stored && judge(stored, at).ok) await this.#noteUse(stored.token.id, at);
    return stored;
  }

  /** Best effort: that a token was used is worth no failed request. */
  async #noteUse(tokenPk: number, at: number): Promise<void> {
    const due = new Date(at - LAST_USED_GRAIN_MS);
    await this.#db
      .update(tokens)
      .set({ lastUsed: new Date(at) })
      .where(and(eq(tokens.pk, tokenPk), or(isNull(tokens.lastUsed), lt(tokens.lastUsed, due))))
      .catch(() => undefined);
  }
}

function judge(stored: StoredToken | undefined, now: number): TokenVerdict {
  if (stored === undefined) return { ok: false, reason: 'unknown' };
  const { token, isActive, orgIsActive } = stored;
  if (!isActive) return { ok: false, reason: 'inactive' };
  if (token.expiresAt !== null && token.expiresAt.getTime() <= now) return { ok: false, reason: 'expired' };
  if (!orgIsActive) return { ok: false, reason: 'org_invalid' };
  return { ok: true, token };
}

/** The prefix finds the candidates, the hash decides, compared in constant time. */
async function findToken(db: Database, digest: TokenDigest): Promise<StoredToken | undefined> {
  const rows = await db
    .select({
      id: tokens.pk,
      name: tokens.name,
      hash: tokens.hash,
      role: tokens.role,
      scope: tokens.scope,
      isActive: tokens.isActive,
      expiresAt: tokens.expiresAt,
      orgPk: orgs.pk,
      orgId: orgs.slug,
      orgIsActive: orgs.isActive,
      projects: sql<string[]>`array(
        select ${projects.projectId} from ${tokenProjects}
        join ${projects} on ${projects.pk} = ${tokenProjects.projectPk}
        where ${tokenProjects.tokenPk} = ${tokens.pk} order by 1)`,
    })
    .from(tokens)
    .innerJoin(orgs, eq(orgs.pk, tokens.orgPk))
    .where(eq(tokens.prefix, digest.prefix));
  const wanted = Buffer.from(digest.hash);
  const row = rows.find(
    ({ hash }) => hash.length === wanted.length && timingSafeEqual(Buffer.from(hash), wanted),
  );
  if (row === undefined) return undefined;
  const { id, name, orgId, orgPk, role, expiresAt } = row;
  return {
    token: { id, name, orgId, orgPk, role, projects: row.scope === 'org' ? null : row.projects, expiresAt },
    isActive: row.isActive,
    orgIsActive: row.orgIsActive,
  };
}
