import { createServer, ResponseCache, risingClock } from '@furrow/api';
import {
  createStoreMetrics,
  IngestWorker,
  keepRetention,
  type LedgerTotals,
  workerTuning,
} from '@furrow/ingest';
import { CommandSender, createSqsClient, probeQueue, QuarantineWriter, UplinkProducer } from '@furrow/queue';
import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { openRegistry, type Registry } from '@furrow/registry';
import {
  createMetricsRegistry,
  createOperations,
  Liveness,
  type Logger,
  Readiness,
  type Shutdown,
  traceHeaders,
} from '@furrow/runtime';
import { openStore, type PointStore } from '@furrow/timeseries';
import type { DevConfig } from './config.ts';
import { startEmbeddedDownlink } from './start-embedded-downlink.ts';

/** Names of the queues of the embedded SQS. */
const UPLINKS = 'furrow-uplinks';
const QUARANTINE = 'furrow-quarantine';
const COMMANDS = 'furrow-commands';

/** Part of the time for a clean stop that the worker may take for messages in hand. */
const WORKER_STOP_SHARE = 0.7;

/** A running all-in-one process. */
export interface AllInOne {
  /** Where the API answers. */
  readonly url: string;
  readonly registry: Registry;
  readonly store: PointStore;
  /** The queue's endpoint, when it is the embedded one. */
  readonly sqsEndpoint: string | undefined;
  /** The variables by which another process reaches the embedded queues; undefined when the queues are elsewhere. */
  readonly queueVariables: Readonly<Record<string, string>> | undefined;
  /** True when commands go to the simulated gateway. */
  readonly sendsCommands: boolean;
  ledger(): LedgerTotals;
  /** Messages on the uplink queue, in hand or waiting. */
  backlog(): Promise<number>;
}

/**
 * API, queue, worker, registry and store in one process, wired as in production: readings go over HTTP and SQS even here. What it opens
 * is added to `shutdown`; `onWorkerStopped` gets the books when the last message is out of hand.
 */
export async function startAllInOne(
  config: DevConfig,
  logger: Logger,
  shutdown: Shutdown,
  onWorkerStopped: (ledger: LedgerTotals) => void = () => {},
): Promise<AllInOne> {
  const readiness = new Readiness();
  const liveness = new Liveness();
  const metrics = createMetricsRegistry('dev');
  const cache = new ResponseCache();
  const store = await openStore(config.store, { ...config.storeLogin, onEvent: createStoreMetrics(metrics) });
  shutdown.before('store', () => store.close());
  await store.probe();
  const registry = await openRegistry(config.registry);
  shutdown.before('registry', () => registry.close());
  const queue = await openQueue(config, shutdown);
  const { client, uplinkQueueUrl } = queue;

  const worker = new IngestWorker({
    client,
    queueUrl: uplinkQueueUrl,
    quarantine: new QuarantineWriter({ client, queueUrl: queue.quarantineQueueUrl }),
    probeQuarantine: async () => void (await probeQueue({ client, queueUrl: queue.quarantineQueueUrl })),
    registry,
    store: invalidating(store, cache),
    readiness,
    liveness,
    logger,
    metrics,
    ...workerTuning(config.worker),
  });
  shutdown.before('worker', async () => {
    await worker.stop(config.worker.FURROW_SHUTDOWN_SECONDS * 1000 * WORKER_STOP_SHARE);
    onWorkerStopped(worker.ledger);
  });
  const stopRetention = keepRetention(store, logger);
  shutdown.before('retention', async () => stopRetention());

  const producer = new UplinkProducer({
    client,
    queueUrl: uplinkQueueUrl,
    attributesOf: () => traceHeaders(),
  });
  shutdown.before('producer', () => producer.close());
  const operations = createOperations(readiness, metrics, liveness);
  const { commandQueueUrl } = queue;
  const control = commandQueueUrl && {
    sender: new CommandSender({ client, queueUrl: commandQueueUrl, attributesOf: traceHeaders }),
    settings: config.control,
  };
  if (commandQueueUrl) {
    const parts = { client, queueUrl: commandQueueUrl, registry, readiness, logger, metrics };
    shutdown.before('downlink', await startEmbeddedDownlink(parts));
  }
  const server = createServer({
    registry,
    producer,
    store,
    cache,
    operations,
    metrics,
    logger,
    receivedAt: risingClock(),
    ...(control && { control }),
    // Its caller is the one who started it, and may replay a year in a minute.
    settings: { requestsPerMinute: 0 },
  });
  shutdown.before('server', async () => {
    await server.close();
  });
  const url = await server.listen(config.http);
  worker.start();
  return {
    url,
    registry,
    store,
    sqsEndpoint: queue.endpoint,
    queueVariables: queue.variables,
    sendsCommands: commandQueueUrl !== undefined,
    ledger: () => worker.ledger,
    backlog: async () => {
      const { messagesVisible, messagesInFlight, messagesDelayed } = await probeQueue({
        client,
        queueUrl: uplinkQueueUrl,
      });
      return messagesVisible + messagesInFlight + messagesDelayed;
    },
  };
}

/** The embedded SQS, or the queues that the configuration names, at whatever endpoint the AWS variables give. */
async function openQueue(config: DevConfig, shutdown: Shutdown) {
  if (config.queues) {
    const client = createSqsClient();
    shutdown.before('queue client', async () => client.destroy());
    await probeQueue({ client, queueUrl: config.queues.uplinkQueueUrl });
    await probeQueue({ client, queueUrl: config.queues.quarantineQueueUrl });
    return {
      client,
      endpoint: undefined,
      variables: undefined,
      commandQueueUrl: undefined,
      ...config.queues,
    };
  }
  const sqs = await startEmbeddedSqs({ dataDir: config.queueFolder, port: config.sqsPort });
  shutdown.before('embedded SQS', () => sqs.close());
  const client = createSqsClient(sqs.clientConfig);
  shutdown.before('queue client', async () => client.destroy());
  return {
    client,
    endpoint: sqs.endpoint,
    variables: variablesOf(sqs),
    uplinkQueueUrl: sqs.queueUrl(UPLINKS),
    quarantineQueueUrl: sqs.queueUrl(QUARANTINE),
    commandQueueUrl: sqs.queueUrl(COMMANDS),
  };
}

function variablesOf({ clientConfig, queueUrl }: EmbeddedSqs): Record<string, string> {
  const { endpoint, region, credentials } = clientConfig;
  return {
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    FURROW_UPLINK_QUEUE_URL: queueUrl(UPLINKS),
    FURROW_QUARANTINE_QUEUE_URL: queueUrl(QUARANTINE),
  };
}

/** In one process the API knows at once which of its kept answers new readings change. */
function invalidating(store: PointStore, cache: ResponseCache): Pick<PointStore, 'write' | 'probe'> {
  return {
    probe: () => store.probe(),
    write: async (points, signal) => {
      const report = await store.write(points, signal);
      for (const agriId of new Set(points.map((point) => point.agriId))) cache.invalidate(agriId);
      return report;
    },
  };
}
