import { describe, expect, it } from 'vitest';
import { type Clock, dispatch, LATE_MS } from '../../src/replay/pace/dispatch.ts';
import { Schedule } from '../../src/replay/pace/schedule.ts';

/** A clock that only moves when somebody sleeps or works. */
class FakeClock implements Clock {
  time = 1_000;
  now = (): number => this.time;
  sleep = async (ms: number): Promise<void> => {
    this.time += ms;
  };
}

async function* jobsAt(...dueMs: (number | undefined)[]) {
  for (const [job, due] of dueMs.entries()) yield { job, dueMs: due };
}

const never = new AbortController().signal;

describe('Schedule', () => {
  it('sends a fixed number of readings a second, however many a message has', () => {
    const schedule = new Schedule({ kind: 'fixed', readingsPerSecond: 100 });
    expect([10, 50, 1].map((readings) => schedule.next(undefined, readings))).toEqual([0, 100, 600]);
  });

  it('follows recorded times at a multiple, and is never due before the message before', () => {
    const schedule = new Schedule({ kind: 'recorded', speed: 10 });
    expect([5_000, 6_000, 5_500, undefined, 15_000].map((at) => schedule.next(at, 1))).toEqual([
      0, 100, 100, 100, 1_000,
    ]);
  });

  it('lets nothing be due when it is as fast as possible', () => {
    expect(new Schedule({ kind: 'fast' }).next(5_000, 1)).toBeUndefined();
  });
});

describe('dispatch', () => {
  it('waits for what is due, and sends it then', async () => {
    const clock = new FakeClock();
    const sent: [number, number][] = [];
    const send = async ({ job, dueAt }: { job: number; dueAt: number }) =>
      void sent.push([job, clock.now() - dueAt]);
    await dispatch({ jobs: jobsAt(0, 40, 90), connections: 1, clock, signal: never, send });
    expect(sent).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(clock.time).toBe(1_090);
  });

  it('measures from when a send was due although the connection was busy, and counts it late', async () => {
    const clock = new FakeClock();
    const sent: { late: boolean; waited: number }[] = [];
    const send = async ({ dueAt, late }: { dueAt: number; late: boolean }) => {
      sent.push({ late, waited: clock.now() - dueAt });
      await Promise.resolve();
      clock.time += 500;
    };
    await dispatch({ jobs: jobsAt(0, 10, 20), connections: 1, clock, signal: never, send });
    expect(sent).toEqual([
      { late: false, waited: 0 },
      { late: true, waited: 490 },
      { late: true, waited: 980 },
    ]);
    expect(LATE_MS).toBeLessThan(490);
  });

  it('never has more under way than there are connections', async () => {
    let [now, most] = [0, 0];
    const send = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((later) => setImmediate(later));
      now -= 1;
    };
    const jobs = jobsAt(...Array.from({ length: 50 }, () => undefined));
    await dispatch({ jobs, connections: 4, clock: new FakeClock(), signal: never, send });
    expect(most).toBe(4);
  });

  it('stops at the signal, waits for what is under way, and rejects with the first error', async () => {
    const stop = new AbortController();
    const done: number[] = [];
    const send = async ({ job }: { job: number }) => {
      if (job === 1) stop.abort();
      await new Promise((later) => setImmediate(later));
      done.push(job);
    };
    const clock = new FakeClock();
    await dispatch({ jobs: jobsAt(0, 0, 5, 5), connections: 2, clock, signal: stop.signal, send });
    expect(done).toEqual([0, 1]);
    const fail = async () => Promise.reject(new Error('401'));
    await expect(
      dispatch({ jobs: jobsAt(0, 1), connections: 1, clock, signal: never, send: fail }),
    ).rejects.toThrow('401');
  });
});
