import type { DuckDBConnection } from '@duckdb/node-api';
import { partitionTable } from './partitions.ts';

/** Memory that the marks of all partitions may take together, in bytes: 16 million series-days. */
const MARKS_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * The highest `t` that each series has in one partition. A point above its mark is certainly new, which spares nearly every
 * point of an orderly stream the look into the table. A mark may be too high (after deletes), never too low.
 */
export class PartitionMarks {
  #bySeries: Int32Array;

  constructor(capacity: number) {
    this.#bySeries = new Int32Array(capacity).fill(-1);
  }

  get bytes(): number {
    return this.#bySeries.byteLength;
  }

  /** True when the series has nothing at or after `t` in the partition. */
  isNew(series: number, t: number): boolean {
    return t > (this.#bySeries[series] ?? -1);
  }

  raise(series: number, t: number): void {
    if (series >= this.#bySeries.length) {
      const grown = new Int32Array(Math.max(series + 1, this.#bySeries.length * 2)).fill(-1);
      grown.set(this.#bySeries);
      this.#bySeries = grown;
    }
    if (this.isNew(series, t)) this.#bySeries[series] = t;
  }
}

/** The marks of the partitions used last, within a limit of memory; those of others are read from their table when needed. */
export class MarksCache {
  /** In order of use, the least recent first. */
  readonly #byDay = new Map<number, PartitionMarks>();
  readonly #limitBytes: number;

  constructor(limitBytes = MARKS_LIMIT_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** The marks of a partition. One that `isFresh` (just created) has none and is not read. */
  async of(connection: DuckDBConnection, day: number, isFresh: boolean): Promise<PartitionMarks> {
    const cached = this.#byDay.get(day);
    const marks = cached ?? (isFresh ? new PartitionMarks(0) : await loadMarks(connection, day));
    this.#byDay.delete(day);
    this.#byDay.set(day, marks);
    this.#evict(day);
    return marks;
  }

  forget(day: number): void {
    this.#byDay.delete(day);
  }

  #evict(inUse: number): void {
    let bytes = 0;
    for (const marks of this.#byDay.values()) bytes += marks.bytes;
    for (const [day, marks] of this.#byDay) {
      if (bytes <= this.#limitBytes || day === inUse) return;
      this.#byDay.delete(day);
      bytes -= marks.bytes;
    }
  }
}

async function loadMarks(connection: DuckDBConnection, day: number): Promise<PartitionMarks> {
  const reader = await connection.runAndReadAll(
    `SELECT series, max(t) FROM ${partitionTable(day)} GROUP BY series ORDER BY series DESC`,
  );
  const rows = reader.getRows();
  const marks = new PartitionMarks(Number(rows[0]?.[0] ?? -1) + 1);
  for (const [series, t] of rows) marks.raise(Number(series), Number(t));
  return marks;
}
