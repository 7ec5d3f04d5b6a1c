import {
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
} from '@furrow/runtime';
import { z } from 'zod';

const queueUrl = z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' });

/** The tuning of a worker, with defaults that fit a machine of two cores and 1 GiB. */
export const workerVariables = {
  /** Receives at a time; each brings up to ten messages. */
  FURROW_POLLERS: integerVariable(1, 64).default(8),
  /** A store write begins when this many points wait… */
  FURROW_FLUSH_POINTS: integerVariable(1, 100_000).default(5_000),
  /** …or when the first of them has waited this many milliseconds. */
  FURROW_FLUSH_MS: integerVariable(0, 10_000).default(25),
  /** Most points in memory that are not yet durable; the pollers wait above it. */
  FURROW_MAX_PENDING_POINTS: integerVariable(1, 10_000_000).default(100_000),
  /** Limit of one store write, in seconds. */
  FURROW_WRITE_TIMEOUT_SECONDS: integerVariable(1, 110).default(30),
  /** Time for a clean stop, in seconds. */
  FURROW_SHUTDOWN_SECONDS: integerVariable(1, 300).default(20),
};

/** Credentials of a store that asks for them (InfluxDB): a token, or a user name with a password. */
export const storeVariables = {
  FURROW_STORE_TOKEN: z.string().optional(),
  FURROW_STORE_USERNAME: z.string().optional(),
  FURROW_STORE_PASSWORD: z.string().optional(),
};

const ingestSchema = z.object({
  FURROW_STORE: z.string('a store, such as duckdb:./data/points.duckdb'),
  ...storeVariables,
  FURROW_REGISTRY: z.string(
    'a registry, such as pglite:./data/registry or postgres://user:password@host/database',
  ),
  FURROW_UPLINK_QUEUE_URL: queueUrl,
  FURROW_QUARANTINE_QUEUE_URL: queueUrl,
  /** Where `/healthz`, `/readyz` and `/metrics` are answered. */
  FURROW_HTTP: listenVariable.default({ host: '127.0.0.1', port: 9464 }),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
  ...workerVariables,
});

export type IngestConfig = z.output<typeof ingestSchema>;

/** Reads the worker's configuration; throws a ConfigError that lists every problem. */
export function loadIngestConfig(env: Environment): IngestConfig {
  return loadConfig(ingestSchema, env);
}

/** The part of a configuration that tunes the worker, as the worker takes it. */
export function workerTuning(config: Pick<IngestConfig, keyof typeof workerVariables>) {
  return {
    pollers: config.FURROW_POLLERS,
    writer: {
      maxBatchPoints: config.FURROW_FLUSH_POINTS,
      maxDelayMs: config.FURROW_FLUSH_MS,
      maxPendingPoints: config.FURROW_MAX_PENDING_POINTS,
      writeTimeoutMs: config.FURROW_WRITE_TIMEOUT_SECONDS * 1000,
    },
  };
}
