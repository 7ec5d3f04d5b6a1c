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
import { createLogger, createMetricsRegistry, Liveness, Readiness } from '@furrow/runtime';
import type { WriteReport } from '@furrow/timeseries';
import { expect, onTestFinished, vi } from 'vitest';
import { IngestWorker, type IngestWorkerOptions } from '../src/ingest-worker.ts';
import { devicePlan } from './device-plans.ts';

export const DEVICE = agriId('d-1000-abcd');
export const OTHER_DEVICE = agriId('d-2000-abcd');

const PLANS = new Map<AgriId, DevicePlan>(
  [DEVICE, OTHER_DEVICE].map((id) => [id, devicePlan(id, [{ data_factor: 0.1 }])]),
);

type Part = 'store' | 'registry' | 'quarantine';

/** A worker on an embedded SQS, between a store, a registry and a quarantine that a test can take down. */
export async function startWorker(change: Partial<IngestWorkerOptions> = {}) {
  const sqs = await startEmbeddedSqs();
  onTestFinished(() => sqs.close());
  const client = createSqsClient(sqs.clientConfig);
  onTestFinished(() => client.destroy());
  const queueUrl = sqs.queueUrl('furrow-uplinks');
  const quarantineUrl = sqs.queueUrl('furrow-quarantine');
  /** Parts that neither answer probes nor work. */
  const down = new Set<Part>();
  /** Parts that answer probes and fail at their work. */
  const failing = new Set<Part>();
  const probe = async (part: Part): Promise<void> => {
    if (down.has(part)) throw new Error(`${part} is down`);
  };
  const work = async (part: Part): Promise<void> => {
    await probe(part);
    if (failing.has(part)) throw new Error(`${part} fails`);
  };
  const stored = new Map<string, Point>();
  const writer = new QuarantineWriter({ client, queueUrl: quarantineUrl });
  const quarantine: Quarantine = {
    put: async (refusal, signal) => work('quarantine').then(() => writer.put(refusal, signal)),
  };
  const readiness = new Readiness();
  const liveness = new Liveness();
  const metrics = createMetricsRegistry('test');
  const plansFor = async (devices: readonly AgriId[]) => {
    await work('registry');
    return new Map([...PLANS].filter(([id]) => devices.some((wanted) => wanted.startsWith(id))));
  };
  const worker = new IngestWorker({
    client,
    queueUrl,
    quarantine,
    probeQuarantine: () => probe('quarantine'),
    registry: { probe: () => probe('registry'), plans: { plansFor, ownersOf: plansFor } },
    store: {
      probe: () => probe('store'),
      write: async (points): Promise<WriteReport> => {
        await work('store');
        for (const point of points) stored.set(`${point.agriId} ${point.t}`, point);
        return { stored: points.length, alreadyStored: 0, rejected: [], keep: [] };
      },
    },
    readiness,
    liveness,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    pollers: 2,
    waitTimeSeconds: 1,
    writer: { maxBatchPoints: 100, maxDelayMs: 5, maxPendingPoints: 1000, writeTimeoutMs: 5000 },
    ...change,
  });
  onTestFinished(() => worker.stop(1000));
  worker.start();
  const producer = new UplinkProducer({ client, queueUrl });
  const now = Date.now();
  const send = (count: number, value: unknown = 243, device: AgriId = DEVICE) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        producer.send({
          v: 1,
          org_id: 'yanji-lab',
          project_id: 'greenhouse-alpha',
          device,
          received_at: now,
          items: [{ agri_id: `${device}-1-00`, value, t: now - index * 1000 }],
        }),
      ),
    );
  /** Sends any body, with the device's attribute and others, as it stands on the wire. */
  const sendBody = async (body: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> => {
    const texts = { device_agri_id: DEVICE, ...attributes };
    const MessageAttributes = Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
    );
    const answer = await fetch(sqs.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
        authorization:
          'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=x',
      },
      body: JSON.stringify({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes }),
    });
    expect(answer.status, await answer.text()).toBe(200);
  };
  const waiting = async (url = queueUrl) => {
    const { messagesVisible, messagesInFlight } = await probeQueue({ client, queueUrl: url });
    return messagesVisible + messagesInFlight;
  };
  return {
    sqs,
    client,
    queueUrl,
    worker,
    readiness,
    liveness,
    metrics,
    down,
    failing,
    stored,
    send,
    sendBody,
    waiting,
    quarantineUrl,
    deadLetterUrl: sqs.queueUrl('furrow-dead-letter'),
    /** What is stored, oldest first. */
    values: () => [...stored.values()].sort((a, b) => a.t - b.t).map(({ value }) => value),
    /** Resolves when so many messages were received and none is in hand. */
    finished: (messages: number) =>
      vi.waitFor(
        () => {
          expect(worker.ledger.messages.received).toBeGreaterThanOrEqual(messages);
          expect(worker.ledger.messages.inFlight).toBe(0);
        },
        { timeout: 20_000, interval: 10 },
      ),
  };
}
