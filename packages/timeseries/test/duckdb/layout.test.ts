import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Point } from '@furrow/contracts';
import { openStore, type PointStore, StoreCorruptError } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COMPACTION_FACTORS, COMPACTION_NOW, compactionBatch } from './compaction-batches.ts';
import { temporaryFolder } from './temp-folder.ts';

const DAY = 86_400_000;
const clock = () => COMPACTION_NOW;

async function withFile(file: string, work: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await work(connection);
  connection.disconnectSync();
  instance.closeSync();
}

/** A file as layout 1 was: plain columns in a day's table, a comment on those that were compacted. */
async function fileOfLayout1(points: readonly Point[]): Promise<string> {
  const file = join(await temporaryFolder(), 'points.duckdb');
  await withFile(file, async (connection) => {
    await connection.run(`
      CREATE TABLE layout (version INTEGER NOT NULL);
      CREATE TABLE partitions (day INTEGER NOT NULL);
      CREATE TABLE series (
        id INTEGER NOT NULL, agri_id VARCHAR NOT NULL, device VARCHAR NOT NULL, org_id VARCHAR NOT NULL,
        project_id VARCHAR NOT NULL, the_type VARCHAR NOT NULL, described_at BIGINT NOT NULL
      );
      INSERT INTO layout VALUES (1);`);
    for (const [index, id] of COMPACTION_FACTORS.entries()) {
      await connection.run(
        `INSERT INTO series VALUES (${index + 1}, $1, 'd-1', 'yanji-lab', 'greenhouse-alpha', 'temp', 0)`,
        [id],
      );
    }
    for (const day of new Set(points.map(({ t }) => Math.floor(t / DAY)))) {
      await connection.run(
        `CREATE TABLE points_${day} (series INTEGER NOT NULL, t INTEGER NOT NULL, value DOUBLE NOT NULL, version BIGINT NOT NULL);
         INSERT INTO partitions VALUES (${day}); COMMENT ON TABLE points_${day} IS 'compacted:1'`,
      );
      const rows = points
        .filter(({ t }) => Math.floor(t / DAY) === day)
        .map(({ agriId, t, value, version }) => {
          return `(${COMPACTION_FACTORS.indexOf(agriId) + 1}, ${t - day * DAY}, ${value}, ${version})`;
        });
      await connection.run(`INSERT INTO points_${day} VALUES ${rows.join(', ')}`);
    }
  });
  return file;
}

async function everything(store: PointStore): Promise<string[]> {
  const found: string[] = [];
  for (const agriId of COMPACTION_FACTORS) {
    const { total, points } = await store.history({ agriId, page: 1, pageSize: 10_000, minT: 0 });
    expect(total).toBe(points.length);
    found.push(...points.map(({ t, value, version }) => `${agriId} ${t} ${value} ${version}`));
  }
  return found.sort();
}

const asText = (points: readonly Point[]): string[] =>
  points.map(({ agriId, t, value, version }) => `${agriId} ${t} ${value} ${version}`).sort();

const POINTS = [3, 2, 1].flatMap(compactionBatch);

