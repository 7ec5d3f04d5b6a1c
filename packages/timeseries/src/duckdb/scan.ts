import { type DuckDBConnection, INTEGER, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import type { AgriId } from '@furrow/contracts';
import type { FactorDay, ScannedPoint, ScanQuery } from '../point-store.ts';
import { byAgriId, partsOf, timesOfDay } from '../scan-rules.ts';
import { DAY_MS, listPartitions, partitionTable, slotsOf } from './partitions.ts';

/** Points that one step of a scan reads. */
const POINTS_PER_STEP = 10_000;
/** Factors that one step looks for, so that a list of any length goes into statements of a bounded one. */
const FACTORS_PER_STEP = 1_000;

/** Runs work in one snapshot. */
type Read = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/** The factors with points on a day, with how many. */
export async function readFactorsOn(
  connection: DuckDBConnection,
  day: number,
  nowMs: number,
): Promise<FactorDay[]> {
  const [exists] = await listPartitions(connection, day, day);
  if (exists === undefined) return [];
  const reader = await connection.runAndReadAll(
    `SELECT s.agri_id, s.device, s.org_id, s.project_id, s.the_type, p.points FROM
       (SELECT series, count(*) AS points FROM ${partitionTable(day)} WHERE t >= $1::DOUBLE GROUP BY series) p
     JOIN series s ON s.id = p.series`,
    [timesOfDay(day, nowMs).from - day * DAY_MS],
  );
  // Only what came in as an AgriId is ever stored.
  const factors = reader.getRows().map(([agriId, device, orgId, projectId, theType, points]) => ({
    agriId: String(agriId) as AgriId,
    device: String(device) as AgriId,
    orgId: String(orgId),
    projectId: String(projectId),
    theType: String(theType),
    points: Number(points),
  }));
  return factors.sort(byAgriId);
}

/**
 * The points of a day by series and time, each step from where the one before ended: no connection and no snapshot is held between
 * steps, however long the caller takes.
 */
export async function* scanPoints(
  { day, agriIds }: ScanQuery,
  nowMs: number,
  read: Read,
): AsyncGenerator<ScannedPoint[]> {
  const floor = timesOfDay(day, nowMs).from - day * DAY_MS;
  for (const part of partsOf(agriIds, FACTORS_PER_STEP)) {
    const names = await read((connection) => findNames(connection, part));
    let after: Position | undefined = { series: -1, t: -1 };
    while (after !== undefined && names.size > 0) {
      const from: Position = after;
      const { points, last } = await read((connection) => readStep(connection, day, names, from, floor));
      if (points.length > 0) yield points;
      after = last;
    }
  }
}

/** The last row that a scan has given, in the order of its rows. */
interface Position {
  readonly series: number;
  readonly t: number;
}

async function findNames(
  connection: DuckDBConnection,
  agriIds: readonly AgriId[],
): Promise<Map<number, AgriId>> {
  const reader = await connection.runAndReadAll(
    'SELECT id, agri_id FROM series WHERE agri_id IN (SELECT unnest($1))',
    [listValue(agriIds)],
    [LIST(VARCHAR)],
  );
  return new Map(reader.getRows().map(([id, agriId]) => [Number(id), String(agriId) as AgriId]));
}

/** The next points after a position, and the position of the last when there may be more. */
async function readStep(
  connection: DuckDBConnection,
  day: number,
  names: ReadonlyMap<number, AgriId>,
  after: Position,
  floor: number,
): Promise<{ readonly points: ScannedPoint[]; readonly last: Position | undefined }> {
  const [exists] = await listPartitions(connection, day, day);
  if (exists === undefined) return { points: [], last: undefined };
  const left = [...names.keys()].filter((series) => series >= after.series);
  const reader = await connection.runAndReadAll(
    `SELECT series, t, value, version::DOUBLE FROM ${partitionTable(day)}
     WHERE ${slotsOf(Math.min(...left), Math.max(...left))} AND series IN (SELECT unnest($1)) AND (series > $2 OR t > $3) AND t >= $4::DOUBLE
     ORDER BY series, t LIMIT ${POINTS_PER_STEP}`,
    [listValue(left), after.series, after.t, floor],
    [LIST(INTEGER)],
  );
  const [series = [], times = [], values = [], versions = []] = reader.getColumns();
  const points: ScannedPoint[] = [];
  times.forEach((t, row) => {
    const agriId = names.get(Number(series[row]));
    if (agriId === undefined) return;
    const [value, version] = [Number(values[row]), Number(versions[row])];
    points.push({ agriId, t: day * DAY_MS + Number(t), value, version });
  });
  if (times.length < POINTS_PER_STEP) return { points, last: undefined };
  return { points, last: { series: Number(series.at(-1)), t: Number(times.at(-1)) } };
}
