import { agriId, factorAgriId, type Point } from '@furrow/contracts';
import {
  billedKib,
  engineSide,
  sdkSide,
  singleBody,
} from '../../packages/timeseries/test/timestream/bench-sides.ts';
import { markdownTable, median, type Row } from './table.ts';

const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
/** Points of one round on each side. */
const POINTS = 10_000;
const FACTORS = 10;
const SIZES = [1, 100, 5_000] as const;

/**
 * CPU of writing to Timestream, network and service left out: the engine's prepared calls against the SDK's own serialiser on the same
 * points, both with the SDK's signature. The sides take turns in each round; medians of the rounds. Then what the calls cost: requests
 * and billed KiB a million points, against one record a call. One uplink of the fleet is ten factors at ten times. Never run against
 * the service: what it takes a second, and what it bills, is only computed from its documents.
 */
export async function benchTimestream(): Promise<string> {
  const rows: Row[] = [];
  for (const size of SIZES) {
    const points = fleetPoints(POINTS);
    const writes = Array.from({ length: POINTS / size }, (_, write) =>
      points.slice(write * size, (write + 1) * size),
    );
    const used = size === 1 ? writes.slice(0, POINTS / 10) : writes;
    const written = used.length * size;
    const calls = { count: 0, kib: 0 };
    const engine = engineSide();
    const sdk = sdkSide();
    const micros: Record<'engine' | 'sdk', number[]> = { engine: [], sdk: [] };
    const seconds: number[] = [];
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      const engineMicros = await cpuMicros(async () => {
        for (const batch of used) {
          const { stored } = await engine.write(batch);
          if (stored !== batch.length) throw new Error(`${stored} of ${batch.length} points were stored`);
        }
      });
      const elapsed = (performance.now() - startedAt) / 1000;
      const sdkMicros = await cpuMicros(async () => {
        for (const batch of used) await sdk(batch);
      });
      if (round < 0) continue;
      micros.engine.push(engineMicros / written);
      micros.sdk.push(sdkMicros / written);
      seconds.push(elapsed);
    }
    await engine.close();
    const counter = engineSide((body) => {
      calls.count += 1;
      calls.kib += billedKib(body);
    });
    for (const batch of used) await counter.write(batch);
    await counter.close();
    const [ours, theirs] = [median(micros.engine), median(micros.sdk)];
    rows.push([
      size.toLocaleString('en-US'),
      theirs,
      ours,
      theirs / ours,
      written / median(seconds),
      (calls.count / written) * 1e6,
      (calls.kib / written) * 1e6,
    ]);
  }
  const alone = fleetPoints(100).reduce((sum, point) => sum + billedKib(singleBody(point)), 0) / 100;
  const table = markdownTable(
    [
      'points a write',
      'SDK serialiser, CPU µs/point',
      'prepared body, CPU µs/point',
      'SDK ÷ prepared',
      'prepared, points/s of one core',
      'requests / million points',
      'billed KiB / million points',
    ],
    rows,
  );
  return `${table}\n\nOne record a call without common attributes: 1,000,000 requests and ${(alone * 1e6).toLocaleString('en-US')} billed KiB a million points.`;
}

/** Points of gateways with ten factors, in the order in which their uplinks come. */
function fleetPoints(count: number): Point[] {
  const newest = Math.floor(Date.now() / 1000) * 1000;
  return Array.from({ length: count }, (_, index) => {
    const uplink = Math.floor(index / (FACTORS * 10));
    const device = agriId(`d-${1000 + (uplink % 500)}-abcd`);
    return {
      agriId: factorAgriId(device, 1, 0, index % FACTORS),
      t: newest - Math.floor(index / FACTORS) * 1000,
      value: ((index * 7919) % 1000) / 10,
      version: newest,
      device,
      orgId: 'yanji-lab',
      projectId: 'greenhouse-alpha',
      theType: 'temp',
    };
  });
}

async function cpuMicros(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
