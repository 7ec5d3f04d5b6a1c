import type { DuckDBConnection } from '@duckdb/node-api';
import { countDay } from './day-counts.ts';
import { createPartitionTable, dayOf, listPartitions, partitionTable, storedColumns } from './partitions.ts';

/** How long after its end a day is closed, in milliseconds: by then most of what comes late has come. */
const CLOSED_AFTER_MS = 3 * 3_600_000;
/** A compacted day is worth compacting again when this part of its points came after. */
const LATE_PART = 0.01;

/** What a closed day needs: to be written anew in order, or, when only a few points came late, to be counted again. */
export interface DayWork {
  readonly day: number;
  readonly kind: 'compact' | 'count';
}

/**
 * The closed days at `nowMs` that need work, oldest first: the file's first blocks come free first, the next days take them, and
 * what is free in the end lies at the file's end, where it is given back. Until a day is compacted its points lie in the order of their
 * arrival, a minute of the whole fleet after the other, so that one factor's day is spread over all of the day's blocks.
 */
export async function daysToCompact(connection: DuckDBConnection, nowMs: number): Promise<DayWork[]> {
  const closed = await listPartitions(connection, 0, dayOf(nowMs - CLOSED_AFTER_MS) - 1);
  if (closed.length === 0) return [];
  // Counting a whole table looks at its metadata only.
  const counts = closed.map((day) => `SELECT ${day} AS day, count(*) AS points FROM ${partitionTable(day)}`);
  const reader = await connection.runAndReadAll(
    `SELECT day, points > sorted_points * ${1 + LATE_PART} AS unsorted
     FROM (${counts.join(' UNION ALL ')}) JOIN partitions USING (day) WHERE unsorted OR NOT counted ORDER BY day`,
  );
  return reader.getRows().map(([day, unsorted]) => {
    return { day: Number(day), kind: unsorted === true ? 'compact' : 'count' };
  });
}

/**
 * Does a day's work. One transaction: a crash at any moment leaves the day as it was or done, and reads that began before see it as it
 * was. A day without a partition is left alone.
 */
export async function compactDay(connection: DuckDBConnection, { day, kind }: DayWork): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const [exists] = await listPartitions(connection, day, day);
    if (exists !== undefined) {
      if (kind === 'compact') await sortDay(connection, day);
      await countDay(connection, day);
    }
    await connection.run('COMMIT');
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
  // Frees the blocks of the unsorted table for the next day. While a read holds them it fails, and DuckDB does it later by itself.
  if (kind === 'compact') await connection.run('CHECKPOINT').catch(() => undefined);
}

/**
 * Writes a day's partition anew, sorted by series and time, so that DuckDB's zone maps lead to the few blocks that hold a factor and
 * its columns compress; in the running transaction.
 */
export async function sortDay(connection: DuckDBConnection, day: number): Promise<void> {
  const table = partitionTable(day);
  // By way of a temporary table: what it takes of memory is bounded, for DuckDB moves it to the disk.
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE sorted AS SELECT ${storedColumns(day)} FROM ${table} ORDER BY slot, ms`,
  );
  await connection.run(`DROP TABLE ${table}`);
  await createPartitionTable(connection, day);
  await connection.run(`INSERT INTO ${table} SELECT * FROM temp.sorted`);
  await connection.run('DROP TABLE temp.sorted');
  await connection.run(
    `UPDATE partitions SET sorted_points = (SELECT count(*) FROM ${table}) WHERE day = $1`,
    [day],
  );
}
