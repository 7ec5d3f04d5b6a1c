import { StoreAbortedError, StoreBusyError, StoreClosedError } from '../errors.ts';

interface Waiter {
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Lets a fixed number of calls run at once, the rest in order of arrival. A gate of one makes writes serial. Waiting calls are bounded,
 * and leave the queue when their signal fires.
 */
export class CallGate {
  readonly #waiting: Waiter[] = [];
  readonly #size: number;
  readonly #waitLimit: number;
  /** Calls that run, and those whose turn has come but which did not get to run yet. */
  #running = 0;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(size: number, waitLimit: number) {
    this.#size = size;
    this.#waitLimit = waitLimit;
  }

  /**
   * Runs `work` as soon as there is room. Rejects with `StoreBusyError` when `waitLimit` callers wait already,
   * `StoreAbortedError` when `signal` fires before the work begins, `StoreClosedError` after `close`.
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Turns waiting callers away and resolves when the running ones are done. Idempotent. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers<void>();
      for (const waiter of this.#waiting.splice(0)) waiter.refuse(new StoreClosedError());
      if (this.#running === 0) this.#closing.resolve();
    }
    return this.#closing.promise;
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    if (signal?.aborted) throw new StoreAbortedError(signal);
    if (this.#running < this.#size) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#waitLimit) {
      throw new StoreBusyError(`${this.#waitLimit} calls wait for the store already.`);
    }
    await this.#turn(signal);
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        if (signal !== undefined) reject(new StoreAbortedError(signal));
      };
      const waiter: Waiter = {
        start: () => {
          signal?.removeEventListener('abort', give);
          resolve();
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', give);
          reject(error);
        },
      };
      signal?.addEventListener('abort', give, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.start();
      return;
    }
    this.#running -= 1;
    if (this.#running === 0) this.#closing?.resolve();
  }
}
