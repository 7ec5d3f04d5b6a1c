/**
 * The answers for the keys of one batch. A key without one gets `failure` as its error, or undefined when there is none.
 */
export interface BatchAnswers<Key, Answer> {
  readonly answers: ReadonlyMap<Key, Answer>;
  readonly failure?: Error;
}

/** Answers one batch of keys. Does not throw. */
export type CheckBatch<Key, Answer> = (keys: readonly Key[]) => Promise<BatchAnswers<Key, Answer>>;

/**
 * Gathers the keys that concurrent callers ask for and answers them in batches, one batch at a time: whoever comes while a
 * batch is under way goes into the next one together, and a key that is waiting or under way is asked once for all.
 */
export class CheckQueue<Key, Answer> {
  readonly #check: CheckBatch<Key, Answer>;
  readonly #batchSize: number;
  readonly #asked = new Map<Key, PromiseWithResolvers<Answer | undefined>>();
  readonly #waiting = new Set<Key>();
  #running = false;

  /** `batchSize` is the most keys in one batch. */
  constructor(check: CheckBatch<Key, Answer>, batchSize: number) {
    this.#check = check;
    this.#batchSize = batchSize;
  }

  /** The answer for a key; undefined when it has none. Rejects with the failure of its batch. */
  ask(key: Key): Promise<Answer | undefined> {
    const asked = this.#asked.get(key);
    if (asked) return asked.promise;
    const asking = Promise.withResolvers<Answer | undefined>();
    this.#asked.set(key, asking);
    this.#waiting.add(key);
    if (!this.#running) {
      this.#running = true;
      // After the callers of this turn have all asked.
      queueMicrotask(() => void this.#run());
    }
    return asking.promise;
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, this.#batchSize);
      for (const key of batch) this.#waiting.delete(key);
      await this.#answer(batch);
    }
    this.#running = false;
  }

  async #answer(batch: readonly Key[]): Promise<void> {
    const { answers, failure } = await this.#check(batch);
    for (const key of batch) {
      const asking = this.#asked.get(key);
      this.#asked.delete(key);
      if (answers.has(key) || failure === undefined) asking?.resolve(answers.get(key));
      else asking?.reject(failure);
    }
  }
}
