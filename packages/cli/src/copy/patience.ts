import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@furrow/timeseries';
import { CopyStoppedError } from '../errors.ts';

/** How long a store that does not do its work is waited for. */
export interface PatienceLimits {
  /** The copy stops when this long nothing came of trying again, in milliseconds. */
  readonly giveUpAfterMs: number;
  /** The first wait, doubling with each further one up to the longest; the actual wait is random in its upper half. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Told once for each trouble that lasts longer than a few attempts. */
  readonly onTrouble?: (text: string) => void;
}

/** So many waits in a row are trouble that somebody should know of: a store has tried for itself before each. */
const TROUBLE_AFTER_WAITS = 2;

/** Waits between attempts at one piece of work. */
export class Patience {
  readonly #limits: PatienceLimits;
  readonly #signal: AbortSignal;
  #stuckSince: number | undefined;
  #waits = 0;

  constructor(limits: PatienceLimits, signal: AbortSignal) {
    this.#limits = limits;
    this.#signal = signal;
  }

  /** Something came of the last attempt. */
  progressed(): void {
    this.#stuckSince = undefined;
    this.#waits = 0;
  }

  /** Waits before the next attempt. Throws a {@link CopyStoppedError} when it has been long enough; rejects when the signal fires. */
  async wait(trouble: string, reason: string): Promise<void> {
    const { giveUpAfterMs, firstWaitMs, longestWaitMs } = this.#limits;
    const now = performance.now();
    this.#stuckSince ??= now;
    if (now - this.#stuckSince >= giveUpAfterMs) {
      throw new CopyStoppedError(`${trouble} for ${Math.round(giveUpAfterMs / 1000)} s: ${reason}`);
    }
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#waits);
    this.#waits += 1;
    if (this.#waits === TROUBLE_AFTER_WAITS) this.#limits.onTrouble?.(`${trouble}, trying again: ${reason}`);
    await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal: this.#signal });
  }
}

/** Does work that reads from a store until it succeeds. Rejects with what no waiting helps against. */
export async function patiently<T>(
  trouble: string,
  work: () => Promise<T>,
  limits: PatienceLimits,
  signal: AbortSignal,
): Promise<T> {
  const patience = new Patience(limits, signal);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || signal.aborted) throw error;
      await patience.wait(trouble, error.message);
    }
  }
}

/** True for an error after which the same call to the store may succeed. */
export function mayPass(error: unknown): error is StoreError {
  return error instanceof StoreError && error.retryable;
}
