import { join } from 'node:path';
import { type ControlSettings, controlSettings, controlVariables } from '@furrow/api';
import { storeVariables, workerVariables } from '@furrow/ingest';
import {
  ConfigError,
  type Environment,
  type ListenAddress,
  listenVariable,
  loadConfig,
  logLevelVariable,
} from '@furrow/runtime';
import { type StoreOptions, storeLogin } from '@furrow/timeseries';
import { z } from 'zod';

const queueUrl = z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' });

const devSchema = z.object({
  FURROW_STORE: z.string().optional(),
  FURROW_REGISTRY: z.string().optional(),
  FURROW_UPLINK_QUEUE_URL: queueUrl.optional(),
  FURROW_QUARANTINE_QUEUE_URL: queueUrl.optional(),
  FURROW_HTTP: listenVariable.optional(),
  FURROW_LOG_LEVEL: logLevelVariable.default('warn'),
  ...storeVariables,
  ...workerVariables,
  ...controlVariables,
  // The weather is played once, and its simulated gateway is always there.
  FURROW_ONLINE_SECONDS: controlVariables.FURROW_ONLINE_SECONDS.unwrap().default(86_400),
});

type DevVariables = z.output<typeof devSchema>;

/** How the all-in-one process runs. */
export interface DevConfig {
  readonly http: ListenAddress;
  readonly store: string;
  readonly storeLogin: Pick<StoreOptions, 'credentials'>;
  readonly registry: string;
  /** Queues elsewhere; the embedded SQS when undefined. */
  readonly queues: { readonly uplinkQueueUrl: string; readonly quarantineQueueUrl: string } | undefined;
  /** Where the embedded SQS keeps its messages. */
  readonly queueFolder: string;
  /** Port of the embedded SQS; 0 takes any free one. */
  readonly sqsPort: number;
  readonly logLevel: DevVariables['FURROW_LOG_LEVEL'];
  readonly worker: Pick<DevVariables, keyof typeof workerVariables>;
  readonly control: ControlSettings;
}

/**
 * Reads the all-in-one's configuration: everything is embedded in `folder` unless a variable says otherwise. `http` is where the API
 * listens when `FURROW_HTTP` does not say. Throws a ConfigError that lists every problem.
 */
export function loadDevConfig(
  env: Environment,
  folder: string,
  http: ListenAddress,
  sqsPort: number,
): DevConfig {
  const { FURROW_STORE, FURROW_REGISTRY, FURROW_HTTP, FURROW_LOG_LEVEL, ...rest } = loadConfig(
    devSchema,
    env,
  );
  const { FURROW_UPLINK_QUEUE_URL, FURROW_QUARANTINE_QUEUE_URL, ...worker } = rest;
  return {
    http: FURROW_HTTP ?? http,
    store: FURROW_STORE ?? `duckdb:${join(folder, 'points.duckdb')}`,
    storeLogin: storeLogin({
      token: rest.FURROW_STORE_TOKEN,
      username: rest.FURROW_STORE_USERNAME,
      password: rest.FURROW_STORE_PASSWORD,
    }),
    registry: FURROW_REGISTRY ?? `pglite:${join(folder, 'registry')}`,
    queues: queuePair(FURROW_UPLINK_QUEUE_URL, FURROW_QUARANTINE_QUEUE_URL),
    queueFolder: join(folder, 'queue'),
    sqsPort,
    logLevel: FURROW_LOG_LEVEL,
    worker,
    control: controlSettings(rest),
  };
}

function queuePair(
  uplinkQueueUrl: string | undefined,
  quarantineQueueUrl: string | undefined,
): DevConfig['queues'] {
  if (uplinkQueueUrl === undefined && quarantineQueueUrl === undefined) return undefined;
  if (uplinkQueueUrl !== undefined && quarantineQueueUrl !== undefined)
    return { uplinkQueueUrl, quarantineQueueUrl };
  const missing = uplinkQueueUrl === undefined ? 'FURROW_UPLINK_QUEUE_URL' : 'FURROW_QUARANTINE_QUEUE_URL';
  throw new ConfigError([
    `${missing}: it is not set, and the other queue is; set both, or neither to use the embedded SQS`,
  ]);
}
