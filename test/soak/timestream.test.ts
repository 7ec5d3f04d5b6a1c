import { describe, expect, it } from 'vitest';
import { soakSummary } from './summary.ts';
import { soakTimestream } from './timestream.ts';

describe('soakTimestream', () => {
  it('finds every point once and every refusal in quarantine after seconds of trouble', {
    timeout: 180_000,
  }, async () => {
    const report = await soakTimestream({ minutes: 0.07, seed: 7, readingsPerSecond: 500 });
    expect(report.problems, soakSummary(report)).toEqual([]);
    expect(report.store.read).toBeGreaterThan(1_900);
    expect(report.quarantine.refused).toBeGreaterThan(10);
    expect(report.service.throttled / report.service.calls).toBeGreaterThan(0.15);
    expect(report.samples.length).toBeGreaterThan(4);
  });
});
