import { type Point, RETENTION_DAYS, RETENTION_MS } from '@furrow/contracts';

/**
 * How far ahead of the clock a store takes a point, in hours. Wider than the ingest rule of 15 minutes on purpose: this one
 * only keeps a broken clock from filling a store with points that retention would never reach.
 */
export const STORE_MAX_AHEAD_HOURS = 24;
const STORE_MAX_AHEAD_MS = STORE_MAX_AHEAD_HOURS * 3_600_000;

/** The oldest time that is still kept and read at `nowMs`, inclusive. */
export function retentionFloor(nowMs: number): number {
  return nowMs - RETENTION_MS;
}

/**
 * Why no engine may store this point, as a sentence for `WriteReport.rejected`; undefined when it may. Every engine asks
 * this first, so that all refuse the same points.
 */
export function pointRefusal(point: Point, nowMs: number): string | undefined {
  if (!Number.isFinite(point.value)) return 'the value is NaN or infinite';
  if (!Number.isSafeInteger(point.t)) return 't is not a whole number of milliseconds';
  if (!Number.isSafeInteger(point.version)) return 'the version is not a whole number of milliseconds';
  if (point.t < retentionFloor(nowMs)) return `t is older than the retention of ${RETENTION_DAYS} days`;
  if (point.t > nowMs + STORE_MAX_AHEAD_MS) return `t is more than ${STORE_MAX_AHEAD_HOURS} hours ahead`;
  return undefined;
}
