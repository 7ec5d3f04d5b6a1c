import type { DuckDBConnection } from '@duckdb/node-api';
import type { AgriId, Point } from '@furrow/contracts';
import { StoreAbortedError } from '../errors.ts';
import { retentionFloor } from '../point-rules.ts';
import type {
  Bucket,
  BucketQuery,
  FactorDay,
  HistoryPage,
  HistoryQuery,
  PointStore,
  RetentionReport,
  ScannedPoint,
  ScanQuery,
  StoreOptions,
  WriteReport,
} from '../point-store.ts';
import { checkBucketQuery, checkHistoryQuery } from '../query-rules.ts';
import { checkDay } from '../scan-rules.ts';
import { compactDay, daysToCompact } from './compaction.ts';
import { parseDuckDbUrl } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { runningError } from './errors.ts';
import { readBuckets, readHistory, readLatest } from './read.ts';
import { requireFile } from './require-file.ts';
import { checkpoint, dropExpired, hasExpired, usedBytes } from './retention.ts';
import { readFactorsOn, scanPoints } from './scan.ts';
import { PointWriter } from './write.ts';

/**
 * Opens the embedded store that a `duckdb:` URL names, creating the file and its folder when they are missing. Rejects with
 * `StoreConfigError`, `StoreLockedError`, `StoreCorruptError` or `StoreUnavailableError`. One file, one process, one store.
 */
export async function openDuckDbStore(url: string, options: StoreOptions = {}): Promise<PointStore> {
  const config = parseDuckDbUrl(url);
  if (options.mustExist) requireFile(config.path);
  const database = await openDatabase(config);
  try {
    const writer = await database.writer.use((connection) => PointWriter.open(connection));
    return new DuckDbStore(database, writer, options.clock ?? Date.now);
  } catch (cause) {
    await database.close();
    throw runningError('reading its tables', cause);
  }
}

class DuckDbStore implements PointStore {
  readonly #database: Database;
  readonly #writer: PointWriter;
  readonly #clock: () => number;
  #closing: Promise<void> | undefined;

  constructor(database: Database, writer: PointWriter, clock: () => number) {
    this.#database = database;
    this.#writer = writer;
    this.#clock = clock;
  }

  write(points: readonly Point[], signal?: AbortSignal): Promise<WriteReport> {
    return this.#change(
      'writing points',
      (connection) => this.#writer.write(connection, points, this.#clock(), signal),
      signal,
    );
  }

  async history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    checkHistoryQuery(query);
    return this.#read(
      'reading a history',
      (connection, floor) => readHistory(connection, query, floor),
      signal,
    );
  }

  latest(deviceAgriId: AgriId, signal?: AbortSignal): Promise<readonly Point[]> {
    return this.#read(
      'reading the newest points',
      (connection, floor) => readLatest(connection, deviceAgriId, floor),
      signal,
    );
  }

  async buckets(query: BucketQuery, signal?: AbortSignal): Promise<readonly Bucket[]> {
    checkBucketQuery(query);
    return this.#read(
      'summing up points',
      (connection, floor) => readBuckets(connection, query, floor),
      signal,
    );
  }

  async factorsOn(day: number, signal?: AbortSignal): Promise<readonly FactorDay[]> {
    checkDay(day);
    return this.#read(
      'listing the factors of a day',
      (connection) => readFactorsOn(connection, day, this.#clock()),
      signal,
    );
  }

  scan(query: ScanQuery, signal?: AbortSignal): AsyncIterable<readonly ScannedPoint[]> {
    checkDay(query.day);
    return scanPoints(query, this.#clock(), (work) => this.#read('scanning a day', work, signal));
  }

  /** Compacts the closed days as well, which no point is lost or changed by, and which the report leaves out. */
  async enforceRetention(now: Date): Promise<RetentionReport> {
    const report = await this.#dropExpired(now);
    await this.#compact(now);
    return report;
  }

  #dropExpired(now: Date): Promise<RetentionReport> {
    return this.#change('enforcing retention', async (connection) => {
      const floor = retentionFloor(now.getTime());
      if (!(await hasExpired(connection, floor)))
        return { droppedPoints: 0, droppedPartitions: 0, freedBytes: 0 };
      // Points that are still in the log take no block yet: bring them into the file first, or nothing would seem freed.
      await checkpoint(connection);
      const before = await usedBytes(connection);
      // Before the drop, so that no failure on the way leaves the writer with the number of a factor that is gone.
      this.#writer.forgetSeries();
      const { droppedDays, droppedPoints } = await dropExpired(connection, floor);
      this.#writer.forgetPartitions(droppedDays);
      await checkpoint(connection);
      const freedBytes = Math.max(0, before - (await usedBytes(connection)));
      return { droppedPoints, droppedPartitions: droppedDays.length, freedBytes };
    });
  }

  /** Compacts the closed days, one at a time, so that writes wait for no more than one of them. */
  async #compact(now: Date): Promise<void> {
    const doing = 'compacting a day';
    const days = await this.#change(doing, (connection) => daysToCompact(connection, now.getTime()));
    const sorted = days.filter(({ kind }) => kind === 'compact');
    // The first of many went to the file's end, for nothing was free before it: once more, and the file can shrink to what it holds.
    const again = sorted.length > 1 ? sorted.slice(0, 1) : [];
    for (const work of [...days, ...again]) {
      await this.#change(doing, (connection) => {
        this.#writer.expectCounts(work.day);
        return compactDay(connection, work);
      });
    }
  }

  async probe(): Promise<void> {
    await this.#read('answering a probe', (connection) => connection.run('SELECT max(day) FROM partitions'));
  }

  close(): Promise<void> {
    this.#closing ??= this.#database.close();
    return this.#closing;
  }

  async #change<T>(
    doing: string,
    work: (connection: DuckDBConnection) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#database.writer.use(work, signal);
    } catch (cause) {
      throw runningError(doing, cause);
    }
  }

  /** Runs a read in one snapshot of the database, and stops it when the signal fires. */
  async #read<T>(
    doing: string,
    work: (connection: DuckDBConnection, floor: number) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#database.readers.use(async (connection) => {
        const stopInterrupting = interruptOnAbort(connection, signal);
        try {
          await connection.run('BEGIN TRANSACTION READ ONLY');
          return await work(connection, retentionFloor(this.#clock()));
        } finally {
          stopInterrupting();
          await connection.run('ROLLBACK').catch(() => undefined);
        }
      }, signal);
    } catch (cause) {
      throw signal?.aborted ? new StoreAbortedError(signal) : runningError(doing, cause);
    }
  }
}

/** How often an aborted read is told to stop: an interrupt between two of its statements is lost. */
const INTERRUPT_EVERY_MS = 10;

/** Interrupts the connection's statements from the moment the signal fires; call what it returns when the work is over. */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal?.addEventListener('abort', begin, { once: true });
  return () => {
    signal?.removeEventListener('abort', begin);
    clearInterval(timer);
  };
}
