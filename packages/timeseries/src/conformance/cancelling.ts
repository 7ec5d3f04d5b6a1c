import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { StoreAbortedError } from '../errors.ts';
import type { PointStore } from '../point-store.ts';
import { openCase, type StoreFactory } from './harness.ts';
import { DAY, DEVICE, FACTOR, HOUR, NOW, point, readings } from './points.ts';

type Call = (store: PointStore, signal: AbortSignal) => Promise<unknown>;

const CALLS: readonly (readonly [what: string, call: Call])[] = [
  ['write', (store, signal) => store.write([point({ t: NOW - 1 })], signal)],
  ['history', (store, signal) => store.history({ agriId: FACTOR, page: 1, pageSize: 9, minT: 0 }, signal)],
  ['latest', (store, signal) => store.latest(DEVICE, signal)],
  [
    'buckets',
    (store, signal) => store.buckets({ agriId: FACTOR, from: NOW - DAY, to: NOW, intervalMs: HOUR }, signal),
  ],
];

/** Signals that fire, and what is left of the calls that they ended: nothing. */
export function describeCancelling(factory: StoreFactory): void {
  describe.each(CALLS)('cancelling %s', (_, call) => {
    it('rejects at once when the signal fired before, with its reason', async () => {
      const { store } = await openCase(factory, NOW);
      const reason = new Error('the client is gone');
      const refused = call(store, AbortSignal.abort(reason));
      await expect(refused).rejects.toThrow(StoreAbortedError);
      await expect(refused).rejects.toMatchObject({ cause: reason });
    });

    it('leaves nothing behind on a signal that outlives many calls', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point()]);
      const { signal } = new AbortController();
      for (let round = 0; round < 3; round += 1) {
        await Promise.all(Array.from({ length: 8 }, () => call(store, signal)));
      }
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    });

    it('gives back every place that cancelled calls have held or waited for', async () => {
      const { store, write } = await openCase(factory, NOW);
      await write([point()]);
      for (let round = 0; round < 5; round += 1) {
        const controller = new AbortController();
        const calls = Array.from({ length: 30 }, () => call(store, controller.signal));
        if (round % 2 === 0) await Promise.resolve();
        else await Promise.race(calls);
        controller.abort();
        for (const outcome of await Promise.allSettled(calls)) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreAbortedError);
        }
        expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      }
      expect(await write([point({ t: NOW - 2, value: 2 })])).toMatchObject({ stored: 1, keep: [] });
      expect((await readings(store)).map(([t]) => t)).toContain(NOW - 2);
    });
  });
}
