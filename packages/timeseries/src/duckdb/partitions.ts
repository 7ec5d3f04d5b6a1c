import type { DuckDBConnection } from '@duckdb/node-api';
import { DAY_MS } from '../utc-day.ts';

// Points lie in one table per UTC day, so that retention drops whole tables and old days can be rewritten one by one.
export { DAY_MS, dayOf } from '../utc-day.ts';

const DAY_SECONDS = 86_400;

/** A partition's table name. Made from an integer only: no text from outside ever becomes part of a statement. */
export function partitionTable(day: number): string {
  if (!Number.isSafeInteger(day) || day < 0) throw new RangeError(`not a day: ${day}`);
  return `points_${day}`;
}

/** Adds the partition of a day. */
export async function createPartition(connection: DuckDBConnection, day: number): Promise<void> {
  await createPartitionTable(connection, day);
  await connection.run('INSERT INTO partitions VALUES ($1, 0, false)', [day]);
}

/**
 * Makes the table of a partition. What is stored is `slot` (the series, in days, plus the second of the day), `ms` (the rest of the
 * second), `value` and `lag` (version - t); `series`, `t` (milliseconds from the day's start) and `version` are computed from them.
 * Sorted, the slots rise in small even steps from one factor to the next, and the others are small numbers: about 4 bytes a point
 * where sorted plain columns took over 9, because DuckDB packs 2,048 rows at a time and a factor has a few hundred a day.
 */
export async function createPartitionTable(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run(
    `CREATE TABLE ${partitionTable(day)} (
       slot BIGINT NOT NULL, ms SMALLINT NOT NULL, value DOUBLE NOT NULL, lag BIGINT NOT NULL,
       series INTEGER AS ((slot // ${DAY_SECONDS})::INTEGER),
       t INTEGER AS ((slot % ${DAY_SECONDS} * 1000 + ms)::INTEGER),
       version BIGINT AS (${day * DAY_MS}::BIGINT + slot % ${DAY_SECONDS} * 1000 + ms + lag)
     )`,
  );
}

/** The `slot` of a series at `t` milliseconds of a day. */
export function slotOf(series: number, t: number): number {
  return series * DAY_SECONDS + Math.floor(t / 1000);
}

/** The milliseconds of the day of a row with this `slot` and `ms`. */
export function timeOfSlot(slot: number, ms: number): number {
  return (slot % DAY_SECONDS) * 1000 + ms;
}

/** The condition on rows of series from one number to another, both included, by the stored column whose zone maps lead to them. */
export function slotsOf(first: number, last = first): string {
  return `slot >= ${slotOf(first, 0)} AND slot < ${slotOf(last + 1, 0)}`;
}

/** The stored columns as expressions of `series`, `t` and `version`, which every layout of the tables has. */
export function storedColumns(day: number): string {
  return `series::BIGINT * ${DAY_SECONDS} + t // 1000 AS slot, (t % 1000)::SMALLINT AS ms, value,
    version - ${day * DAY_MS}::BIGINT - t AS lag`;
}

export async function dropPartition(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run(`DROP TABLE ${partitionTable(day)}`);
  await connection.run('DELETE FROM partitions WHERE day = $1', [day]);
  await connection.run('DELETE FROM day_counts WHERE day = $1', [day]);
}

/** The days from `first` to `last`, inclusive, that have a partition in the connection's snapshot, newest first. */
export async function listPartitions(
  connection: DuckDBConnection,
  first = 0,
  last = Number.MAX_SAFE_INTEGER,
): Promise<number[]> {
  const reader = await connection.runAndReadAll(
    'SELECT day FROM partitions WHERE day BETWEEN $1::DOUBLE AND $2::DOUBLE ORDER BY day DESC',
    [first, last],
  );
  return reader.getRows().map(([day]) => Number(day));
}
