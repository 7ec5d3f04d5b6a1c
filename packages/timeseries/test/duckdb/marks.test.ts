import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MarksCache, PartitionMarks } from '../../src/duckdb/marks.ts';

async function connect(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.disconnectSync();
    instance.closeSync();
  });
  return connection;
}

describe('PartitionMarks', () => {
  it('knows what is certainly new', () => {
    const marks = new PartitionMarks(0);
    expect(marks.isNew(7, 0)).toBe(true);
    marks.raise(7, 100);
    expect([marks.isNew(7, 99), marks.isNew(7, 100), marks.isNew(7, 101)]).toEqual([false, false, true]);
    expect([marks.isNew(6, 0), marks.isNew(8, 0), marks.isNew(5_000, 0)]).toEqual([true, true, true]);
    marks.raise(7, 50);
    expect(marks.isNew(7, 100)).toBe(false);
    marks.raise(5_000, 1);
    expect([marks.isNew(7, 100), marks.isNew(5_000, 1), marks.isNew(4_999, 0)]).toEqual([false, false, true]);
  });
});

describe('MarksCache', () => {
  it('reads the marks of a partition that it does not hold', async () => {
    const connection = await connect();
    await connection.run(
      'CREATE TABLE points_3 AS SELECT * FROM (VALUES (4, 10), (4, 30), (9, 20)) p(series, t)',
    );
    const marks = await new MarksCache().of(connection, 3, false);
    expect([marks.isNew(4, 30), marks.isNew(4, 31), marks.isNew(9, 20), marks.isNew(5, 0)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('keeps the partitions used last within its limit, and always the one in use', async () => {
    const connection = await connect();
    for (const day of [1, 2, 3]) {
      await connection.run(
        `CREATE TABLE points_${day} AS SELECT i::INTEGER AS series, 5 AS t FROM range(100) r(i)`,
      );
    }
    const cache = new MarksCache(850);
    const first = await cache.of(connection, 1, false);
    await cache.of(connection, 2, false);
    expect(await cache.of(connection, 1, false)).toBe(first);
    await cache.of(connection, 3, false);
    expect(await cache.of(connection, 1, false)).toBe(first);
    const tiny = new MarksCache(1);
    const marks = await tiny.of(connection, 1, false);
    expect(await tiny.of(connection, 1, false)).toBe(marks);
    await tiny.of(connection, 2, false);
    expect(await tiny.of(connection, 1, false)).not.toBe(marks);
  });
});
