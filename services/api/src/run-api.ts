import { CommandSender, createSqsClient, probeQueue, UplinkProducer } from '@furrow/queue';
import { openRegistry } from '@furrow/registry';
import {
  createLogger,
  createMetricsRegistry,
  createOperations,
  type Environment,
  Readiness,
  Shutdown,
  startTracing,
  traceHeaders,
} from '@furrow/runtime';
import { openStore, storeLogin } from '@furrow/timeseries';
import { controlSettings, loadApiConfig } from './config.ts';
import { ResponseCache } from './response-cache.ts';
import { risingClock } from './rising-clock.ts';
import { createServer } from './server.ts';

/**
 * The Open API as a process of its own: opens and checks all that it needs, then answers until a signal comes. Rejects, before it
 * listens, when the configuration or a part of the system is not right.
 */
export async function runApi(env: Environment): Promise<void> {
  const config = loadApiConfig(env);
  const logger = createLogger({ service: 'api', level: config.FURROW_LOG_LEVEL });
  const shutdown = new Shutdown({ logger, deadlineMs: config.FURROW_SHUTDOWN_SECONDS * 1000 });
  try {
    if (config.FURROW_OTLP_ENDPOINT !== undefined) {
      const endTracing = await startTracing({ endpoint: config.FURROW_OTLP_ENDPOINT, service: 'api' });
      shutdown.before('tracing', endTracing);
    }
    const store = await openStore(
      config.FURROW_STORE,
      storeLogin({
        token: config.FURROW_STORE_TOKEN,
        username: config.FURROW_STORE_USERNAME,
        password: config.FURROW_STORE_PASSWORD,
      }),
    );
    shutdown.before('store', () => store.close());
    await store.probe();
    const registry = await openRegistry(config.FURROW_REGISTRY);
    shutdown.before('registry', () => registry.close());
    const client = createSqsClient();
    shutdown.before('queue client', async () => client.destroy());
    await probeQueue({ client, queueUrl: config.FURROW_UPLINK_QUEUE_URL });
    const producer = new UplinkProducer({
      client,
      queueUrl: config.FURROW_UPLINK_QUEUE_URL,
      attributesOf: () => traceHeaders(),
    });
    shutdown.before('producer', () => producer.close());
    const commandQueueUrl = config.FURROW_COMMAND_QUEUE_URL;
    if (commandQueueUrl !== undefined) await probeQueue({ client, queueUrl: commandQueueUrl });
    const control = commandQueueUrl && {
      sender: new CommandSender({ client, queueUrl: commandQueueUrl, attributesOf: traceHeaders }),
      settings: controlSettings(config),
    };
    const metrics = createMetricsRegistry('api');
    const readiness = new Readiness();
    const operations = createOperations(readiness, metrics);
    const server = createServer({
      registry,
      producer,
      store,
      cache: new ResponseCache(),
      operations,
      metrics,
      logger,
      receivedAt: risingClock(),
      ...(control && { control }),
      settings: {
        requestsPerMinute: config.FURROW_API_REQUESTS_PER_MINUTE,
        trustProxy: config.FURROW_API_TRUST_PROXY,
        publicUrl: config.FURROW_API_PUBLIC_URL,
      },
    });
    shutdown.before('server', async () => {
      readiness.notReady('api', 'it is stopping');
      await server.close();
    });
    await server.listen(config.FURROW_HTTP);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
  shutdown.listen();
}
