import { type AgriId, belongsTo, type Point } from '@furrow/contracts';
import { retentionFloor, STORE_MAX_AHEAD_HOURS } from '../point-rules.ts';
import type { Bucket, BucketQuery, HistoryPage, HistoryQuery } from '../point-store.ts';
import { MAX_BUCKETS } from '../query-rules.ts';
import { type Cells, numberOf } from './cells.ts';
import type { Target } from './encode-call.ts';
import { MOST_RECORD_BYTES } from './record-rules.ts';
import type { QueryRun } from './run-query.ts';
import { bucketsStatement, historyStatement, latestStatement, type TimeRange } from './sql.ts';

/** What a read needs: where to look, up to when, and how to ask. */
export interface Reader {
  readonly target: Target;
  readonly nowMs: number;
  readonly run: (query: QueryRun) => Promise<readonly Cells[]>;
}

/** Factors of one device that `latest` gives at most; more is an error, never a silent cut. */
const MOST_FACTORS = 10_000;
/** More keys than a factor can have in 90 days, one a millisecond: pages beyond it are empty without asking for their rows. */
const MOST_ROWS = 10_000_000_000;
const HOUR_MS = 3_600_000;

/** One page of a factor's history and its total, in one query and so in one snapshot. */
export async function readHistory(reader: Reader, query: HistoryQuery): Promise<HistoryPage> {
  const { agriId, page, pageSize } = query;
  const range = bounded(reader.nowMs, Math.floor(query.minT) + 1, Math.floor(query.maxT ?? Infinity));
  if (range === undefined || !isStorable(agriId)) return { total: 0, points: [] };
  const first = Math.min((page - 1) * pageSize, MOST_ROWS) + 1;
  const last = first + pageSize - 1;
  const rows = await reader.run({
    statement: historyStatement(reader.target, agriId, range, first, last),
    operation: 'history',
    mostRows: pageSize + 1,
  });
  const points = rows
    .map(numbers)
    .filter(([, , , position = 0]) => position >= first && position <= last)
    .map(([t = Number.NaN, value = Number.NaN, version = Number.NaN]) => ({ t, value, version }));
  return { total: Number(rows[0]?.[4] ?? 0), points };
}

/** The newest point of each of a device's factors, over the whole 90 days: a factor that fell silent is still known. */
export async function readLatest(reader: Reader, device: AgriId): Promise<Point[]> {
  const range = bounded(reader.nowMs, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  if (range === undefined || !isStorable(device)) return [];
  const mostRows = 2 * MOST_FACTORS;
  const rows = await reader.run({
    statement: latestStatement(reader.target, device, range, mostRows + 1),
    operation: 'latest',
    mostRows,
  });
  const newest = new Map<string, Point>();
  const described = new Map<string, Point>();
  for (const row of rows) {
    const point = toPoint(row);
    if (!belongsTo(point.agriId, device)) continue;
    if (row[8] === '1') newest.set(point.agriId, point);
    if (row[9] === '1') described.set(point.agriId, point);
  }
  return [...newest.values()]
    .map((point) => {
      const { agriId, t, value, version } = point;
      return { ...(described.get(agriId) ?? point), t, value, version };
    })
    .sort((a, b) => (a.agriId < b.agriId ? -1 : 1));
}

/** A factor's points summed up per interval by the service. */
export async function readBuckets(reader: Reader, query: BucketQuery): Promise<Bucket[]> {
  const { agriId, intervalMs } = query;
  const range = bounded(reader.nowMs, query.from, query.to - 1);
  if (range === undefined || !isStorable(agriId)) return [];
  const rows = await reader.run({
    statement: bucketsStatement(reader.target, agriId, range, intervalMs),
    operation: 'buckets',
    // An interval more than the range spans, because the first may begin before it.
    mostRows: MAX_BUCKETS + 1,
  });
  return rows.map(numbers).map(([t = 0, min = 0, max = 0, avg = 0, last = 0, count = 0]) => {
    return { t, min, max, avg, last, count };
  });
}

/** The part of a range that the store keeps at all; undefined when nothing is left of it. */
function bounded(nowMs: number, from: number, to: number): TimeRange | undefined {
  const range = {
    from: Math.max(retentionFloor(nowMs), from),
    to: Math.min(nowMs + STORE_MAX_AHEAD_HOURS * HOUR_MS, to),
  };
  return range.from <= range.to ? range : undefined;
}

/** No record holds a longer name, and a statement has a limit too. */
function isStorable(name: string): boolean {
  return name.length <= MOST_RECORD_BYTES;
}

function numbers(cells: Cells): number[] {
  return cells.map(numberOf);
}

function toPoint([agriId = '', t = '', value = '', version = '', ...names]: Cells): Point {
  const [at = 0, reading = 0, received = 0] = numbers([t, value, version]);
  const [device = '', orgId = '', projectId = '', theType = ''] = names;
  // Only what came in as an AgriId is ever stored.
  return {
    agriId: agriId as AgriId,
    t: at,
    value: reading,
    version: received,
    device: device as AgriId,
    orgId,
    projectId,
    theType,
  };
}
