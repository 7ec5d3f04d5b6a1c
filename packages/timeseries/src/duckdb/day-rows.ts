import type { Point } from '@furrow/contracts';
import { DAY_MS, dayOf } from './partitions.ts';

/** Points of one partition as columns; row i of each is one point. `t` counts milliseconds from the day's start. */
export interface DayRows {
  readonly day: number;
  readonly length: number;
  readonly series: Int32Array;
  readonly t: Int32Array;
  readonly value: Float64Array;
  readonly version: Float64Array;
}

/** The next power of two above a day's milliseconds: series and t fit one exact number, up to 67 million series. */
const SERIES_STRIDE = 2 ** 27;

/** Splits the points at `indices`, whose series ids are `ids` in the same order, by day, in order of first appearance. */
export function groupByDay(points: readonly Point[], indices: readonly number[], ids: Int32Array): DayRows[] {
  const byDay = new Map<number, number[]>();
  indices.forEach((index, row) => {
    const point = points[index];
    if (point === undefined) return;
    const day = dayOf(point.t);
    const rows = byDay.get(day);
    if (rows === undefined) byDay.set(day, [row]);
    else rows.push(row);
  });
  return [...byDay].map(([day, rows]) => {
    const columns = allocate(day, rows.length);
    rows.forEach((row, at) => {
      const point = points[indices[row] ?? -1];
      if (point === undefined) return;
      columns.series[at] = ids[row] ?? 0;
      columns.t[at] = point.t - day * DAY_MS;
      columns.value[at] = point.value;
      columns.version[at] = point.version;
    });
    return columns;
  });
}

/** The rows without those that lose against another with the same key: the higher version wins, among equals the first. */
export function newestPerKey(rows: DayRows): DayRows {
  if (risesPerSeries(rows)) return rows;
  const winners = new Map<number, number>();
  for (let row = 0; row < rows.length; row += 1) {
    const key = (rows.series[row] ?? 0) * SERIES_STRIDE + (rows.t[row] ?? 0);
    const rival = winners.get(key);
    if (rival === undefined || (rows.version[row] ?? 0) > (rows.version[rival] ?? 0)) winners.set(key, row);
  }
  if (winners.size === rows.length) return rows;
  const kept = allocate(rows.day, winners.size);
  let at = 0;
  for (const row of winners.values()) {
    kept.series[at] = rows.series[row] ?? 0;
    kept.t[at] = rows.t[row] ?? 0;
    kept.value[at] = rows.value[row] ?? 0;
    kept.version[at] = rows.version[row] ?? 0;
    at += 1;
  }
  return kept;
}

/**
 * Whether every series' rows come in strictly rising time, so that all keys are distinct: the usual case, told at a fraction of
 * what a map of all keys costs.
 */
function risesPerSeries(rows: DayRows): boolean {
  const highest = rows.series.reduce((max, series) => Math.max(max, series), 0);
  // A few rows of a far series number are not worth an array up to it.
  if (highest > 1024 + rows.length * 16) return false;
  const last = new Int32Array(highest + 1).fill(-1);
  for (let row = 0; row < rows.length; row += 1) {
    const series = rows.series[row] ?? 0;
    const t = rows.t[row] ?? 0;
    if (t <= (last[series] ?? -1)) return false;
    last[series] = t;
  }
  return true;
}

function allocate(day: number, length: number): DayRows {
  return {
    day,
    length,
    series: new Int32Array(length),
    t: new Int32Array(length),
    value: new Float64Array(length),
    version: new Float64Array(length),
  };
}
