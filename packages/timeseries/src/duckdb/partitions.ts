import type { DuckDBConnection } from '@duckdb/node-api';

// Points lie in one table per UTC day, so that retention drops whole tables and old days can be rewritten one by one.
export { DAY_MS, dayOf } from '../utc-day.ts';

/** A partition's table name. Made from an integer only: no text from outside ever becomes part of a statement. */
export function partitionTable(day: number): string {
  if (!Number.isSafeInteger(day) || day < 0) throw new RangeError(`not a day: ${day}`);
  return `points_${day}`;
}

/** Adds the partition of a day. */
export async function createPartition(connection: DuckDBConnection, day: number): Promise<void> {
  await createPartitionTable(connection, day);
  await connection.run('INSERT INTO partitions VALUES ($1)', [day]);
}

/** Makes the table of a partition; `t` counts milliseconds from the day's start, which halves its width. */
export async function createPartitionTable(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run(
    `CREATE TABLE ${partitionTable(day)} (series INTEGER NOT NULL, t INTEGER NOT NULL, value DOUBLE NOT NULL, version BIGINT NOT NULL)`,
  );
}

export async function dropPartition(connection: DuckDBConnection, day: number): Promise<void> {
  await connection.run(`DROP TABLE ${partitionTable(day)}`);
  await connection.run('DELETE FROM partitions WHERE day = $1', [day]);
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
