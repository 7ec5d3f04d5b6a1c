import { RETENTION_MS } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { StoreAbortedError } from '../errors.ts';
import { STORE_MAX_AHEAD_HOURS } from '../point-rules.ts';
import { lessWithout, needing, openCase, type StoreCapabilities, type StoreFactory } from './harness.ts';
import { DAY, HOUR, id, MINUTE, NOW, point, readings, SECOND } from './points.ts';

const EXTREME_VALUES = [
  ['the smallest denormal', 5e-324],
  ['the largest double', Number.MAX_VALUE],
  ['the lowest double', -Number.MAX_VALUE],
  ['zero', 0],
  ['minus zero', -0],
  ['the largest denormal, negative', -2.225073858507201e-308],
  ['an integer above 2^53', 2 ** 53 + 2],
  ['2^64', 2 ** 64],
  ['a third', 1 / 3],
  ['0.1 + 0.2', 0.1 + 0.2],
] as const;

const AWKWARD_NAMES = [
  ['underscores, which SQL takes for wildcards', 'd_1-%_-_'],
  ['quotes and statements', `d-1'; DROP TABLE series; --"`],
  ['spaces, commas and equals signs', 'd 1, host=a b\\ c'],
  ['line breaks', 'd-1\nd-2'],
  ['letters of other scripts', 'd-温室-ß-🌱'],
  ['128 characters', 'd'.repeat(128)],
  ['200 letters', 'd'.repeat(200)],
  ['200 characters of two bytes', 'é'.repeat(200)],
] as const;

