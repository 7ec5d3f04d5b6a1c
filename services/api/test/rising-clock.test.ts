import { describe, expect, it } from 'vitest';
import { risingClock } from '../src/rising-clock.ts';

describe('risingClock', () => {
  it('never gives a time twice, nor an earlier one', () => {
    const times = [100, 100, 99, 200];
    const clock = risingClock(() => times.shift() ?? 0);
    expect([clock(), clock(), clock(), clock()]).toEqual([100, 101, 102, 200]);
  });
});
