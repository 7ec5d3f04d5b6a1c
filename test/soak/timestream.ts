import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqsClient, probeQueue, UplinkProducer } from '@furrow/queue';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { CONFIG, fakeClients } from '../../packages/timeseries/test/timestream/fake/fake-clients.ts';
import type { FakeTimestream } from '../../packages/timeseries/test/timestream/fake/fake-timestream.ts';
import { type Random, seededRandom } from '../bench/random.ts';
import { checkQuarantine, type QuarantineCheck } from './check-quarantine.ts';
import { checkStore, type StoreCheck } from './check-store.ts';
import { MESSAGE_READINGS, SoakLoad } from './load.ts';
import { type SentLoad, sendLoad } from './send-load.ts';
import { drained, startSoakWorker, stopped } from './soak-worker.ts';
import { type ServiceCounts, startUnreliableTimestream } from './unreliable-timestream.ts';
import { type WorkerSample, WorkerWatch } from './worker-watch.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly readingsPerSecond: number;
  /** Options of Node.js for the worker beside its own, such as `--import ./leak.mjs`. */
  readonly nodeOptions?: string;
  /** Told every ten seconds. */
  readonly onProgress?: (line: string) => void;
}

/** What a run did and found. `problems` is empty when nothing was lost, doubled or made up. */
export interface SoakReport {
  readonly readings: number;
  readonly sent: SentLoad;
  readonly service: ServiceCounts;
  /** How long the queue took to empty after the last message, in seconds. */
  readonly drainSeconds: number;
  readonly samples: readonly WorkerSample[];
  readonly store: StoreCheck;
  readonly quarantine: QuarantineCheck;
  readonly problems: readonly string[];
}

/** The one time in which the service throttles everything: from 40 % of the run on, this share of it, at most so many seconds. */
const OUTAGE = { from: 0.4, share: 0.15, mostSeconds: 15 } as const;
const PROGRESS_MS = 10_000;
/** A worker whose memory grows with what it has done would pass it. */
const MOST_RESIDENT_MB = 1_536;

/**
 * A worker process on a Timestream (the fake, over HTTP) that throttles, refuses, loses answers and is out for a while, under a steady
 * load from an embedded SQS. Afterwards every point is read back and every refusal looked up in the quarantine.
 */
export async function soakTimestream(options: SoakOptions): Promise<SoakReport> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'furrow-soak-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const startedAtMs = Date.now();
  const messages = Math.ceil((options.minutes * 60 * options.readingsPerSecond) / MESSAGE_READINGS);
  const load = new SoakLoad({ seed: options.seed, messages, startedAtMs });
  const random = seededRandom(options.seed);
  let isOut = false;
  const { fake, counts } = await startUnreliableTimestream({
    random,
    refuses: (id, t) => load.refuses(id, t),
    isOut: () => isOut,
  });
  cleanup.defer(() => fake.close());
  const sqs = await startEmbeddedSqs();
  cleanup.defer(() => sqs.close());
  const client = createSqsClient(sqs.clientConfig);
  cleanup.defer(() => client.destroy());

  const { worker, operations } = await startSoakWorker(folder, sqs, {
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: fake.endpoint,
    AWS_ENDPOINT_URL_TIMESTREAM_QUERY: fake.endpoint,
    FURROW_STORE: `timestream://${CONFIG.database}/${CONFIG.table}`,
  });
  cleanup.defer(() => worker.destroy());
  const watch = new WorkerWatch(operations);
  const producer = new UplinkProducer({ client, queueUrl: sqs.queueUrl('furrow-uplinks') });
  const sent = await sendWithOutage(producer, load, options, {
    random,
    setOut: (out) => {
      isOut = out;
    },
    watch,
  });
  await producer.close();
  const drainSeconds = await drained(client, sqs, watch);
  await watch.stop();
  const problems = await stopped(worker);

  const store = await readBack(fake, load);
  const quarantine = await checkQuarantine(client, sqs.queueUrl('furrow-quarantine'), load);
  const dead = await probeQueue({ client, queueUrl: sqs.queueUrl('furrow-dead-letter') });
  if (dead.messagesVisible > 0) problems.push(`${dead.messagesVisible} messages are dead letters`);
  problems.push(...checkSamples(watch.samples, quarantine), ...store.problems, ...quarantine.problems);
  const readings = (load.messages + sent.repeated) * MESSAGE_READINGS;
  return {
    readings,
    sent,
    service: counts,
    drainSeconds,
    samples: watch.samples,
    store,
    quarantine,
    problems,
  };
}

/** Sends the load, with the service out for a while in the middle. */
async function sendWithOutage(
  producer: UplinkProducer,
  load: SoakLoad,
  { minutes, readingsPerSecond, onProgress }: SoakOptions,
  { random, setOut, watch }: { random: Random; setOut: (out: boolean) => void; watch: WorkerWatch },
): Promise<SentLoad> {
  const outage = Math.min(OUTAGE.share, OUTAGE.mostSeconds / (minutes * 60));
  let shownAt = 0;
  const onTick = (done: number): void => {
    const share = done / load.messages;
    setOut(share >= OUTAGE.from && share < OUTAGE.from + outage);
    if (performance.now() - shownAt < PROGRESS_MS) return;
    shownAt = performance.now();
    onProgress?.(progressLine(done, load.messages, watch.samples.at(-1)));
  };
  const sent = await sendLoad(producer, load, { readingsPerSecond, random, onTick });
  setOut(false);
  return sent;
}

async function readBack(fake: FakeTimestream, load: SoakLoad): Promise<StoreCheck> {
  const store = new TimestreamStore(fakeClients(fake, { requestTimeoutMs: 120_000 }), CONFIG);
  try {
    return await checkStore(store, load);
  } finally {
    await store.close();
  }
}

/** What the worker said of itself: its books, against those of the quarantine too, and its memory. */
function checkSamples(samples: readonly WorkerSample[], quarantine: QuarantineCheck): string[] {
  const problems: string[] = [];
  const unbalanced = samples.filter(({ imbalance }) => imbalance !== 0);
  if (unbalanced.length > 0) problems.push(`the ledger was out of balance in ${unbalanced.length} samples`);
  const last = samples.at(-1);
  if (last?.storeRejected !== quarantine.rejects) {
    problems.push(
      `the ledger says ${last?.storeRejected} were refused, the quarantine ${quarantine.rejects}`,
    );
  }
  if (last?.readings.rejected !== last?.storeRejected)
    problems.push('readings were refused before the store');
  const peak = Math.max(...samples.map(({ residentMb }) => residentMb));
  if (peak > MOST_RESIDENT_MB) problems.push(`the worker took ${Math.round(peak)} MiB`);
  return problems;
}

/** How a run stands, in a line. */
export function progressLine(done: number, messages: number, sample: WorkerSample | undefined): string {
  const { stored = 0, in_flight = 0, returned = 0 } = sample?.readings ?? {};
  const share = Math.floor((done / messages) * 100);
  const memory = Math.round(sample?.residentMb ?? 0);
  return `${share} % sent; ${stored} stored, ${in_flight} in flight, ${returned} returned; imbalance ${sample?.imbalance ?? 0}; ${memory} MiB`;
}
