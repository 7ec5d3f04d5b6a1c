import { type DuckDBConnection, INTEGER, LIST, listValue } from '@duckdb/node-api';
import { partitionTable } from './partitions.ts';

/**
 * How many points each series has in a day, written down when the day is compacted: a history's total over 90 days is then one look
 * into the table `day_counts` instead of one into 90 tables. `counted` in `partitions` says that a day's counts hold; whoever adds
 * or deletes points of a day calls `voidCounts` in the same transaction.
 */
export interface SeriesDay {
  readonly day: number;
  /** Points of the series in that day; undefined when nobody has counted. */
  readonly count: number | undefined;
}

/** Counts a day's points per series, in the running transaction. */
export async function countDay(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run('DELETE FROM day_counts WHERE day = $1', [day]);
  await connection.run(
    `INSERT INTO day_counts SELECT ${day}, series, count(*) FROM ${partitionTable(day)} GROUP BY series ORDER BY series`,
  );
  await connection.run('UPDATE partitions SET counted = true WHERE day = $1', [day]);
}

/** Declares a day's counts wrong, in the running transaction; they are counted again with the next compaction. */
export async function voidCounts(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run('UPDATE partitions SET counted = false WHERE day = $1', [day]);
}

/**
 * The days from `first` to `last`, inclusive, in which any of the series has points or may have, newest first. The count is that
 * of all the given series together.
 */
export async function daysOfSeries(
  connection: DuckDBConnection,
  series: readonly number[],
  first: number,
  last: number,
): Promise<SeriesDay[]> {
  const reader = await connection.runAndReadAll(
    `SELECT p.day, CASE WHEN p.counted THEN c.points END
     FROM partitions p
     LEFT JOIN (SELECT day, sum(points) AS points FROM day_counts WHERE series IN (SELECT unnest($1)) GROUP BY day) c ON c.day = p.day
     WHERE p.day BETWEEN $2::DOUBLE AND $3::DOUBLE AND (c.day IS NOT NULL OR NOT p.counted)
     ORDER BY p.day DESC`,
    [listValue(series), first, last],
    [LIST(INTEGER)],
  );
  return reader.getRows().map(toSeriesDay);
}

/** {@link daysOfSeries} of one series: a page of a history is short, and the general statement would cost more than the page. */
export async function daysOfOne(
  connection: DuckDBConnection,
  series: number,
  first: number,
  last: number,
): Promise<SeriesDay[]> {
  const reader = await connection.runAndReadAll(
    `SELECT p.day, CASE WHEN p.counted THEN c.points END
     FROM partitions p
     LEFT JOIN day_counts c ON c.day = p.day AND c.series = $1
     WHERE p.day BETWEEN $2::DOUBLE AND $3::DOUBLE AND (c.day IS NOT NULL OR NOT p.counted)`,
    [series, first, last],
  );
  return reader
    .getRows()
    .map(toSeriesDay)
    .sort((a, b) => b.day - a.day);
}

function toSeriesDay([day, count]: readonly unknown[]): SeriesDay {
  return { day: Number(day), count: count === null ? undefined : Number(count) };
}
