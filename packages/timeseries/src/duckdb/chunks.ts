import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  SMALLINT,
  VARCHAR,
} from '@duckdb/node-api';

/** Rows in one data chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/** A column to append: its type, and the value of the row at a position from 0. */
export interface Column {
  readonly type: DuckDBType;
  readonly at: (row: number) => DuckDBValue;
}

export const integers = (at: (row: number) => number): Column => ({ type: INTEGER, at });
export const smallIntegers = (at: (row: number) => number): Column => ({ type: SMALLINT, at });
export const doubles = (at: (row: number) => number): Column => ({ type: DOUBLE, at });
export const texts = (at: (row: number) => string): Column => ({ type: VARCHAR, at });
export const bigIntegers = (at: (row: number) => bigint): Column => ({ type: BIGINT, at });
/** 64-bit integers out of whole numbers up to 2^53. */
export const longs = (at: (row: number) => number): Column => ({
  type: BIGINT,
  at: (row) => BigInt(at(row)),
});

/**
 * Appends rows to a table (`temp`: to a temporary one) through data chunks, inside the connection's running transaction. The
 * columns are all of the table's, in its order.
 */
export async function appendRows(
  connection: DuckDBConnection,
  table: string,
  rowCount: number,
  columns: readonly Column[],
  catalog: 'temp' | null = null,
): Promise<void> {
  const appender = await connection.createAppender(table, 'main', catalog);
  try {
    fillAppender(appender, rowCount, columns);
    appender.closeSync();
  } catch (cause) {
    // An appender flushes what it still holds when it is garbage collected, in whatever transaction runs then.
    appender.clear();
    throw cause;
  }
}

function fillAppender(appender: DuckDBAppender, rowCount: number, columns: readonly Column[]): void {
  const types = columns.map((column) => column.type);
  for (let start = 0; start < rowCount; start += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, rowCount - start);
    const chunk = DuckDBDataChunk.create(types, rows);
    columns.forEach(({ at }, index) => {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < rows; row += 1) vector.setItem(row, at(start + row));
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
}
