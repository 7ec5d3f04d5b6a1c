import { type Point, RETENTION_MS } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lessWithout,
  needing,
  openUndisposed,
  type StoreCapabilities,
  type StoreCase,
  type StoreFactory,
} from './harness.ts';
import { ModelStore } from './model.ts';
import { DAY, HOUR, id, NOW, point } from './points.ts';

/** Fixed, so that a failure in one run is a failure in all. */
const SEED = 20_260_216;
const RUNS = 16;

const FACTORS = ['d-1-1', 'd-1-2', 'd-1', 'd-10-1', 'd_1-1'].map(id);

/** Few different keys and versions, so that most points meet another one; some at the edges of days and of the 90 days. */
const times = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((i) => NOW - i),
  fc.integer({ min: 0, max: 3 }).map((i) => Math.floor(NOW / DAY) * DAY - 2 + i),
  fc.integer({ min: -2, max: 2 }).map((i) => NOW - RETENTION_MS + i),
  fc.constantFrom(0, 1, 2, 45, 89, 100).map((days) => NOW - days * DAY),
);

const points: fc.Arbitrary<Point> = fc
  .record({
    agriId: fc.constantFrom(...FACTORS),
    t: times,
    value: fc.oneof(fc.double(), fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 0.1)),
    version: fc.integer({ min: 1, max: 4 }),
  })
  .map(point);

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.array(points, { maxLength: 40 }).map((batch) => ({ do: 'write' as const, batch })),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'retention' as const }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 * DAY }).map((ms) => ({ do: 'wait' as const, ms })) },
  ),
  { minLength: 1, maxLength: 12 },
);

/** Random writes, restarts, waiting and retention: after each history the store must read like the model. */
export function describeRandomWrites(factory: StoreFactory, can: StoreCapabilities): void {
  describe.runIf(can.ordersVersions)('random writes', () => {
    it('leave a store that reads like the model', {
      timeout: 60_000,
      meta: { ...needing('ordersVersions'), ...lessWithout(can, 'countsRepeats', 'survivesReopen') },
    }, async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const opened = await openUndisposed(factory, NOW);
          const model = new ModelStore();
          try {
            for (const step of history) {
              if (step.do === 'wait') opened.clock.nowMs += step.ms;
              if (step.do === 'retention') await opened.store.enforceRetention(new Date(opened.clock.nowMs));
              if (step.do === 'reopen' && can.survivesReopen) await opened.reopen();
              if (step.do === 'write') await writeToBoth(opened, model, step.batch, can);
            }
            await expectSame(opened, model);
          } finally {
            await opened.dispose();
          }
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });
  });
}

async function writeToBoth(
  opened: StoreCase,
  model: ModelStore,
  batch: readonly Point[],
  can: StoreCapabilities,
): Promise<void> {
  const report = await opened.write(batch);
  const { rejected, ...counts } = model.write(batch, opened.clock.nowMs);
  if (can.countsRepeats) expect(report).toMatchObject(counts);
  expect(report.rejected.map(({ index }) => index)).toEqual(rejected);
}

async function expectSame({ store, clock: { nowMs } }: StoreCase, model: ModelStore): Promise<void> {
  for (const agriId of FACTORS) {
    for (const limits of [
      { page: 1, minT: 0 },
      { page: 2, minT: NOW - DAY, maxT: NOW - 1 },
    ]) {
      const query = { agriId, pageSize: 7, ...limits };
      expect(await store.history(query)).toStrictEqual(model.history(query, nowMs));
    }
    const query = { agriId, from: NOW - 3 * DAY, to: NOW + 1, intervalMs: HOUR };
    const keys = (bucket: { t: number; last: number; count: number }) => [
      bucket.t,
      bucket.last,
      bucket.count,
    ];
    expect((await store.buckets(query)).map(keys)).toEqual(model.buckets(query, nowMs).map(keys));
  }
  for (const device of ['d-1', 'd', 'd_1'].map(id)) {
    expect(await store.latest(device)).toStrictEqual(model.latest(device, nowMs));
  }
}
