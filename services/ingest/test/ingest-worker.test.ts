import { type AgriId, agriId, type Point } from '@furrow/contracts';
import {
  createSqsClient,
  probeQueue,
  type Quarantine,
  QuarantineWriter,
  UplinkProducer,
} from '@furrow/queue';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import type { DevicePlan } from '@furrow/registry';
import { createLogger, createMetricsRegistry, Readiness } from '@furrow/runtime';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { IngestWorker } from '../src/ingest-worker.ts';
import { devicePlan } from './device-plans.ts';

const DEVICE = agriId('d-1000-abcd');
const PLAN = devicePlan(DEVICE, [{ data_factor: 0.1 }]);

/** A worker on an embedded SQS, between a store, a registry and a quarantine that a test can take down. */
async function startWorker(maxDelayMs = 5) {
  const sqs = await startEmbeddedSqs();
  onTestFinished(() => sqs.close());
  const client = createSqsClient(sqs.clientConfig);
  onTestFinished(() => client.destroy());
  const queueUrl = sqs.queueUrl('furrow-uplinks');
  const quarantineUrl = sqs.queueUrl('furrow-quarantine');
  const down = new Set<'store' | 'registry' | 'quarantine'>();
  const ifUp = async (part: 'store' | 'registry' | 'quarantine'): Promise<void> => {
    if (down.has(part)) throw new Error(`${part} is down`);
  };
  const stored = new Map<string, Point>();
  const writer = new QuarantineWriter({ client, queueUrl: quarantineUrl });
  const quarantine: Quarantine = {
    put: async (refusal, signal) => ifUp('quarantine').then(() => writer.put(refusal, signal)),
  };
  const readiness = new Readiness();
  const plansFor = async () => ifUp('registry').then(() => new Map<AgriId, DevicePlan>([[DEVICE, PLAN]]));
  const worker = new IngestWorker({
    client,
    queueUrl,
    quarantine,
    probeQuarantine: () => ifUp('quarantine'),
    registry: { probe: () => ifUp('registry'), plans: { plansFor, ownersOf: plansFor } },
    store: {
      probe: () => ifUp('store'),
      write: async (points) => {
        await ifUp('store');
        for (const point of points) stored.set(`${point.agriId} ${point.t}`, point);
        return { stored: points.length, alreadyStored: 0, rejected: [], keep: [] };
      },
    },
    readiness,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetricsRegistry('test'),
    pollers: 2,
    waitTimeSeconds: 1,
    writer: { maxBatchPoints: 100, maxDelayMs, maxPendingPoints: 1000, writeTimeoutMs: 5000 },
  });
  onTestFinished(() => worker.stop(1000));
  worker.start();
  const producer = new UplinkProducer({ client, queueUrl });
  const now = Date.now();
  const send = (count: number, value: unknown = 243) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        producer.send({
          v: 1,
          org_id: 'yanji-lab',
          project_id: 'greenhouse-alpha',
          device: DEVICE,
          received_at: now,
          items: [{ agri_id: `${DEVICE}-1-00`, value, t: now - index * 1000 }],
        }),
      ),
    );
  const waiting = async (url = queueUrl) => {
    const { messagesVisible, messagesInFlight } = await probeQueue({ client, queueUrl: url });
    return messagesVisible + messagesInFlight;
  };
  return {
    worker,
    readiness,
    down,
    stored,
    send,
    waiting,
    quarantineUrl,
    deadLetterUrl: sqs.queueUrl('furrow-dead-letter'),
  };
}

describe('IngestWorker', () => {
  it.each(['store', 'registry'] as const)(
    'pauses intake while the %s is out, holds what is in hand, says why, and goes on by itself',
    async (part) => {
      const { worker, readiness, down, stored, send, waiting, deadLetterUrl } = await startWorker();
      down.add(part);
      await send(30);
      await vi.waitFor(
        () => expect(readiness.report().waitingFor).toEqual({ [part]: `${part} is down` }),
        5000,
      );
      await vi.waitFor(() => expect(worker.ledger.messages.received).toBe(30), 5000);
      await send(30);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(worker.ledger.messages.received).toBeLessThanOrEqual(30 + 20);
      expect(worker.ledger.messages.returned).toBe(0);
      expect(stored.size).toBe(0);
      down.clear();
      await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 25_000, interval: 200 });
      expect(stored.size).toBe(30);
      expect(await waiting(deadLetterUrl)).toBe(0);
      expect(readiness.report().ready).toBe(true);
      expect(worker.ledger.readings).toMatchObject({ stored: 60, rejected: 0, inFlight: 0, imbalance: 0 });
      expect(worker.ledger.messages).toMatchObject({ received: 60, acked: 60, returned: 0 });
    },
  );

  it('writes what waits for company when it stops', async () => {
    const { worker, stored, send, waiting } = await startWorker(9_000);
    await send(3);
    await vi.waitFor(() => expect(worker.ledger.readings.inFlight).toBe(3), 5000);
    await worker.stop(5000);
    expect(stored.size).toBe(3);
    expect(worker.ledger.messages).toMatchObject({ acked: 3, returned: 0, inFlight: 0 });
    expect(await waiting()).toBe(0);
  });

  it('keeps a refused message on its queue while the quarantine takes nothing', async () => {
    const { worker, readiness, down, send, waiting, quarantineUrl } = await startWorker();
    down.add('quarantine');
    await send(3, null);
    await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty('quarantine'), 5000);
    expect(worker.ledger.readings.rejected).toBe(0);
    expect(await waiting()).toBe(3);
    down.clear();
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 25_000, interval: 200 });
    expect(await waiting(quarantineUrl)).toBe(3);
    expect(worker.ledger.readings).toMatchObject({
      rejected: 3,
      rejectedByReason: { no_reading: 3 },
      imbalance: 0,
    });
  });
});