describe('a DuckDB file of layout 1', () => {
  it('opens with every point, takes more, and is of this layout from then on', async () => {
    const file = await fileOfLayout1(POINTS);
    const store = await openStore(`duckdb:${file}`, { clock });
    expect(await everything(store)).toEqual(asText(POINTS));
    expect(await store.write(POINTS)).toMatchObject({ stored: 0, alreadyStored: POINTS.length });
    const late = compactionBatch(2).map((point) => ({ ...point, t: point.t + 1 }));
    expect(await store.write(late)).toMatchObject({ stored: late.length });
    await store.enforceRetention(new Date(COMPACTION_NOW));
    expect(await everything(store)).toEqual(asText([...POINTS, ...late]));
    await store.close();
    await withFile(file, async (connection) => {
      const layout = await connection.runAndReadAll('SELECT version FROM layout');
      expect(layout.getRows()).toEqual([[2]]);
    });
  });

  it('goes on where an upgrade was cut off', async () => {
    const file = await fileOfLayout1(POINTS);
    await (await openStore(`duckdb:${file}`, { clock })).close();
    // As if the process had died after the first days: one has its old table still.
    await withFile(file, async (connection) => {
      const [day] = (await connection.runAndReadAll('SELECT max(day) FROM partitions')).getRows()[0] ?? [];
      await connection.run(
        `CREATE TABLE plain AS SELECT series, t, value, version FROM points_${day};
         DROP TABLE points_${day}; ALTER TABLE plain RENAME TO points_${day}`,
      );
    });
    const store = await openStore(`duckdb:${file}`, { clock });
    expect(await everything(store)).toEqual(asText(POINTS));
    await store.close();
  });

  it('is refused when its layout is of a later program', async () => {
    const file = await fileOfLayout1([]);
    await withFile(file, async (connection) => {
      await connection.run('UPDATE layout SET version = 3');
    });
    const opening = openStore(`duckdb:${file}`, { clock });
    await expect(opening).rejects.toThrow(StoreCorruptError);
    await expect(opening).rejects.toThrow('its layout is 3, this program reads 1 to 2');
  });
});

describe('the counts of compacted days', () => {
  const [first] = COMPACTION_FACTORS;
  const query = (minT: number, maxT?: number) => ({
    agriId: first ?? COMPACTION_FACTORS[0],
    page: 1,
    pageSize: 10,
    minT,
    ...(maxT === undefined ? {} : { maxT }),
  });

  async function compacted() {
    const store = await openStore('duckdb::memory:', { clock });
    onTestFinished(() => store.close());
    await store.write(POINTS);
    await store.enforceRetention(new Date(COMPACTION_NOW));
    const total = async (minT = 0, maxT?: number) =>
      (await store.history(query(minT, maxT) as Parameters<PointStore['history']>[0])).total;
    return { store, total };
  }

  it('give the total of whole days, and leave days in part to be counted', async () => {
    const { total } = await compacted();
    const midnight = Math.floor(COMPACTION_NOW / DAY) * DAY;
    expect(await total()).toBe(300);
    expect(await total(midnight - 2 * DAY - 1)).toBe(200);
    expect(await total(midnight - 2 * DAY)).toBe(199);
    expect(await total(0, midnight - 2 * DAY)).toBe(101);
    expect(await total(0, midnight - 2 * DAY - 1)).toBe(100);
  });

  it('follow points that come late, also before the next compaction', async () => {
    const { store, total } = await compacted();
    const late = compactionBatch(2).slice(0, 1);
    const moved = late.map((point) => ({ ...point, t: point.t + 1 }));
    expect(await store.write(moved)).toMatchObject({ stored: 1 });
    expect(await total()).toBe(301);
    await store.enforceRetention(new Date(COMPACTION_NOW));
    expect(await total()).toBe(301);
    expect(await store.write(moved.map((point) => ({ ...point, version: point.version + 1 })))).toMatchObject(
      {
        stored: 1,
      },
    );
    expect(await total()).toBe(301);
  });

  it('keep the factors whose points stand in compacted days only', async () => {
    const { store } = await compacted();
    await store.enforceRetention(new Date(COMPACTION_NOW + 88 * DAY));
    const latest = await store.latest(COMPACTION_FACTORS[0] as Parameters<PointStore['latest']>[0]);
    expect(latest).toHaveLength(1);
  });

  it('hold a version far from the time, to the last unit', async () => {
    const { store } = await compacted();
    const [point] = compactionBatch(1);
    if (point === undefined) throw new Error('no point');
    for (const [index, version] of [Number.MIN_SAFE_INTEGER, -1, 0, Number.MAX_SAFE_INTEGER].entries()) {
      const written = { ...point, t: point.t + 7 + index, version };
      expect(await store.write([written])).toMatchObject({ stored: 1 });
      const { points } = await store.history({
        agriId: point.agriId,
        page: 1,
        pageSize: 1,
        minT: written.t - 1,
        maxT: written.t,
      });
      expect(points).toEqual([{ t: written.t, value: point.value, version }]);
    }
  });
});
