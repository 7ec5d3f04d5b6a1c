import { describe, expect, it } from 'vitest';
import { BadQueryError, StoreAbortedError } from '../errors.ts';
import type { HistoryQuery } from '../point-store.ts';
import { MAX_BUCKETS, MAX_PAGE_SIZE } from '../query-rules.ts';
import { openCase, type StoreFactory } from './harness.ts';
import { ModelStore } from './model.ts';
import { DAY, FACTOR, HOUR, id, MINUTE, NOW, point } from './points.ts';

/** `history`: order, pages, limits. */
export function describeHistory(factory: StoreFactory): void {
  const ask = (changes: Partial<HistoryQuery>): HistoryQuery => {
    return { agriId: FACTOR, page: 1, pageSize: 50, minT: 0, ...changes };
  };

  describe('history', () => {
    it('has nothing for a factor that was never written', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point()]);
      expect(await store.history(ask({ agriId: id('d-1000-abcd-1') }))).toEqual({ total: 0, points: [] });
    });

    it('gives every point once over its pages, newest first, with the same total', async () => {
      const { store, write } = await openCase(factory, NOW);
      const times = Array.from({ length: 203 }, (_, i) => NOW - i * 2 * HOUR);
      await write(times.map((t) => point({ t, value: t })));
      await write(times.map((t) => point({ t, agriId: id('d-1000-abcd-1-001'), value: -1 })));
      const seen: number[] = [];
      for (let page = 1; page <= 7; page += 1) {
        const { total, points } = await store.history(ask({ page, pageSize: 30 }));
        expect(total).toBe(203);
        seen.push(...points.map(({ t }) => t));
      }
      expect(seen).toEqual(times);
      expect(await store.history(ask({ page: 8, pageSize: 30 }))).toEqual({ total: 203, points: [] });
      expect(await store.history(ask({ page: Number.MAX_SAFE_INTEGER }))).toEqual({ total: 203, points: [] });
    });

    it.each([
      ['after minT, not at it', { minT: NOW - 2 }, [NOW, NOW - 1]],
      ['up to maxT and at it', { maxT: NOW - 1 }, [NOW - 1, NOW - 2, NOW - 3]],
      ['between both', { minT: NOW - 3, maxT: NOW - 1 }, [NOW - 1, NOW - 2]],
      ['none when the limits meet', { minT: NOW - 1, maxT: NOW - 1 }, []],
      ['none in the future', { minT: NOW }, []],
      [
        'all without limits',
        { minT: Number.NEGATIVE_INFINITY, maxT: Number.POSITIVE_INFINITY },
        [0, 1, 2, 3].map((i) => NOW - i),
      ],
      ['by fractions of a millisecond', { minT: NOW - 1.5, maxT: NOW - 0.5 }, [NOW - 1]],
    ])('gives points %s', async (_, limits, expected) => {
      const { store, write } = await openCase(factory, NOW);
      await write([0, 1, 2, 3].map((i) => point({ t: NOW - i })));
      const { total, points } = await store.history(ask(limits));
      expect(points.map(({ t }) => t)).toEqual(expected);
      expect(total).toBe(expected.length);
    });

    it.each([-2, -1, 0, 1])('keeps to its limits %s ms from midnight', async (offset) => {
      const { store, write } = await openCase(factory, NOW);
      const midnight = Math.floor(NOW / DAY) * DAY;
      await write([-2, -1, 0, 1, 2].map((i) => point({ t: midnight + i, value: i })));
      const after = await store.history(ask({ minT: midnight + offset }));
      expect(after.points.map(({ value }) => value)).toEqual([2, 1, 0, -1].filter((i) => i > offset));
      const upTo = await store.history(ask({ maxT: midnight + offset }));
      expect(upTo.points.map(({ value }) => value)).toEqual([1, 0, -1, -2].filter((i) => i <= offset));
    });

    it('keeps the pages below maxT still while newer points arrive', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write(Array.from({ length: 30 }, (_, i) => point({ t: NOW - HOUR - i, value: i })));
      const pages: number[][] = [];
      for (let page = 1; page <= 3; page += 1) {
        await write([point({ t: NOW + page }), point({ t: NOW - page })]);
        const { points } = await store.history(ask({ page, pageSize: 10, maxT: NOW - HOUR }));
        pages.push(points.map(({ value }) => value));
      }
      expect(pages.flat()).toEqual(Array.from({ length: 30 }, (_, i) => i));
    });

    it('answers many reads at once while writes go on', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point({ t: NOW - HOUR })]);
      const reads = Array.from({ length: 40 }, () => store.history(ask({ maxT: NOW - HOUR })));
      const writes = Array.from({ length: 10 }, (_, i) => write([point({ t: NOW - i })]));
      for (const { total } of await Promise.all(reads)) expect(total).toBe(1);
      for (const { stored } of await Promise.all(writes)) expect(stored).toBe(1);
    });

    it('stops waiting when its signal fires', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point()]);
      await expect(store.history(ask({}), AbortSignal.abort())).rejects.toThrow(StoreAbortedError);
      const controller = new AbortController();
      const reads = Array.from({ length: 20 }, () => store.history(ask({}), controller.signal));
      controller.abort();
      for (const outcome of await Promise.allSettled(reads)) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreAbortedError);
      }
      expect((await store.history(ask({}))).total).toBe(1);
    });

    it.each([
      ['page 0', { page: 0 }],
      ['a page and a half', { page: 1.5 }],
      ['pageSize 0', { pageSize: 0 }],
      ['a pageSize above the limit', { pageSize: MAX_PAGE_SIZE + 1 }],
      ['minT NaN', { minT: Number.NaN }],
      ['maxT NaN', { maxT: Number.NaN }],
    ])('refuses %s', async (_, changes) => {
      const { store } = await openCase(factory, NOW);
      await expect(store.history(ask(changes))).rejects.toThrow(BadQueryError);
    });
  });
}

