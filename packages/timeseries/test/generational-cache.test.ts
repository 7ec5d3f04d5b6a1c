import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenerationalCache } from '../src/generational-cache.ts';

describe('GenerationalCache', () => {
  it('holds the most recently used half of its limit, and never a wrong value', () => {
    const key = fc.integer({ min: 0, max: 30 });
    const uses = fc.array(fc.record({ key, set: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(uses, fc.integer({ min: 2, max: 20 }), (history, limit) => {
        const cache = new GenerationalCache<number, number>(limit);
        const truth = new Map<number, number>();
        history.forEach(({ key: used, set }, i) => {
          if (set) {
            cache.set(used, i);
            truth.delete(used);
            truth.set(used, i);
            return;
          }
          const held = cache.get(used);
          if (held !== undefined) {
            expect(held).toBe(truth.get(used));
            truth.delete(used);
            truth.set(used, held);
          }
        });
        const recent = [...truth.keys()].slice(-Math.floor(limit / 2));
        for (const used of recent.reverse()) expect(cache.get(used)).toBe(truth.get(used));
      }),
    );
  });

  it('stays within its limit', () => {
    const cache = new GenerationalCache<number, number>(10);
    for (let i = 0; i < 1_000; i += 1) cache.set(i, i);
    const held = Array.from({ length: 1_000 }, (_, i) => i).filter((i) => cache.get(i) !== undefined);
    expect(held.length).toBeLessThanOrEqual(10);
  });

  it('forgets everything when told to', () => {
    const cache = new GenerationalCache<string, number>(10);
    cache.set('a', 1);
    cache.clear();
    expect(cache.get('a')).toBeUndefined();
  });
});
