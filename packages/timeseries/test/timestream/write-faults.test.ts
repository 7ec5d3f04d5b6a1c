import { type AgriId, agriId, type Point } from '@furrow/contracts';
import { StoreAbortedError, StoreClosedError, type StoreEvent } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { denied, innerFailure, throttle } from './fake/faults.ts';
import { openFake } from './fake/open-fake.ts';
import { DAY, NOW, point, series } from './points.ts';

const clock = () => NOW;

/** A generator of numbers from 0 to 1 that is the same in every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Writes what is kept again and again, as the queue would; gives the sums of the reports. */
async function writeUntilDone(
  store: Awaited<ReturnType<typeof openFake>>['store'],
  points: readonly Point[],
) {
  const total = { stored: 0, alreadyStored: 0, rejected: 0, rounds: 0 };
  for (let left = points; left.length > 0; total.rounds += 1) {
    const batch = left;
    const { stored, alreadyStored, rejected, keep } = await store.write(batch);
    total.stored += stored;
    total.alreadyStored += alreadyStored;
    total.rejected += rejected.length;
    left = keep.flatMap((index) => batch[index] ?? []);
    expect(stored + alreadyStored + rejected.length + keep.length).toBe(batch.length);
  }
  return total;
}

describe('TimestreamStore.write, when the service throttles', () => {
  it('stores everything once through a storm of throttles, and slows down for it', async () => {
    const events: StoreEvent[] = [];
    const { fake, store } = await openFake({}, { clock, onEvent: (event) => events.push(event) });
    const roll = dice(1);
    fake.fault = ({ operation }) => (operation === 'WriteRecords' && roll() < 0.6 ? throttle : undefined);
    const total = await writeUntilDone(store, series(5_000));
    expect(total).toMatchObject({ stored: 5_000, rejected: 0 });
    expect(fake.table.rows.size).toBe(5_000);
    const throttled = events.filter((event) => event.kind === 'throttled');
    expect(throttled.length).toBeGreaterThan(2);
    expect(Math.min(...throttled.map(({ concurrency }) => concurrency))).toBeLessThan(4);
    expect(fake.mostConcurrent).toBeLessThanOrEqual(16);
  });

  it('counts a throttle that the SDK itself gets over', async () => {
    const events: StoreEvent[] = [];
    const { fake, store } = await openFake(
      { maxAttempts: 3 },
      { clock, onEvent: (event) => events.push(event) },
    );
    fake.fault = ({ nth }) => (nth === 0 ? throttle : undefined);
    expect(await store.write([point()])).toMatchObject({ stored: 1, keep: [] });
    expect(fake.count('WriteRecords')).toBe(2);
    expect(events.filter(({ kind }) => kind === 'write')).toHaveLength(1);
    expect(events).toContainEqual({ kind: 'throttled', concurrency: 3 });
  });

  it('keeps the points and says why, when it does not end', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = () => throttle;
    const report = await store.write(series(1_000));
    expect(report).toMatchObject({ stored: 0, alreadyStored: 0, rejected: [] });
    expect(report.keep).toEqual(series(1_000).map((_, index) => index));
    expect(report.keepReason).toMatch(/ThrottlingException/);
    // The calls that were in flight use up their attempts; the others are not even tried.
    expect(fake.count('WriteRecords')).toBeLessThanOrEqual(4 * 4);
  });

  it('uses more calls at a time once the service takes them', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = () => ({ kind: 'delay', ms: 5 });
    await store.write(series(20_000));
    expect(fake.mostConcurrent).toBeGreaterThan(8);
    expect(fake.mostConcurrent).toBeLessThanOrEqual(16);
  });
});

