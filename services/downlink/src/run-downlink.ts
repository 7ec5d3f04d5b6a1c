import { createSqsClient, probeQueue } from '@furrow/queue';
import { openRegistry } from '@furrow/registry';
import {
  createLogger,
  createMetricsRegistry,
  createOperations,
  type Environment,
  Readiness,
  Shutdown,
  serveOperations,
  startTracing,
} from '@furrow/runtime';
import { brokerLogin } from './broker-login.ts';
import { loadDownlinkConfig } from './config.ts';
import { DownlinkWorker } from './downlink-worker.ts';
import { BrokerLink } from './mqtt/broker-link.ts';
import { randomClientId } from './mqtt/client-id.ts';
import { forgetOldCommands } from './retention.ts';

/** Seconds of a clean stop that are kept for closing what the worker used. */
const CLOSE_SECONDS = 3;

/**
 * The downlink as a process of its own: opens and checks all that it needs, delivers commands until a signal comes. Rejects, before
 * anything is received, when the configuration or a part of the system is not right.
 */
export async function runDownlink(env: Environment): Promise<void> {
  const config = loadDownlinkConfig(env);
  const login = brokerLogin(config);
  const logger = createLogger({ service: 'downlink', level: config.FURROW_LOG_LEVEL });
  const deadlineMs = config.FURROW_SHUTDOWN_SECONDS * 1000;
  const shutdown = new Shutdown({ logger, deadlineMs });
  const readiness = new Readiness();
  readiness.notReady('downlink', 'it is starting');
  const metrics = createMetricsRegistry('downlink');
  try {
    if (config.FURROW_OTLP_ENDPOINT !== undefined) {
      const endTracing = await startTracing({ endpoint: config.FURROW_OTLP_ENDPOINT, service: 'downlink' });
      shutdown.before('tracing', endTracing);
    }
    const operations = await serveOperations(createOperations(readiness, metrics), config.FURROW_HTTP);
    shutdown.before('operations', () => operations.close());
    const registry = await openRegistry(config.FURROW_REGISTRY);
    shutdown.before('registry', () => registry.close());
    const client = createSqsClient();
    shutdown.before('queue client', async () => client.destroy());
    const queueUrl = config.FURROW_COMMAND_QUEUE_URL;
    await probeQueue({ client, queueUrl });
    let worker: DownlinkWorker | undefined;
    const link = await BrokerLink.connect({
      url: config.FURROW_MQTT_URL,
      clientId: config.FURROW_MQTT_CLIENT_ID ?? randomClientId(),
      protocolVersion: config.FURROW_MQTT_VERSION === '5' ? 5 : 4,
      login,
      onChange: (reason) => worker?.brokerChanged(reason),
    });
    shutdown.before('broker', () => link.close());
    const started = new DownlinkWorker({
      client,
      queueUrl,
      commands: registry.commands,
      contacts: registry.contacts,
      link,
      topics: { down: config.FURROW_MQTT_DOWN_TOPIC, up: config.FURROW_MQTT_UP_TOPIC },
      confirmMs: config.FURROW_CONFIRM_SECONDS * 1000,
      readiness,
      logger,
      metrics,
      pollers: config.FURROW_POLLERS,
    });
    worker = started;
    const stopForgetting = forgetOldCommands(registry.commands, logger);
    shutdown.before('worker', async () => {
      readiness.notReady('downlink', 'it is stopping');
      stopForgetting();
      await started.stop(Math.max(0, deadlineMs - CLOSE_SECONDS * 1000));
    });
    started.start();
    readiness.ready('downlink');
    logger.info(
      { queueUrl, operations: operations.url, topics: config.FURROW_MQTT_DOWN_TOPIC },
      'delivering commands',
    );
  } catch (error) {
    await shutdown.run();
    throw error;
  }
  shutdown.listen();
}
