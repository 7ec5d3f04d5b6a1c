import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { agriId, type Point } from '@furrow/contracts';
import { openStore } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './temp-folder.ts';

const START = Date.UTC(2026, 1, 16, 12);
const DAY = 86_400_000;

/** 30,000 points of one day whose values do not compress. */
function dayOfPoints(day: number): Point[] {
  let state = day;
  return Array.from({ length: 30_000 }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return {
      agriId: agriId(`d-1-${i % 30}`),
      t: START + day * DAY + i * 100,
      value: state / 7,
      version: START + day * DAY + i * 100 + (state % 1000),
      device: agriId('d-1'),
      orgId: 'yanji-lab',
      projectId: 'greenhouse-alpha',
      theType: 'temp',
    };
  });
}

async function openFile() {
  const file = join(await temporaryFolder(), 'points.duckdb');
  const clock = { nowMs: START };
  const store = await openStore(`duckdb:${file}?threads=1`, { clock: () => clock.nowMs });
  onTestFinished(() => store.close());
  /** Stores four days of points from `day` on. */
  const fill = async (day: number) => {
    for (const each of [day, day + 1, day + 2, day + 3]) {
      clock.nowMs = START + each * DAY;
      await store.write(dayOfPoints(each));
    }
  };
  const retain = async (day: number) => {
    clock.nowMs = START + day * DAY;
    const report = await store.enforceRetention(new Date(clock.nowMs));
    return { report, fileBytes: (await stat(file)).size };
  };
  return { fill, retain };
}

describe('enforceRetention on a DuckDB file', () => {
  it('shrinks the file when all of it has expired', async () => {
    const { fill, retain } = await openFile();
    await fill(0);
    const full = await retain(4);
    expect(full.report).toEqual({ droppedPoints: 0, droppedPartitions: 0, freedBytes: 0 });
    const { report, fileBytes } = await retain(100);
    expect(report).toMatchObject({ droppedPoints: 120_000, droppedPartitions: 4 });
    // 16 bytes of value and version for each point would be 1.9 MB.
    expect(report.freedBytes).toBeGreaterThan(1_000_000);
    expect(fileBytes).toBeLessThan(1_000_000);
  });

  it('gives the space of dropped days to the next ones, so that the file stops growing', {
    timeout: 60_000,
  }, async () => {
    const { fill, retain } = await openFile();
    const sizes: number[] = [];
    for (let day = 0; day < 8 * 40; day += 40) {
      await fill(day);
      const { report, fileBytes } = await retain(day + 4);
      if (day >= 120) expect(report).toMatchObject({ droppedPoints: 120_000, droppedPartitions: 4 });
      sizes.push(fileBytes);
    }
    const settled = Math.max(...sizes.slice(2, 5));
    // Not a block more: the free blocks of a dropped or compacted day are taken before the file is made longer.
    expect(Math.max(...sizes.slice(5))).toBeLessThanOrEqual(settled);
  });
});
