import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { type AgriId, agriId, type Point } from '@furrow/contracts';
import { openStore, type PointStore } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { COMPACTION_FACTORS, COMPACTION_NOW, compactionBatch } from './compaction-batches.ts';
import { temporaryFolder } from './temp-folder.ts';

const COMPACTOR = fileURLToPath(new URL('compaction-compactor.ts', import.meta.url));
const clock = () => COMPACTION_NOW;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function filledStore(days: number) {
  const file = join(await temporaryFolder(), 'points.duckdb');
  const store = await openStore(`duckdb:${file}?threads=1`, { clock });
  for (let day = 1; day <= days; day += 1) await store.write(compactionBatch(day));
  return { file, store };
}

/** Every stored point as text, by factor. */
async function everything(store: PointStore): Promise<string[]> {
  const found: string[] = [];
  for (const id of COMPACTION_FACTORS) {
    const { points } = await store.history({ agriId: id, page: 1, pageSize: 10_000, minT: 0 });
    found.push(...points.map(({ t, value, version }) => `${id} ${t} ${value} ${version}`));
  }
  return found;
}

/** The days that lie sorted by series and time in a closed file, and those that do not. */
async function sortedDays(file: string): Promise<{ sorted: number; unsorted: number }> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const days = (await connection.runAndReadAll('SELECT day FROM partitions')).getRows().map(([day]) => day);
  let sorted = 0;
  for (const day of days) {
    const reader = await connection.runAndReadAll(
      `SELECT count(*) FROM (SELECT series, t, lag(series) OVER (ORDER BY rowid) AS s, lag(t) OVER (ORDER BY rowid) AS before FROM points_${day})
       WHERE series < s OR (series = s AND t <= before)`,
    );
    if (Number(reader.getRows()[0]?.[0]) === 0) sorted += 1;
  }
  connection.disconnectSync();
  instance.closeSync();
  return { sorted, unsorted: days.length - sorted };
}

describe('compactDay, by enforceRetention', () => {
  it('sorts the closed days, leaves today, and changes nothing that is read', async () => {
    const { file, store } = await filledStore(3);
    const today: Point[] = compactionBatch(1).map((point) => ({ ...point, t: point.t + DAY }));
    await store.write(today);
    const before = await everything(store);
    const report = await store.enforceRetention(new Date(COMPACTION_NOW));
    expect(report).toEqual({ droppedPoints: 0, droppedPartitions: 0, freedBytes: 0 });
    expect(await everything(store)).toEqual(before);
    await store.close();
    expect(await sortedDays(file)).toEqual({ sorted: 3, unsorted: 1 });
  });

  it('waits for a day to be over for three hours', async () => {
    const { file, store } = await filledStore(1);
    const midnight = Math.floor(COMPACTION_NOW / DAY) * DAY;
    await store.enforceRetention(new Date(midnight + 3 * HOUR - 1));
    await store.close();
    expect(await sortedDays(file)).toEqual({ sorted: 0, unsorted: 1 });
    const again = await openStore(`duckdb:${file}`, { clock });
    await again.enforceRetention(new Date(midnight + 3 * HOUR));
    await again.close();
    expect(await sortedDays(file)).toEqual({ sorted: 1, unsorted: 0 });
  });

  it('keeps versions in order for what comes after, and sorts a day again when much has come', async () => {
    const { file, store } = await filledStore(2);
    await store.enforceRetention(new Date(COMPACTION_NOW));
    const again = compactionBatch(1);
    expect(await store.write(again)).toMatchObject({ stored: 0, alreadyStored: again.length });
    const newer = again.slice(0, 50).map((point) => ({ ...point, version: point.version + 1, value: -1 }));
    expect(await store.write(newer)).toMatchObject({ stored: 50 });
    const late = again.map((point) => ({ ...point, t: point.t + 1 }));
    expect(await store.write(late)).toMatchObject({ stored: late.length });
    const before = await everything(store);
    await store.enforceRetention(new Date(COMPACTION_NOW));
    expect(await everything(store)).toEqual(before);
    await store.close();
    expect(await sortedDays(file)).toEqual({ sorted: 2, unsorted: 0 });
  });

  it('lets reads and writes go on', async () => {
    const { store } = await filledStore(3);
    const total = async () =>
      (
        await store.history({
          agriId: COMPACTION_FACTORS[0] ?? ('' as AgriId),
          page: 1,
          pageSize: 1,
          minT: 0,
        })
      ).total;
    const before = await total();
    const compacting = store.enforceRetention(new Date(COMPACTION_NOW));
    const reads = Array.from({ length: 30 }, total);
    const writes = Array.from({ length: 5 }, (_, i) =>
      store.write([{ ...(compactionBatch(2)[0] as Point), agriId: agriId('d-9-9'), t: COMPACTION_NOW - i }]),
    );
    expect(await Promise.all(reads)).toEqual(Array(30).fill(before));
    for (const { stored } of await Promise.all(writes)) expect(stored).toBe(1);
    await compacting;
    await store.close();
  });

  it('leaves every point in its place when the process is killed at any moment', {
    timeout: 60_000,
  }, async () => {
    const { file, store } = await filledStore(12);
    const expected = await everything(store);
    await store.close();
    let interrupted = 0;
    for (let round = 0; round < 5; round += 1) {
      const child = spawn(
        process.execPath,
        [COMPACTOR, `duckdb:${file}?threads=1&checkpoint_threshold=300KB`],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const exited = once(child, 'exit');
      let done = false;
      for await (const line of createInterface({ input: child.stdout })) {
        if (line === 'begin') setTimeout(() => child.kill('SIGKILL'), 5 + round * 12);
        if (line === 'end') done = true;
      }
      await exited;
      if (!done) interrupted += 1;
      const reopened = await openStore(`duckdb:${file}?threads=1`, { clock });
      expect(await everything(reopened)).toEqual(expected);
      expect(await reopened.write(compactionBatch(5))).toMatchObject({ stored: 0 });
      await reopened.close();
    }
    // The kills must have hit work, or the test proves nothing.
    expect(interrupted).toBeGreaterThan(0);
    const last = await openStore(`duckdb:${file}?threads=1`, { clock });
    await last.enforceRetention(new Date(COMPACTION_NOW));
    expect(await everything(last)).toEqual(expected);
    await last.close();
    expect(await sortedDays(file)).toEqual({ sorted: 12, unsorted: 0 });
  });
});
