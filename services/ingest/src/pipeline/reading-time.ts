import {
  MAX_AHEAD_MS,
  parseTimestamp,
  RETENTION_DAYS,
  RETENTION_MS,
  type RejectReason,
  TIMESTAMP_RULE,
} from '@furrow/contracts';

/** The time of a reading in milliseconds since 1970 UTC, or why it has none that can be stored. */
export type ReadingTime =
  | { readonly ok: true; readonly t: number }
  | { readonly ok: false; readonly reason: RejectReason; readonly message: string };

/**
 * The time rules: a reading without `t` happened when it arrived; one more than 15 minutes ahead of the clock is
 * `in_future`; one older than the retention is `too_old`; any other form than those of `parseTimestamp` is `bad_timestamp`.
 */
export function readingTime(t: unknown, arrival: () => number, now: number): ReadingTime {
  const at = t === undefined ? arrival() : parseTimestamp(t);
  if (at === undefined) return { ok: false, reason: 'bad_timestamp', message: TIMESTAMP_RULE };
  if (isInWindow(at, now)) return { ok: true, t: at };
  if (at > now) {
    const minutes = Math.ceil((at - now) / 60_000);
    return {
      ok: false,
      reason: 'in_future',
      message: `${isoTime(at)} is ${minutes} minutes ahead of the clock`,
    };
  }
  return {
    ok: false,
    reason: 'too_old',
    message: `${isoTime(at)} is more than ${RETENTION_DAYS} days ago`,
  };
}

/** True when a reading of that time may be stored: what {@link readingTime} decides, without the words. */
export function isInWindow(at: number, now: number): boolean {
  return at <= now + MAX_AHEAD_MS && at >= now - RETENTION_MS;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
