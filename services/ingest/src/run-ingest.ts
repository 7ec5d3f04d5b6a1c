import { createSqsClient, probeQueue, QuarantineWriter } from '@furrow/queue';
import { openRegistry } from '@furrow/registry';
import {
  createLogger,
  createMetricsRegistry,
  createOperations,
  type Environment,
  Liveness,
  Readiness,
  Shutdown,
  serveOperations,
  startTracing,
} from '@furrow/runtime';
import { openStore, storeLogin } from '@furrow/timeseries';
import { loadIngestConfig, workerTuning } from './config.ts';
import { IngestWorker } from './ingest-worker.ts';
import { keepRetention } from './retention.ts';
import { createStoreMetrics } from './store-metrics.ts';

/** Seconds of a clean stop that are kept for closing the store and the registry after the worker has stopped. */
const CLOSE_SECONDS = 3;

/**
 * The worker as a process of its own: opens and checks all that it needs, consumes until a signal comes, and logs its ledger at the
 * end. Rejects, before anything is consumed, when the configuration or a part of the system is not right.
 */
export async function runIngest(env: Environment): Promise<void> {
  const config = loadIngestConfig(env);
  const logger = createLogger({ service: 'ingest', level: config.FURROW_LOG_LEVEL });
  const deadlineMs = config.FURROW_SHUTDOWN_SECONDS * 1000;
  const shutdown = new Shutdown({ logger, deadlineMs });
  const readiness = new Readiness();
  const liveness = new Liveness();
  readiness.notReady('ingest', 'it is starting');
  const metrics = createMetricsRegistry('ingest');
  try {
    if (config.FURROW_OTLP_ENDPOINT !== undefined) {
      const endTracing = await startTracing({ endpoint: config.FURROW_OTLP_ENDPOINT, service: 'ingest' });
      shutdown.before('tracing', endTracing);
    }
    const answers = createOperations(readiness, metrics, liveness);
    const operations = await serveOperations(answers, config.FURROW_HTTP);
    shutdown.before('operations', () => operations.close());
    const store = await openStore(config.FURROW_STORE, {
      ...storeLogin({
        token: config.FURROW_STORE_TOKEN,
        username: config.FURROW_STORE_USERNAME,
        password: config.FURROW_STORE_PASSWORD,
      }),
      onEvent: createStoreMetrics(metrics),
    });
    shutdown.before('store', () => store.close());
    await store.probe();
    const registry = await openRegistry(config.FURROW_REGISTRY);
    shutdown.before('registry', () => registry.close());
    const client = createSqsClient();
    shutdown.before('queue client', async () => client.destroy());
    const queueUrl = config.FURROW_UPLINK_QUEUE_URL;
    await probeQueue({ client, queueUrl });
    const quarantineQueueUrl = config.FURROW_QUARANTINE_QUEUE_URL;
    const probeQuarantine = async (): Promise<void> =>
      void (await probeQueue({ client, queueUrl: quarantineQueueUrl }));
    await probeQuarantine();
    const worker = new IngestWorker({
      client,
      queueUrl,
      quarantine: new QuarantineWriter({ client, queueUrl: quarantineQueueUrl }),
      probeQuarantine,
      registry,
      store,
      readiness,
      liveness,
      logger,
      metrics,
      ...workerTuning(config),
    });
    const stopRetention = keepRetention(store, logger);
    shutdown.before('worker', async () => {
      readiness.notReady('ingest', 'it is stopping');
      stopRetention();
      await worker.stop(Math.max(0, deadlineMs - CLOSE_SECONDS * 1000));
      logger.info(worker.ledger, 'ledger');
    });
    worker.start();
    readiness.ready('ingest');
    logger.info(
      { queueUrl, operations: operations.url, pollers: config.FURROW_POLLERS },
      'consuming uplinks',
    );
  } catch (error) {
    await shutdown.run();
    throw error;
  }
  shutdown.listen();
}
