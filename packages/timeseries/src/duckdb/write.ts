import type { DuckDBConnection } from '@duckdb/node-api';
import type { Point } from '@furrow/contracts';
import { StoreAbortedError } from '../errors.ts';
import { pointRefusal } from '../point-rules.ts';
import type { RejectedPoint, WriteReport } from '../point-store.ts';
import { appendRows, bigIntegers, doubles, integers, longs, smallIntegers } from './chunks.ts';
import { voidCounts } from './day-counts.ts';
import { type DayRows, groupByDay, newestPerKey } from './day-rows.ts';
import { MarksCache, type PartitionMarks } from './marks.ts';
import { createPartition, DAY_MS, listPartitions, partitionTable, slotOf } from './partitions.ts';
import { SeriesCatalogue } from './series.ts';

/**
 * Turns a call to `write` into one transaction: everything in it is on disk when it resolves, or nothing of it is. Uses
 * the writer's connection only, one call at a time, and is the only one to change partitions besides retention.
 */
export class PointWriter {
  readonly #series: SeriesCatalogue;
  readonly #marks = new MarksCache();
  readonly #partitions: Set<number>;
  /** Days whose counts a new point makes wrong; a day too many costs a statement, a day too few a wrong total. */
  readonly #counted: Set<number>;

  private constructor(series: SeriesCatalogue, partitions: Set<number>) {
    this.#series = series;
    this.#partitions = partitions;
    this.#counted = new Set(partitions);
  }

  /** Reads what a writer must know: which partitions there are and the last series id. Looks into no partition. */
  static async open(connection: DuckDBConnection): Promise<PointWriter> {
    const partitions = new Set(await listPartitions(connection));
    return new PointWriter(await SeriesCatalogue.open(connection), partitions);
  }

  /** Stores points; errors are DuckDB's own, or `StoreAbortedError`, and leave nothing written. */
  async write(
    connection: DuckDBConnection,
    points: readonly Point[],
    nowMs: number,
    signal?: AbortSignal,
  ): Promise<WriteReport> {
    const { accepted, rejected } = sortOut(points, nowMs);
    if (accepted.length === 0) return { stored: 0, alreadyStored: 0, rejected, keep: [] };
    const touched: { readonly rows: DayRows; readonly marks: PartitionMarks }[] = [];
    const created: number[] = [];
    const voided: number[] = [];
    let stored = 0;
    await connection.run('BEGIN TRANSACTION');
    try {
      const ids = await this.#series.resolve(connection, points, accepted);
      for (const day of groupByDay(points, accepted, ids)) {
        if (signal?.aborted) throw new StoreAbortedError(signal);
        const isFresh = !this.#partitions.has(day.day);
        if (isFresh) {
          await createPartition(connection, day.day);
          created.push(day.day);
        }
        const marks = await this.#marks.of(connection, day.day, isFresh);
        const rows = newestPerKey(day);
        touched.push({ rows, marks });
        const { fresh, replaced } = await storeDay(connection, rows, marks);
        stored += fresh + replaced;
        if (fresh > 0 && this.#counted.has(rows.day)) {
          await voidCounts(connection, rows.day);
          voided.push(rows.day);
        }
      }
      if (signal?.aborted) throw new StoreAbortedError(signal);
      await connection.run('COMMIT');
    } catch (cause) {
      this.#series.rollback();
      for (const { rows } of touched) this.#marks.forget(rows.day);
      for (const day of created) this.#marks.forget(day);
      // When the commit itself failed, DuckDB has rolled back already and refuses a second time.
      await connection.run('ROLLBACK').catch(() => undefined);
      throw cause;
    }
    this.#series.commit();
    for (const day of created) this.#partitions.add(day);
    for (const day of voided) this.#counted.delete(day);
    for (const { rows, marks } of touched) raiseMarks(rows, marks);
    return { stored, alreadyStored: accepted.length - stored, rejected, keep: [] };
  }

  /** Makes the writer read factors anew, because retention removes those without points. */
  forgetSeries(): void {
    this.#series.clear();
  }

  /** Makes known that a day's points are about to be counted; called before that, so that no failure leaves it unknown. */
  expectCounts(day: number): void {
    this.#counted.add(day);
  }

