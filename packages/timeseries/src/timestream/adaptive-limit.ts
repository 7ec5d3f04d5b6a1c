import { StoreBusyError } from '../errors.ts';

/** How an `AdaptiveLimit` moves. */
export interface LimitPolicy {
  /** Requests in flight at first. */
  readonly initial: number;
  /** Most requests in flight, whatever the service takes. */
  readonly most: number;
  /** Callers that may wait; the next is turned away. */
  readonly mostWaiting: number;
}

/**
 * What a throttle leaves of the limit. Gentler than the usual half: Timestream scales its own capacity with the load that arrives
 * and asks a throttled writer to keep its rate up.
 */
const DECREASE = 0.75;

/**
 * How many requests may be in flight, learned from the service: additive increase, about one for each round of successes while the
 * limit is used up, and multiplicative decrease at a throttle. Throttles of requests that began before the last decrease are answers
 * to the old rate and change nothing. Callers are served in order of arrival.
 */
export class AdaptiveLimit {
  readonly #policy: LimitPolicy;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #inFlight = 0;
  #decreasedAt = Number.NEGATIVE_INFINITY;

  /** `now`: a clock that never goes back, in milliseconds. */
  constructor(policy: LimitPolicy, now: () => number = () => performance.now()) {
    this.#policy = policy;
    this.#limit = Math.min(policy.initial, policy.most);
    this.#now = now;
  }

  /** Requests that may be in flight now. */
  get concurrency(): number {
    return Math.floor(this.#limit);
  }

  /**
   * Resolves when the caller may send one request; it then owes one `release`. Rejects with `StoreBusyError` when too many wait, and
   * with the signal's reason when that fires first.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#inFlight < this.concurrency) {
      this.#inFlight += 1;
      return;
    }
    if (this.#waiting.length >= this.#policy.mostWaiting) {
      throw new StoreBusyError(`${this.#policy.mostWaiting} calls wait for the store already.`);
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const waiter = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** The request is over, well or not. */
  release(): void {
    this.#inFlight -= 1;
    while (this.#inFlight < this.concurrency) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inFlight += 1;
      next();
    }
  }

  /** The service took a request; call it before `release`. */
  succeeded(): void {
    const isUsedUp = this.#inFlight >= this.concurrency;
    if (isUsedUp) this.#limit = Math.min(this.#policy.most, this.#limit + 1 / this.#limit);
  }

  /** The service throttled a request that began at `startedAt`. True when the limit went down for it. */
  throttled(startedAt: number): boolean {
    if (startedAt < this.#decreasedAt) return false;
    this.#limit = Math.max(1, this.#limit * DECREASE);
    this.#decreasedAt = this.#now();
    return true;
  }
}
