import { DuckDBInstance } from '@duckdb/node-api';
import { StoreAbortedError, StoreBusyError, StoreClosedError } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionPool } from '../../src/duckdb/connection-pool.ts';

async function openPool(size: number, waitLimit: number): Promise<ConnectionPool> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  onTestFinished(() => instance.closeSync());
  return ConnectionPool.open(instance, size, waitLimit);
}

/** Work that ends when told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, finish: resolve };
}

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('ConnectionPool', () => {
  it('runs as much at once as it has connections, the rest in order', async () => {
    const pool = await openPool(2, 10);
    const log: string[] = [];
    const jobs = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...held() }));
    const done = jobs.map(({ name, work }) =>
      pool.use(async () => {
        log.push(name);
        await work();
      }),
    );
    await settled();
    expect(log).toEqual(['a', 'b']);
    jobs[1]?.finish();
    await settled();
    expect(log).toEqual(['a', 'b', 'c']);
    for (const { finish } of jobs) finish();
    await Promise.all(done);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    await pool.close();
  });

  it('turns away more waiting calls than its limit, and serves the others', async () => {
    const pool = await openPool(1, 1);
    const { work, finish } = held();
    const running = pool.use(work);
    const waiting = pool.use(async () => 'served');
    await expect(pool.use(work)).rejects.toThrow(StoreBusyError);
    finish();
    await running;
    expect(await waiting).toBe('served');
    await pool.close();
  });

  it('lets a waiting call go when its signal fires, and frees its place', async () => {
    const pool = await openPool(1, 1);
    const { work, finish } = held();
    const running = pool.use(work);
    const controller = new AbortController();
    const waiting = pool.use(work, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(StoreAbortedError);
    const next = pool.use(async () => 'served');
    finish();
    await running;
    expect(await next).toBe('served');
    await pool.close();
  });

  it('takes the next call after one that failed', async () => {
    const pool = await openPool(1, 1);
    await expect(pool.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await pool.use(async () => 'served')).toBe('served');
    await pool.close();
  });

  it('waits for running work when it closes, and refuses the rest', async () => {
    const pool = await openPool(1, 5);
    const { work, finish } = held();
    const running = pool.use(work);
    const waiting = pool.use(work);
    const closing = pool.close();
    await expect(waiting).rejects.toThrow(StoreClosedError);
    await expect(pool.use(work)).rejects.toThrow(StoreClosedError);
    finish();
    await running;
    await closing;
  });
});
