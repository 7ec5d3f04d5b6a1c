import { agriId } from '@furrow/contracts';
import { SimulatedGateway } from '@furrow/downlink/embedded';
import { openRegistry, parseFleet } from '@furrow/registry';
import { expect, onTestFinished, vi } from 'vitest';
import { DEVICE, DEVICE_ID, GREENHOUSE, TOKEN } from './all-in-one.ts';
import { type BrokerVariables, openBrokerEngine } from './engines/broker-engine.ts';
import { sharedEngine } from './engines/open-engine.ts';
import { openRegistryEngine } from './engines/registry-engine.ts';
import { openSqsEngine } from './engines/sqs-engine.ts';
import { openStoreEngine } from './engines/store-engine.ts';

/** What Furrow's services need around them, with the greenhouse in the registry. */
export interface Deployment {
  /** The variables of every service; each still needs its `FURROW_HTTP`. */
  readonly env: Readonly<Record<string, string>> & BrokerVariables;
  readonly devicePk: number;
}

/** Queues, registry, store and broker of servers that the running test file shares. To be called where tests are described. */
export function sharedDeployment(): () => Promise<Deployment> {
  const sqs = sharedEngine('SQS', openSqsEngine);
  const registries = sharedEngine('the registry', openRegistryEngine);
  const stores = sharedEngine('the store', openStoreEngine);
  const brokers = sharedEngine('the broker', openBrokerEngine);
  return async () => {
    const queues = await (await sqs()).createQueues();
    const FURROW_REGISTRY = await (await registries()).createDatabase();
    const devicePk = await seedGreenhouse(FURROW_REGISTRY);
    const topics = (await brokers()).createTopics();
    // The store's credentials last: its fake checks signatures, and no SQS-like server does.
    const env = { FURROW_REGISTRY, ...queues, ...topics, ...(await (await stores()).createStore()) };
    return { env, devicePk };
  };
}

async function seedGreenhouse(url: string): Promise<number> {
  const registry = await openRegistry(url);
  try {
    await registry.applyFleet(parseFleet(GREENHOUSE));
    const plans = await registry.plans.plansFor([agriId(DEVICE)]);
    return [...plans.values()][0]?.device.pk ?? 0;
  } finally {
    await registry.close();
  }
}

/**
 * Sends 24.3 ℃ as a gateway does, and waits until a reader gets it: the way through every part of the system. The fleet has the greenhouse's
 * device, and a token of a manager.
 */
export async function expectReadingToPass(api: string, devicePk: number, token = TOKEN): Promise<void> {
  const headers = headersOf(token);
  const t = Math.floor(Date.now() / 1000) - 60;
  const sent = await fetch(`${api}/api/v2/projects/greenhouse-alpha/devices/${devicePk}/data/`, {
    method: 'POST',
    headers,
    body: JSON.stringify([{ agri_id: `${DEVICE}-1-00`, value: 243, t }]),
  });
  expect(await sent.json()).toMatchObject({ success: true, data: { received: 1 } });
  await vi.waitFor(
    async () => {
      const fresh = { ...headers, 'cache-control': 'no-cache' };
      const answer = await fetch(`${api}/api/v2/factors/${DEVICE}-1-00/data/`, { headers: fresh });
      expect(await answer.json()).toMatchObject({ data: { data: [{ v: 24.3, t }] } });
    },
    { timeout: 20_000, interval: 100 },
  );
}

/**
 * Has the device rebooted by the API, and waits until a gateway that listens on the broker was told so and its answer came back: the way of a
 * command. The device must have been heard of.
 */
export async function expectCommandToPass(
  api: string,
  devicePk: number,
  broker: BrokerVariables,
  token = TOKEN,
): Promise<void> {
  const topic = (pattern: string): string => pattern.replace('{device_id}', DEVICE_ID);
  const gateway = await SimulatedGateway.start({
    brokerUrl: broker.FURROW_MQTT_URL,
    downTopic: topic(broker.FURROW_MQTT_DOWN_TOPIC),
    upTopic: topic(broker.FURROW_MQTT_UP_TOPIC),
  });
  onTestFinished(() => gateway.close());
  const headers = headersOf(token);
  const path = `${api}/api/v2/projects/greenhouse-alpha/devices/${devicePk}/reboot/`;
  const command = await vi.waitFor(
    async () => {
      const given = await fetch(path, { method: 'POST', headers, body: '{}' });
      const answer = (await given.json()) as { data: { token: string } | null };
      // Until the worker has noted that the device was heard of.
      if (answer.data === null) throw new Error(`the command was not taken: ${JSON.stringify(answer)}`);
      return answer.data.token;
    },
    { timeout: 20_000, interval: 200 },
  );
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${api}/api/v2/commands/${command}/`, { headers });
      expect(await answer.json()).toMatchObject({ data: { state: 'confirmed', reason: null } });
    },
    { timeout: 20_000, interval: 100 },
  );
  expect(gateway.told.map(String)).toEqual(['NAT@AT+REBOOT\r\n']);
}

function headersOf(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
}

/** Waits until a service is ready at its address; resolves to the milliseconds that took. Rejects after 30 s. */
export async function untilReady(url: string): Promise<number> {
  const start = performance.now();
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    const waitedMs = performance.now() - start;
    if (ready) return waitedMs;
    if (waitedMs > 30_000) throw new Error(`${url} was not ready within 30 s`);
    await new Promise((later) => setTimeout(later, 10));
  }
}
