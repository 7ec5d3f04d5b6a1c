import { describe, expect, it } from 'vitest';
import { notFlat, secondHalfTrend, type Timed } from './flatness.ts';
import type { WorkerSample } from './worker-watch.ts';

/** A run: what had been stored, and the memory, at each of these seconds; five minutes of them by default. */
function run(
  storedAt: (second: number) => number,
  mibAt: (second: number) => number,
  seconds: readonly number[] = Array.from({ length: 300 }, (_, second) => second),
): WorkerSample[] {
  return seconds.map((second) => ({
    at: second,
    imbalance: 0,
    residentMb: mibAt(second),
    readings: {
      ...{ received: 0, already_stored: 0, rejected: 0, returned: 0, in_flight: 0 },
      stored: storedAt(second),
    },
    storeRejected: 0,
  }));
}

const timed = (values: readonly number[]) => values.map((value, at): Timed => [at, value]);

describe('secondHalfTrend', () => {
  it.each([
    ['a line', timed([0, 0, 0, 1, 2, 3]), 2, 2],
    ['nothing but noise', timed([9, 9, 9, 9, 5, 6, 6, 5]), 5.5, 0],
    ['a line with one value astray', timed([0, 0, 0, 0, 0, 0, 1, 2, 90, 4, 5]), 17, 5],
    [
      'a line at uneven times',
      [
        [0, 0],
        [10, 0],
        [11, 1],
        [19, 9],
        [20, 10],
      ] satisfies Timed[],
      5,
      10,
    ],
    ['one value', timed([4]), 4, 0],
  ])('of %s', (_, values, mean, rise) => {
    expect(secondHalfTrend(values).mean).toBeCloseTo(mean);
    expect(secondHalfTrend(values).rise).toBeCloseTo(rise);
  });
});

describe('notFlat', () => {
  const steady = (second: number) => second * 600;
  const level = () => 300;

  it('finds nothing in a steady run, however it began', () => {
    expect(
      notFlat(
        run(steady, (second) => 300 - 100 / (second + 1)),
        0.3,
      ),
    ).toEqual([]);
  });

  it('finds memory that grows by a MiB a second, and by less', () => {
    for (const mib of [1, 0.4]) {
      const grown = run(steady, (second) => 300 + mib * second);
      expect(notFlat(grown, 0.3)).toEqual([expect.stringMatching(/^memory/)]);
    }
  });

  it('finds throughput that falls, in few samples too', () => {
    const falling = (second: number) => 600 * second - second ** 2;
    const rarely = Array.from({ length: 60 }, (_, index) => index * 5);
    for (const seconds of [undefined, rarely])
      expect(notFlat(run(falling, level, seconds), 0.3)).toEqual([expect.stringMatching(/^throughput/)]);
  });

  it('takes a stop of the whole machine for what it is', () => {
    const stopped = (second: number) => steady(second >= 270 && second < 290 ? 270 : second);
    expect(notFlat(run(stopped, level), 0.3)).toEqual([]);
  });

  it('finds a worker that was behind at the end', () => {
    expect(notFlat(run(steady, level), 45)).toEqual([expect.stringMatching(/fell behind: it took 45 s/)]);
  });

  it('does not judge seconds', () => {
    expect(notFlat(run(steady, (second) => 300 + second).slice(0, 100), 0.3)).toEqual([]);
  });
});
