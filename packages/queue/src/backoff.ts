/** An exponential wait: `baseMs` at the first attempt, doubling, never above `maxMs`. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The wait before attempt `attempt + 1`, in milliseconds, `attempt` counting from 1. The upper half of it is random, so that
 * many that failed together do not come back together.
 */
export function backoffMs(
  policy: BackoffPolicy,
  attempt: number,
  random: () => number = Math.random,
): number {
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  const full = Math.min(policy.baseMs * 2 ** doublings, policy.maxMs);
  return Math.round(full / 2 + (full / 2) * random());
}
