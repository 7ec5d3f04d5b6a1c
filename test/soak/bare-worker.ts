import { parseArgs } from 'node:util';
import { createSqsClient } from '@furrow/queue';
import { benchWorker } from '../bench/bench-worker.ts';

/**
 * A worker as a process of its own, between plans in memory and a store that takes everything: what is measured is the worker. Prints one JSON
 * line a second; ends at SIGTERM.
 */
const { values } = parseArgs({ options: { endpoint: { type: 'string' }, queue: { type: 'string' } } });
const worker = benchWorker({
  client: createSqsClient({
    endpoint: values.endpoint ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  }),
  queueUrl: values.queue ?? '',
  store: {
    probe: async () => {},
    write: async (points) => ({ stored: points.length, alreadyStored: 0, rejected: [], keep: [] }),
  },
  pollers: 8,
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
