import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestWorker } from '@furrow/ingest';
import { createSqsClient, QuarantineWriter, QueueConsumer, UplinkProducer } from '@furrow/queue';
import { openRegistry } from '@furrow/registry';
import { createLogger, createMetricsRegistry, Readiness } from '@furrow/runtime';
import { openStore } from '@furrow/timeseries';
import { benchFleet, benchUplink, type Form, readingsIn } from './fleet.ts';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 3;
const POLLERS = 8;

/** Sizes of message: what a single gateway posts, and what the producer packs for a billing unit of 64 KiB. */
const SHAPES: readonly {
  readonly name: string;
  readonly form: Form;
  readonly reads: number;
  readonly messages: number;
}[] = [
  { name: '10 items, 1 KiB', form: 'items', reads: 1, messages: 3000 },
  { name: '700 items, 57 KiB', form: 'items', reads: 70, messages: 400 },
  { name: '4,000 readings as frames, 52 KiB', form: 'frames', reads: 400, messages: 100 },
];

interface Measured {
  readonly messagesPerSecond: number;
  /** CPU seconds of the consuming process for a thousand messages. */
  readonly cpuPerThousand: number;
  readonly peakRssMb: number;
}

/**
 * The worker on a full queue (SQS server in another process, DuckDB on disk) against the floor: the same pollers that only receive and
 * delete. Both sides take turns in each round on the same messages; medians of the rounds.
 */
export async function benchQueue(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const server = spawn(process.execPath, [resolve(import.meta.dirname, 'sqs-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [endpoint] = (await once(createInterface(server.stdout), 'line')) as [string];
    const rows: Row[] = [];
    for (const shape of SHAPES) {
      const results: Record<'floor' | 'furrow', Measured[]> = { floor: [], furrow: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const side of ['floor', 'furrow'] as const) {
          results[side].push(await measure(side, endpoint, shape, join(folder, `${rows.length}-${round}`)));
        }
      }
      const of = (side: 'floor' | 'furrow', what: keyof Measured) =>
        median(results[side].map((measured) => measured[what]));
      const floor = of('floor', 'messagesPerSecond');
      const furrow = of('furrow', 'messagesPerSecond');
      const readings = furrow * readingsIn(shape.reads);
      rows.push([
        shape.name,
        floor,
        furrow,
        furrow / floor,
        readings,
        of('furrow', 'cpuPerThousand') - of('floor', 'cpuPerThousand'),
        of('furrow', 'peakRssMb'),
      ]);
    }
    const columns = [
      'message',
      'floor, messages/s',
      'Furrow, messages/s',
      'Furrow ÷ floor',
      'Furrow, readings/s',
      'CPU s above the floor / 1,000 messages',
      'peak RSS, MiB',
    ];
    return markdownTable(columns, rows);
  } finally {
    server.stdin.end();
    await once(server, 'close');
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  side: 'floor' | 'furrow',
  endpoint: string,
  shape: (typeof SHAPES)[number],
  folder: string,
): Promise<Measured> {
  const client = createSqsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const queueUrl = `${endpoint}/000000000000/furrow-uplinks`;
  const newestT = Math.floor(Date.now() / 1000) - 60;
  const producer = new UplinkProducer({ client, queueUrl });
  const numbers = Array.from({ length: shape.messages }, (_, number) => number);
  for (let start = 0; start < numbers.length; start += 100) {
    await Promise.all(
      numbers
        .slice(start, start + 100)
        .map((number) => producer.send(benchUplink(number, shape.form, shape.reads, newestT))),
    );
  }
  await producer.close();
  const consumer =
    side === 'floor'
      ? floorConsumer(client, queueUrl)
      : await furrowConsumer(client, queueUrl, endpoint, folder);
  const expected = shape.messages;
  let peakRssMb = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  consumer.start();
  while (consumer.done() < expected) {
    peakRssMb = Math.max(peakRssMb, process.memoryUsage.rss() / 2 ** 20);
    await sleep(20);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await consumer.stop();
  client.destroy();
  return {
    messagesPerSecond: expected / seconds,
    cpuPerThousand: (cpu.user + cpu.system) / 1e6 / (expected / 1000),
    peakRssMb,
  };
}

interface BenchConsumer {
  start(): void;
  /** Messages acknowledged so far. */
  done(): number;
  stop(): Promise<void>;
}

type Client = ReturnType<typeof createSqsClient>;

function floorConsumer(client: Client, queueUrl: string): BenchConsumer {
  const quarantine = { put: () => Promise.reject(new Error('the floor refuses nothing')) };
  const consumer = new QueueConsumer({
    client,
    queueUrl,
    quarantine,
    pollers: POLLERS,
    waitTimeSeconds: 1,
    handle: async () => ({ kind: 'ack' }),
  });
  return { start: () => consumer.start(), done: () => consumer.counters.acked, stop: () => consumer.stop() };
}

async function furrowConsumer(
  client: Client,
  queueUrl: string,
  endpoint: string,
  folder: string,
): Promise<BenchConsumer> {
  const store = await openStore(`duckdb:${join(folder, 'points.duckdb')}`);
  const registry = await openRegistry('pglite::memory:');
  await registry.applyFleet(benchFleet());
  const worker = new IngestWorker({
    client,
    queueUrl,
    quarantine: new QuarantineWriter({ client, queueUrl: `${endpoint}/000000000000/furrow-quarantine` }),
    probeQuarantine: async () => {},
    registry,
    readiness: new Readiness(),
    store,
    logger: createLogger({ service: 'bench', level: 'error' }),
    metrics: createMetricsRegistry('bench'),
    pollers: POLLERS,
    waitTimeSeconds: 1,
    writer: { maxBatchPoints: 5000, maxDelayMs: 25, maxPendingPoints: 100_000, writeTimeoutMs: 30_000 },
  });
  return {
    start: () => worker.start(),
    done: () => worker.ledger.messages.acked,
    stop: async () => {
      await worker.stop(5000);
      const { imbalance, rejected } = worker.ledger.readings;
      if (imbalance !== 0 || rejected !== 0)
        throw new Error(`the ledger shows ${rejected} rejected readings and an imbalance of ${imbalance}`);
      await registry.close();
      await store.close();
    },
  };
}
