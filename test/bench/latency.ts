import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgriId, agriId, factorAgriId } from '@furrow/contracts';
import { openRegistry, parseFleet } from '@furrow/registry';
import { FurrowProcess } from '../support/furrow-process.ts';
import { benchFleet, DEVICES } from './fleet.ts';
import { markdownTable } from './table.ts';

const TOKEN = 'fur_token-of-the-benchmark';
const ITEMS = 10;
/** How the most that goes through is found: so many connections that always send, for so long. */
const FULL = { connections: 16, seconds: 10 } as const;
const HALF_SECONDS = 30;
/** Posts a second that are followed until their reading is readable; each asks again as soon as it has its answer and this wait. */
const PROBES_A_SECOND = 5;
const PROBE_WAIT_MS = 5;
const GIVE_UP_MS = 60_000;

interface Gateway {
  readonly url: string;
  readonly devices: readonly { readonly id: AgriId; readonly pk: number }[];
}

/** A post that was answered: the factor to ask for, and the time of its reading. */
interface Posted {
  readonly factor: AgriId;
  readonly t: number;
  readonly answeredAt: number;
}

/**
 * The all-in-one process as users start it (API, embedded SQS, worker, DuckDB; the load is another process): the most posts of ten readings that it
 * takes and makes readable, then half of that rate in an open loop. Latency is counted from the intended time of a post, and from its
 * answer until the API shows its reading, which includes the asking.
 */
export async function benchLatency(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const devices = await seedFleet(folder);
  const furrow = new FurrowProcess(['dev', '--no-replay', '--data', folder, '--sqs-port', '0'], {
    FURROW_HTTP: '127.0.0.1:0',
  });
  try {
    const [, url = ''] = await furrow.printed(/Furrow is up at (\S+?),/);
    const gateway = { url, devices };
    await fullRate(gateway, 3);
    const most = await fullRate(gateway, FULL.seconds);
    const half = await openLoop(gateway, most / 2);
    const row = (name: string, histogram: RecordableHistogram) => [
      name,
      ...[50, 90, 99, 99.9].map((percentile) => histogram.percentile(percentile) / 1000),
      histogram.max / 1000,
      histogram.count.toLocaleString('en-US'),
    ];
    const columns = ['milliseconds', 'p50', 'p90', 'p99', 'p99.9', 'max', 'count'];
    const table = markdownTable(columns, [
      row('intended time to answer of the POST', half.answers),
      row('answer to readable through the API', half.readable),
      row('intended time to readable', half.both),
    ]);
    return `The most: ${Math.round(most)} posts/s of ${ITEMS} readings, sent and readable. Half of it, ${Math.round(most / 2)}/s, for ${HALF_SECONDS} s:\n\n${table}`;
  } finally {
    furrow.kill('SIGTERM');
    await furrow.exited();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function seedFleet(folder: string): Promise<Gateway['devices']> {
  const registry = await openRegistry(`pglite:${join(folder, 'registry')}`);
  try {
    const token = { name: 'bench', role: 'manager' as const, token: TOKEN };
    const { orgs } = benchFleet();
    await registry.applyFleet(parseFleet({ orgs: orgs.map((org) => ({ ...org, tokens: [token] })) }));
    const ids = Array.from({ length: DEVICES }, (_, index) => agriId(`d-${1000 + index}-abcd`));
    const plans = await registry.plans.plansFor(ids);
    return ids.map((id) => ({ id, pk: plans.get(id)?.device.pk ?? 0 }));
  } finally {
    await registry.close();
  }
}

/** Posts a second that came through, when each connection sends as soon as it has its answer: over the time until the last is readable. */
async function fullRate(gateway: Gateway, seconds: number): Promise<number> {
  const startedAt = performance.now();
  let posts = 0;
  const lasts: Posted[] = [];
  await Promise.all(
    Array.from({ length: FULL.connections }, async () => {
      let last: Posted | undefined;
      while (performance.now() - startedAt < seconds * 1000) last = await post(gateway, posts++);
      if (last !== undefined) lasts.push(last);
    }),
  );
  for (const last of lasts) await readable(gateway, last);
  return posts / ((performance.now() - startedAt) / 1000);
}

async function openLoop(gateway: Gateway, rate: number) {
  const [answers, readableAfter, both] = [createHistogram(), createHistogram(), createHistogram()];
  const count = Math.floor(rate * HALF_SECONDS);
  const probeEvery = Math.max(1, Math.round(rate / PROBES_A_SECOND));
  const startedAt = performance.now();
  const work: Promise<void>[] = [];
  const one = async (number: number, intendedAt: number): Promise<void> => {
    const posted = await post(gateway, number);
    answers.record(micros(posted.answeredAt - intendedAt));
    if (number % probeEvery !== 0) return;
    const readableAt = await readable(gateway, posted);
    readableAfter.record(micros(readableAt - posted.answeredAt));
    both.record(micros(readableAt - intendedAt));
  };
  for (let number = 0; number < count; number += 1) {
    const intendedAt = startedAt + (number / rate) * 1000;
    const early = intendedAt - performance.now();
    if (early > 0) await sleep(early);
    work.push(one(number, intendedAt));
  }
  await Promise.all(work);
  return { answers, readable: readableAfter, both };
}

/** Histograms hold whole numbers from 1. */
function micros(ms: number): number {
  return Math.max(1, Math.round(ms * 1000));
}

let newestT = 0;

async function post({ url, devices }: Gateway, number: number): Promise<Posted> {
  const device = devices[number % DEVICES];
  if (device === undefined) throw new Error('the fleet is empty');
  // Its own millisecond for each post, so that it is known by it.
  newestT = Math.max(newestT + 1, Date.now() - 30_000);
  const t = newestT;
  const factors = Array.from({ length: ITEMS }, (_, factor) => factorAgriId(device.id, 1, 0, factor));
  const items = factors.map((agri_id, at) => ({ agri_id, value: (number + at) % 1000, t }));
  const response = await fetch(`${url}/api/v2/projects/bench/devices/${device.pk}/data/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(items),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the API answered ${response.status}: ${text}`);
  return { factor: factors[0] ?? device.id, t, answeredAt: performance.now() };
}

/** When the API showed the reading. */
async function readable({ url }: Gateway, { factor, t }: Posted): Promise<number> {
  // min_timestamp is exclusive: a reading of a whole second is only after the one before.
  const before = Math.floor(t / 1000) - 1;
  const query = `page=1&page_size=100&min_timestamp=${before}`;
  const headers = { authorization: `Bearer ${TOKEN}`, 'cache-control': 'no-cache' };
  const startedAt = performance.now();
  while (performance.now() - startedAt < GIVE_UP_MS) {
    const response = await fetch(`${url}/api/v2/factors/${factor}/data/?${query}`, { headers });
    if (!response.ok) throw new Error(`the API answered ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as { data: { data: readonly { t: number }[] } };
    if (data.data.some((point) => Math.round(point.t * 1000) === t)) return performance.now();
    await sleep(PROBE_WAIT_MS);
  }
  throw new Error(`${factor} at ${t} was not readable after ${GIVE_UP_MS} ms`);
}
