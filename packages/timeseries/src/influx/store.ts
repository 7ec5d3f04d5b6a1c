import type { AgriId, Point } from '@furrow/contracts';
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
  StoreEvent,
  StoreOptions,
  WriteReport,
} from '../point-store.ts';
import { checkBucketQuery, checkHistoryQuery } from '../query-rules.ts';
import { checkDay } from '../scan-rules.ts';
import { CallGate } from './call-gate.ts';
import { parseInfluxUrl } from './config.ts';
import { InfluxDatabase } from './database.ts';
import { readBuckets, readHistory, readLatest } from './read.ts';
import { readFactorsOn, scanPoints } from './scan.ts';
import { PointWriter } from './write.ts';

/** Writes wait for each other; the ingest worker has one, so more than a few mean a mistake. */
const MOST_WAITING_WRITES = 64;
/** Reads that are under way at once, and that wait. */
const READS_AT_ONCE = 8;
const MOST_WAITING_READS = 1_000;

type ReadOperation = Extract<StoreEvent, { kind: 'query' }>['operation'];

/**
 * Opens the store that an `influx+http:` or `influx+https:` URL names, on InfluxDB 1.x, 2.x or 3.x; see `parseInfluxUrl` for the URL. Sends
 * nothing yet, so it opens while the server is away: `probe()` says what is wrong. Rejects with `StoreConfigError` only.
 *
 * What this engine does not promise, because Influx does not: one snapshot for a page and its total; and, with several writing processes,
 * that of two versions of one key that cross each other the higher one stays (see `PointWriter`). Points expire by the retention of the
 * server, which `enforceRetention` looks after but never anticipates.
 */
export async function openInfluxStore(url: string, options: StoreOptions = {}): Promise<PointStore> {
  const config = parseInfluxUrl(url, options.credentials);
  return new InfluxStore(new InfluxDatabase(config, options.onEvent), options);
}

class InfluxStore implements PointStore {
  readonly #database: InfluxDatabase;
  readonly #writer: PointWriter;
  readonly #clock: () => number;
  readonly #onEvent: StoreOptions['onEvent'];
  readonly #writes = new CallGate(1, MOST_WAITING_WRITES);
  readonly #reads = new CallGate(READS_AT_ONCE, MOST_WAITING_READS);

  constructor(database: InfluxDatabase, options: StoreOptions) {
    this.#database = database;
    this.#writer = new PointWriter(database);
    this.#clock = options.clock ?? Date.now;
    this.#onEvent = options.onEvent;
  }

  write(points: readonly Point[], signal?: AbortSignal): Promise<WriteReport> {
    return this.#writes.run(() => this.#writer.write(points, this.#clock(), signal), signal);
  }

  async history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    checkHistoryQuery(query);
    return this.#read('history', (floor) => readHistory(this.#database, query, floor, signal), signal);
  }

  latest(deviceAgriId: AgriId, signal?: AbortSignal): Promise<readonly Point[]> {
    return this.#read('latest', (floor) => readLatest(this.#database, deviceAgriId, floor, signal), signal);
  }

  async buckets(query: BucketQuery, signal?: AbortSignal): Promise<readonly Bucket[]> {
    checkBucketQuery(query);
    return this.#read('buckets', (floor) => readBuckets(this.#database, query, floor, signal), signal);
  }

  async factorsOn(day: number, signal?: AbortSignal): Promise<readonly FactorDay[]> {
    checkDay(day);
    return this.#read('factors', () => readFactorsOn(this.#database, day, this.#clock(), signal), signal);
  }

  scan(query: ScanQuery, signal?: AbortSignal): AsyncIterable<readonly ScannedPoint[]> {
    checkDay(query.day);
    const select = (statement: string) =>
      this.#read('scan', () => this.#database.select(statement, signal), signal);
    return scanPoints({ source: this.#database.points, select }, query, this.#clock());
  }

  async enforceRetention(_now: Date): Promise<RetentionReport> {
    await this.#writes.run(() => this.#database.inspect());
    return { droppedPoints: 0, droppedPartitions: 0, freedBytes: 0 };
  }

  async probe(): Promise<void> {
    await this.#read('probe', () => this.#database.probe(this.#clock()));
  }

  async close(): Promise<void> {
    await Promise.all([this.#writes.close(), this.#reads.close()]);
  }

  #read<T>(operation: ReadOperation, work: (floor: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#reads.run(async () => {
      const startedAt = performance.now();
      try {
        return await work(retentionFloor(this.#clock()));
      } finally {
        const durationMs = performance.now() - startedAt;
        this.#onEvent?.({ kind: 'query', operation, bytesScanned: 0, bytesMetered: 0, pages: 1, durationMs });
      }
    }, signal);
  }
}