  /** Makes known that retention dropped these days' partitions. */
  forgetPartitions(days: readonly number[]): void {
    for (const day of days) {
      this.#partitions.delete(day);
      this.#counted.delete(day);
      this.#marks.forget(day);
    }
  }
}

function sortOut(points: readonly Point[], nowMs: number): { accepted: number[]; rejected: RejectedPoint[] } {
  const accepted: number[] = [];
  const rejected: RejectedPoint[] = [];
  points.forEach((point, index) => {
    const message = pointRefusal(point, nowMs);
    if (message === undefined) accepted.push(index);
    else rejected.push({ index, message });
  });
  return { accepted, rejected };
}

/** Writes one day's rows, whose keys are distinct; returns how many are new and how many replace an older version. */
async function storeDay(
  connection: DuckDBConnection,
  rows: DayRows,
  marks: PartitionMarks,
): Promise<{ fresh: number; replaced: number }> {
  const table = partitionTable(rows.day);
  const fresh: number[] = [];
  const doubtful: number[] = [];
  for (let row = 0; row < rows.length; row += 1) {
    (marks.isNew(rows.series[row] ?? 0, rows.t[row] ?? 0) ? fresh : doubtful).push(row);
  }
  let replaced = 0;
  if (doubtful.length > 0) {
    await stage(connection, rows, doubtful);
    const versions = await storedVersions(connection, table);
    const older = (row: number) => (versions.get(row) ?? Number.POSITIVE_INFINITY) < (rows.version[row] ?? 0);
    replaced = doubtful.filter(older).length;
    if (replaced > 0) await replaceOlder(connection, table);
    fresh.push(...doubtful.filter((row) => !versions.has(row)));
  }
  if (fresh.length > 0) await append(connection, table, rows, fresh);
  return { fresh: fresh.length, replaced };
}

/** Puts rows that may be stored already into a temporary table, to be compared with the partition in one join. */
async function stage(connection: DuckDBConnection, rows: DayRows, picked: readonly number[]): Promise<void> {
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE staging (slot BIGINT, ms SMALLINT, value DOUBLE, lag BIGINT, position INTEGER)',
  );
  const position = integers((at) => picked[at] ?? 0);
  await appendRows(connection, 'staging', picked.length, [...pointColumns(rows, picked), position], 'temp');
}

/** The stored version of every staged row that has one, by its position. */
async function storedVersions(connection: DuckDBConnection, table: string): Promise<Map<number, number>> {
  const reader = await connection.runAndReadAll(
    `SELECT s.position, p.version::DOUBLE FROM temp.staging s JOIN ${table} p ON p.slot = s.slot AND p.ms = s.ms`,
  );
  const [positions = [], versions = []] = reader.getColumns();
  return new Map(positions.map((position, at) => [Number(position), Number(versions[at])]));
}

async function replaceOlder(connection: DuckDBConnection, table: string): Promise<void> {
  await connection.run(
    `UPDATE ${table} AS p SET value = s.value, lag = s.lag FROM temp.staging s
     WHERE p.slot = s.slot AND p.ms = s.ms AND p.lag < s.lag`,
  );
}

async function append(
  connection: DuckDBConnection,
  table: string,
  rows: DayRows,
  picked: readonly number[],
): Promise<void> {
  await appendRows(connection, table, picked.length, pointColumns(rows, picked));
}

/** The stored columns of a partition; see `createPartitionTable`. */
function pointColumns(rows: DayRows, picked: readonly number[]) {
  const start = rows.day * DAY_MS;
  const t = (at: number): number => rows.t[picked[at] ?? 0] ?? 0;
  return [
    longs((at) => slotOf(rows.series[picked[at] ?? 0] ?? 0, t(at))),
    smallIntegers((at) => t(at) % 1000),
    doubles((at) => rows.value[picked[at] ?? 0] ?? 0),
    bigIntegers((at) => lagOf(rows.version[picked[at] ?? 0] ?? 0, start + t(at))),
  ];
}

/** version - t, exact even where it leaves the whole numbers that a double holds. */
function lagOf(version: number, t: number): bigint {
  const lag = version - t;
  return Number.isSafeInteger(lag) ? BigInt(lag) : BigInt(version) - BigInt(t);
}

function raiseMarks(rows: DayRows, marks: PartitionMarks): void {
  for (let row = 0; row < rows.length; row += 1) marks.raise(rows.series[row] ?? 0, rows.t[row] ?? 0);
}
