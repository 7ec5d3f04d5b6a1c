import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer, ResponseCache, risingClock } from '@furrow/api';
import { agriId } from '@furrow/contracts';
import { createSqsClient, UplinkProducer } from '@furrow/queue';
import { openRegistry, parseFleet } from '@furrow/registry';
import { createLogger, createMetricsRegistry, createOperations, Readiness } from '@furrow/runtime';
import { openStore } from '@furrow/timeseries';
import { fastify } from 'fastify';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 3;
const CONNECTIONS = 32;
const TOKEN = 'fur_token-of-the-benchmark';
const DEVICE = agriId('d-1000-abcd');
const FACTOR = agriId('d-1000-abcd-1-00');
const STORED = 5_000;

/** Requests of one measurement; fewer of the large ones. */
const SHAPES = [
  { name: 'POST 1 item', items: 1, requests: 3_000 },
  { name: 'POST 50 items', items: 50, requests: 1_500 },
  { name: 'POST 500 items', items: 500, requests: 300 },
  { name: 'GET a history page of 50, kept', items: 0, requests: 3_000 },
  { name: 'GET a history page of 50, asked anew', items: 0, requests: 1_000, fresh: true },
] as const;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * The Open API as it runs (registry PGlite, store DuckDB, SQS in another process) beside a bare Fastify route that parses the same body
 * and answers as many bytes. Client and servers share one process; the sides take turns in each round.
 */
export async function benchApi(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const sqs = spawn(process.execPath, [resolve(import.meta.dirname, 'sqs-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [endpoint] = (await once(createInterface(sqs.stdout), 'line')) as [string];
    const furrow = await startFurrow(endpoint, folder);
    const bare = await startBare();
    const rows: Row[] = [];
    for (const shape of SHAPES) {
      const results: Record<'bare' | 'furrow', Measured[]> = { bare: [], furrow: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        results.bare.push(await measure(bare.url, bare.devicePk, shape));
        results.furrow.push(await measure(furrow.url, furrow.devicePk, shape));
      }
      const of = (side: 'bare' | 'furrow', what: keyof Measured) => median(results[side].map((m) => m[what]));
      rows.push([
        shape.name,
        of('bare', 'perSecond'),
        of('furrow', 'perSecond'),
        of('furrow', 'perSecond') / of('bare', 'perSecond'),
        of('bare', 'p50'),
        of('furrow', 'p50'),
        of('bare', 'p99'),
        of('furrow', 'p99'),
      ]);
    }
    await bare.close();
    await furrow.close();
    return markdownTable(
      [
        `${CONNECTIONS} connections`,
        'bare, requests/s',
        'Furrow, requests/s',
        'Furrow ÷ bare',
        'bare p50, ms',
        'Furrow p50, ms',
        'bare p99, ms',
        'Furrow p99, ms',
      ],
      rows,
    );
  } finally {
    sqs.stdin.end();
    await once(sqs, 'close');
    await rm(folder, { recursive: true, force: true });
  }
}

interface Side {
  readonly url: string;
  readonly devicePk: number;
  close(): Promise<void>;
}

async function startFurrow(endpoint: string, folder: string): Promise<Side> {
  const registry = await openRegistry('pglite::memory:');
  const factor = {
    unit: 1,
    address: 0,
    modbus_type: 'holding',
    data_type: 'int16',
    data_factor: 0.1,
    the_type: 'temp',
  };
  const device = { device_id: '868686000123456', agri_id: DEVICE, factors: [factor] };
  const token = { name: 'bench', role: 'manager', token: TOKEN };
  await registry.applyFleet(
    parseFleet({
      orgs: [{ slug: 'bench', tokens: [token], projects: [{ project_id: 'bench', devices: [device] }] }],
    }),
  );
  const store = await openStore(`duckdb:${join(folder, 'points.duckdb')}`);
  const now = Date.now();
  const points = Array.from({ length: STORED }, (_, index) => ({
    agriId: FACTOR,
    t: now - index * 1_000,
    value: index / 10,
    version: now,
    device: DEVICE,
    orgId: 'bench',
    projectId: 'bench',
    theType: 'temp',
  }));
  await store.write(points);
  const client = createSqsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const producer = new UplinkProducer({ client, queueUrl: `${endpoint}/000000000000/furrow-uplinks` });
  const metrics = createMetricsRegistry('bench');
  const server = createServer({
    registry,
    producer,
    store,
    cache: new ResponseCache(),
    operations: createOperations(new Readiness(), metrics),
    metrics,
    logger: createLogger({ service: 'bench', level: 'error' }),
    receivedAt: risingClock(),
    settings: { requestsPerMinute: 0 },
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const plans = await registry.plans.plansFor([DEVICE]);
  return {
    url,
    devicePk: plans.get(DEVICE)?.device.pk ?? 0,
    close: async () => {
      await server.close();
      await producer.close();
      client.destroy();
      await store.close();
      await registry.close();
    },
  };
}

async function startBare(): Promise<Side> {
  const app = fastify();
  const data = Array.from({ length: 50 }, (_, index) => ({
    agri_id: FACTOR,
    v: index / 10,
    t: 1_700_000_000 + index,
  }));
  const page = { success: true, data: { total: STORED, data }, error: null };
  app.post('/*', async (request) => {
    const items = request.body as readonly unknown[];
    return { success: true, data: { received: items.length }, error: null };
  });
  app.get('/*', async () => page);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, devicePk: 1, close: () => app.close() };
}

async function measure(
  url: string,
  devicePk: number,
  shape: { readonly items: number; readonly requests: number; readonly fresh?: boolean },
): Promise<Measured> {
  const isPost = shape.items > 0;
  const now = Math.floor(Date.now() / 1000);
  const items = Array.from({ length: shape.items }, (_, index) => ({
    agri_id: FACTOR,
    value: index % 400,
    t: now - index,
  }));
  const target = isPost
    ? `${url}/api/v2/projects/bench/devices/${devicePk}/data/`
    : `${url}/api/v2/factors/${FACTOR}/data/?page=1&page_size=50`;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const send = sender(target, agent, isPost ? JSON.stringify(items) : undefined, shape.fresh ?? false);
  for (let warm = 0; warm < CONNECTIONS; warm += 1) await send();
  const times: number[] = [];
  let left = shape.requests;
  const startedAt = performance.now();
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const sentAt = performance.now();
      await send();
      times.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

function sender(target: string, agent: Agent, body: string | undefined, fresh: boolean): () => Promise<void> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...(fresh && { 'cache-control': 'no-cache' }),
  };
  return () =>
    new Promise((resolve, reject) => {
      const sent = request(
        target,
        { agent, method: body === undefined ? 'GET' : 'POST', headers },
        (response) => {
          response.resume().on('end', () => {
            if (response.statusCode === 200) resolve();
            else reject(new Error(`${target} answered ${response.statusCode}`));
          });
        },
      );
      sent.on('error', reject).end(body);
    });
}
