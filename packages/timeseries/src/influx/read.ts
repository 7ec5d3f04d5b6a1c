import { type AgriId, belongsTo, type Point } from '@furrow/contracts';
import type { Bucket, BucketQuery, HistoryPage, HistoryQuery } from '../point-store.ts';
import { UnreadableAnswerError } from './client.ts';
import type { InfluxDatabase } from './database.ts';
import { FACTOR_TAG, isFactor, type Row, rowsByFactor } from './factor-rows.ts';
import { startsWithPattern, timeRange } from './influxql.ts';
import { encodeName } from './names.ts';
import { END_OF_TIME, readDescriptions } from './series.ts';

/** An interval longer than all the time that Influx knows; it would not fit its durations. */
const LONGEST_INTERVAL_MS = 9_000_000_000_000;
/** Small enough that the sum of any number of doubles so divided is finite, a power of two so that dividing keeps every bit. */
const SCALE = 2 ** 32;

/**
 * One page of a factor's history. Influx has no snapshots: the count and the page are two statements, and a point that is written between
 * them is in one and not in the other. The total is never less than what the page shows.
 */
export async function readHistory(
  database: InfluxDatabase,
  query: HistoryQuery,
  floor: number,
  signal?: AbortSignal,
): Promise<HistoryPage> {
  const from = Math.max(floor, Math.floor(query.minT) + 1);
  const to = Math.min(Math.floor(query.maxT ?? END_OF_TIME), END_OF_TIME);
  if (from > to) return { total: 0, points: [] };
  const source = `FROM ${database.points} WHERE ${isFactor([query.agriId])} AND ${timeRange(from, to)}`;
  const [counted] = await database.select(`SELECT count("version") AS "total" ${source}`, signal);
  const total = Number(counted?.rows[0]?.['total'] ?? 0);
  const offset = (query.page - 1) * query.pageSize;
  if (offset >= total) return { total, points: [] };
  const [series] = await database.select(
    `SELECT "value", "version" ${source} ORDER BY time DESC LIMIT ${query.pageSize} OFFSET ${offset}`,
    signal,
  );
  const points = (series?.rows ?? []).map(({ time, value, version }) => {
    return { t: Number(time), value: Number(value), version: Number(version) };
  });
  return { total: points.length === 0 ? total : Math.max(total, offset + points.length), points };
}

/** The newest point of each of a device's factors, with the description of the highest version. */
export async function readLatest(
  database: InfluxDatabase,
  device: AgriId,
  floor: number,
  signal?: AbortSignal,
): Promise<Point[]> {
  const condition = `(${isFactor([device])} OR "${FACTOR_TAG}" =~ ${startsWithPattern(encodeName(`${device}-`))})`;
  const series = await database.select(
    `SELECT last("value") AS "value", "version" FROM ${database.points} WHERE ${condition} AND ${timeRange(floor, END_OF_TIME)} GROUP BY "${FACTOR_TAG}"`,
    signal,
  );
  const newest = rowsByFactor(series);
  if (newest.size === 0) return [];
  const descriptions = await readDescriptions(database, condition, floor, signal);
  const points: Point[] = [];
  for (const [agriId, [row]] of newest) {
    const known = descriptions.get(agriId);
    // Points that something else wrote into the measurement are not described and not ours.
    if (row === undefined || known === undefined || !belongsTo(agriId, device)) continue;
    points.push({
      agriId,
      t: Number(row['time']),
      value: Number(row['value']),
      version: Number(row['version']),
      ...known.description,
    });
  }
  return points.sort((a, b) => (a.agriId < b.agriId ? -1 : 1));
}

/** A factor's points summed up per interval; Influx counts its intervals from 1970 as the port does. */
export async function readBuckets(
  database: InfluxDatabase,
  query: BucketQuery,
  floor: number,
  signal?: AbortSignal,
): Promise<Bucket[]> {
  const from = Math.max(floor, query.from);
  const to = query.to - 1;
  if (from > to) return [];
  const { intervalMs } = query;
  const isGrouped = intervalMs <= LONGEST_INTERVAL_MS;
  const range = timeRange(from, to);
  const ofFactor = `${isFactor([query.agriId])} AND ${range}`;
  const groups = isGrouped ? ` GROUP BY time(${intervalMs}ms) fill(none)` : '';
  const run = async (selection: string, source = database.points, condition = ofFactor) => {
    const statement = `SELECT ${selection} FROM ${source} WHERE ${condition}${groups}`;
    const [series] = await database.select(statement, signal);
    return series?.rows ?? [];
  };
  const sums = 'min("value"), max("value"), last("value"), count("value")';
  const start = (row: Row) => (isGrouped ? Number(row['time']) : Math.floor(from / intervalMs) * intervalMs);
  const rows = await run(`${sums}, mean("value")`).catch((error: unknown) => {
    if (error instanceof UnreadableAnswerError) return undefined;
    throw error;
  });
  const means = new Map<number, number>();
  if (rows === undefined || rows.some((row) => !Number.isFinite(row['mean']))) {
    // The sum of the largest doubles is infinite, which 1.x and 2.x cannot say in JSON: once more, of smaller ones.
    const scaled = `(SELECT "value" / ${SCALE} AS "part" FROM ${database.points} WHERE ${ofFactor})`;
    for (const row of await run('mean("part")', scaled, range))
      means.set(start(row), Number(row['mean']) * SCALE);
  }
  return (rows ?? (await run(sums)))
    .filter((row) => Number(row['count']) > 0)
    .map((row) => {
      return {
        t: start(row),
        min: Number(row['min']),
        max: Number(row['max']),
        avg: means.get(start(row)) ?? Number(row['mean']),
        last: Number(row['last']),
        count: Number(row['count']),
      };
    });
}
