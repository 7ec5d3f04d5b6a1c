import type { WorkerSample } from './worker-watch.ts';

/** How something went in the second half of a run: the line of least squares through it. */
export interface Trend {
  /** The mean of the half. */
  readonly mean: number;
  /** By how much the line rises from the middle of the run to its end; negative when it falls. */
  readonly rise: number;
}

/** Below so many samples a trend says more about the sampling than about the run: three minutes of one a second. */
const LEAST_SAMPLES = 180;
/** Share of its mean by which a rate may rise or fall. */
const FLAT_SHARE = 0.1;
/** What memory may rise by: a tenth, and a garbage collector's breath in short runs. */
const FLAT_MIB = 32;

/** The trend of the second half of values taken at equal times. Zero rise for fewer than two. */
export function secondHalfTrend(values: readonly number[]): Trend {
  const half = values.slice(Math.floor(values.length / 2));
  const count = half.length;
  const mean = half.reduce((sum, value) => sum + value, 0) / count;
  const middle = (count - 1) / 2;
  let [covariance, variance] = [0, 0];
  half.forEach((value, at) => {
    covariance += (at - middle) * (value - mean);
    variance += (at - middle) ** 2;
  });
  return { mean, rise: variance === 0 ? 0 : (covariance / variance) * (count - 1) };
}

/** Seconds over which a rate is taken: samples come late while the worker is busy, and its writes come in steps. */
const RATE_SECONDS = 10;

/** Readings stored in a second, over each ten of them. */
function storedEach(samples: readonly WorkerSample[]): number[] {
  const rates: number[] = [];
  let [from] = samples;
  for (const sample of samples) {
    if (from === undefined || sample.at - from.at < RATE_SECONDS) continue;
    rates.push((sample.readings.stored - from.readings.stored) / (sample.at - from.at));
    from = sample;
  }
  return rates;
}

/** What is not flat in the second half of the samples; nothing for a run too short to say. */
export function notFlat(samples: readonly WorkerSample[]): string[] {
  if (samples.length < LEAST_SAMPLES) return [];
  const stored = secondHalfTrend(storedEach(samples));
  const memory = secondHalfTrend(samples.map(({ residentMb }) => residentMb));
  return [
    ...(Math.abs(stored.rise) <= FLAT_SHARE * stored.mean
      ? []
      : [`throughput is not flat: ${describe(stored, 'readings/s')}`]),
    ...(memory.rise <= Math.max(FLAT_SHARE * memory.mean, FLAT_MIB)
      ? []
      : [`memory is not flat: ${describe(memory, 'MiB')}`]),
  ];
}

/** Both trends for people. */
export function trendLine(samples: readonly WorkerSample[]): string {
  const stored = secondHalfTrend(storedEach(samples));
  const memory = secondHalfTrend(samples.map(({ residentMb }) => residentMb));
  return `second half: ${describe(stored, 'readings/s')}; ${describe(memory, 'MiB')}`;
}

function describe({ mean, rise }: Trend, unit: string): string {
  return `${Math.round(mean)} ${unit} on average, ${rise < 0 ? '' : '+'}${Math.round(rise)} from its begin to its end`;
}
