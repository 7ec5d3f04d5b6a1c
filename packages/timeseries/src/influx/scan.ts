import type { AgriId } from '@furrow/contracts';
import type { FactorDay, ScannedPoint, ScanQuery } from '../point-store.ts';
import { byAgriId, partsOf, timesOfDay } from '../scan-rules.ts';
import type { ResultSeries } from './client.ts';
import type { InfluxDatabase } from './database.ts';
import { FACTOR_TAG, isFactor, rowsByFactor } from './factor-rows.ts';
import { timeRange } from './influxql.ts';
import { readDescriptions } from './series.ts';

/** Factors that one statement reads, and rows that it gives of each: at most 20,000 points at a time. */
const FACTORS_PER_STEP = 50;
const ROWS_PER_FACTOR = 400;
/** Every series that has the tag. */
const ANY_FACTOR = `"${FACTOR_TAG}" != ''`;

/** The measurement of the points, and how to run a statement. */
export interface ScanReader {
  readonly source: string;
  readonly select: (statement: string) => Promise<ResultSeries[]>;
}

/** The factors with points on a day, with how many. Factors that are not described are not ours. */
export async function readFactorsOn(
  database: InfluxDatabase,
  day: number,
  nowMs: number,
  signal?: AbortSignal,
): Promise<FactorDay[]> {
  const { from, to } = timesOfDay(day, nowMs);
  if (from > to) return [];
  const counts = rowsByFactor(
    await database.select(
      `SELECT count("version") AS "total" FROM ${database.points} WHERE ${timeRange(from, to)} GROUP BY "${FACTOR_TAG}"`,
      signal,
    ),
  );
  if (counts.size === 0) return [];
  const descriptions = await readDescriptions(database, ANY_FACTOR, from, signal);
  const factors: FactorDay[] = [];
  for (const [agriId, [row]] of counts) {
    const described = descriptions.get(agriId);
    const points = Number(row?.['total'] ?? 0);
    if (described !== undefined && points > 0) factors.push({ agriId, ...described.description, points });
  }
  return factors.sort(byAgriId);
}

/** The points of a day, a few factors at a time, each one's in rows of a bounded number. */
export async function* scanPoints(
  reader: ScanReader,
  { day, agriIds }: ScanQuery,
  nowMs: number,
): AsyncGenerator<ScannedPoint[]> {
  const { from, to } = timesOfDay(day, nowMs);
  if (from > to) return;
  for (const part of partsOf(agriIds, FACTORS_PER_STEP)) {
    let nextTimes = new Map<AgriId, number>(part.map((agriId) => [agriId, from]));
    while (nextTimes.size > 0) {
      const step = await readStep(reader, nextTimes, to);
      if (step.points.length > 0) yield step.points;
      nextTimes = step.nextTimes;
    }
  }
}

/** Reads on from the earliest of the next times; factors whose rows filled the limit go on, the others are done. */
async function readStep(
  { source, select }: ScanReader,
  nextTimes: ReadonlyMap<AgriId, number>,
  to: number,
): Promise<{ readonly points: ScannedPoint[]; readonly nextTimes: Map<AgriId, number> }> {
  const agriIds = [...nextTimes.keys()];
  const from = Math.min(...nextTimes.values());
  const rows = rowsByFactor(
    await select(
      `SELECT "value", "version" FROM ${source} WHERE ${isFactor(agriIds)} AND ${timeRange(from, to)} GROUP BY "${FACTOR_TAG}" LIMIT ${ROWS_PER_FACTOR}`,
    ),
  );
  const points: ScannedPoint[] = [];
  const left = new Map<AgriId, number>();
  for (const [agriId, found] of rows) {
    const next = nextTimes.get(agriId);
    if (next === undefined) continue;
    for (const { time, value, version } of found) {
      const t = Number(time);
      if (t >= next) points.push({ agriId, t, value: Number(value), version: Number(version) });
    }
    const last = Number(found.at(-1)?.['time']);
    if (found.length >= ROWS_PER_FACTOR && last < to) left.set(agriId, Math.max(next, last + 1));
  }
  return { points, nextTimes: left };
}
