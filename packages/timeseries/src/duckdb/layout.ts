import type { DuckDBConnection } from '@duckdb/node-api';
import { sortDay } from './compaction.ts';

/** The layout of the tables that this program writes; a file with a higher number is refused rather than guessed at. */
export const LAYOUT_VERSION = 2;
/** The oldest layout that is brought to this one when a file is opened. */
export const OLDEST_LAYOUT = 1;

const DAY_COUNTS =
  'CREATE TABLE day_counts (day INTEGER NOT NULL, series INTEGER NOT NULL, points INTEGER NOT NULL);';

const SCHEMA = `
  CREATE TABLE layout (version INTEGER NOT NULL);
  CREATE TABLE partitions (day INTEGER NOT NULL, sorted_points BIGINT NOT NULL, counted BOOLEAN NOT NULL);
  CREATE TABLE series (
    id INTEGER NOT NULL, agri_id VARCHAR NOT NULL, device VARCHAR NOT NULL, org_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL, the_type VARCHAR NOT NULL, described_at BIGINT NOT NULL
  );
  ${DAY_COUNTS}
  INSERT INTO layout VALUES (${LAYOUT_VERSION});`;

/** Layout 1 had plain columns in its partitions (see `createPartitionTable`) and no counts. */
const FROM_1 = `
  ALTER TABLE partitions RENAME TO old_partitions;
  CREATE TABLE partitions (day INTEGER NOT NULL, sorted_points BIGINT NOT NULL, counted BOOLEAN NOT NULL);
  INSERT INTO partitions SELECT day, 0, false FROM old_partitions;
  DROP TABLE old_partitions;
  ${DAY_COUNTS}
  UPDATE layout SET version = ${LAYOUT_VERSION};`;

/** Makes the tables of an empty database, all or none. */
export async function createSchema(connection: DuckDBConnection): Promise<void> {
  await inTransaction(connection, () => connection.run(SCHEMA));
}

/**
 * Brings a file of layout `version` to this one. The number changes first, so that older programs refuse the file from then on; then
 * every day's partition is written anew, one transaction each: when the process dies on the way, the next opening goes on with the rest.
 */
export async function upgradeLayout(connection: DuckDBConnection, version: number): Promise<void> {
  if (version < LAYOUT_VERSION) await inTransaction(connection, () => connection.run(FROM_1));
  const reader = await connection.runAndReadAll(
    `SELECT day FROM partitions WHERE 'points_' || day NOT IN (SELECT table_name FROM duckdb_columns() WHERE column_name = 'slot')
     ORDER BY day`,
  );
  for (const [day] of reader.getRows()) {
    await inTransaction(connection, () => sortDay(connection, Number(day)));
    await connection.run('CHECKPOINT');
  }
}

async function inTransaction(connection: DuckDBConnection, work: () => Promise<unknown>): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  try {
    await work();
    await connection.run('COMMIT');
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined);
    throw cause;
  }
}
