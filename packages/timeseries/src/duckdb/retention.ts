import type { DuckDBConnection } from '@duckdb/node-api';
import { voidCounts } from './day-counts.ts';
import { DAY_MS, dayOf, dropPartition, listPartitions, partitionTable } from './partitions.ts';

/** What was dropped, with the days whose partitions are gone. */
export interface Dropped {
  readonly droppedPoints: number;
  readonly droppedDays: readonly number[];
}

/** Whether anything older than `floor` is stored. */
export async function hasExpired(connection: DuckDBConnection, floor: number): Promise<boolean> {
  const boundary = dayOf(floor);
  const oldest = (await listPartitions(connection, 0, boundary)).at(-1);
  if (oldest !== boundary) return oldest !== undefined;
  const reader = await connection.runAndReadAll(`SELECT min(t) FROM ${partitionTable(boundary)}`);
  const t = reader.getRows()[0]?.[0];
  return typeof t === 'number' && t < floor - boundary * DAY_MS;
}

/**
 * Drops the partitions that lie wholly before `floor`, deletes the older part of the one it falls into, and removes factors
 * that have no points left: one transaction, so a crash leaves all of it or nothing.
 */
export async function dropExpired(connection: DuckDBConnection, floor: number): Promise<Dropped> {
  await connection.run('BEGIN TRANSACTION');
  try {
    const droppedDays = await listPartitions(connection, 0, dayOf(floor) - 1);
    let droppedPoints = 0;
    for (const day of droppedDays) {
      droppedPoints += await countRows(connection, day);
      await dropPartition(connection, day);
    }
    droppedPoints += await deleteBefore(connection, floor);
    if (droppedDays.length > 0) await deleteEmptySeries(connection);
    await connection.run('COMMIT');
    return { droppedPoints, droppedDays };
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}

/**
 * Brings the log into the file, which frees the blocks of what was dropped: those at the end of the file go back to the file
 * system, the others take the next points, so that a store in balance stops growing.
 */
export async function checkpoint(connection: DuckDBConnection): Promise<void> {
  await connection.run('FORCE CHECKPOINT');
}

/** Bytes of the database file that hold data. */
export async function usedBytes(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll(
    'SELECT block_size * used_blocks FROM pragma_database_size()',
  );
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

async function countRows(connection: DuckDBConnection, day: number): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${partitionTable(day)}`);
  return Number(reader.getRows()[0]?.[0] ?? 0);
}

/** Deletes from the partition that the floor falls into what is older; returns how many points that were. */
async function deleteBefore(connection: DuckDBConnection, floor: number): Promise<number> {
  const [day] = await listPartitions(connection, dayOf(floor), dayOf(floor));
  if (day === undefined) return 0;
  const result = await connection.run(`DELETE FROM ${partitionTable(day)} WHERE t < $1`, [
    floor - day * DAY_MS,
  ]);
  if (result.rowsChanged > 0) await voidCounts(connection, day);
  return result.rowsChanged;
}

async function deleteEmptySeries(connection: DuckDBConnection): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT day FROM partitions WHERE NOT counted');
  const uncounted = reader
    .getRows()
    .map(([day]) => `UNION ALL SELECT series FROM ${partitionTable(Number(day))}`);
  const counted = 'SELECT series FROM day_counts JOIN partitions USING (day) WHERE counted';
  await connection.run(`DELETE FROM series WHERE id NOT IN (${counted} ${uncounted.join(' ')})`);
}
