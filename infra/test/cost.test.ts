import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monthlyCost, pointsPerMonth, writeCostPerMillion } from '../src/cost/cost-model.ts';
import { costPage } from '../src/cost/cost-page.ts';
import { FLEETS, SECONDS_BETWEEN_UPLINKS, SPARE } from '../src/cost/fleets.ts';
import { MEASURED } from '../src/cost/measured.ts';
import { stage as prod } from '../stages/prod.ts';

const docs = (page: string): string => readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8');

describe('docs/cost.md', () => {
  it('is what `npm run cost` writes', () => expect(docs('cost.md')).toBe(costPage()));
});

describe('MEASURED', () => {
  it('is what docs/benchmarks.md says', () => {
    const [, requests = '', kib = ''] =
      /^\| 100 \|(?:[^|]*\|){4} ([\d,]+) \| ([\d,]+) \|$/m.exec(docs('benchmarks.md')) ?? [];
    const number = (text: string): number => Number(text.replaceAll(',', ''));
    expect(1_000_000 / number(requests)).toBe(MEASURED.pointsPerFullWrite);
    expect(number(kib) / number(requests)).toBe(MEASURED.kibPerFullWrite);
  });
});

describe('monthlyCost', () => {
  it('counts writes by the KiB begun', () => {
    expect(writeCostPerMillion(100)).toBeCloseTo(0.03, 10);
    expect(writeCostPerMillion(10)).toBeCloseTo(0.05, 10);
    expect(writeCostPerMillion(1)).toBeCloseTo(0.5, 10);
  });

  it.each(FLEETS)('has the points, the writes and the workers of $devices devices', (fleet) => {
    const points = pointsPerMonth(fleet);
    expect(points).toBe(fleet.devices * 10 * 12 * 730);
    expect(monthlyCost(fleet).writes).toBeCloseTo(
      (points / 1e6) * writeCostPerMillion(fleet.pointsPerWrite),
      6,
    );
    const readingsPerSecond = (fleet.devices * MEASURED.pointsPerUplink) / SECONDS_BETWEEN_UPLINKS;
    expect(fleet.ingest.tasks * MEASURED.readingsPerSecond * (1 - SPARE)).toBeGreaterThan(readingsPerSecond);
  });

  it('has the sizes of the production stage for 10,000 devices', () => {
    const [, fleet] = FLEETS;
    expect(fleet?.ingest).toEqual({
      tasks: prod.ingest.minTasks,
      vcpu: prod.ingest.cpu / 1_024,
      gib: prod.ingest.memoryMib / 1_024,
    });
  });
});
