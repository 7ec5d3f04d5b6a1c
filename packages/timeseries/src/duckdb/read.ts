import { type DuckDBConnection, INTEGER, LIST, listValue } from '@duckdb/node-api';
import type { AgriId, Point } from '@furrow/contracts';
import type { Bucket, BucketQuery, HistoryPage, HistoryQuery } from '../point-store.ts';
import { DAY_MS, dayOf, listPartitions, partitionTable } from './partitions.ts';
import { findSeries, findSeriesOf, type Series } from './series.ts';

/** Times from `from` up to and including `to`, in milliseconds; the parts of a query that decide which partitions it reads. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Later than any time that a store accepts. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/**
 * One page of a factor's history. First counts the points per partition, which gives the total and the few partitions that
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
  const reader = await connection.runAndReadAll(
    `SELECT day * ${DAY_MS}::DOUBLE + t, value, version::DOUBLE
     FROM (${unionOf(days, range, 'day, t, value, version')}) ORDER BY day DESC, t DESC LIMIT ${query.pageSize} OFFSET ${skip}`,
    [series],
  );
  const points = reader.getRows().map(([t, value, version]) => {
    return { t: Number(t), value: Number(value), version: Number(version) };
  });
  return { total, points };
}

/**
 * The newest point of each of a device's factors. Looks into the newest partition first and then, for factors that are not
 * in it, into older ones, twice as many at each step: a live device costs one partition, a silent one all of them.
 */
export async function readLatest(
  connection: DuckDBConnection,
  device: AgriId,
  floor: number,
): Promise<Point[]> {
  const missing = new Map((await findSeriesOf(connection, device)).map((series) => [series.id, series]));
  const range = { from: floor, to: END_OF_TIME };
  const days = await listPartitions(connection, dayOf(floor));
  const found: Point[] = [];
  for (let start = 0, step = 1; start < days.length && missing.size > 0; start += step, step *= 2) {
    const reader = await connection.runAndReadAll(
      `SELECT series, max(day * ${DAY_MS}::DOUBLE + t) AS newest, arg_max(value, day * ${DAY_MS}::DOUBLE + t),
         arg_max(version, day * ${DAY_MS}::DOUBLE + t)::DOUBLE
       FROM (${unionOf(days.slice(start, start + step), range, 'day, series, t, value, version', 'series IN (SELECT unnest($1))')})
       GROUP BY series`,
      [listValue([...missing.keys()])],
      [LIST(INTEGER)],
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
  const days = await listPartitions(connection, dayOf(range.from), dayOf(range.to));
  if (days.length === 0) return [];
  // The mean of values near the largest double overflows in the sum; then it is taken of smaller ones and scaled back.
  const reader = await connection.runAndReadAll(
    `SELECT start::DOUBLE, min(value), max(value),
       CASE WHEN isfinite(avg(value)) THEN avg(value) ELSE avg(value / 1048576) * 1048576 END,
       arg_max(value, instant), count(*)
     FROM (
       SELECT day::BIGINT * ${DAY_MS} + t AS instant, instant // $2::BIGINT * $2::BIGINT AS start, value
       FROM (${unionOf(days, range, 'day, t, value')})
     ) GROUP BY start ORDER BY start`,
    [series, BigInt(query.intervalMs)],
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
  const days = await listPartitions(connection, dayOf(range.from), dayOf(range.to));
  if (days.length === 0) return [];
  const reader = await connection.runAndReadAll(
    `SELECT day, count(*) FROM (${unionOf(days, range, 'day')}) GROUP BY day ORDER BY day DESC`,
    [series],
  );
  return reader.getRows().map(([day, count]) => ({ day: Number(day), count: Number(count) }));
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
 * The rows of several partitions as one, with `day` beside their own columns. The times of the first and last partition are
 * limited, the ones between lie wholly in the range. `$1` is the series, unless another condition is given.
 */
function unionOf(
  days: readonly number[],
  range: TimeRange,
  columns: string,
  condition = 'series = $1',
): string {
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