describe('TimestreamStore.write, when answers are lost', () => {
  it.each([
    ['the connection breaks before the write', { kind: 'drop' } as const],
    ['the connection breaks after the write', { kind: 'drop', after: true } as const],
    ['the service fails after the write', { ...innerFailure, after: true } as const],
    ['the service fails before the write', innerFailure],
  ])('stores each point once, though %s', async (_, fault) => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = ({ nth }) => (nth % 2 === 0 ? fault : undefined);
    const total = await writeUntilDone(store, series(1_500));
    expect(total).toMatchObject({ stored: 1_500, rejected: 0 });
    expect(fake.table.rows.size).toBe(1_500);
  });

  it('sends again what timed out after it was written', async () => {
    const { fake, store } = await openFake({ requestTimeoutMs: 250 }, { clock });
    fake.fault = ({ nth }) => (nth === 0 ? { kind: 'delay', ms: 700 } : undefined);
    expect(await store.write(series(30))).toMatchObject({ stored: 30, keep: [] });
    expect(fake.count('WriteRecords')).toBe(2);
    expect(fake.table.rows.size).toBe(30);
  });

  it('never lets an attempt that arrives late win over a newer version', async () => {
    const { fake, store } = await openFake({ requestTimeoutMs: 250 }, { clock });
    fake.fault = ({ nth }) => (nth === 0 ? { kind: 'delay', ms: 700 } : undefined);
    await store.write([point({ value: 1, version: 1 })]);
    await store.write([point({ value: 2, version: 2 })]);
    expect(fake.table.writes).toBe(2);
    await expect.poll(() => fake.table.writes, { timeout: 5_000 }).toBe(3);
    expect(
      [...fake.table.rows.values()].map(({ version, measures }) => [version, measures['value']]),
    ).toEqual([[2, 2]]);
  });
});

