import { MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES } from '../sqs-limits.ts';

export interface HandLimits {
  /** Most messages in hand, with those that the receives under way may bring. */
  readonly maxMessages: number;
  /** Most characters of bodies and attributes in hand, with those that the receives under way are expected to bring. */
  readonly maxBytes: number;
}

/** What one receive may bring at the most. */
const LARGEST_BATCH_BYTES = MAX_BATCH_ENTRIES * MAX_MESSAGE_BYTES;

/** How quickly large messages are forgotten: after each smaller batch, half of what is expected remains. */
const FORGETTING = 0.5;

/**
 * Decides whether one more receive may be under way, so that what is in hand stays within its limits however large messages are and however
 * long the queue is. What the next receive brings is expected from the last ones: at the start, and after an empty one, the worst. So an
 * idle consumer waits with few receives, and one with small messages in hand with all of its own. When nothing is in hand and none is
 * under way, one receive is always allowed.
 */
export class HandBudget {
  readonly #limits: HandLimits;
  #messages = 0;
  #bytes = 0;
  #receives = 0;
  #expectedBytes = LARGEST_BATCH_BYTES;
  #waiters: (() => void)[] = [];

  constructor(limits: HandLimits) {
    this.#limits = limits;
  }

  /** Characters of the messages in hand. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins a receive if there is room for what it may bring. */
  tryReceive(): boolean {
    const receives = this.#receives + 1;
    const fits =
      this.#messages + receives * MAX_BATCH_ENTRIES <= this.#limits.maxMessages &&
      this.#bytes + receives * this.#expectedBytes <= this.#limits.maxBytes;
    if (!fits && (this.#receives > 0 || this.#messages > 0)) return false;
    this.#receives = receives;
    return true;
  }

  /** A receive ended and brought messages of this many bytes in all: none when it failed or found nothing. */
  received(bytes: number): void {
    this.#receives -= 1;
    this.#expectedBytes =
      bytes === 0 ? LARGEST_BATCH_BYTES : Math.max(bytes, this.#expectedBytes * FORGETTING);
    this.wake();
  }

  /** A message came in hand. */
  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  /** A message left the hand. */
  release(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    this.wake();
  }

  /** Resolves when {@link tryReceive} may answer differently, or at {@link wake}. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
