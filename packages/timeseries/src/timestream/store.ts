import { setMaxListeners } from 'node:events';
import type { AgriId, Point } from '@furrow/contracts';
import { StoreAbortedError, StoreClosedError } from '../errors.ts';
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
import { AdaptiveLimit } from './adaptive-limit.ts';
import { createTimestreamClients, type TimestreamClients } from './clients.ts';
import { parseTimestreamUrl, type TimestreamConfig } from './config.ts';
import { storeError, tableName } from './errors.ts';
import { linkSignal } from './linked-signal.ts';
import { probeTable } from './probe.ts';
import { type Reader, readBuckets, readHistory, readLatest } from './read.ts';
import { type QueryRun, queryPages, runQuery } from './run-query.ts';
import { readFactorsOn, type ScanReader, scanPoints } from './scan.ts';
import { PointWriter, RETRY_POLICY, type RetryPolicy } from './write.ts';

/**
 * Opens the table that a `timestream:` URL names, with the SDK's own region, credentials and endpoints. Asks the service nothing:
 * `probe` does. Rejects with `StoreConfigError`.
 */
export async function openTimestreamStore(url: string, options: StoreOptions = {}): Promise<PointStore> {
  const config = parseTimestreamUrl(url);
  return new TimestreamStore(await createTimestreamClients(config), config, options);
}

const MOST_WAITING_READS = 1_000;
/** Longest a read may take over all its pages; the service gives one page up after a minute. */
const READ_TIMEOUT_MS = 120_000;

/**
 * The port on a table of Amazon Timestream for LiveAnalytics. Any number of processes may write to one table.
 *
 * Where the service's own rules show through:
 * - It takes a point again silently when it is identical, so `stored` counts repeats with new points.
 * - Points are taken up to 15 minutes ahead of the service's clock; later ones are refused for good.
 * - Reads are eventually consistent: a point may take a moment to show, and one that arrived later than the memory store's period up to
 *   six hours. https://docs.aws.amazon.com/timestream/latest/developerguide/data-ingest.html
 * - A write is not a transaction; what was not written is in `keep`.
 * - Points with one key, one version and different descriptions (org, project, device, type) are different records; which of them is
 *   read is open.
 *
 * Proven against a fake that keeps the documented rules over real HTTP; it never ran against the service itself.
 */
export class TimestreamStore implements PointStore {
  readonly #clients: TimestreamClients;
  readonly #config: TimestreamConfig;
  readonly #clock: () => number;
  readonly #onEvent: (event: StoreEvent) => void;
  readonly #writer: PointWriter;
  readonly #readers: AdaptiveLimit;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  /** Owns the clients from now on. A client serves one store. */
  constructor(
    clients: TimestreamClients,
    config: TimestreamConfig,
    options: StoreOptions = {},
    retry: RetryPolicy = RETRY_POLICY,
  ) {
    const { database, table, writers, readers } = config;
    // As many follow it as reads wait.
    setMaxListeners(0, this.#closing.signal);
    this.#clients = clients;
    this.#config = config;
    this.#clock = options.clock ?? Date.now;
    this.#onEvent = options.onEvent ?? (() => {});
    this.#writer = new PointWriter(clients.write, {
      target: { database, table },
      writers,
      retry,
      onEvent: this.#onEvent,
    });
    this.#readers = new AdaptiveLimit({ initial: readers, most: readers, mostWaiting: MOST_WAITING_READS });
  }

  async write(points: readonly Point[], signal?: AbortSignal): Promise<WriteReport> {
    return this.#writer.write(points, this.#clock(), signal);
  }

  async history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage> {
    checkHistoryQuery(query);
    return this.#read((reader) => readHistory(reader, query), signal);
  }

  async latest(deviceAgriId: AgriId, signal?: AbortSignal): Promise<readonly Point[]> {
    return this.#read((reader) => readLatest(reader, deviceAgriId), signal);
  }

  async buckets(query: BucketQuery, signal?: AbortSignal): Promise<readonly Bucket[]> {
    checkBucketQuery(query);
    return this.#read((reader) => readBuckets(reader, query), signal);
  }

  async factorsOn(day: number, signal?: AbortSignal): Promise<readonly FactorDay[]> {
    checkDay(day);
    return readFactorsOn(this.#scanReader(signal), day, this.#clock());
  }

  scan(query: ScanQuery, signal?: AbortSignal): AsyncIterable<readonly ScannedPoint[]> {
    checkDay(query.day);
    return scanPoints(this.#scanReader(signal), query, this.#clock());
  }

  /** The service expires points by itself, by the table's periods, which `probe` checks. */
  async enforceRetention(): Promise<RetentionReport> {
    if (this.#closing.signal.aborted) throw new StoreClosedError();
    return { droppedPoints: 0, droppedPartitions: 0, freedBytes: 0 };
  }

  async probe(): Promise<void> {
    if (this.#closing.signal.aborted) throw new StoreClosedError();
    const limited = linkSignal([], READ_TIMEOUT_MS);
    try {
      await this.#track(
        probeTable({
          clients: this.#clients,
          target: this.#config,
          nowMs: this.#clock(),
          onEvent: this.#onEvent,
          signal: limited.signal,
        }),
      );
    } finally {
      limited.release();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new StoreClosedError());
    await this.#writer.close();
    await Promise.allSettled(this.#running);
    this.#clients.write.destroy();
    this.#clients.query.destroy();
  }

  /** Pages of a query, each of which waits for its own place and has its own time: the caller may take long between two of them. */
  #scanReader(signal: AbortSignal | undefined): ScanReader {
    const { query: client } = this.#clients;
    const pages = (query: QueryRun) =>
      queryPages(client, query, this.#onEvent, (command) =>
        this.#inPlace((limited) => client.send(command, { abortSignal: limited }), signal),
      );
    return { target: this.#config, pages };
  }

  #read<T>(work: (reader: Reader) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return this.#inPlace(
      (limited) =>
        work({
          target: this.#config,
          nowMs: this.#clock(),
          run: (query) => runQuery(this.#clients.query, query, this.#onEvent, limited),
        }),
      signal,
    );
  }

  /** Runs a read when a place is free. The caller's signal stops it at any time, `close` only while it waits. */
  async #inPlace<T>(work: (limited: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const waiting = linkSignal([signal, this.#closing.signal]);
    try {
      await this.#readers.acquire(waiting.signal);
    } catch (cause) {
      throw signal?.aborted ? new StoreAbortedError(signal) : cause;
    } finally {
      waiting.release();
    }
    const limited = linkSignal([signal], READ_TIMEOUT_MS);
    try {
      return await this.#track(work(limited.signal));
    } catch (cause) {
      throw storeError('timestream:Select', tableName(this.#config), cause, signal);
    } finally {
      limited.release();
      this.#readers.release();
    }
  }

  async #track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}
