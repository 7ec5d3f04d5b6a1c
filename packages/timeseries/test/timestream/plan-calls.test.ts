import type { AgriId } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCalls } from '../../src/timestream/plan-calls.ts';
import { NOW, point, series } from './points.ts';

const batches = fc.array(
  fc.record({
    factor: fc.integer({ min: 0, max: 4 }),
    t: fc.integer({ min: 0, max: 5 }),
    version: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 300 },
);

describe('planCalls', () => {
  it('sends each key once, the first of its highest version, and knows for each other point who beat it', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const points = batch.map(({ factor, t, version }) =>
          point({
            agriId: `f-${factor}` as AgriId,
            device: `d-${factor % 2}` as AgriId,
            t: NOW - t,
            version,
          }),
        );
        const { calls, losers } = planCalls(
          points,
          points.map((_, index) => index),
        );
        const sent = calls.flat();
        const key = (index: number) => `${points[index]?.agriId} ${points[index]?.t}`;
        expect(new Set(sent.map(key)).size).toBe(sent.length);
        expect([...sent, ...[...losers.values()].flat()].sort((a, b) => a - b)).toEqual(
          points.map((_, i) => i),
        );
        for (const winner of sent) {
          const rivals = losers.get(winner) ?? [];
          expect(rivals.map(key)).toEqual(rivals.map(() => key(winner)));
          for (const rival of rivals) {
            const [lost, won] = [points[rival]?.version ?? 0, points[winner]?.version ?? 0];
            expect(lost < won || (lost === won && rival > winner)).toBe(true);
          }
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('fills calls to 100 records, devices side by side', () => {
    const points = series(250, (index) => ({ device: `d-${index % 3}` as AgriId, t: NOW - index }));
    const { calls } = planCalls(
      points,
      points.map((_, index) => index),
    );
    expect(calls.map((call) => call.length)).toEqual([100, 100, 50]);
    const devices = calls.flat().map((index) => points[index]?.device);
    expect(devices.filter((device, at) => device !== devices[at - 1])).toEqual(['d-0', 'd-1', 'd-2']);
  });

  it('is quick with one key a hundred thousand times, each time newer', () => {
    const points = Array.from({ length: 100_000 }, (_, version) => point({ version }));
    const { calls, losers } = planCalls(
      points,
      points.map((_, index) => index),
    );
    expect(calls).toEqual([[99_999]]);
    expect(losers.get(99_999)).toHaveLength(99_999);
  });
});
