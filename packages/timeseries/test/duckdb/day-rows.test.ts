import { agriId, type Point } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayRows, groupByDay, newestPerKey } from '../../src/duckdb/day-rows.ts';

const DAY = 86_400_000;
const point = (t: number, value: number, version: number): Point => {
  const id = agriId('d-1-1');
  return { agriId: id, t, value, version, device: id, orgId: 'o', projectId: 'p', theType: 'temp' };
};

describe('groupByDay', () => {
  it('splits by UTC day and keeps the order and the ids', () => {
    const points = [
      point(3 * DAY, 1, 10),
      point(3 * DAY - 1, 2, 11),
      point(-1, 3, 12),
      point(4 * DAY - 1, 4, 13),
    ];
    const days = groupByDay(points, [0, 1, 3], Int32Array.of(7, 8, 9));
    expect(days.map(({ day, length }) => [day, length])).toEqual([
      [3, 2],
      [2, 1],
    ]);
    expect(days[0]).toMatchObject({
      series: Int32Array.of(7, 9),
      t: Int32Array.of(0, DAY - 1),
      value: Float64Array.of(1, 4),
      version: Float64Array.of(10, 13),
    });
  });
});

describe('newestPerKey', () => {
  const rows = fc.array(
    fc.record({
      // Few neighbouring numbers and one far off, so that both ways of telling repeats are taken.
      series: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.constant(60_000_000)),
      t: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(DAY - 1, DAY - 2)),
      version: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 30 },
  );

  const columns = (list: readonly { series: number; t: number; version: number }[]): DayRows => ({
    day: 1,
    length: list.length,
    series: Int32Array.from(list, ({ series }) => series),
    t: Int32Array.from(list, ({ t }) => t),
    value: Float64Array.from(list, (_, i) => i),
    version: Float64Array.from(list, ({ version }) => version),
  });

  it('keeps the first of the highest versions of each key', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const expected = new Map<string, number>();
        list.forEach(({ series, t, version }, i) => {
          const rival = expected.get(`${series} ${t}`);
          if (rival === undefined || version > (list[rival]?.version ?? 0)) expected.set(`${series} ${t}`, i);
        });
        const kept = newestPerKey(columns(list));
        expect([...kept.value].sort((a, b) => a - b)).toEqual([...expected.values()].sort((a, b) => a - b));
        expect(kept.length).toBe(expected.size);
        kept.value.forEach((i, row) => {
          expect([kept.series[row], kept.t[row], kept.version[row]]).toEqual([
            list[i]?.series,
            list[i]?.t,
            list[i]?.version,
          ]);
        });
      }),
    );
  });

  it('gives rising rows back without a copy', () => {
    const rising = columns([
      { series: 1, t: 0, version: 1 },
      { series: 2, t: 0, version: 1 },
      { series: 1, t: 1, version: 0 },
    ]);
    expect(newestPerKey(rising)).toBe(rising);
  });
});
