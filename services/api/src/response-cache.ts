import { type AgriId, ownerCandidates } from '@furrow/contracts';
import { LRUCache } from 'lru-cache';

/** Most answers kept at once; the least recently used one goes first. */
const MAX_ENTRIES = 5_000;

/** How long an answer without any reading is kept, whatever the route says: the first reading is waited for. */
const EMPTY_TTL_MS = 1_000;

/** An answer and whether it held any reading. */
export interface CacheableAnswer<Body = unknown> {
  readonly body: Body;
  readonly empty: boolean;
}

export interface CacheQuery {
  /** What was asked, in full. */
  readonly key: string;
  /** The device or factor that was asked about; a reading stored under it makes the answer stale. */
  readonly agriId: AgriId;
  readonly ttlMs: number;
  /** Asks the store whatever is kept (`Cache-Control: no-cache`), and keeps the new answer. */
  readonly fresh: boolean;
}

/**
 * Keeps the answers of data routes for as long as the reference documents say. Requests for the same answer share one query.
 * Where the writer of the readings is known (a POST through this process, a worker in it), its readings end the answers
 * that they change.
 */
export class ResponseCache {
  readonly #answers: LRUCache<string, Promise<CacheableAnswer>>;
  readonly #keysByAgriId = new Map<string, Set<string>>();

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#answers = new LRUCache({
      max: MAX_ENTRIES,
      ttl: 1,
      ttlResolution: 0,
      perf: { now },
      dispose: (_answer, key) => this.#forget(key),
    });
  }

  /** The kept answer to this query, or the one that `load` gives. A failure is not kept. */
  async get<Body>(query: CacheQuery, load: () => Promise<CacheableAnswer<Body>>): Promise<Body> {
    const { key, agriId, ttlMs } = query;
    const id = `${agriId} ${key}`;
    const kept = query.fresh ? undefined : this.#answers.get(id);
    // What a key keeps was loaded by this very query.
    if (kept) return (await kept).body as Body;
    const answer = load();
    this.#answers.set(id, answer, { ttl: ttlMs });
    this.#remember(agriId, id);
    try {
      const { body, empty } = await answer;
      if (empty && this.#answers.peek(id) === answer)
        this.#answers.set(id, answer, { ttl: Math.min(ttlMs, EMPTY_TTL_MS) });
      this.#remember(agriId, id);
      return body;
    } catch (error) {
      if (this.#answers.peek(id) === answer) this.#answers.delete(id);
      throw error;
    }
  }

  /** Readings were stored under this agri_id: answers about it and about every device above it are stale. */
  invalidate(agriId: AgriId): void {
    if (this.#keysByAgriId.size === 0) return;
    for (const owner of ownerCandidates(agriId)) {
      for (const id of this.#keysByAgriId.get(owner) ?? []) this.#answers.delete(id);
    }
  }

  #remember(agriId: string, id: string): void {
    if (this.#answers.peek(id) === undefined) return;
    const ids = this.#keysByAgriId.get(agriId) ?? new Set<string>();
    this.#keysByAgriId.set(agriId, ids.add(id));
  }

  #forget(id: string): void {
    const agriId = id.slice(0, id.indexOf(' '));
    const ids = this.#keysByAgriId.get(agriId);
    if (ids?.delete(id) && ids.size === 0) this.#keysByAgriId.delete(agriId);
  }
}
