import { describe, expect, it } from 'vitest';
import { HandBudget } from '../../src/consumer/hand-budget.ts';

const MIB = 1_048_576;

/** Begins as many receives as are allowed. */
function receives(budget: HandBudget): number {
  let count = 0;
  while (count < 100 && budget.tryReceive()) count += 1;
  return count;
}

describe('HandBudget', () => {
  it('expects the largest messages at the start and after an empty receive', () => {
    const budget = new HandBudget({ maxMessages: 160, maxBytes: 24 * MIB });
    expect(receives(budget)).toBe(2);
    budget.received(0);
    expect(receives(budget)).toBe(1);
  });

  it('lets as many receives run as messages may be in hand, once messages prove small', () => {
    const budget = new HandBudget({ maxMessages: 160, maxBytes: 24 * MIB });
    for (let index = 0; index < 4; index += 1) {
      expect(budget.tryReceive()).toBe(true);
      budget.received(10_000);
    }
    expect(receives(budget)).toBe(16);
  });

  it('begins no receive that might bring more than may be in hand, until something leaves', () => {
    const budget = new HandBudget({ maxMessages: 160, maxBytes: 24 * MIB });
    expect(receives(budget)).toBe(2);
    for (let batch = 0; batch < 2; batch += 1) {
      for (let index = 0; index < 10; index += 1) budget.take(MIB);
      budget.received(10 * MIB);
    }
    expect(budget.bytes).toBe(20 * MIB);
    expect(receives(budget)).toBe(0);
    for (let index = 0; index < 6; index += 1) budget.release(MIB);
    expect(receives(budget)).toBe(1);
  });

  it('always lets one receive run when nothing is in hand, however small its limits', () => {
    const budget = new HandBudget({ maxMessages: 1, maxBytes: 1 });
    expect(receives(budget)).toBe(1);
    budget.take(50);
    budget.received(50);
    expect(receives(budget)).toBe(0);
    budget.release(50);
    expect(receives(budget)).toBe(1);
  });

  it('wakes who waits when something changes', async () => {
    const budget = new HandBudget({ maxMessages: 10, maxBytes: MIB });
    receives(budget);
    const changed = budget.changed();
    budget.received(0);
    await changed;
    expect(budget.tryReceive()).toBe(true);
  });
});
