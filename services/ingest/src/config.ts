import {
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
  otlpEndpointVariable,
} from '@furrow/runtime';
import { z } from 'zod';
import { DEFAULT_LIMITS, type WorkerLimits } from './worker-limits.ts';

const MIB = 1_048_576;

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
  /** Most MiB of messages in hand; with large messages fewer receives run at a time. */
  FURROW_MAX_IN_HAND_MIB: integerVariable(1, 4096).default(DEFAULT_LIMITS.maxBytesInHand / MIB),
  /** Most MiB of messages that are parsed, decoded or waiting for the store at once. */
  FURROW_MAX_AT_WORK_MIB: integerVariable(1, 1024).default(DEFAULT_LIMITS.maxBytesAtWork / MIB),
  /** How long a message in hand waits for a store, registry or quarantine that is out before it goes back to the queue, in seconds. */
  FURROW_HOLD_SECONDS: integerVariable(1, 39_600).default(DEFAULT_LIMITS.holdMs / 1000),
  /** Refused messages of one device that are quarantined in each window; 0 quarantines every one, always. */
  FURROW_REJECT_BUDGET: integerVariable(0, 1_000_000).default(DEFAULT_LIMITS.rejectBudget),
  /** Of the refused messages over the budget, one in this many is quarantined; the others are counted. */
  FURROW_REJECT_KEEP_ONE_IN: integerVariable(1, 1_000_000).default(DEFAULT_LIMITS.rejectKeepOneIn),
  /** Length of a window, in seconds. */
  FURROW_REJECT_WINDOW_SECONDS: integerVariable(1, 86_400).default(DEFAULT_LIMITS.rejectWindowMs / 1000),
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
  /** Where spans go, as OTLP over HTTP (`http://127.0.0.1:4318/v1/traces`); nothing is traced without it. */
  FURROW_OTLP_ENDPOINT: otlpEndpointVariable,
  ...workerVariables,
});

export type IngestConfig = z.output<typeof ingestSchema>;

/** Reads the worker's configuration; throws a ConfigError that lists every problem. */
export function loadIngestConfig(env: Environment): IngestConfig {
  return loadConfig(ingestSchema, env);
}

/** The part of a configuration that tunes the worker, as the worker takes it. */
export function workerTuning(config: Pick<IngestConfig, keyof typeof workerVariables>) {
  const limits: WorkerLimits = {
    maxBytesInHand: config.FURROW_MAX_IN_HAND_MIB * MIB,
    maxBytesAtWork: config.FURROW_MAX_AT_WORK_MIB * MIB,
    holdMs: config.FURROW_HOLD_SECONDS * 1000,
    rejectBudget: config.FURROW_REJECT_BUDGET,
    rejectKeepOneIn: config.FURROW_REJECT_KEEP_ONE_IN,
    rejectWindowMs: config.FURROW_REJECT_WINDOW_SECONDS * 1000,
  };
  return {
    limits,
    pollers: config.FURROW_POLLERS,
    writer: {
      maxBatchPoints: config.FURROW_FLUSH_POINTS,
      maxDelayMs: config.FURROW_FLUSH_MS,
      maxPendingPoints: config.FURROW_MAX_PENDING_POINTS,
      writeTimeoutMs: config.FURROW_WRITE_TIMEOUT_SECONDS * 1000,
    },
  };
}
