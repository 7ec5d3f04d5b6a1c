import { BadQueryError } from './errors.ts';
import { retentionFloor } from './point-rules.ts';
import type { FactorDay } from './point-store.ts';
import { DAY_MS } from './utc-day.ts';

/** The days that a store can hold: from 1970 to the year 2262, where the nanoseconds of InfluxDB end. */
const LAST_DAY = 106_751;

/** A day's first and last millisecond that may be read at `nowMs`. Expired days end before they begin. */
export function timesOfDay(day: number, nowMs: number): { readonly from: number; readonly to: number } {
  return { from: Math.max(day * DAY_MS, Math.ceil(retentionFloor(nowMs))), to: (day + 1) * DAY_MS - 1 };
}

/** Throws a `BadQueryError` unless `day` is one. Every engine calls it first. */
export function checkDay(day: number): void {
  if (Number.isInteger(day) && day >= 0 && day <= LAST_DAY) return;
  throw new BadQueryError([`day is a whole number of days since 1970, from 0 to ${LAST_DAY}`]);
}

/** The order of `factorsOn`. */
export function byAgriId(a: Pick<FactorDay, 'agriId'>, b: Pick<FactorDay, 'agriId'>): number {
  return a.agriId < b.agriId ? -1 : 1;
}

/** Splits a list into lists of at most `size`. */
export function partsOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}
