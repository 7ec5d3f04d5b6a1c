import { randomBytes } from 'node:crypto';
import { startEmbeddedBroker } from '@furrow/downlink/embedded';
import { type ContainerEngine, startContainer } from './container-engine.ts';
import type { OpenEngine } from './open-engine.ts';

/** An MQTT broker for the downlink and the gateways of a test. */
export interface BrokerEngine extends OpenEngine {
  /** Topics that no other test has, as the variables by which a downlink finds them and the broker. */
  createTopics(): BrokerVariables;
}

export type BrokerVariables = Readonly<
  Record<
    'FURROW_MQTT_URL' | 'FURROW_MQTT_VERSION' | 'FURROW_MQTT_DOWN_TOPIC' | 'FURROW_MQTT_UP_TOPIC',
    string
  >
>;

export const MOSQUITTO: ContainerEngine = {
  variable: 'FURROW_MOSQUITTO_IMAGE',
  image: 'eclipse-mosquitto:2',
  port: 1883,
  create: async (image) => {
    const { GenericContainer, Wait } = await import('testcontainers');
    return new GenericContainer(image)
      .withCommand(['mosquitto', '-c', '/mosquitto-no-auth.conf'])
      .withExposedPorts(1883)
      .withWaitStrategy(Wait.forLogMessage(/mosquitto version \S+ running/));
  },
  url: (address) => `mqtt://${address}`,
};

/** The broker that FURROW_TEST_MQTT names, else Mosquitto in a container, else the embedded one. */
export async function openBrokerEngine(): Promise<BrokerEngine> {
  const given = process.env['FURROW_TEST_MQTT'];
  if (given) return brokerAt(given, '5', 'the broker of FURROW_TEST_MQTT', async () => {});
  const answer = await startContainer(MOSQUITTO);
  if (answer.kind === 'started') return brokerAt(answer.url, '5', answer.from, answer.stop);
  const { url, close } = await startEmbeddedBroker();
  return brokerAt(url, '4', `the embedded broker (${answer.why})`, close);
}

function brokerAt(url: string, version: string, from: string, close: () => Promise<void>): BrokerEngine {
  const createTopics = (): BrokerVariables => {
    const run = `test-${randomBytes(6).toString('hex')}`;
    return {
      FURROW_MQTT_URL: url,
      FURROW_MQTT_VERSION: version,
      FURROW_MQTT_DOWN_TOPIC: `${run}/{device_id}/down`,
      FURROW_MQTT_UP_TOPIC: `${run}/{device_id}/up`,
    };
  };
  return { from, close, createTopics };
}
