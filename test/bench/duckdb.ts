import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type PointStore } from '@furrow/timeseries';
import { type Random, seededRandom } from './random.ts';
import { FACTORS_A_DEVICE, openSweeps, SWEEP_MS, SWEEP_POINTS, sweepDevice, sweepFactor } from './sweeps.ts';
import { markdownTable, median, type Row } from './table.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAY_POINTS = (DAY_MS / SWEEP_MS) * SWEEP_POINTS;
const DEFAULT_MILLIONS = 10;
const MOST_DAYS = 90;
const ROUNDS = 15;
/** Before compaction a read looks at every block of the file. */
const ROUNDS_BEFORE = 3;
const PAGE_SIZE = 100;
/** The moment of the run: three hours after the last full day, when that one is closed. */
const NOW = Date.UTC(2026, 5, 1, 3);
/** A device that says nothing in the second half of the time. */
const SILENT_DEVICE = 0;

interface Run {
  readonly url: string;
  readonly file: string;
  readonly firstDayMs: number;
  readonly days: number;
}

/**
 * The embedded store at size: a fleet of 5,000 factors that reads every five minutes, written through the store itself, then read before
 * and after its days are compacted. `millions` of points, 10 by default; 130 are 90 days. Reads take another factor or device each
 * time; medians of the rounds.
 */
