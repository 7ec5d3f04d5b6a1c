import { StoreAbortedError } from '../errors.ts';
import type { StoreOptions } from '../point-store.ts';
import { InfluxClient, type ResultSeries, type WriteAnswer } from './client.ts';
import type { InfluxConfig } from './config.ts';
import { identifier } from './influxql.ts';
import { checkKeeping, ensurePlace } from './retention.ts';
import type { InfluxServer } from './server.ts';

/**
 * The database behind the URL. Says hello to the server and looks after its retention before the first request, so that a store opens
 * while its server is away; after a failure the next call tries anew.
 */
export class InfluxDatabase {
  readonly config: InfluxConfig;
  /** The measurements of the points and of the factors' descriptions, quoted for statements. */
  readonly points: string;
  readonly factors: string;
  readonly #client: InfluxClient;
  #server: Promise<InfluxServer> | undefined;

  constructor(config: InfluxConfig, onEvent: StoreOptions['onEvent']) {
    this.config = config;
    this.points = identifier(config.measurement);
    this.factors = identifier(factorMeasurement(config));
    this.#client = new InfluxClient(config, onEvent);
  }

  async select(statement: string, signal?: AbortSignal): Promise<ResultSeries[]> {
    return this.#client.query(await this.#ready(signal), statement, signal);
  }

  /** A request that was begun is not aborted: its outcome would be unknown. */
  async write(lines: readonly string[], points: number): Promise<WriteAnswer> {
    return this.#client.write(await this.#ready(), lines, points);
  }

  /** Looks at the server, the database and its retention anew. */
  async inspect(): Promise<void> {
    this.#server = undefined;
    await this.#ready();
  }

  /** As `inspect`, and proves that what is written comes back for 90 days. */
  async probe(nowMs: number): Promise<void> {
    this.#server = undefined;
    await checkKeeping(this.#client, await this.#ready(), this.config, nowMs);
  }

  async #ready(signal?: AbortSignal): Promise<InfluxServer> {
    this.#server ??= this.#meet();
    if (signal === undefined) return this.#server;
    // Several callers wait for the same meeting, so one that gives up must not end it.
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(new StoreAbortedError(signal));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await Promise.race([this.#server, promise]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async #meet(): Promise<InfluxServer> {
    try {
      const server = await this.#client.ping();
      await ensurePlace(this.#client, server, this.config);
      return server;
    } catch (cause) {
      this.#server = undefined;
      throw cause;
    }
  }
}

/** The measurement of the factors' descriptions, as line protocol names it. */
export function factorMeasurement(config: InfluxConfig): string {
  return `${config.measurement}_factors`;
}
