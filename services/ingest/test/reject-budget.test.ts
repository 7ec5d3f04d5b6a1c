import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RejectBudget, type SampledOutReport } from '../src/reject-budget.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(change: { readonly messages?: number } = {}) {
  const reports: SampledOutReport[] = [];
  const onSampledOut = (report: SampledOutReport): void => void reports.push(report);
  const budget = new RejectBudget({ messages: 3, keepOneIn: 4, windowMs: 60_000, onSampledOut, ...change });
  const spend = (device: string | undefined, times: number) =>
    Array.from({ length: times }, () => budget.spend(device, 2).kind);
  return { budget, reports, spend };
}

describe('RejectBudget', () => {
  it('keeps all refusals within the budget, then one in so many, and counts the others', () => {
    const { spend, budget } = setUp();
    expect(spend('a', 11)).toEqual([
      ...['keep', 'keep', 'keep'],
      ...['count', 'count', 'count', 'sample'],
      ...['count', 'count', 'count', 'sample'],
    ]);
    spend('a', 3);
    expect(budget.spend('a', 2)).toEqual({ kind: 'sample', keptShare: '1 in 4' });
  });

  it('gives each device a budget of its own, anew in each window', async () => {
    const { spend } = setUp();
    spend('a', 10);
    expect(spend('b', 3)).toEqual(['keep', 'keep', 'keep']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(spend('a', 3)).toEqual(['keep', 'keep', 'keep']);
  });

  it('reports once a window what was only counted', async () => {
    const { spend, reports } = setUp();
    spend('a', 10);
    spend('b', 5);
    spend('c', 3);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(reports).toEqual([{ messages: 8, readings: 16, keepOneIn: 4, devices: { a: 6, b: 2 } }]);
  });

  it('reports at the end of the process', () => {
    const { spend, reports, budget } = setUp();
    spend('a', 4);
    budget.close();
    budget.close();
    expect(reports).toHaveLength(1);
  });

  it('keeps everything when it is off, and what names no device', () => {
    expect(setUp({ messages: 0 }).spend('a', 100)).not.toContain('count');
    expect(setUp().spend(undefined, 100)).not.toContain('count');
  });
});
