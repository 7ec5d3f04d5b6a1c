import { parseArgs } from 'node:util';
import type { AgriId } from '@furrow/contracts';
import { IngestWorker } from '@furrow/ingest';
import { createSqsClient } from '@furrow/queue';
import type { DevicePlan } from '@furrow/registry';
import { createLogger, createMetricsRegistry, Readiness } from '@furrow/runtime';
import { benchPlans } from '../bench/fleet.ts';

/**
 * A worker as a process of its own, between plans in memory and a store that takes everything: what is measured is the worker. Prints one JSON
 * line a second; ends at SIGTERM.
 */
const { values } = parseArgs({ options: { endpoint: { type: 'string' }, queue: { type: 'string' } } });
const findPlan = benchPlans();
const plansFor = async (ids: readonly AgriId[]) => {
  const plans = new Map<AgriId, DevicePlan>();
  for (const id of ids) {
    const plan = findPlan(id);
    if (plan) plans.set(id, plan);
  }
  return plans;
};
const readiness = new Readiness();
const worker = new IngestWorker({
  client: createSqsClient({
    endpoint: values.endpoint ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  }),
  queueUrl: values.queue ?? '',
  quarantine: { put: () => Promise.reject(new Error('this load has nothing to refuse')) },
  probeQuarantine: async () => {},
  registry: { probe: async () => {}, plans: { plansFor, ownersOf: plansFor } },
  store: {
    probe: async () => {},
    write: async (points) => ({ stored: points.length, alreadyStored: 0, rejected: [], keep: [] }),
  },
  readiness,
  logger: createLogger({ service: 'soak', level: 'warn', destination: process.stderr }),
  metrics: createMetricsRegistry('soak'),
  pollers: 8,
  writer: { maxBatchPoints: 5_000, maxDelayMs: 25, maxPendingPoints: 100_000, writeTimeoutMs: 30_000 },
});

const report = (): void => {
  const { messages, readings } = worker.ledger;
  const rssMib = process.memoryUsage.rss() / 2 ** 20;
  console.log(
    JSON.stringify({ acked: messages.acked, imbalance: readings.imbalance + messages.imbalance, rssMib }),
  );
};
report();
worker.start();
const timer = setInterval(report, 1_000);
process.once('SIGTERM', async () => {
  clearInterval(timer);
  await worker.stop(5_000);
  report();
  process.exit(0);
});
