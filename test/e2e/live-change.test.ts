import { join } from 'node:path';
import { agriId } from '@furrow/contracts';
import { createSqsClient, UplinkProducer } from '@furrow/queue';
import { openRegistry, parseFleet, type Registry } from '@furrow/registry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEVICE, GREENHOUSE, startGreenhouse } from '../support/all-in-one.ts';
import { sharedEngine } from '../support/engines/open-engine.ts';
import { openRegistryEngine } from '../support/engines/registry-engine.ts';
import { openSqsEngine } from '../support/engines/sqs-engine.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Two seconds until a plan is compared with the registry again, and the rest for a busy machine. */
const WITHIN_MS = 10_000;

/** Changes in the registry, and the reason for which a reading of 10.0 is refused from then on. */
const CHANGES = [
  { reason: 'out_of_range', device: {}, factor: { max: 5 } },
  { reason: 'factor_disabled', device: {}, factor: { enabled: false } },
  { reason: 'device_blocked', device: { allow: false }, factor: {} },
] as const;

/** A running worker whose registry can be changed from here. */
interface Rig {
  readonly registry: Pick<Registry, 'applyFleet'>;
  /** Where it answers `/metrics`. */
  readonly url: string;
  readonly producer: UplinkProducer;
}

function changedFleet({ device, factor }: Omit<(typeof CHANGES)[number], 'reason'>) {
  const fleet = structuredClone(GREENHOUSE);
  const gateway = fleet.orgs[0]?.projects[0]?.devices[0];
  Object.assign(gateway ?? {}, { allow: true, ...device });
  Object.assign(gateway?.factors[0] ?? {}, factor);
  return parseFleet(fleet);
}

function openProducer(endpoint: string, queueUrl: string): UplinkProducer {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = createSqsClient({ endpoint, region: 'us-east-1', credentials });
  onTestFinished(() => client.destroy());
  return new UplinkProducer({ client, queueUrl });
}

async function expectLiveChanges({ registry, url, producer }: Rig): Promise<void> {
  const metric = async (series: RegExp): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(series.exec(text)?.[1] ?? 0);
  };
  let t = Date.now() - 3_600_000;
  const send = async (): Promise<void> => {
    t += 1000;
    await producer.send({
      v: 1,
      org_id: 'yanji-lab',
      project_id: 'greenhouse-alpha',
      device: agriId(DEVICE),
      received_at: Date.now(),
      items: [{ agri_id: `${DEVICE}-1-00`, value: 100, t }],
    });
  };
  /** Sends until the series grows. */
  const grows = async (series: RegExp): Promise<void> => {
    const before = await metric(series);
    await vi.waitFor(
      async () => {
        await send();
        expect(await metric(series)).toBeGreaterThan(before);
      },
      { timeout: WITHIN_MS, interval: 250 },
    );
  };
  const stored = /furrow_ledger_readings\{entry="stored",[^}]*\} (\d+)/;
  await grows(stored);
  for (const change of CHANGES) {
    await registry.applyFleet(changedFleet(change));
    await grows(new RegExp(`furrow_ledger_rejected_readings\\{reason="${change.reason}",[^}]*\\} (\\d+)`));
  }
  await registry.applyFleet(changedFleet({ device: {}, factor: {} }));
  await grows(stored);
  expect(await metric(/furrow_plan_cache_answers\{kind="changed",[^}]*\} (\d+)/)).toBe(CHANGES.length + 1);
  expect(await metric(/furrow_ledger_imbalance\{unit="readings",[^}]*\} (\d+)/)).toBe(0);
}

describe('a change in the registry takes effect within seconds, without a restart, and shows in the metrics', () => {
  it('of the all-in-one process, on PGlite', { timeout: 180_000 }, async () => {
    const { furrow } = await startGreenhouse();
    const endpoint = furrow.sqsEndpoint ?? '';
    const producer = openProducer(endpoint, `${endpoint}/000000000000/furrow-uplinks`);
    await expectLiveChanges({ registry: furrow.registry, url: furrow.url, producer });
  });

  const sqs = sharedEngine('SQS', openSqsEngine);
  const registries = sharedEngine('the registry', openRegistryEngine);

  it('of a worker that is a process of its own, on a registry that it shares', {
    timeout: 180_000,
  }, async () => {
    const folder = await tempFolder();
    const address = await (await registries()).createDatabase();
    const queues = await (await sqs()).createQueues();
    const registry = await openRegistry(address);
    onTestFinished(() => registry.close());
    await registry.applyFleet(parseFleet(GREENHOUSE));
    const worker = new FurrowProcess(['ingest'], {
      ...queues,
      FURROW_STORE: `duckdb:${join(folder, 'points.duckdb')}`,
      FURROW_REGISTRY: address,
      FURROW_HTTP: '127.0.0.1:0',
    });
    onTestFinished(() => worker.destroy());
    const [, url = ''] = await worker.printed(/"operations":"([^"]+)"/);
    await expectLiveChanges({
      registry,
      url,
      producer: openProducer(queues.AWS_ENDPOINT_URL_SQS, queues.FURROW_UPLINK_QUEUE_URL),
    });
  });
});
