import { type BackoffPolicy, backoffMs } from '../backoff.ts';
import { ConsumerStoppedError } from '../errors.ts';

const POLL_BACKOFF: BackoffPolicy = { baseMs: 500, maxMs: 30_000 };

/**
 * What every poller passes before it asks for messages: shut while intake is paused, for a growing while after failed polls, and
 * for good once the consumer stops.
 */
export class PollGate {
  #paused = false;
  #closed = false;
  /** On the monotonic clock (`performance.now()`), as the wall clock may be set back. */
  #notBefore = 0;
  #failures = 0;
  #wakers = new Set<() => void>();

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves when polling is allowed; rejects once the gate is closed. */
  async pass(): Promise<void> {
    for (;;) {
      if (this.#closed) throw new ConsumerStoppedError();
      const waitMs = this.#notBefore - performance.now();
      if (this.#paused) await this.#change();
      else if (waitMs > 0) await this.#change(waitMs);
      else return;
    }
  }

  /** A poll was answered: the next one may come at once. */
  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /** A poll failed. Returns how long all pollers wait now, in milliseconds; pollers that fail together count once. */
  failed(): number {
    const now = performance.now();
    if (now >= this.#notBefore) {
      this.#failures += 1;
      this.#notBefore = now + backoffMs(POLL_BACKOFF, this.#failures);
    }
    return Math.round(this.#notBefore - now);
  }

  #change(timeoutMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.#wakers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}