export async function benchDuckDb(millions = DEFAULT_MILLIONS): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const file = join(folder, 'points.duckdb');
  const days = Math.max(2, Math.min(MOST_DAYS, Math.round((millions * 1e6) / DAY_POINTS)));
  const firstDayMs = Math.floor(NOW / DAY_MS) * DAY_MS - days * DAY_MS;
  const run: Run = { url: `duckdb:${file}`, file, firstDayMs, days };
  try {
    const filled = await fill(run);
    const before = await measureReads(run, ROUNDS_BEFORE);
    const beforeBytes = (await stat(file)).size;
    const compacted = await compact(run);
    const after = await measureReads(run, ROUNDS);
    const afterBytes = (await stat(file)).size;
    const rows: Row[] = before.map(([name, ms], at) => [name, ms, after[at]?.[1] ?? Number.NaN]);
    rows.push([
      'bytes a point',
      beforeBytes / filled.points,
      afterBytes / (filled.points + compacted.points),
    ]);
    const table = markdownTable(['median milliseconds', 'in the order of arrival', 'days compacted'], rows);
    return `${table}\n\n${sentence(days, filled, compacted)}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sentence(
  days: number,
  filled: Awaited<ReturnType<typeof fill>>,
  compacted: Awaited<ReturnType<typeof compact>>,
): string {
  const whole = (value: number) => Math.round(value).toLocaleString('en-US');
  return [
    `${(filled.points / 1e6).toFixed(1)} million points of ${days} days, ${whole(SWEEP_POINTS)} a write.`,
    `Writing: ${whole(filled.pointsPerSecond)} points/s, the slowest write ${whole(filled.slowestMs)} ms.`,
    `Compacting: ${whole(compacted.alonePerSecond)} points/s;`,
    `${whole(compacted.besidePerSecond)} points/s beside writes, which made ${whole(compacted.writtenPerSecond)} points/s and waited`,
    `${whole(compacted.slowestWriteMs)} ms at most. Peak RSS of the process while compacting ${whole(compacted.peakRssMb)} MiB, before it ${whole(compacted.restRssMb)} MiB.`,
  ].join('\n');
}

/** Writes the days, from the moment on that retention keeps. */
async function fill({ url, firstDayMs, days }: Run) {
  const store = await openStore(url, { clock: () => NOW });
  const makeSweep = openSweeps(4);
  const floor = NOW - MOST_DAYS * DAY_MS;
  const silentFrom = firstDayMs + (days * DAY_MS) / 2;
  const silent = sweepDevice(SILENT_DEVICE);
  let points = 0;
  let ms = 0;
  let slowestMs = 0;
  for (let t = firstDayMs; t < firstDayMs + days * DAY_MS; t += SWEEP_MS) {
    const sweep = makeSweep(t).filter(
      (point) => point.t >= floor && (t < silentFrom || point.device !== silent),
    );
    const took = await timed(() => writeAll(store, sweep));
    points += sweep.length;
    ms += took;
    slowestMs = Math.max(slowestMs, took);
  }
  await store.close();
  return { points, pointsPerSecond: (points / ms) * 1000, slowestMs };
}

/** Compacts the first half of the days alone, the second half while the next day is written. */
async function compact({ url, firstDayMs, days }: Run) {
  const store = await openStore(url, { clock: () => NOW });
  const half = Math.floor(days / 2);
  const restRssMb = rssMb();
  let peakRssMb = restRssMb;
  const watch = setInterval(() => {
    peakRssMb = Math.max(peakRssMb, rssMb());
  }, 20);
  const closedAt = (day: number) => new Date(firstDayMs + day * DAY_MS + 3 * HOUR_MS);
  const aloneMs = await timed(() => store.enforceRetention(closedAt(half)));
  const makeSweep = openSweeps(5);
  const progress = { running: true };
  const compacting = timed(() => store.enforceRetention(closedAt(days))).finally(() => {
    progress.running = false;
  });
  let points = 0;
  let writtenMs = 0;
  let slowestWriteMs = 0;
  for (let t = firstDayMs + days * DAY_MS; progress.running && t < NOW + 20 * HOUR_MS; t += SWEEP_MS) {
    const sweep = makeSweep(t);
    const took = await timed(() => writeAll(store, sweep));
    points += sweep.length;
    writtenMs += took;
    slowestWriteMs = Math.max(slowestWriteMs, took);
  }
  const besideMs = await compacting;
  clearInterval(watch);
  await store.close();
  return {
    points,
    alonePerSecond: (half * DAY_POINTS * 1000) / aloneMs,
    besidePerSecond: ((days - half) * DAY_POINTS * 1000) / besideMs,
    writtenPerSecond: (points / writtenMs) * 1000,
    slowestWriteMs,
    peakRssMb,
    restRssMb,
  };
}

/** Every read's name and its median milliseconds; first what opening costs. */
async function measureReads(
  { url, file, firstDayMs, days }: Run,
  rounds: number,
): Promise<[string, number][]> {
  const cold = dropFromMemory(file);
  const openedAt = performance.now();
  const store = await openStore(url, { clock: () => NOW });
  const openMs = performance.now() - openedAt;
  const random = seededRandom(6);
  const to = firstDayMs + days * DAY_MS;
  const lastPage = Math.floor((days * DAY_MS) / SWEEP_MS / PAGE_SIZE);
  const page = (number: number) =>
    store.history({ agriId: someFactor(random), page: number, pageSize: PAGE_SIZE, minT: 0 });
  const buckets = (intervalMs: number) =>
    store.buckets({ agriId: someFactor(random), from: firstDayMs, to, intervalMs });
  const firstMs = await timed(() => page(1));
  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['first page of 100 and the total', () => page(1)],
    ['page in the middle', () => page(Math.ceil(lastPage / 2))],
    ['last full page', () => page(lastPage)],
    [
      'newest points of a device, 10 factors',
      () => store.latest(sweepDevice(1 + Math.floor(random() * 499))),
    ],
    ['newest points of a device long silent', () => store.latest(sweepDevice(SILENT_DEVICE))],
    ['hourly buckets over all days', () => buckets(HOUR_MS)],
    ['daily buckets over all days', () => buckets(DAY_MS)],
  ];
  const results: [string, number][] = [
    ['opening the file', openMs],
    [`first page after that${cold ? ', file not in memory' : ''}`, firstMs],
  ];
  for (const [name, read] of reads) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await timed(read));
    results.push([name, median(times)]);
  }
  await store.close();
  return results;
}

/** A factor of any device but the silent one. */
function someFactor(random: Random) {
  return sweepFactor(FACTORS_A_DEVICE + Math.floor(random() * (SWEEP_POINTS - FACTORS_A_DEVICE)));
}

/** Asks the system to forget the file's pages (GNU dd); false where it cannot be asked. */
function dropFromMemory(file: string): boolean {
  return spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' }).status === 0;
}

async function writeAll(store: PointStore, points: Parameters<PointStore['write']>[0]): Promise<void> {
  const { stored } = await store.write(points);
  if (stored !== points.length) throw new Error(`${stored} of ${points.length} points were stored`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function rssMb(): number {
  return process.memoryUsage.rss() / 2 ** 20;
}
