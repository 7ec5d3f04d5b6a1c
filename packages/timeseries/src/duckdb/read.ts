import type { DuckDBConnection } from '@duckdb/node-api';
import type { AgriId, Point } from '@furrow/contracts';
import type { Bucket, BucketQuery, HistoryPage, HistoryQuery } from '../point-store.ts';
import { daysOfOne, daysOfSeries, type SeriesDay } from './day-counts.ts';
import { DAY_MS, dayOf, partitionTable, slotsOf, timeOfSlot } from './partitions.ts';
import { findSeries, findSeriesOf, type Series } from './series.ts';

/** Times from `from` up to and including `to`, in milliseconds; the parts of a query that decide which partitions it reads. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Later than any time that a store accepts. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/**
 * One page of a factor's history. First takes the number of points per partition, which gives the total and the few partitions that
 * the page lies in, then reads only those: no sort over the whole range, however deep the page.
 */
export async function readHistory(
  connection: DuckDBConnection,
  query: HistoryQuery,
  floor: number,
): Promise<HistoryPage> {
  const series = await findSeries(connection, query.agriId);
  if (series === undefined) return { total: 0, points: [] };
  const range = {
    from: Math.max(floor, Math.floor(query.minT) + 1),
    to: Math.floor(query.maxT ?? END_OF_TIME),
  };
  const counts = await countPerDay(connection, series, range);
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const { days, skip } = daysOfPage(counts, (query.page - 1) * query.pageSize, query.pageSize);
  if (days.length === 0) return { total, points: [] };
  // The stored columns, in whose order a series' times rise: computing the others for every row of the day would cost more than the page.
  const reader = await connection.runAndReadAll(
    `SELECT day, slot, ms, value, lag
     FROM (${unionOf(days, range, 'day, slot, ms, value, lag', slotsOf(series))})
     ORDER BY day DESC, slot DESC, ms DESC LIMIT ${query.pageSize} OFFSET ${skip}`,
  );
  const points = reader.getRows().map(([day, slot, ms, value, lag]) => {
    const t = Number(day) * DAY_MS + timeOfSlot(Number(slot), Number(ms));
    return { t, value: Number(value), version: t + Number(lag) };
  });
  return { total, points };
}

/**
 * The newest point of each of a device's factors. Looks into the newest partition first and then, for factors that are not
 * in it, into older ones that hold any of them, twice as many at each step: a live device costs one partition, a silent one few.
 */
export async function readLatest(
  connection: DuckDBConnection,
  device: AgriId,
  floor: number,
): Promise<Point[]> {
  const missing = new Map((await findSeriesOf(connection, device)).map((series) => [series.id, series]));
  const range = { from: floor, to: END_OF_TIME };
  if (missing.size === 0) return [];
  const held = await daysOfSeries(connection, [...missing.keys()], dayOf(floor), dayOf(END_OF_TIME));
  const days = held.map(({ day }) => day);
  const found: Point[] = [];
  for (let start = 0, step = 1; start < days.length && missing.size > 0; start += step, step *= 2) {
    const reader = await connection.runAndReadAll(
      `SELECT series, max(day * ${DAY_MS}::DOUBLE + t) AS newest, arg_max(value, day * ${DAY_MS}::DOUBLE + t),
         arg_max(version, day * ${DAY_MS}::DOUBLE + t)::DOUBLE
       FROM (${unionOf(days.slice(start, start + step), range, 'day, series, t, value, version', anySlotOf([...missing.keys()]))})
       GROUP BY series`,
    );
    for (const [id, t, value, version] of reader.getRows()) {
      const series = missing.get(Number(id));
      missing.delete(Number(id));
      if (series !== undefined) found.push(toPoint(series, Number(t), Number(value), Number(version)));
    }
  }
  return found.sort((a, b) => (a.agriId < b.agriId ? -1 : 1));
}

