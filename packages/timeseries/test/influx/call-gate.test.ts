import { StoreAbortedError, StoreBusyError, StoreClosedError } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { CallGate } from '../../src/influx/call-gate.ts';

/** Work that ends when told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, finish: resolve };
}

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('CallGate', () => {
  it('runs as much at once as its size, the rest in order', async () => {
    const gate = new CallGate(2, 10);
    const log: string[] = [];
    const jobs = ['a', 'b', 'c', 'd'].map((name) => ({ name, ...held() }));
    const done = jobs.map(({ name, work }) =>
      gate.run(async () => {
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
  });

  it('turns away more waiting calls than its limit, and serves the others', async () => {
    const gate = new CallGate(1, 1);
    const { work, finish } = held();
    const running = gate.run(work);
    const waiting = gate.run(async () => 'served');
    await expect(gate.run(work)).rejects.toThrow(StoreBusyError);
    finish();
    await running;
    expect(await waiting).toBe('served');
  });

  it('lets a waiting call go when its signal fires, and frees its place', async () => {
    const gate = new CallGate(1, 1);
    const { work, finish } = held();
    const running = gate.run(work);
    const controller = new AbortController();
    const waiting = gate.run(work, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow(StoreAbortedError);
    await expect(gate.run(work, AbortSignal.abort())).rejects.toThrow(StoreAbortedError);
    const next = gate.run(async () => 'served');
    finish();
    await running;
    expect(await next).toBe('served');
  });

  it('takes the next call after one that failed', async () => {
    const gate = new CallGate(1, 1);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(async () => 'served')).toBe('served');
  });

  it('waits when it closes for running calls and for those whose turn has just come, and refuses the rest', async () => {
    const gate = new CallGate(1, 5);
    const first = held();
    const second = held();
    const log: string[] = [];
    const running = gate.run(first.work);
    const next = gate.run(second.work);
    first.finish();
    await running;
    const waiting = gate.run(async () => 'served');
    const closing = gate.close().then(() => log.push('closed'));
    await expect(waiting).rejects.toThrow(StoreClosedError);
    await expect(gate.run(first.work)).rejects.toThrow(StoreClosedError);
    await settled();
    expect(log).toEqual([]);
    second.finish();
    await next;
    await closing;
    await gate.close();
    expect(log).toEqual(['closed']);
  });
});
