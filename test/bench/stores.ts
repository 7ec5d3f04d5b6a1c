import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Point } from '@furrow/contracts';
import { openStore, type PointStore } from '@furrow/timeseries';
import { singleBody } from '../../packages/timeseries/test/timestream/bench-sides.ts';
import { billedBytes, type WireCall } from '../../packages/timeseries/test/timestream/fake/fake-table.ts';
import { CREDENTIALS } from '../../packages/timeseries/test/timestream/fake/signature.ts';
import { openInflux } from './influx-server.ts';
import { openSweeps, SWEEP_MS } from './sweeps.ts';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 3;
const WARM_UP_ROUNDS = 1;
/** Points of one round, by points a call: one call at a time. */
const SHAPES = [
  { size: 1, points: 100 },
  { size: 100, points: 2_000 },
  { size: 5_000, points: 10_000 },
] as const;

interface Side {
  readonly name: string;
  readonly store: PointStore;
  readonly close: () => Promise<void>;
}

interface Bill {
  readonly writes: number;
  readonly kib: number;
}

/**
 * Every engine behind the port on the same points, one call at a time: points a second and the CPU of this process for each. DuckDB works in
 * this process; InfluxDB and the fake of Timestream are others, whose CPU is left out, though their speed is in the points a
 * second. The engines take turns in each round; medians of the rounds. Then what Timestream would bill.
 */
export async function benchStores(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const fake = await startFake();
  const sides: Side[] = [];
  try {
    sides.push(await openDuckDb(folder), await openTimestream(fake.endpoint));
    const influx = await openInfluxSide(folder);
    if (influx !== undefined) sides.push(influx);
    const rows: Row[] = [];
    const bills: Row[] = [];
    const nextPoints = pointSource();
    for (const { size, points } of SHAPES) {
      await fake.bill();
      const measured = await measure(sides, size, points, nextPoints);
      rows.push(...measured);
      const { writes, kib } = await fake.bill();
      const written = points * (ROUNDS + WARM_UP_ROUNDS);
      bills.push([`${size.toLocaleString('en-US')} a call`, (writes / written) * 1e6, (kib / written) * 1e6]);
    }
    const sweep = nextPoints(5_000);
    bills.push(
      ['100 records a call, in the order of arrival, no common attributes', 10_000, plainKib(sweep, 100)],
      ['one record a call, no common attributes', 1e6, plainKib(sweep, 1)],
    );
    const missing = influx === undefined ? '\n\nNo influxd on the PATH: InfluxDB was not measured.' : '';
    const columns = ['engine', 'points a call', 'points/s', 'CPU µs/point'];
    const billed = ['Timestream, a million points', 'requests', 'billed KiB'];
    return `${markdownTable(columns, rows)}${missing}\n\n${markdownTable(billed, bills)}`;
  } finally {
    for (const side of sides) await side.close();
    await fake.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  sides: readonly Side[],
  size: number,
  points: number,
  nextPoints: (count: number) => Point[],
): Promise<Row[]> {
  const results = sides.map(() => ({ perSecond: [] as number[], micros: [] as number[] }));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    const batch = nextPoints(points);
    const calls = Array.from({ length: points / size }, (_, call) =>
      batch.slice(call * size, (call + 1) * size),
    );
    for (const [at, { name, store }] of sides.entries()) {
      const before = process.cpuUsage();
      const startedAt = performance.now();
      for (const call of calls) {
        const { stored } = await store.write(call);
        if (stored !== size) throw new Error(`${name}: ${stored} of ${size} points were stored`);
      }
      const ms = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue;
      results[at]?.perSecond.push((points / ms) * 1000);
      results[at]?.micros.push((user + system) / points);
    }
  }
  return sides.map(({ name }, at) => [
    name,
    size.toLocaleString('en-US'),
    median(results[at]?.perSecond ?? []),
    median(results[at]?.micros ?? []),
  ]);
}

/** Points of a fleet that reports every five minutes, the oldest first, within the hours that Timestream keeps in memory. */
function pointSource(): (count: number) => Point[] {
  const makeSweep = openSweeps(8);
  let startMs = Math.floor(Date.now() / SWEEP_MS) * SWEEP_MS - 20 * 3_600_000;
  let ready: Point[] = [];
  return (count) => {
    while (ready.length < count) {
      ready = [...ready, ...makeSweep(startMs)];
      startMs += SWEEP_MS;
    }
    const taken = ready.slice(0, count);
    ready = ready.slice(count);
    return taken;
  };
}

/**
 * Billed KiB of a million points when each record carries all of its attributes: a call's bytes in units of 1 KiB.
 * https://docs.aws.amazon.com/timestream/latest/developerguide/metering-and-pricing.writes.html
 */
function plainKib(points: readonly Point[], size: number): number {
  let kib = 0;
  for (let start = 0; start < points.length; start += size) {
    const Records = points.slice(start, start + size).map(plainRecord);
    kib += Math.ceil(billedBytes({ Records }) / 1024);
  }
  return (kib / points.length) * 1e6;
}

function plainRecord(point: Point): NonNullable<WireCall['Records']>[number] {
  const { CommonAttributes = {}, Records = [] } = JSON.parse(singleBody(point)) as WireCall;
  const [record = {}] = Records;
  return {
    ...CommonAttributes,
    ...record,
    Dimensions: [...(CommonAttributes.Dimensions ?? []), ...(record.Dimensions ?? [])],
  };
}

async function openDuckDb(folder: string): Promise<Side> {
  const store = await openStore(`duckdb:${join(folder, 'points.duckdb')}`);
  return { name: 'DuckDB, a file', store, close: () => store.close() };
}

async function openTimestream(endpoint: string): Promise<Side> {
  // The SDK finds these by itself, as it does in production.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: endpoint,
    AWS_ENDPOINT_URL_TIMESTREAM_QUERY: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  });
  const store = await openStore('timestream://furrow/points');
  return { name: 'Timestream, the strict fake', store, close: () => store.close() };
}

async function openInfluxSide(folder: string): Promise<Side | undefined> {
  const server = await openInflux(join(folder, 'influx'));
  if (server === undefined) return undefined;
  const store = await openStore(server.url);
  const close = async () => {
    await store.close();
    await server.stop();
  };
  return { name: 'InfluxDB 1.x, a server', store, close };
}

/** The fake in its own process. `bill` tells the writes and the billed KiB since it was last asked. */
async function startFake() {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'timestream-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const [endpoint] = (await once(lines, 'line')) as [string];
  return {
    endpoint,
    bill: async (): Promise<Bill> => {
      const answer = once(lines, 'line') as Promise<[string]>;
      child.stdin.write('bill\n');
      const [line] = await answer;
      return JSON.parse(line) as Bill;
    },
    stop: async () => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}
