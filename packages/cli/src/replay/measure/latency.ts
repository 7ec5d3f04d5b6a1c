import { build, type Histogram } from 'hdr-histogram-js';

/** Longest latency that is told apart, microseconds: ten minutes. Longer ones count as this. */
const LONGEST_US = 600_000_000;

/** Latency in milliseconds at its percentiles. All 0 when nothing was measured. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Latencies of any number of sends in a fixed amount of memory, exact to two digits (`digits` 2) or three. Can be added up without loss. */
export class LatencyHistogram {
  readonly #histogram: Histogram;

  constructor(digits: 2 | 3 = 2) {
    this.#histogram = build({
      bitBucketSize: 32,
      autoResize: false,
      lowestDiscernibleValue: 1,
      highestTrackableValue: LONGEST_US,
      numberOfSignificantValueDigits: digits,
      useWebAssembly: false,
    });
  }

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1000))));
  }

  /** Adds what another one has counted. */
  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
  }

  summary(): LatencySummary {
    const { totalCount: count, mean, maxValue } = this.#histogram;
    // A percentile is told as the end of its bucket, which may lie above the greatest value in it.
    const at = (percentile: number): number =>
      toMs(Math.min(maxValue, this.#histogram.getValueAtPercentile(percentile)));
    if (count === 0) return { count, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    return {
      count,
      mean: toMs(mean),
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: toMs(maxValue),
    };
  }
}

function toMs(us: number): number {
  return Math.round(us) / 1000;
}
