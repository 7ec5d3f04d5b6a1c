import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CREDENTIALS } from '../../../packages/timeseries/test/timestream/fake/signature.ts';
import type { QueueBill } from '../../soak/generated-queue.ts';
import { readingsIn } from '../fleet.ts';
import { Part } from './part.ts';
import type { SideUsage } from './side.ts';

const MOST_WARM_UP_MS = 12_000;

export type StoreKind = 'sink' | 'duckdb' | 'timestream';

/** One run of one side. */
export interface SideRun {
  /** A script of this folder. */
  readonly script: string;
  /** Reads of ten points in a message. */
  readonly reads: number;
  /** `sink`: line protocol to a process that counts it; `duckdb`: a file; `timestream`: the strict fake in a process. */
  readonly store: StoreKind;
  /** CPU seconds that the side uses first: on a busy machine a time by the clock would leave some of its code uncompiled. */
  readonly warmUpCpuSeconds: number;
  readonly seconds: number;
  /** Options of Node.js for the side, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** What a side did in the time that was measured. */
export interface SideFigures {
  readonly messagesPerSecond: number;
  readonly pointsPerSecond: number;
  readonly cpuMicrosPerPoint: number;
  /** CPU seconds of the side for each second: 1 is a whole core. */
  readonly cores: number;
  /** The same of the queue's process: near 1, the queue is the limit. */
  readonly queueCores: number;
  readonly rssMib: number;
  /** Requests of the queue for a million points. */
  readonly requestsPerMillion: number;
  /** What SQS bills for them, in units of 64 KiB. */
  readonly chunksPerMillion: number;
  /** What the store took for all points of the run; NaN for what it does not count. */
  readonly stored: StoredFigures;
}

export interface StoredFigures {
  readonly requestsPerMillion: number;
  readonly billedKibPerMillion: number;
  readonly bytesPerPoint: number;
}

interface StoreCounts {
  readonly points?: number;
  readonly requests?: number;
  readonly billedKib?: number;
  readonly bytes?: number;
}

interface BenchStore {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly counts: () => Promise<StoreCounts>;
}

type QueueCounts = QueueBill & { readonly deleted: number; readonly cpuSeconds: number };

/** Runs one side on a fresh queue and a fresh store, and measures it once it is warm. Throws when the store has less than was deleted. */
export async function measureSide(run: SideRun): Promise<SideFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const parts: Part[] = [];
  const start = async (...args: Parameters<typeof Part.start>): Promise<Part> => {
    const part = await Part.start(...args);
    parts.unshift(part);
    return part;
  };
  try {
    const queue = await start('queue-part.ts', [String(run.reads)]);
    const { endpoint, queueUrl } = JSON.parse(queue.opening) as { endpoint: string; queueUrl: string };
    const store = await openStorePart(run.store, folder, start);
    const side = await start(
      run.script,
      ['--endpoint', endpoint, '--queue', queueUrl, '--store', store.url],
      run.nodeOptions,
      store.env,
    );
    await side.ask('start');
    await warmedUp(side, run.warmUpCpuSeconds);
    const before = await look(queue, side);
    await sleep(run.seconds * 1000);
    const after = await look(queue, side);
    await side.ask('stop');
    const { deleted } = await queue.ask<QueueCounts>('counts');
    const counts = await store.counts();
    const owed = deleted * readingsIn(run.reads);
    if (run.script !== 'floor-side.ts' && counts.points !== undefined && counts.points < owed) {
      throw new Error(`${run.script} deleted ${owed} points and stored ${counts.points}`);
    }
    return { ...figuresOf(before, after, readingsIn(run.reads)), stored: storedFigures(counts, owed) };
  } finally {
    for (const part of parts) await part.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A side that waits for its store more than it computes is warm after a while, too. */
async function warmedUp(side: Part, cpuSeconds: number): Promise<void> {
  const { cpuSeconds: begin } = await side.ask<SideUsage>('usage');
  const startedAt = performance.now();
  while (performance.now() - startedAt < MOST_WARM_UP_MS) {
    await sleep(200);
    const usage = await side.ask<SideUsage>('usage');
    if (usage.cpuSeconds - begin >= cpuSeconds) return;
  }
}

async function openStorePart(kind: StoreKind, folder: string, start: typeof Part.start): Promise<BenchStore> {
  if (kind === 'duckdb') {
    const file = join(folder, 'points.duckdb');
    return { url: `duckdb:${file}`, env: {}, counts: async () => ({ bytes: await sizeOf(file) }) };
  }
  const part = await start(kind === 'sink' ? 'sink-part.ts' : 'timestream-part.ts');
  const counts = () => part.ask<StoreCounts>('counts');
  if (kind === 'sink') return { url: `influx+${part.opening}/bench`, env: {}, counts };
  const env = {
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: part.opening,
    AWS_ENDPOINT_URL_TIMESTREAM_QUERY: part.opening,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
  return { url: 'timestream://furrow/points', env, counts };
}

/** The floor makes no file. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => Number.NaN,
  );
}

function storedFigures(counts: StoreCounts, points: number): StoredFigures {
  return {
    requestsPerMillion: ((counts.requests ?? Number.NaN) / points) * 1e6,
    billedKibPerMillion: ((counts.billedKib ?? Number.NaN) / points) * 1e6,
    bytesPerPoint: (counts.bytes ?? Number.NaN) / points,
  };
}

type Look = Awaited<ReturnType<typeof look>>;

async function look(queue: Part, side: Part) {
  const [counts, usage] = await Promise.all([queue.ask<QueueCounts>('counts'), side.ask<SideUsage>('usage')]);
  return { at: performance.now() / 1000, counts, usage };
}

function figuresOf(before: Look, after: Look, pointsPerMessage: number): Omit<SideFigures, 'stored'> {
  const seconds = after.at - before.at;
  const messages = after.counts.deleted - before.counts.deleted;
  const points = messages * pointsPerMessage;
  const cpuSeconds = after.usage.cpuSeconds - before.usage.cpuSeconds;
  return {
    messagesPerSecond: messages / seconds,
    pointsPerSecond: points / seconds,
    cpuMicrosPerPoint: (cpuSeconds * 1e6) / points,
    cores: cpuSeconds / seconds,
    queueCores: (after.counts.cpuSeconds - before.counts.cpuSeconds) / seconds,
    rssMib: after.usage.rssMib,
    requestsPerMillion: ((requestsOf(after) - requestsOf(before)) / points) * 1e6,
    chunksPerMillion: ((after.counts.chunks - before.counts.chunks) / points) * 1e6,
  };
}

function requestsOf({ counts }: Look): number {
  return Object.values(counts.requests).reduce((sum, count) => sum + count, 0);
}