/** What `write` stores, counts and refuses. */
export function describeWriting(factory: StoreFactory, can: StoreCapabilities): void {
  const open = () => openCase(factory, NOW);

  describe('write', () => {
    it('stores points and counts them', async () => {
      const { store, write } = await open();
      const report = await write([point({ t: NOW - 1 }), point()]);
      expect(report).toEqual({ stored: 2, alreadyStored: 0, rejected: [], keep: [] });
      expect(await readings(store)).toEqual([
        [NOW, 21.5],
        [NOW - 1, 21.5],
      ]);
    });

    it('answers an empty call with an empty report', async () => {
      const { write } = await open();
      expect(await write([])).toEqual({ stored: 0, alreadyStored: 0, rejected: [], keep: [] });
    });

    it('keeps one point per key when the same call comes again', {
      meta: lessWithout(can, 'countsRepeats'),
    }, async () => {
      const { store, write } = await open();
      const points = Array.from({ length: 50 }, (_, i) => point({ t: NOW - i * HOUR, value: i }));
      await write(points);
      const again = await write(points);
      if (can.countsRepeats) expect(again).toMatchObject({ stored: 0, alreadyStored: 50 });
      expect(await readings(store)).toEqual(points.map(({ t, value }) => [t, value]));
    });

    it('lets a later version replace an earlier one', async () => {
      const { store, write } = await open();
      await write([point({ value: 1, version: NOW })]);
      expect(await write([point({ value: 2, version: NOW + 1 })])).toMatchObject({
        stored: 1,
        alreadyStored: 0,
      });
      expect(await store.history({ agriId: point().agriId, page: 1, pageSize: 9, minT: 0 })).toEqual({
        total: 1,
        points: [{ t: NOW, value: 2, version: NOW + 1 }],
      });
    });

    it.runIf(can.ordersVersions).each([
      ['an older version', NOW - 1],
      ['the same version', NOW],
    ])(
      'changes nothing for %s with another value',
      { meta: needing('ordersVersions') },
      async (_, version) => {
        const { store, write } = await open();
        await write([point({ value: 1, version: NOW })]);
        expect(await write([point({ value: 2, version })])).toMatchObject({ stored: 0, alreadyStored: 1 });
        expect(await readings(store)).toEqual([[NOW, 1]]);
      },
    );

    it.each([
      ['the higher version, first', [5, 3, 4], 0],
      ['the higher version, last', [3, 4, 5], 2],
      ['the first of the highest', [4, 5, 5], 1],
    ])('takes %s, when a key stands several times in one call', async (_, versions, winner) => {
      const { store, write } = await open();
      const points = versions.map((version, value) => point({ version, value }));
      expect(await write(points)).toMatchObject({ stored: 1, alreadyStored: 2 });
      expect(await readings(store)).toEqual([[NOW, winner]]);
    });

    it.runIf(can.ordersVersions)(
      'weighs repeated keys of a call against what is stored',
      { meta: needing('ordersVersions') },
      async () => {
        const { store, write } = await open();
        await write([point({ version: 5, value: 50 }), point({ t: NOW - 1, version: 5, value: 51 })]);
        const report = await write([
          point({ version: 4, value: 1 }),
          point({ version: 6, value: 2 }),
          point({ version: 7, value: 3 }),
          point({ t: NOW - 1, version: 5, value: 4 }),
          point({ t: NOW - 2, version: 1, value: 5 }),
        ]);
        expect(report).toMatchObject({ stored: 2, alreadyStored: 3 });
        expect(await readings(store)).toEqual([
          [NOW, 3],
          [NOW - 1, 51],
          [NOW - 2, 5],
        ]);
      },
    );

    it('takes points out of order and late ones', async () => {
      const { store, write } = await open();
      const times = [NOW, NOW - 40 * DAY, NOW - HOUR, NOW - 89 * DAY, NOW - 40 * DAY + 1, NOW - 2 * HOUR];
      for (const t of times) expect(await write([point({ t, value: t })])).toMatchObject({ stored: 1 });
      expect(await readings(store)).toEqual(times.sort((a, b) => b - a).map((t) => [t, t]));
    });

    it('refuses for good what no engine may store, and stores the rest', async () => {
      const { store, write } = await open();
      const report = await write([
        point({ value: Number.NaN }),
        point({ value: Number.POSITIVE_INFINITY }),
        point({ value: Number.NEGATIVE_INFINITY }),
        point({ value: 7 }),
        point({ t: NOW - RETENTION_MS - 1 }),
        point({ t: NOW + STORE_MAX_AHEAD_HOURS * HOUR + 1 }),
        point({ t: NOW + 0.5 }),
        point({ version: Number.NaN }),
        point({ t: NOW - RETENTION_MS, value: 8 }),
      ]);
      expect(report.rejected.map(({ index }) => index)).toEqual([0, 1, 2, 4, 5, 6, 7]);
      expect(report.rejected.every(({ message }) => message.length > 10)).toBe(true);
      expect(report).toMatchObject({ stored: 2, keep: [] });
      expect(await readings(store)).toEqual([
        [NOW, 7],
        [NOW - RETENTION_MS, 8],
      ]);
    });

    it.each(EXTREME_VALUES)(
      'gives %s back bit for bit',
      { meta: lessWithout(can, 'survivesReopen') },
      async (_, value) => {
        const opened = await open();
        // Enough neighbours for an engine that compresses to try.
        const neighbours = Array.from({ length: 200 }, (_, i) =>
          point({ t: NOW - MINUTE - i, value: i / 10 }),
        );
        await opened.write([point({ value }), ...neighbours]);
        if (can.survivesReopen) await opened.reopen();
        const [newest] = await readings(opened.store);
        expect(Object.is(newest?.[1], value)).toBe(true);
      },
    );

    describe.each(AWKWARD_NAMES)('keeps names apart that hold', (what, name) => {
      it.runIf(Buffer.byteLength(name) <= can.longestNameBytes)(
        what,
        { meta: { ...needing('longestNameBytes'), ...lessWithout(can, 'survivesReopen') } },
        async () => {
          const opened = await open();
          const awkward = point({
            agriId: id(name),
            device: id(name),
            orgId: name,
            projectId: name,
            theType: name,
          });
          await opened.write([awkward, point({ value: 1 })]);
          if (can.survivesReopen) await opened.reopen();
          expect(await readings(opened.store, id(name))).toEqual([[NOW, 21.5]]);
          expect(await opened.store.latest(id(name))).toEqual([awkward]);
          expect(await readings(opened.store)).toEqual([[NOW, 1]]);
        },
      );
    });

    it('stores 100,000 points of many factors in one call', { timeout: 90_000 }, async () => {
      const { store, write } = await open();
      const factors = Array.from({ length: 500 }, (_, f) => id(`d-${f}-1-00`));
      const points = Array.from({ length: 100_000 }, (_, i) =>
        point({ agriId: factors[i % 500] ?? id(''), t: NOW - Math.floor(i / 500) * MINUTE, value: i }),
      );
      expect(await write(points)).toMatchObject({ stored: 100_000, alreadyStored: 0 });
      const { total, points: page } = await store.history({
        agriId: id('d-7-1-00'),
        page: 1,
        pageSize: 2,
        minT: 0,
      });
      expect(total).toBe(200);
      expect(page.map(({ value }) => value)).toEqual([7, 507]);
    });

    it.runIf(can.countsRepeats)(
      'stores each key once when calls overlap in time',
      { meta: needing('countsRepeats') },
      async () => {
        const { store, write } = await open();
        const points = Array.from({ length: 100 }, (_, i) => point({ t: NOW - i * SECOND, value: i }));
        const reports = await Promise.all(Array.from({ length: 8 }, () => write(points)));
        expect(reports.reduce((sum, { stored }) => sum + stored, 0)).toBe(100);
        expect(await readings(store)).toHaveLength(100);
      },
    );

    it('writes nothing when its signal fired before, and goes on with the next call', async () => {
      const { store, write } = await open();
      const reason = new Error('shutting down');
      const refused = store.write([point({ t: NOW - 1 })], AbortSignal.abort(reason));
      await expect(refused).rejects.toThrow(StoreAbortedError);
      await expect(refused).rejects.toMatchObject({ code: 'store_aborted', retryable: true, cause: reason });
      await write([point()]);
      expect(await readings(store)).toEqual([[NOW, 21.5]]);
    });

    it('either stores a call or rejects it, when its signal fires on the way', async () => {
      const { store, write } = await open();
      const controller = new AbortController();
      const calls = Array.from({ length: 6 }, (_, i) =>
        store.write([point({ t: NOW - i })], controller.signal),
      );
      controller.abort();
      const outcomes = await Promise.allSettled(calls);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreAbortedError);
      }
      const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
      expect(await readings(store)).toHaveLength(stored);
      expect(await write([point({ t: NOW - 100 })])).toMatchObject({ stored: 1 });
    });
  });
}