/** `latest`: which factors, which point of each. */
export function describeLatest(factory: StoreFactory): void {
  describe('latest', () => {
    const at = (agriId: string, t: number, value: number) => point({ agriId: id(agriId), t, value });

    it('is empty for an unknown device', async () => {
      const { store } = await openCase(factory, NOW);
      expect(await store.latest(id('d-1'))).toEqual([]);
    });

    it('gives the newest point of each factor, whenever it arrived, ordered by agri_id', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([at('d-1-2', NOW - 1, 1), at('d-1-1', NOW, 2)]);
      await write([at('d-1-2', NOW - 2, 3), at('d-1-1', NOW - DAY, 4), at('d-1-10', NOW - 80 * DAY, 5)]);
      const latest = await store.latest(id('d-1'));
      expect(latest).toEqual([at('d-1-1', NOW, 2), at('d-1-10', NOW - 80 * DAY, 5), at('d-1-2', NOW - 1, 1)]);
    });

    it.each([
      ['d-1000-abcd', ['d-1000-abcd', 'd-1000-abcd-1-000', 'd-1000-abcd-sub-1-000']],
      ['d-1000-abcde', ['d-1000-abcde-1-000']],
      ['d-1000-abc', []],
      ['d_1', ['d_1-1']],
      ['dx1', ['dx1-1']],
      ['d%', ['d%-1']],
      ['D-1000-ABCD', ['D-1000-ABCD-1-000']],
    ])('gives what belongs to %s and nothing that only looks like it', async (device, expected) => {
      const { store, write } = await openCase(factory, NOW);
      const factors = [
        'd-1000-abcd',
        'd-1000-abcd-1-000',
        'd-1000-abcd-sub-1-000',
        'd-1000-abcde-1-000',
        'd_1-1',
        'dx1-1',
        'd%-1',
        'D-1000-ABCD-1-000',
      ];
      await write(factors.map((factor) => at(factor, NOW, 1)));
      expect((await store.latest(id(device))).map(({ agriId }) => agriId)).toEqual(expected);
    });

    it('describes a factor as the highest version did', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point({ version: 1, projectId: 'before' })]);
      await write([
        point({
          t: NOW - 1,
          version: 3,
          projectId: 'after',
          theType: 'humi',
          orgId: 'o',
          device: id('d-1000'),
        }),
      ]);
      await write([point({ t: NOW - 2, version: 2, projectId: 'before' })]);
      expect(await store.latest(id('d-1000'))).toEqual([
        point({ version: 1, projectId: 'after', theType: 'humi', orgId: 'o', device: id('d-1000') }),
      ]);
    });
  });
}

