import { RETENTION_DAYS } from '@furrow/contracts';

/** Milliseconds of played time for one hour of the series: 8,759 hours take 85 days and so stay within the retention of 90. */
export const PLAYED_HOUR_MS = 14 * 60_000;

/** Places the hours of the series on the clock, so that the newest is `newestT` (milliseconds since 1970 UTC). */
export function playedTime(index: number, hours: number, newestT: number): number {
  return newestT - (hours - 1 - index) * PLAYED_HOUR_MS;
}

/** The last full minute before `now`: the time that the newest hour of a fresh replay gets. */
export function newestPlayedTime(now: number): number {
  return Math.floor(now / 60_000) * 60_000;
}

/** How times are moved, for people. */
export function describeTimeScale(hours: number): string {
  const days = ((hours * PLAYED_HOUR_MS) / 86_400_000).toFixed(0);
  return `each hour of the year is played as ${PLAYED_HOUR_MS / 60_000} minutes: ${days} days that end now, within the ${RETENTION_DAYS} that are kept`;
}
