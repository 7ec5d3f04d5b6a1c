import { median } from '../bench/table.ts';
import type { WorkerSample } from './worker-watch.ts';

/** How something went in the second half of a run. */
export interface Trend {
  /** The mean of the half. */
  readonly mean: number;
  /** By how much it rises from the middle of the run to its end; negative when it falls. */
  readonly rise: number;
}

/** A value at a time, seconds. */
export type Timed = readonly [at: number, value: number];

/** A trend of less than so many seconds says more about the machine than about the run. */
const LEAST_SECONDS = 170;
/** Share of its mean by which throughput may fall. Behind a load that comes at a rate of its own it can rise only after it fell. */
const FLAT_SHARE = 0.1;
/** What memory may rise by, MiB. Measured on machines at rest and overloaded: 1 to 14; with a leak of 1 MiB a second: 78 in two minutes. */
const FLAT_MIB = 40;
/** A worker that kept up has the last messages done by then. */
const MOST_DRAIN_SECONDS = 30;

/**
 * The trend of the second half of values in the order of their times: the median of the slopes between any two of them (Theil, 1950; Sen, 1968),
 * so that a moment in which the machine stood still does not make one. Zero rise for fewer than two.
 */
export function secondHalfTrend(values: readonly Timed[]): Trend {
  const [start, end] = [values[0]?.[0] ?? 0, values.at(-1)?.[0] ?? 0];
  const half = values.filter(([at]) => at >= (start + end) / 2);
  const mean = half.reduce((sum, [, value]) => sum + value, 0) / half.length;
  const slopes = half.flatMap(([at, value], index) =>
    half.slice(index + 1).map(([later, next]) => (next - value) / (later - at)),
  );
  if (slopes.length === 0) return { mean, rise: 0 };
  return { mean, rise: median(slopes) * ((half.at(-1)?.[0] ?? 0) - (half[0]?.[0] ?? 0)) };
}

/** Seconds over which a value is taken: samples come late while the worker is busy, and its writes come in steps. */
const EACH_SECONDS = 10;

/** What is not flat in the second half of the samples; nothing for a run too short to say. `drainSeconds` is how long the queue took after it. */
export function notFlat(samples: readonly WorkerSample[], drainSeconds: number): string[] {
  const behind =
    drainSeconds <= MOST_DRAIN_SECONDS
      ? []
      : [`the worker fell behind: it took ${Math.round(drainSeconds)} s to finish what had come`];
  if ((samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0) < LEAST_SECONDS) return behind;
  const { stored, memory } = trendsOf(samples);
  return [
    ...behind,
    ...(stored.rise >= -FLAT_SHARE * stored.mean
      ? []
      : [`throughput is not flat: ${describe(stored, 'readings/s')}`]),
    ...(memory.rise <= FLAT_MIB ? [] : [`memory is not flat: ${describe(memory, 'MiB')}`]),
  ];
}

/** Both trends for people. */
export function trendLine(samples: readonly WorkerSample[]): string {
  const { stored, memory } = trendsOf(samples);
  return `second half: ${describe(stored, 'readings/s')}; ${describe(memory, 'MiB')}`;
}

/** Readings stored in a second, and resident memory, each ten seconds. */
function trendsOf(samples: readonly WorkerSample[]): { readonly stored: Trend; readonly memory: Trend } {
  const stored: Timed[] = [];
  const memory: Timed[] = [];
  let [from] = samples;
  for (const sample of samples) {
    if (from === undefined || sample.at - from.at < EACH_SECONDS) continue;
    stored.push([sample.at, (sample.readings.stored - from.readings.stored) / (sample.at - from.at)]);
    memory.push([sample.at, sample.residentMb]);
    from = sample;
  }
  return { stored: secondHalfTrend(stored), memory: secondHalfTrend(memory) };
}

function describe({ mean, rise }: Trend, unit: string): string {
  return `${Math.round(mean)} ${unit} on average, ${rise < 0 ? '' : '+'}${Math.round(rise)} from its begin to its end`;
}
