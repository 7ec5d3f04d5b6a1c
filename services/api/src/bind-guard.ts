import { LRUCache } from 'lru-cache';

/** How long a failed attempt counts. */
const WINDOW_MS = 15 * 60_000;

/**
 * Most failed attempts in that time. A safe code has four letters or digits (36^4, or 1.7 million of them): ten guesses in a
 * quarter of an hour would take years for half of them.
 */
export const BIND_LIMITS = { perDevice: 10, perToken: 30 } as const;

/** Most devices, and most tokens, whose failures are remembered. */
const MAX_ENTRIES = 50_000;

/**
 * Counts failed attempts to bind, by token and by device_id, so that nobody finds a safe code by trying. In memory: each process
 * counts for itself.
 */
export class BindGuard {
  readonly #failures: LRUCache<string, number>;

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#failures = new LRUCache({
      max: MAX_ENTRIES * 2,
      ttl: WINDOW_MS,
      ttlResolution: 0,
      perf: { now },
    });
  }

  /** Seconds to wait before this token may try this device again; 0 when it may try now. */
  waitSeconds(tokenId: number, deviceId: string): number {
    const waits = limitsOf(tokenId, deviceId).map(([key, limit]) =>
      (this.#failures.get(key) ?? 0) < limit ? 0 : this.#failures.getRemainingTTL(key),
    );
    return Math.ceil(Math.max(...waits) / 1000);
  }

  /** Counts an attempt that did not match; the time of the first one stays. */
  noteFailure(tokenId: number, deviceId: string): void {
    for (const [key] of limitsOf(tokenId, deviceId)) {
      const before = this.#failures.get(key) ?? 0;
      const ttl = before === 0 ? WINDOW_MS : this.#failures.getRemainingTTL(key);
      this.#failures.set(key, before + 1, { ttl: Math.max(1, ttl) });
    }
  }
}

function limitsOf(tokenId: number, deviceId: string): readonly (readonly [string, number])[] {
  return [
    [`token ${tokenId}`, BIND_LIMITS.perToken],
    [`device ${deviceId}`, BIND_LIMITS.perDevice],
  ];
}