describe('TimestreamStore.write, when records are refused', () => {
  it('maps each refusal back to its point and counts the rest as stored', async () => {
    const { fake, store } = await openFake({ magneticWrites: false }, { clock });
    const points = series(250, (index) => (index % 100 === 7 ? { t: NOW - 2 * DAY - index } : {}));
    const report = await store.write(points);
    expect(report).toMatchObject({ stored: 247, alreadyStored: 0, keep: [] });
    expect(report.rejected.map(({ index }) => index)).toEqual([7, 107, 207]);
    expect(report.rejected[0]?.message).toMatch(/retention period of the memory store/);
    expect(fake.table.rows.size).toBe(247);
  });

  it('takes a stored version that is equal or higher as already stored', async () => {
    const { store } = await openFake({}, { clock });
    await store.write(series(10, () => ({ version: 5 })));
    const again = series(10, (index) => ({ version: 4 + (index % 3), value: 1_000 + index }));
    expect(await store.write(again)).toMatchObject({ stored: 3, alreadyStored: 7, rejected: [], keep: [] });
  });

  it('sends what lost to a refused point in the same write, so that nothing waits for it', async () => {
    const { fake, store } = await openFake({}, { clock });
    let calls = 0;
    fake.refuses = (call) => {
      calls = Math.max(calls, call + 1);
      return call === 0 ? 'no' : undefined;
    };
    const points = [1, 3, 2, 1].map((version) => point({ version, value: version }));
    expect(await store.write([...points, point({ agriId: agriId('d-1000-abcd-1-999') })])).toEqual({
      stored: 1,
      alreadyStored: 2,
      rejected: [
        { index: 1, message: 'Timestream refused it: no' },
        { index: 4, message: 'Timestream refused it: no' },
      ],
      keep: [],
    });
    expect(calls).toBe(2);
    expect([...fake.table.rows.values()].map(({ version }) => version)).toEqual([2]);
  });

  it('refuses every point of a key that the service refuses', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.refuses = () => 'no';
    const report = await store.write([1, 2, 3].map((version) => point({ version })));
    expect(report).toMatchObject({ stored: 0, alreadyStored: 0, keep: [] });
    expect(report.rejected.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it('finds the one record for which the service refuses a whole call', async () => {
    const { fake, store } = await openFake({}, { clock });
    const points = series(300, (index) => (index === 142 ? { orgId: '' } : {}));
    const report = await store.write(points);
    expect(report).toMatchObject({ stored: 299, keep: [] });
    expect(report.rejected).toEqual([{ index: 142, message: 'A dimension value is empty.' }]);
    expect(fake.table.rows.size).toBe(299);
  });

  it('counts each point once when the way is barred while it looks for that record', async () => {
    const { fake, store } = await openFake({ writers: 1 }, { clock });
    fake.fault = ({ nth }) => (nth >= 2 ? denied('WriteRecords') : undefined);
    const report = await store.write(series(100, (index) => (index === 80 ? { orgId: '' } : {})));
    expect(report.stored + report.keep.length).toBe(100);
    expect(report.stored).toBe(fake.table.rows.size);
    expect(report.stored).toBeGreaterThan(0);
    expect(new Set(report.keep).size).toBe(report.keep.length);
  });

  it.each([
    ['a version below 1', { version: 0 }, /version is below 1/],
    ['a type without a name', { theType: '' }, /the_type is empty/],
    ['a type with a long name', { theType: 'x'.repeat(257) }, /more than 256 bytes/],
    ['a record over 2 KB', { orgId: 'ü'.repeat(1_000) }, /more than 2048 bytes/],
  ])('refuses %s without asking', async (_, changes, message) => {
    const { fake, store } = await openFake({}, { clock });
    const report = await store.write([point(changes), point()]);
    expect(report).toMatchObject({ stored: 1, keep: [], rejected: [{ index: 0 }] });
    expect(report.rejected[0]?.message).toMatch(message);
    expect(fake.count('WriteRecords')).toBe(1);
  });

  it('takes a record of 2 KB to the byte', async () => {
    const { fake, store } = await openFake({}, { clock });
    const fits = (length: number) => store.write([point({ orgId: 'x'.repeat(length) })]);
    let longest = 1_800;
    while ((await fits(longest + 1)).stored === 1) longest += 1;
    expect(fake.table.rows.size).toBe(longest - 1_800);
    expect(longest).toBe(1_935);
  });

  it('asks again when the answer names a record that was not sent', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.fault = ({ nth }) =>
      nth === 0
        ? { kind: 'error', type: 'RejectedRecordsException', status: 419, message: 'none listed' }
        : undefined;
    expect(await store.write(series(5))).toMatchObject({ stored: 5, keep: [] });
    expect(fake.count('WriteRecords')).toBe(2);
  });
});

describe('TimestreamStore.write, when the way is barred', () => {
  it('keeps everything from the moment access is denied, names the permission, and goes on when it is back', async () => {
    const { fake, store } = await openFake({ writers: 2 }, { clock });
    fake.fault = ({ nth }) => (nth >= 3 && nth < 20 ? denied('WriteRecords') : undefined);
    const points = series(1_000);
    const report = await store.write(points);
    expect(report).toMatchObject({ stored: 300, rejected: [] });
    expect(report.keep).toHaveLength(700);
    expect(report.keepReason).toMatch(
      /the permission timestream:WriteRecords on table points of database furrow is missing/,
    );
    expect(fake.count('WriteRecords')).toBeLessThan(7);
    fake.fault = () => undefined;
    expect(await store.write(report.keep.flatMap((index) => points[index] ?? []))).toMatchObject({
      stored: 700,
    });
    expect(fake.table.rows.size).toBe(1_000);
  });

  it('keeps everything when the table is gone, and names it', async () => {
    const { store } = await openFake({ table: 'other' }, { clock });
    const report = await store.write(series(10));
    expect(report).toMatchObject({ stored: 0, rejected: [] });
    expect(report.keep).toHaveLength(10);
    expect(report.keepReason).toMatch(/table points of database furrow is missing/);
  });

  it('keeps what is not sent yet when its signal fires, and finishes what is', async () => {
    const { fake, store } = await openFake({}, { clock });
    const controller = new AbortController();
    fake.fault = ({ nth }) => {
      if (nth === 2) controller.abort(new Error('shutting down'));
      return { kind: 'delay', ms: 20 };
    };
    const report = await store.write(series(3_000), controller.signal);
    expect(report.stored).toBe(fake.table.rows.size);
    expect(report.stored).toBeGreaterThan(0);
    expect(report.keep).toHaveLength(3_000 - report.stored);
    expect(report.keepReason).toBe('shutting down');
  });

  it('stops waiting for the next attempt when its signal fires', async () => {
    const retry = { attempts: 4, baseMs: 60_000, maxMs: 60_000, deadlineMs: 600_000 };
    const { fake, store } = await openFake({ retry }, { clock });
    const controller = new AbortController();
    fake.fault = () => {
      setImmediate(() => setTimeout(() => controller.abort(), 20));
      return throttle;
    };
    expect((await store.write([point()], controller.signal)).keep).toEqual([0]);
  });

  it('keeps what is not sent yet when it closes, and turns away who waits', async () => {
    const { fake, store } = await openFake({ writers: 1 }, { clock });
    fake.fault = () => ({ kind: 'delay', ms: 10 });
    const running = store.write(series(500));
    const waiting = store.write([point({ agriId: 'd-2-1' as AgriId })]);
    const turnedAway = expect(waiting).rejects.toThrow(StoreClosedError);
    await store.close();
    const report = await running;
    expect(report.stored + report.keep.length).toBe(500);
    expect(report.keep.length).toBeGreaterThan(0);
    await turnedAway;
    expect(fake.table.rows.size).toBe(report.stored);
  });

  it('rejects when its signal fired before anything was sent', async () => {
    const { fake, store } = await openFake({}, { clock });
    await expect(store.write(series(5), AbortSignal.abort())).rejects.toThrow(StoreAbortedError);
    expect(fake.calls).toEqual([]);
  });
});
