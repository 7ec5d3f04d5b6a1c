import { RETENTION_MS } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { StoreClosedError } from '../errors.ts';
import { lessWithout, needing, openCase, type StoreCapabilities, type StoreFactory } from './harness.ts';
import { DAY, DEVICE, FACTOR, HOUR, id, NOW, point, readings } from './points.ts';

/** The 90 days: what reads hide, what `enforceRetention` drops. */
export function describeRetention(factory: StoreFactory, can: StoreCapabilities): void {
  const opened = async () => {
    const opened = await openCase(factory, NOW);
    const times = [NOW, NOW - 1, NOW - 30 * DAY, NOW - RETENTION_MS + 1, NOW - RETENTION_MS];
    await opened.write(times.map((t) => point({ t, value: t })));
    return opened;
  };

  describe('retention', () => {
    it('hides points the moment they are older than 90 days, dropped or not', async () => {
      const store = await opened();
      expect(await readings(store.store)).toHaveLength(5);
      store.clock.nowMs = NOW + 1;
      expect((await readings(store.store)).map(([t]) => t)).toEqual([
        NOW,
        NOW - 1,
        NOW - 30 * DAY,
        NOW - RETENTION_MS + 1,
      ]);
      store.clock.nowMs = NOW + RETENTION_MS;
      expect((await readings(store.store)).map(([t]) => t)).toEqual([NOW]);
      const wide = { agriId: FACTOR, from: NOW - RETENTION_MS, to: NOW + 1, intervalMs: 400 * DAY };
      expect((await store.store.buckets(wide)).map(({ count }) => count)).toEqual([1]);
      store.clock.nowMs = NOW + RETENTION_MS + 1;
      expect(await readings(store.store)).toEqual([]);
      expect(await store.store.latest(DEVICE)).toEqual([]);
      expect(await store.store.buckets(wide)).toEqual([]);
    });

    it('drops what is older than 90 days and nothing else', {
      meta: lessWithout(can, 'dropsExpired'),
    }, async () => {
      const store = await opened();
      const enforce = () => store.store.enforceRetention(new Date(store.clock.nowMs));
      const left = async () => (await readings(store.store)).map(([t]) => t);
      store.clock.nowMs = NOW + 1;
      const report = await enforce();
      if (can.dropsExpired) expect(report.droppedPoints).toBe(1);
      expect(await left()).toEqual([NOW, NOW - 1, NOW - 30 * DAY, NOW - RETENTION_MS + 1]);
      expect(await enforce()).toMatchObject({ droppedPoints: 0, droppedPartitions: 0 });
      store.clock.nowMs = NOW + 60 * DAY;
      const later = await enforce();
      if (can.dropsExpired) expect(later.droppedPoints).toBe(1);
      expect(await left()).toEqual([NOW, NOW - 1, NOW - 30 * DAY]);
    });

    it('takes a factor up again after all of it has expired', {
      meta: lessWithout(can, 'dropsExpired', 'survivesReopen'),
    }, async () => {
      const store = await opened();
      store.clock.nowMs = NOW + 100 * DAY;
      const report = await store.store.enforceRetention(new Date(store.clock.nowMs));
      if (can.dropsExpired) expect(report.droppedPoints).toBe(5);
      expect(await store.write([point({ t: store.clock.nowMs, value: 4 })])).toMatchObject({ stored: 1 });
      expect(await readings(store.store)).toEqual([[store.clock.nowMs, 4]]);
      if (can.survivesReopen) await store.reopen();
      expect((await store.store.latest(DEVICE)).map(({ value }) => value)).toEqual([4]);
    });

    it('leaves other factors alone when one has expired', async () => {
      const store = await opened();
      const other = id('d-1000-abcd-1-001');
      await store.write([point({ agriId: other, t: NOW - 1, value: 9 })]);
      store.clock.nowMs = NOW + 89 * DAY;
      await store.store.enforceRetention(new Date(store.clock.nowMs));
      expect(await readings(store.store, other)).toEqual([[NOW - 1, 9]]);
      expect(await store.write([point({ agriId: other, t: NOW - 1, value: 9 })])).toMatchObject({
        rejected: [],
      });
      expect(await readings(store.store, other)).toEqual([[NOW - 1, 9]]);
    });
  });
}

/** Opening, probing, closing. */
export function describeLifecycle(factory: StoreFactory, can: StoreCapabilities): void {
  describe('lifecycle', () => {
    it('answers a probe', async () => {
      const { store } = await openCase(factory, NOW);
      await expect(store.probe()).resolves.toBeUndefined();
    });

    it('closes more than once, and refuses every call afterwards', async () => {
      const { store } = await openCase(factory, NOW);
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const query = { agriId: FACTOR, from: NOW - 1, to: NOW, intervalMs: 1 };
      const calls = [
        () => store.write([point()]),
        () => store.history({ agriId: FACTOR, page: 1, pageSize: 1, minT: 0 }),
        () => store.latest(DEVICE),
        () => store.buckets(query),
        () => store.enforceRetention(new Date(NOW)),
        () => store.probe(),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(StoreClosedError);
    });

    it('lets running calls finish when it closes', async () => {
      const { store } = await openCase(factory, NOW);
      const calls = Array.from({ length: 4 }, (_, i) => store.write([point({ t: NOW - i })]));
      const closing = store.close();
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreClosedError);
      }
      await closing;
    });

    it.runIf(can.survivesReopen)(
      'finds every point again after it was opened anew',
      { meta: { ...needing('survivesReopen'), ...lessWithout(can, 'countsRepeats') } },
      async () => {
        const opened = await openCase(factory, NOW);
        const points = Array.from({ length: 300 }, (_, i) => point({ t: NOW - i * 7 * HOUR, value: i }));
        await opened.write(points);
        await opened.reopen();
        expect(await readings(opened.store)).toEqual(points.map(({ t, value }) => [t, value]));
        const again = await opened.write([...points, point({ t: NOW + 1, value: 1 })]);
        if (can.countsRepeats) expect(again).toMatchObject({ stored: 1, alreadyStored: 300 });
        expect(await readings(opened.store)).toHaveLength(301);
      },
    );
  });
}
