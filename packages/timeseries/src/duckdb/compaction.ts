import type { DuckDBConnection } from '@duckdb/node-api';
import { createPartitionTable, dayOf, listPartitions, partitionTable } from './partitions.ts';

/** How long after its end a day is closed, in milliseconds: by then most of what comes late has come. */
const CLOSED_AFTER_MS = 3 * 3_600_000;
/** A compacted day is worth compacting again when this part of its points came after. */
const LATE_PART = 0.01;

/** The table's comment says that it is compacted and how many points it had then; it comes and goes with the table. */
const COMMENT = 'compacted:';

/**
 * The days that are closed at `nowMs` and not compacted, or no longer, newest first. Points lie in the order of their arrival until then: a
 * minute of the whole fleet after the other, so that one factor's day is spread over all of the day's blocks.
 */
export async function daysToCompact(connection: DuckDBConnection, nowMs: number): Promise<number[]> {
  const closed = await listPartitions(connection, 0, dayOf(nowMs - CLOSED_AFTER_MS) - 1);
  if (closed.length === 0) return [];
  // Counting a whole table looks at its metadata only.
  const counts = closed.map((day) => `SELECT ${day} AS day, count(*) AS points FROM ${partitionTable(day)}`);
  const reader = await connection.runAndReadAll(
    `SELECT p.day FROM (${counts.join(' UNION ALL ')}) p
     JOIN duckdb_tables() d ON d.table_name = 'points_' || p.day AND d.schema_name = 'main' AND NOT d.temporary
     WHERE p.points > coalesce(try_cast(replace(d.comment, '${COMMENT}', '') AS BIGINT), 0) * ${1 + LATE_PART}
     ORDER BY p.day DESC`,
  );
  return reader.getRows().map(([day]) => Number(day));
}

/**
 * Writes a day's partition anew, sorted by series and time, so that DuckDB's zone maps lead to the few blocks that hold a factor and
 * its columns compress. One transaction: a crash at any moment leaves the day as it was or sorted, and reads that began before see
 * it as it was. A day without a partition is left alone.
 */
export async function compactDay(connection: DuckDBConnection, day: number): Promise<void> {
  const table = partitionTable(day);
  await connection.run('BEGIN TRANSACTION');
  try {
    const [exists] = await listPartitions(connection, day, day);
    if (exists !== undefined) {
      // By way of a temporary table: what it takes of memory is bounded, for DuckDB moves it to the disk.
      await connection.run(
        `CREATE OR REPLACE TEMP TABLE sorted AS SELECT * FROM ${table} ORDER BY series, t`,
      );
      await connection.run(`DROP TABLE ${table}`);
      await createPartitionTable(connection, day);
      await connection.run(`INSERT INTO ${table} SELECT * FROM temp.sorted`);
      await connection.run('DROP TABLE temp.sorted');
      const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
      const points = Number(reader.getRows()[0]?.[0] ?? 0);
      await connection.run(`COMMENT ON TABLE ${table} IS '${COMMENT}${points}'`);
    }
    await connection.run('COMMIT');
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
  // Frees the blocks of the unsorted table for the next day. While a read holds them it fails, and DuckDB does it later by itself.
  await connection.run('CHECKPOINT').catch(() => undefined);
}
