import { LRUCache } from 'lru-cache';

/** Most rows in all kept answers together, at about half a kilobyte each. */
const MAX_ROWS = 100_000;

/** What an answer is about; a change of it ends the answer. */
export type AnswerTag = `org ${number}` | `project ${number}` | `device ${number}`;

export interface AnswerQuery {
  /** What was asked, in full: scope, page, order and filters too. */
  readonly key: string;
  readonly tags: readonly AnswerTag[];
  readonly ttlMs: number;
  /** Asks the registry whatever is kept, and keeps the new answer. */
  readonly fresh: boolean;
}

/**
 * Keeps answers about devices for as long as the reference documents say, until one of their tags is named in
 * {@link AnswerCache.invalidate}. Requests for the same answer share one query. Each process has its own: a change made through
 * another shows when the time is over.
 */
export class AnswerCache {
  readonly #answers: LRUCache<string, Promise<unknown>>;
  readonly #keysByTag = new Map<AnswerTag, Set<string>>();
  readonly #tagsByKey = new Map<string, readonly AnswerTag[]>();

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#answers = new LRUCache({
      max: MAX_ROWS,
      maxSize: MAX_ROWS,
      ttl: 1,
      ttlResolution: 0,
      perf: { now },
      dispose: (_answer, key, reason) => {
        if (reason !== 'set') this.#forget(key);
      },
    });
  }

  /** The kept answer, or a new one. `rowsOf` says how many rows it takes to keep it. A failure is not kept. */
  async get<T>(query: AnswerQuery, load: () => Promise<T>, rowsOf: (answer: T) => number): Promise<T> {
    const { key, ttlMs: ttl } = query;
    const kept = query.fresh ? undefined : this.#answers.get(key);
    // What a key keeps was loaded by this very query.
    if (kept) return (await kept) as T;
    const answer = load();
    this.#answers.set(key, answer, { ttl, size: 1 });
    this.#remember(key, query.tags);
    try {
      const loaded = await answer;
      if (this.#answers.peek(key) === answer) {
        const size = Math.max(1, rowsOf(loaded));
        if (size > MAX_ROWS) this.#answers.delete(key);
        else this.#answers.set(key, answer, { ttl, size });
      }
      return loaded;
    } catch (error) {
      if (this.#answers.peek(key) === answer) this.#answers.delete(key);
      throw error;
    }
  }

  /** What these tags name has changed: no answer about it is given again. */
  invalidate(...tags: readonly AnswerTag[]): void {
    for (const tag of tags) for (const key of this.#keysByTag.get(tag) ?? []) this.#answers.delete(key);
  }

  #remember(key: string, tags: readonly AnswerTag[]): void {
    this.#tagsByKey.set(key, tags);
    for (const tag of tags) this.#keysByTag.set(tag, (this.#keysByTag.get(tag) ?? new Set()).add(key));
  }

  #forget(key: string): void {
    for (const tag of this.#tagsByKey.get(key) ?? []) {
      const keys = this.#keysByTag.get(tag);
      if (keys?.delete(key) && keys.size === 0) this.#keysByTag.delete(tag);
    }
    this.#tagsByKey.delete(key);
  }
}
