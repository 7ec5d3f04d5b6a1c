import { agriId } from '@furrow/contracts';
import { openRegistry, parseFleet } from '@furrow/registry';
import { expect, vi } from 'vitest';
import { DEVICE, GREENHOUSE, TOKEN } from './all-in-one.ts';
import { sharedEngine } from './engines/open-engine.ts';
import { openRegistryEngine } from './engines/registry-engine.ts';
import { openSqsEngine } from './engines/sqs-engine.ts';
import { openStoreEngine } from './engines/store-engine.ts';

/** What Furrow's services need around them, with the greenhouse in the registry. */
export interface Deployment {
  /** The variables of every service; each still needs its `FURROW_HTTP`. */
  readonly env: Readonly<Record<string, string>>;
  readonly devicePk: number;
}

/** Queues, registry and store of servers that the running test file shares. To be called where tests are described. */
export function sharedDeployment(): () => Promise<Deployment> {
  const sqs = sharedEngine('SQS', openSqsEngine);
  const registries = sharedEngine('the registry', openRegistryEngine);
  const stores = sharedEngine('the store', openStoreEngine);
  return async () => {
    const queues = await (await sqs()).createQueues();
    const FURROW_REGISTRY = await (await registries()).createDatabase();
    const devicePk = await seedGreenhouse(FURROW_REGISTRY);
    // The store's credentials last: its fake checks signatures, and no SQS-like server does.
    return { env: { FURROW_REGISTRY, ...queues, ...(await (await stores()).createStore()) }, devicePk };
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

/** Sends 24.3 ℃ as a gateway does, and waits until a reader gets it: the way through every part of the system. */
export async function expectReadingToPass(api: string, devicePk: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
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