/** A factor's points summed up per interval, in one pass over the partitions of the range. */
export async function readBuckets(
  connection: DuckDBConnection,
  query: BucketQuery,
  floor: number,
): Promise<Bucket[]> {
  const series = await findSeries(connection, query.agriId);
  if (series === undefined) return [];
  const range = { from: Math.max(floor, query.from), to: query.to - 1 };
  const days = (await daysOfSeries(connection, [series], dayOf(range.from), dayOf(range.to))).map(
    ({ day }) => day,
  );
  if (days.length === 0) return [];
  // The mean of values near the largest double overflows in the sum; then it is taken of smaller ones and scaled back.
  const reader = await connection.runAndReadAll(
    `SELECT start::DOUBLE, min(value), max(value),
       CASE WHEN isfinite(avg(value)) THEN avg(value) ELSE avg(value / 1048576) * 1048576 END,
       arg_max(value, instant), count(*)
     FROM (
       SELECT day::BIGINT * ${DAY_MS} + t AS instant, instant // $1::BIGINT * $1::BIGINT AS start, value
       FROM (${unionOf(days, range, 'day, t, value', slotsOf(series))})
     ) GROUP BY start ORDER BY start`,
    [BigInt(query.intervalMs)],
  );
  return reader.getRows().map(([t, min, max, avg, last, count]) => {
    return {
      t: Number(t),
      min: Number(min),
      max: Number(max),
      avg: Number(avg),
      last: Number(last),
      count: Number(count),
    };
  });
}

interface DayCount {
  readonly day: number;
  readonly count: number;
}

/** How many points a series has per day of the range, newest day first; days without are left out. */
async function countPerDay(
  connection: DuckDBConnection,
  series: number,
  range: TimeRange,
): Promise<DayCount[]> {
  const days = await daysOfOne(connection, series, dayOf(range.from), dayOf(range.to));
  const known = days.filter((day): day is DayCount => day.count !== undefined && isWhole(day, range));
  const wholeDays = new Set(known.map(({ day }) => day));
  const open = days.map(({ day }) => day).filter((day) => !wholeDays.has(day));
  if (open.length === 0) return known;
  const reader = await connection.runAndReadAll(
    `SELECT day, count(*) FROM (${unionOf(open, range, 'day', slotsOf(series))}) GROUP BY day`,
  );
  const counted = reader.getRows().map(([day, count]) => ({ day: Number(day), count: Number(count) }));
  return [...known, ...counted].sort((a, b) => b.day - a.day);
}

function isWhole({ day }: SeriesDay, range: TimeRange): boolean {
  return range.from <= day * DAY_MS && range.to >= (day + 1) * DAY_MS - 1;
}

/** The days that hold rows `offset` to `offset + size` of the history, and how many rows of them come before the page. */
function daysOfPage(
  counts: readonly DayCount[],
  offset: number,
  size: number,
): { days: number[]; skip: number } {
  const days: number[] = [];
  let skip = offset;
  let before = 0;
  for (const { day, count } of counts) {
    const after = before + count;
    if (after > offset && before < offset + size) {
      if (days.length === 0) skip = offset - before;
      days.push(day);
    }
    before = after;
  }
  return { days, skip };
}

/**
 * The rows of several partitions that meet a condition, as one, with `day` beside their own columns. The times of the first and last
 * partition are limited, the ones between lie wholly in the range.
 */
function unionOf(days: readonly number[], range: TimeRange, columns: string, condition: string): string {
  const parts = days.map((day) => {
    const start = day * DAY_MS;
    const limits = [
      ...(range.from > start ? [`t >= ${range.from - start}`] : []),
      ...(range.to < start + DAY_MS - 1 ? [`t <= ${range.to - start}`] : []),
    ];
    return `SELECT ${columns.replace('day', `${day} AS day`)} FROM ${partitionTable(day)} WHERE ${[condition, ...limits].join(' AND ')}`;
  });
  return parts.join(' UNION ALL ');
}

/** The rows of any of some series; the limits around them all are for the zone maps: a device's factors lie side by side. */
function anySlotOf(series: readonly number[]): string {
  const lowest = series.reduce((least, id) => Math.min(least, id));
  const highest = series.reduce((most, id) => Math.max(most, id));
  return `${slotsOf(lowest, highest)} AND series IN (${series.join(', ')})`;
}

function toPoint(series: Series, t: number, value: number, version: number): Point {
  // Only what came in as an AgriId is ever stored.
  return {
    agriId: series.agriId as AgriId,
    t,
    value,
    version,
    device: series.device as AgriId,
    orgId: series.orgId,
    projectId: series.projectId,
    theType: series.theType,
  };
}
