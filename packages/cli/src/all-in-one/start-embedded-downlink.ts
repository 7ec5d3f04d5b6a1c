import { BrokerLink, DownlinkWorker, type DownlinkWorkerOptions } from '@furrow/downlink';
import { SimulatedGateway, startEmbeddedBroker } from '@furrow/downlink/embedded';
import type { Registry } from '@furrow/registry';
import { WEATHER_STATION } from '../weather/station.ts';

const TOPICS = { down: 'furrow/{device_id}/down', up: 'furrow/{device_id}/up' };
const CONFIRM_MS = 3_000;
const STOP_MS = 1_000;

interface EmbeddedDownlinkParts
  extends Pick<DownlinkWorkerOptions, 'client' | 'queueUrl' | 'readiness' | 'logger' | 'metrics'> {
  readonly registry: Pick<Registry, 'commands' | 'contacts'>;
}

/**
 * Delivers commands over a broker in this process to a simulated gateway: the weather station's, with a relay. Returns a function
 * that stops all of it.
 */
export async function startEmbeddedDownlink(parts: EmbeddedDownlinkParts): Promise<() => Promise<void>> {
  const { registry, ...rest } = parts;
  const broker = await startEmbeddedBroker();
  const topic = (pattern: string): string => pattern.replace('{device_id}', WEATHER_STATION.deviceId);
  const gateway = await SimulatedGateway.start({
    brokerUrl: broker.url,
    downTopic: topic(TOPICS.down),
    upTopic: topic(TOPICS.up),
  });
  const link = await BrokerLink.connect({
    url: broker.url,
    clientId: 'furrow-downlink',
    protocolVersion: 4,
    onChange: (reason) => worker.brokerChanged(reason),
  });
  const worker = new DownlinkWorker({
    ...rest,
    commands: registry.commands,
    contacts: registry.contacts,
    link,
    topics: TOPICS,
    confirmMs: CONFIRM_MS,
    pollers: 1,
  });
  worker.start();
  return async () => {
    await worker.stop(STOP_MS);
    await link.close();
    await gateway.close();
    await broker.close();
  };
}