/** `buckets`: against a straightforward reference. */
export function describeBuckets(factory: StoreFactory): void {
  describe('buckets', () => {
    it('sums up like a straightforward reference, over days and gaps', async () => {
      const { store, write } = await openCase(factory, NOW);
      const model = new ModelStore();
      const points = Array.from({ length: 700 }, (_, i) =>
        point({ t: NOW - i * 17 * MINUTE - (i % 7) * 5 * HOUR, value: ((i * 7919) % 1000) / 10 }),
      );
      await write(points);
      model.write(points, NOW);
      for (const intervalMs of [HOUR, 5 * MINUTE, 7 * 3 * HOUR, DAY, 30 * DAY]) {
        const query = { agriId: FACTOR, from: NOW - 9 * DAY - 1, to: NOW - 3 * MINUTE, intervalMs };
        const expected = model.buckets(query, NOW);
        const buckets = await store.buckets(query);
        expect(buckets.map(({ avg, ...rest }) => ({ ...rest, avg: 0 }))).toEqual(
          expected.map((bucket) => ({ ...bucket, avg: 0 })),
        );
        buckets.forEach(({ avg }, i) => {
          expect(avg).toBeCloseTo(expected[i]?.avg ?? Number.NaN, 9);
        });
      }
    });

    it('takes points from `from` on and before `to`', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([0, 1, 2, 3].map((i) => point({ t: NOW - i, value: i })));
      const buckets = await store.buckets({ agriId: FACTOR, from: NOW - 2, to: NOW, intervalMs: 1 });
      expect(buckets.map(({ t, last, count }) => [t, last, count])).toEqual([
        [NOW - 2, 2, 1],
        [NOW - 1, 1, 1],
      ]);
    });

    it.each([
      ['an unknown factor', id('d-9'), NOW - 1, NOW],
      ['an empty range', FACTOR, NOW, NOW],
      ['a range that ends before it begins', FACTOR, NOW, NOW - HOUR],
      ['a range without points', FACTOR, NOW - 80 * DAY, NOW - 70 * DAY],
    ])('has no buckets for %s', async (_, agriId, from, to) => {
      const { store, write } = await openCase(factory, NOW);
      await write([point({ t: NOW - 1 })]);
      const expected = agriId === FACTOR && from < NOW - 1 && to > NOW - 1 ? 1 : 0;
      expect(await store.buckets({ agriId, from, to, intervalMs: HOUR })).toHaveLength(expected);
    });

    it('has a finite mean of the largest doubles', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([1, 2, 3].map((i) => point({ t: NOW - i, value: Number.MAX_VALUE })));
      const [bucket] = await store.buckets({
        agriId: FACTOR,
        from: NOW - DAY,
        to: NOW,
        intervalMs: 30 * DAY,
      });
      expect((bucket?.avg ?? 0) / Number.MAX_VALUE).toBeCloseTo(1, 12);
    });

    it.each([
      ['an interval of 0', { intervalMs: 0 }],
      ['half a millisecond', { intervalMs: 0.5 }],
      ['a range of NaN', { from: Number.NaN }],
      ['too many intervals', { from: NOW - (MAX_BUCKETS + 1) * MINUTE, intervalMs: MINUTE }],
    ])('refuses %s', async (_, changes) => {
      const { store } = await openCase(factory, NOW);
      const query = { agriId: FACTOR, from: NOW - DAY, to: NOW, intervalMs: HOUR, ...changes };
      await expect(store.buckets(query)).rejects.toThrow(BadQueryError);
    });
  });
}
