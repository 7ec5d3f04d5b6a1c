import type { HistoryQuery } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compareHistory } from '../../src/replay/verify/compare-history.ts';
import { Expectations, isSampled } from '../../src/replay/verify/expectations.ts';
import { type HistoryReader, type ReadPoint, storeReader } from '../../src/replay/verify/history-reader.ts';
import { verifyPoints } from '../../src/replay/verify/verify-points.ts';

const FACTOR = 'd-1-a-1-00' as never;

function expectations(...points: [t: number, value: number, version?: number][]): Expectations {
  const expected = new Expectations();
  onTestFinished(() => expected.close());
  for (const [t, value, version = 1] of points)
    expected.add({ points: [{ agriId: FACTOR, t, value }], version });
  return expected;
}

function readerOf(...pages: readonly ReadPoint[][]): HistoryReader {
  return {
    description: 'a list',
    read: async function* () {
      yield* pages;
    },
  };
}

const verify = (expected: Expectations, reader: HistoryReader, patienceMs = 0) =>
  verifyPoints({
    expectations: expected,
    reader,
    patienceMs,
    signal: new AbortController().signal,
  });

describe('verifyPoints', () => {
  it('is content with every point, once, with its value', async () => {
    const expected = expectations([1, 10], [2, 20], [3, 30], [2, 20]);
    const found = await verify(
      expected,
      readerOf(
        [{ t: 3, value: 30 }],
        [
          { t: 2, value: 20 },
          { t: 1, value: 10 },
        ],
      ),
    );
    expect(found).toMatchObject({ expected: 3, right: 3, missing: 0, wrong: 0, duplicate: 0, others: 0 });
  });

  it('finds a missing, a wrong and a double point, and names the first of each', async () => {
    const expected = expectations([1, 10], [2, 20], [3, 30], [4, 40]);
    const found = await verify(
      expected,
      readerOf([
        { t: 5, value: 1 },
        { t: 4, value: 40.1 },
        { t: 3, value: 30 },
        { t: 3, value: 30 },
        { t: 1, value: 10 },
      ]),
    );
    expect(found).toMatchObject({
      expected: 4,
      read: 5,
      right: 2,
      missing: 1,
      wrong: 1,
      duplicate: 1,
      others: 1,
      firstMissing: { agriId: FACTOR, t: 2, expected: 20 },
      firstWrong: { agriId: FACTOR, t: 4, expected: 40, read: 40.1 },
      firstDuplicate: { agriId: FACTOR, t: 3, read: 30 },
    });
  });

  it('waits for points that are still on their way', async () => {
    let reads = 0;
    const reader: HistoryReader = {
      description: 'slow',
      read: async function* () {
        reads += 1;
        yield reads === 1 ? [] : [{ t: 1, value: 10 }];
      },
    };
    expect(await verify(expectations([1, 10]), reader, 5_000)).toMatchObject({ right: 1, missing: 0 });
    expect(reads).toBe(2);
  });
});

describe('storeReader', () => {
  const times = [9, 8, 8, 7, 5, 5, 5, 5, 3, 2];
  /** A store that holds these times and gives so many points a page. */
  const storeOf = (pageSize: number) => ({
    history: async ({ minT, maxT = 99 }: HistoryQuery) => {
      const found = times.filter((t) => t > minT && t <= maxT).map((t) => ({ t, value: t, version: t }));
      return { total: found.length, points: found.slice(0, pageSize) };
    },
  });

  it.each([
    [3, [8, 5, 5]],
    [5, [8, 5, 5, 5]],
    [10, [8, 5, 5, 5]],
    [2, [8, 5]],
  ])(
    'loses no point, and no double but those of a time that fills a page, with pages of %i',
    async (pageSize, doubles) => {
      const reader = storeReader('a list', storeOf(pageSize));
      const read: number[] = [];
      for await (const page of reader.read(FACTOR, 3, new AbortController().signal))
        read.push(...page.map(({ t }) => t));
      expect([...new Set(read)]).toEqual([9, 8, 7, 5, 3]);
      expect(read.filter((t, at) => read[at - 1] === t)).toEqual(doubles);
    },
  );
});

describe('Expectations', () => {
  it('keeps the last version of a key, and says where several values have one', async () => {
    const expected = expectations([1, 10, 5], [1, 11, 6], [1, 12, 4], [2, 20, 5], [2, 21, 5]);
    expect([...expected.pointsOf(FACTOR)]).toEqual([
      { t: 2, value: 21, contested: true },
      { t: 1, value: 11, contested: false },
    ]);
    expect(expected.count()).toBe(2);
    const found = await compareHistory(
      FACTOR,
      expected.pointsOf(FACTOR),
      readerOf([
        { t: 2, value: 20 },
        { t: 1, value: 11 },
      ]).read(FACTOR, 0, new AbortController().signal),
    );
    expect(found).toMatchObject({ right: 2, wrong: 0, contested: 1 });
  });

  it('samples about the share that was asked for, always the same factors', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `d-${index}-abcd-1-00`);
    const sampled = names.filter((name) => isSampled(name, 0.05));
    expect(sampled.length).toBeGreaterThan(400);
    expect(sampled.length).toBeLessThan(600);
    expect(names.filter((name) => isSampled(name, 0.05))).toEqual(sampled);
  });
});
