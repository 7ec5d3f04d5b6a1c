import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqsClient, probeQueue, UplinkProducer } from '@furrow/queue';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { openStore } from '@furrow/timeseries';
import { seededRandom } from '../bench/random.ts';
import type { FurrowProcess } from '../support/furrow-process.ts';
import { checkStore, type StoreCheck } from './check-store.ts';
import { notFlat, trendLine } from './flatness.ts';
import { MESSAGE_READINGS, SoakLoad } from './load.ts';
import { sendLoad } from './send-load.ts';
import { drained, startSoakWorker, stopped } from './soak-worker.ts';
import { progressLine, type SoakOptions } from './timestream.ts';
import { type WorkerSample, WorkerWatch } from './worker-watch.ts';

const PROGRESS_MS = 10_000;
/** Small, so that DuckDB's buffer is full early in a run of minutes, and what grows after that is something else. */
const BUFFER = '96MB';

/**
 * Close above what the worker needs, as a deployment sets them: V8 takes all the room that it may before it looks for garbage, in minutes or
 * never, and under a saw of 150 MiB no leak can be seen.
 */
const NODE_OPTIONS = '--max-semi-space-size=4 --max-old-space-size=256';

/** What a run did and found. `problems` is empty when nothing was lost, and throughput and memory were flat. */
export interface SteadyReport {
  readonly readings: number;
  readonly seconds: number;
  readonly drainSeconds: number;
  /** While the load came, one a second. */
  readonly samples: readonly WorkerSample[];
  readonly store: StoreCheck;
  readonly problems: readonly string[];
}

/** A worker process on DuckDB under a steady load from an embedded SQS, with no trouble but messages that come twice. Then every point is read back. */
export async function soakSteady(options: SoakOptions): Promise<SteadyReport> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'furrow-soak-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const messages = Math.ceil((options.minutes * 60 * options.readingsPerSecond) / MESSAGE_READINGS);
  const load = new SoakLoad({
    ...{ seed: options.seed, messages, startedAtMs: Date.now() },
    refusedShare: 0,
  });
  const sqs = await startEmbeddedSqs();
  cleanup.defer(() => sqs.close());
  const client = createSqsClient(sqs.clientConfig);
  cleanup.defer(() => client.destroy());
  const storeUrl = `duckdb:${join(folder, 'points.duckdb')}?memory_limit=${BUFFER}`;
  const { worker, operations } = await startSoakWorker(folder, sqs, {
    FURROW_STORE: storeUrl,
    NODE_OPTIONS: `${NODE_OPTIONS} ${options.nodeOptions ?? ''}`,
  });
  cleanup.defer(() => worker.destroy());
  const watch = new WorkerWatch(operations);
  const producer = new UplinkProducer({ client, queueUrl: sqs.queueUrl('furrow-uplinks') });
  let shownAt = 0;
  const sending = sendLoad(producer, load, {
    readingsPerSecond: options.readingsPerSecond,
    random: seededRandom(options.seed),
    onTick: (done) => {
      if (performance.now() - shownAt < PROGRESS_MS) return;
      shownAt = performance.now();
      options.onProgress?.(progressLine(done, load.messages, watch.samples.at(-1)));
    },
  });
  const sent = await Promise.race([sending, died(worker)]);
  await producer.close();
  const samples = [...watch.samples];
  const drainSeconds = await drained(client, sqs, watch);
  await watch.stop();
  const problems = await stopped(worker);
  const store = await readBack(storeUrl, load);
  for (const queue of ['furrow-quarantine', 'furrow-dead-letter']) {
    const { messagesVisible } = await probeQueue({ client, queueUrl: sqs.queueUrl(queue) });
    if (messagesVisible > 0) problems.push(`${messagesVisible} messages are on ${queue}`);
  }
  const unbalanced = watch.samples.filter(({ imbalance }) => imbalance !== 0).length;
  if (unbalanced > 0) problems.push(`the ledger was out of balance in ${unbalanced} samples`);
  problems.push(...store.problems, ...notFlat(samples, drainSeconds));
  const readings = (load.messages + sent.repeated) * MESSAGE_READINGS;
  return { readings, seconds: sent.seconds, drainSeconds, samples, store, problems };
}

/** Rejects when the worker ends by itself, as one does whose memory is full, with the last that it said. */
async function died(worker: FurrowProcess): Promise<never> {
  const code = await worker.exited();
  throw new Error(`the worker ended with ${code} in the middle of the run:\n${worker.output.slice(-2_000)}`);
}

async function readBack(storeUrl: string, load: SoakLoad): Promise<StoreCheck> {
  const store = await openStore(storeUrl);
  try {
    return await checkStore(store, load);
  } finally {
    await store.close();
  }
}

/** The report for people. */
export function steadySummary(report: SteadyReport): string {
  const { readings, seconds, drainSeconds, samples, store, problems } = report;
  return [
    `${readings} readings in ${Math.round(seconds)} s; queue empty ${drainSeconds.toFixed(1)} s later; ${store.read} of ${store.expected} points read back`,
    `${samples.length} samples; ${trendLine(samples)}`,
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    ...(problems.length === 0 ? ['Nothing lost, nothing made up.'] : []),
  ].join('\n');
}
