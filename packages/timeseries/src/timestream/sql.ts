import type { AgriId } from '@furrow/contracts';
import type { Target } from './encode-call.ts';
import { VALUE, VERSION } from './record-rules.ts';

/**
 * The statements that the engine sends, whole. Timestream has no bind parameters: texts go in as literals, whose only special
 * character in its dialect (Trino's) is the quote, and numbers only as whole ones. Each statement bounds `time`, and takes of several
 * rows with one key, which a factor has when it was described anew in between, the one with the highest version.
 *
 * Only what the query language reference lists is used: https://docs.aws.amazon.com/timestream/latest/developerguide/reference.html
 * It has no OFFSET, so pages are cut by row number.
 */

/** Times from `from` up to and including `to`, in whole milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A text as a literal. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column, table or database by its name. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A whole number up to 2^53 as a literal. Throws a RangeError for any other, which would be a mistake of the engine. */
export function wholeLiteral(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
  return String(value);
}

/**
 * Rows `first` to `last` of a factor's points, newest first, counted from 1: t, value, version, row number, and how many rows there
 * are. Row 1 comes in any case, so that the total is known beyond the last page too.
 */
export function historyStatement(
  target: Target,
  agriId: AgriId,
  range: TimeRange,
  first: number,
  last: number,
): string {
  return `WITH points AS (${pointsOf(target, agriId, range)}),
numbered AS (
  SELECT time, v, ver, row_number() OVER (ORDER BY time DESC) AS position, count(*) OVER () AS total FROM points
)
SELECT to_milliseconds(time), v, ver, position, total FROM numbered
WHERE position = 1 OR position BETWEEN ${wholeLiteral(first)} AND ${wholeLiteral(last)}
ORDER BY position`;
}

/**
 * For each factor of a device two rows, which may be the same: its newest point, and the point with the highest version, which
 * describes it. Columns: agri_id, t, value, version, device, org_id, project_id, the_type, rank by time, rank by version.
 */
export function latestStatement(target: Target, device: AgriId, range: TimeRange, limit: number): string {
  // Texts that begin with "d-" are those from "d-" on and before "d.", the next character: no wildcards to escape.
  const prefix = textLiteral(`${device}-`);
  const end = textLiteral(`${device}.`);
  return `WITH ranked AS (
  SELECT agri_id, time, ${identifier(VALUE)} AS v, ${identifier(VERSION)} AS ver, device, org_id, project_id, measure_name,
    row_number() OVER (PARTITION BY agri_id ORDER BY time DESC, ${identifier(VERSION)} DESC) AS by_time,
    row_number() OVER (PARTITION BY agri_id ORDER BY ${identifier(VERSION)} DESC, time DESC) AS by_version
  FROM ${tableOf(target)}
  WHERE (agri_id = ${textLiteral(device)} OR (agri_id >= ${prefix} AND agri_id < ${end})) AND ${within(range)}
)
SELECT agri_id, to_milliseconds(time), v, ver, device, org_id, project_id, measure_name, by_time, by_version FROM ranked
WHERE by_time = 1 OR by_version = 1
ORDER BY agri_id
LIMIT ${wholeLiteral(limit)}`;
}

/** A factor's points per interval, oldest first: start, min, max, avg, last, count. */
export function bucketsStatement(
  target: Target,
  agriId: AgriId,
  range: TimeRange,
  intervalMs: number,
): string {
  const t = 'to_milliseconds(time)';
  // The mean of values near the largest double overflows in the sum; then it is taken of smaller ones and scaled back.
  return `WITH points AS (${pointsOf(target, agriId, range)})
SELECT ${t} - ${t} % ${wholeLiteral(intervalMs)} AS start, min(v), max(v),
  CASE WHEN is_finite(avg(v)) THEN avg(v) ELSE avg(v / 1.048576E6) * 1.048576E6 END,
  max_by(v, time), count(*)
FROM points GROUP BY 1 ORDER BY 1`;
}

/**
 * The factors with points in a range, described as the highest version in it does: agri_id, device, org_id, project_id, the_type, how
 * many points. Times count once, however often a factor was described anew between two records of one key.
 */
export function factorsStatement(target: Target, range: TimeRange): string {
  const described = ['device', 'org_id', 'project_id', 'measure_name'];
  const columns = described.map((name) => `max_by(${name}, ${identifier(VERSION)})`).join(', ');
  return `SELECT agri_id, ${columns}, count(DISTINCT time)
FROM ${tableOf(target)} WHERE ${within(range)} GROUP BY agri_id`;
}

/** The points of factors, one a key, each factor's by rising time: agri_id, t, value, version. */
export function scanStatement(target: Target, agriIds: readonly AgriId[], range: TimeRange): string {
  return `SELECT agri_id, to_milliseconds(time), max_by(${identifier(VALUE)}, ${identifier(VERSION)}), max(${identifier(VERSION)})
FROM ${tableOf(target)} WHERE agri_id IN (${agriIds.map(textLiteral).join(', ')}) AND ${within(range)}
GROUP BY agri_id, time ORDER BY agri_id, time`;
}

/** A factor's rows, one a key. */
function pointsOf(target: Target, agriId: AgriId, range: TimeRange): string {
  return `
  SELECT time, max_by(${identifier(VALUE)}, ${identifier(VERSION)}) AS v, max(${identifier(VERSION)}) AS ver
  FROM ${tableOf(target)} WHERE agri_id = ${textLiteral(agriId)} AND ${within(range)} GROUP BY time
`;
}

function tableOf({ database, table }: Target): string {
  return `${identifier(database)}.${identifier(table)}`;
}

/** Leaves rows out that something else wrote into the table. */
function within({ from, to }: TimeRange): string {
  return `time BETWEEN from_milliseconds(${wholeLiteral(from)}) AND from_milliseconds(${wholeLiteral(to)}) AND ${identifier(VERSION)} IS NOT NULL`;
}
