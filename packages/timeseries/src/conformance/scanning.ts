import type { AgriId, Point } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { BadQueryError, StoreAbortedError, StoreClosedError } from '../errors.ts';
import type { PointStore, ScannedPoint } from '../point-store.ts';
import { dayOf } from '../utc-day.ts';
import { openCase, type StoreFactory } from './harness.ts';
import { DAY, DEVICE, FACTOR, HOUR, id, NOW, point, SECOND } from './points.ts';

const TODAY = dayOf(NOW);
const MIDNIGHT = TODAY * DAY;
const OTHER = id('d-1000-abcd-1-001');

async function scanned(
  store: PointStore,
  agriIds: readonly AgriId[],
  day = TODAY,
  signal?: AbortSignal,
): Promise<ScannedPoint[]> {
  const points: ScannedPoint[] = [];
  for await (const chunk of store.scan({ day, agriIds }, signal)) {
    expect(chunk.length).toBeGreaterThan(0);
    points.push(...chunk);
  }
  return points;
}

const bare = ({ agriId, t, value, version }: Point): ScannedPoint => ({ agriId, t, value, version });

/** `factorsOn` and `scan`: how everything gets out again. */
export function describeScanning(factory: StoreFactory): void {
  const open = () => openCase(factory, NOW);

  describe('factorsOn', () => {
    it('has nothing on a day without points, and in an empty store', async () => {
      const { store, write } = await open();
      expect(await store.factorsOn(TODAY)).toEqual([]);
      await write([point()]);
      expect(await store.factorsOn(TODAY - 1)).toEqual([]);
      expect(await store.factorsOn(0)).toEqual([]);
    });

    it('counts the points of each factor from midnight to midnight, and describes it', async () => {
      const { store, write } = await open();
      const other = {
        agriId: OTHER,
        projectId: 'field-beta',
        orgId: 'o',
        theType: 'humi',
        device: id('d-2'),
      };
      await write([
        ...[MIDNIGHT - 1, MIDNIGHT, NOW].map((t) => point({ t })),
        ...[MIDNIGHT, NOW - 1, NOW].map((t) => point({ t, ...other })),
      ]);
      const { orgId, projectId, theType } = point();
      expect(await store.factorsOn(TODAY)).toEqual([
        { agriId: FACTOR, device: DEVICE, orgId, projectId, theType, points: 2 },
        { ...other, points: 3 },
      ]);
      expect((await store.factorsOn(TODAY - 1)).map(({ agriId, points }) => [agriId, points])).toEqual([
        [FACTOR, 1],
      ]);
    });

    it('counts a key once, whatever was written under it, as the highest version describes it', async () => {
      const { store, write } = await open();
      await write([point({ version: 1, projectId: 'before' })]);
      await write([point({ version: 3, projectId: 'after' })]);
      await write([point({ version: 2, projectId: 'between' })]);
      expect(await store.factorsOn(TODAY)).toMatchObject([{ agriId: FACTOR, projectId: 'after', points: 1 }]);
      expect(await scanned(store, [FACTOR])).toEqual([bare(point({ version: 3 }))]);
    });

    it.each([-1, 0.5, Number.NaN, 1e9])('refuses %s for a day', async (day) => {
      const { store } = await open();
      await expect(store.factorsOn(day)).rejects.toThrow(BadQueryError);
      expect(() => store.scan({ day, agriIds: [FACTOR] })).toThrow(BadQueryError);
    });
  });

  describe('scan', () => {
    it('gives every point of the factors named on the day, bit for bit, and no other', async () => {
      const { store, write } = await open();
      const values = [-0, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, 2 ** 53 + 2];
      const wanted = values.map((value, i) => point({ t: MIDNIGHT + i * HOUR, value, version: NOW + i }));
      await write([...wanted, point({ agriId: OTHER }), point({ t: MIDNIGHT - 1 })]);
      const found = await scanned(store, [FACTOR, id('d-unknown')]);
      expect(found).toEqual(wanted.map(bare));
      expect(found.every(({ value }, i) => Object.is(value, values[i]))).toBe(true);
      expect(await scanned(store, [])).toEqual([]);
    });

    it('gives each of many points of many factors once, each factor by rising time', async () => {
      const { store, write } = await open();
      const factors = Array.from({ length: 620 }, (_, f) => id(`d-${f}-1-00`));
      const many = factors.flatMap((agriId, f) =>
        Array.from({ length: f === 7 ? 21_001 : 2 }, (_, i) => {
          return point({ agriId, t: MIDNIGHT + f + i * SECOND, value: f + i, version: NOW - f });
        }),
      );
      for (let at = 0; at < many.length; at += 10_000) await write(many.slice(at, at + 10_000));
      const counts = await store.factorsOn(TODAY);
      expect(counts.reduce((sum, { points }) => sum + points, 0)).toBe(many.length);
      expect(counts.map(({ agriId }) => agriId)).toEqual([...factors].sort());
      const found = await scanned(store, factors);
      const perFactor = Map.groupBy(found, ({ agriId }) => agriId);
      expect(factors.flatMap((agriId) => perFactor.get(agriId) ?? [])).toEqual(many.map(bare));
    });

    it('does not give points that are older than 90 days', async () => {
      const opened = await open();
      const edge = NOW - 90 * DAY;
      await opened.write([edge, edge + 1].map((t) => point({ t })));
      opened.clock.nowMs = NOW + 1;
      expect((await scanned(opened.store, [FACTOR], dayOf(edge))).map(({ t }) => t)).toEqual([edge + 1]);
      expect(await opened.store.factorsOn(dayOf(edge))).toMatchObject([{ points: 1 }]);
      opened.clock.nowMs = NOW + DAY;
      expect(await scanned(opened.store, [FACTOR], dayOf(edge))).toEqual([]);
      expect(await opened.store.factorsOn(dayOf(edge))).toEqual([]);
    });

    it('ends when its signal fires, and holds nothing when it is left', async () => {
      const { store, write } = await open();
      await write([point()]);
      const stopped = scanned(store, [FACTOR], TODAY, AbortSignal.abort());
      await expect(stopped).rejects.toThrow(StoreAbortedError);
      await expect(store.factorsOn(TODAY, AbortSignal.abort())).rejects.toThrow(StoreAbortedError);
      for (let i = 0; i < 20; i += 1) {
        const scan = store.scan({ day: TODAY, agriIds: [FACTOR] })[Symbol.asyncIterator]();
        expect((await scan.next()).value).toHaveLength(1);
      }
      expect(await scanned(store, [FACTOR])).toHaveLength(1);
      await store.close();
      await expect(scanned(store, [FACTOR])).rejects.toThrow(StoreClosedError);
      await expect(store.factorsOn(TODAY)).rejects.toThrow(StoreClosedError);
    });
  });
}
