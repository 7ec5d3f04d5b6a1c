import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ExpectedPoint, Judgement } from './judge.ts';

/** Points between two commits of the temporary file. */
const COMMIT_EVERY = 20_000;
/** Memory that the file's pages may take, KiB. */
const CACHE_KIB = 16_384;

/** A point that must be there. */
export interface Expected {
  readonly t: number;
  readonly value: number;
  /** Its key was sent with several values of which none is the later one, so that any of them may be stored. */
  readonly contested: boolean;
}

/** Histories that must be readable. */
export interface ExpectedHistories {
  /** The factors that have points. */
  readonly factors: readonly string[];
  /** A factor's points, newest first. */
  pointsOf(factor: string): Iterable<Expected>;
  /** From when on the factor is read, milliseconds since 1970 UTC: the time of its oldest point or earlier; undefined for no points. */
  oldestOf(factor: string): number | undefined;
}

/**
 * What must be readable afterwards, in a temporary file, so that memory does not grow with it. One row a key (agri_id, t); of several
 * values for a key the one with the highest version stays.
 */
export class Expectations implements ExpectedHistories {
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #factors = new Map<string, number>();
  readonly #share: number;
  #uncommitted = 0;
  #skipped = 0;

  /** `share` of the factors, from 0 to 1, is kept; which ones follows from their names. */
  constructor(share = 1) {
    this.#share = share;
    this.#folder = mkdtempSync(join(tmpdir(), 'furrow-expected-'));
    this.#database = new DatabaseSync(join(this.#folder, 'points.sqlite'));
    this.#database.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -${CACHE_KIB};
      CREATE TABLE points (factor INTEGER, t INTEGER, value REAL, version INTEGER, contested INTEGER, PRIMARY KEY (factor, t)) WITHOUT ROWID;
      BEGIN`);
    this.#insert = this.#database.prepare(`
      INSERT INTO points VALUES (?, ?, ?, ?, 0) ON CONFLICT (factor, t) DO UPDATE SET
        contested = CASE WHEN excluded.version > version THEN 0
          WHEN excluded.version = version AND excluded.value <> value THEN 1 ELSE contested END,
        value = CASE WHEN excluded.version >= version THEN excluded.value ELSE value END,
        version = max(excluded.version, version)`);
  }

  /** Takes the points of a message that the target has accepted. */
  add({ points, version }: Pick<Judgement, 'points' | 'version'>): void {
    for (const point of points) this.#add(point, version);
    if (this.#uncommitted < COMMIT_EVERY) return;
    this.#database.exec('COMMIT; BEGIN');
    this.#uncommitted = 0;
  }

  /** The factors that have points, in the order in which they came. */
  get factors(): readonly string[] {
    return [...this.#factors.keys()];
  }

  /** Points of factors outside the sample. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Keys that are kept. */
  count(): number {
    return Number(this.#database.prepare('SELECT count(*) AS n FROM points').get()?.['n'] ?? 0);
  }

  /** A factor's points, newest first; read as they are asked for. */
  *pointsOf(factor: string): Generator<Expected> {
    const id = this.#factors.get(factor);
    if (id === undefined) return;
    // A statement of its own: several factors are read at a time, and a statement has one place in its rows.
    const rows = this.#database.prepare(
      'SELECT t, value, contested FROM points WHERE factor = ? ORDER BY t DESC',
    );
    for (const { t, value, contested } of rows.iterate(id)) {
      yield { t: Number(t), value: Number(value), contested: contested === 1 };
    }
  }

  /** The time of a factor's oldest point, milliseconds since 1970 UTC; undefined when it has none. */
  oldestOf(factor: string): number | undefined {
    const row = this.#database
      .prepare('SELECT min(t) AS t FROM points WHERE factor = ?')
      .get(this.#factors.get(factor) ?? -1);
    return typeof row?.['t'] === 'number' ? row['t'] : undefined;
  }

  /** Removes the file. Safe to call again. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #add({ agriId, t, value }: ExpectedPoint, version: number): void {
    let id = this.#factors.get(agriId);
    if (id === undefined) {
      if (!isSampled(agriId, this.#share)) {
        this.#skipped += 1;
        return;
      }
      id = this.#factors.size;
      this.#factors.set(agriId, id);
    }
    this.#insert.run(id, t, value, version);
    this.#uncommitted += 1;
  }
}

/** Whether a factor is in a sample: the same answer at every run (FNV-1a over its name). */
export function isSampled(agriId: string, share: number): boolean {
  if (share >= 1) return true;
  let hash = 0x811c_9dc5;
  for (let at = 0; at < agriId.length; at += 1) hash = Math.imul(hash ^ agriId.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 < share;
}
