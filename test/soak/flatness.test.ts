import { describe, expect, it } from 'vitest';
import { notFlat, secondHalfTrend } from './flatness.ts';
import type { WorkerSample } from './worker-watch.ts';

/** A run of five minutes: what had been stored, and the memory, at each second. */
function run(storedAt: (second: number) => number, mibAt: (second: number) => number): WorkerSample[] {
  return Array.from({ length: 300 }, (_, second) => ({
    at: second,
    imbalance: 0,
    residentMb: mibAt(second),
    cpuSeconds: second / 10,
    readings: {
      ...{ received: 0, already_stored: 0, rejected: 0, returned: 0, in_flight: 0 },
      stored: storedAt(second),
    },
    storeRejected: 0,
  }));
}

describe('secondHalfTrend', () => {
  it.each([
    ['a line', [0, 0, 0, 1, 2, 3], 2, 2],
    ['nothing but noise', [9, 9, 9, 9, 5, 6, 6, 5], 5.5, 0],
    ['one value', [4], 4, 0],
  ])('of %s', (_, values, mean, rise) => {
    expect(secondHalfTrend(values).mean).toBeCloseTo(mean);
    expect(secondHalfTrend(values).rise).toBeCloseTo(rise);
  });
});

describe('notFlat', () => {
  const steady = (second: number) => second * 600;

  it('finds nothing in a steady run, however it began', () => {
    expect(notFlat(run(steady, (second) => 300 - 100 / (second + 1)))).toEqual([]);
  });

  it('finds memory that grows', () => {
    expect(notFlat(run(steady, (second) => 300 + second))).toEqual([expect.stringMatching(/^memory/)]);
  });

  it('finds throughput that falls', () => {
    const falling = run(
      (second) => 600 * second - second ** 2,
      () => 300,
    );
    expect(notFlat(falling)).toEqual([expect.stringMatching(/^throughput/)]);
  });

  it('does not judge seconds', () => {
    expect(notFlat(run(steady, (second) => 300 + second).slice(0, 100))).toEqual([]);
  });
});
