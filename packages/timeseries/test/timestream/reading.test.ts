import type { AgriId } from '@furrow/contracts';
import {
  BadQueryError,
  StoreAbortedError,
  StoreBusyError,
  type StoreEvent,
  StoreSetupError,
  StoreUnavailableError,
} from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { javaDouble } from './fake/fake-sql.ts';
import { denied, innerFailure, throttle } from './fake/faults.ts';
import { openFake } from './fake/open-fake.ts';
import { DAY, FACTOR, HOUR, NOW, point, series } from './points.ts';

const clock = () => NOW;
const WHOLE = { agriId: FACTOR, page: 1, pageSize: 1_000, minT: 0 };

describe('TimestreamStore reads', () => {
  it('gather all pages, empty ones at the beginning too', async () => {
    const { store } = await openFake({ pageRows: 7, emptyPages: 3 }, { clock });
    const points = Array.from({ length: 100 }, (_, index) => point({ t: NOW - index * HOUR, value: index }));
    await store.write(points);
    const { total, points: read } = await store.history(WHOLE);
    expect(total).toBe(100);
    expect(read.map(({ value }) => value)).toEqual(points.map(({ value }) => value));
    const hours = await store.buckets({
      agriId: FACTOR,
      from: NOW - 100 * HOUR,
      to: NOW + 1,
      intervalMs: HOUR,
    });
    expect(hours).toHaveLength(100);
  });

  it('have nothing in a table that was never written to, which has no columns yet', async () => {
    const { fake, store } = await openFake({}, { clock });
    expect(await store.history(WHOLE)).toEqual({ total: 0, points: [] });
    expect(await store.latest(FACTOR)).toEqual([]);
    expect(await store.buckets({ agriId: FACTOR, from: 0, to: NOW, intervalMs: DAY })).toEqual([]);
    expect(fake.count('Query')).toBe(3);
  });

  it('ask with a bounded time always, and not at all when nothing can be there', async () => {
    const { fake, store } = await openFake({}, { clock });
    await store.write([point()]);
    await store.history({ ...WHOLE, minT: Number.NEGATIVE_INFINITY, maxT: Number.POSITIVE_INFINITY });
    await store.latest(FACTOR);
    await store.buckets({
      agriId: FACTOR,
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      intervalMs: 400 * DAY * 1000,
    });
    const bounds = `time BETWEEN from_milliseconds(${NOW - 90 * DAY}) AND from_milliseconds(${NOW + DAY})`;
    expect(fake.statements).toHaveLength(3);
    for (const statement of fake.statements) expect(statement).toContain(bounds);
    await store.history({ ...WHOLE, maxT: NOW - 91 * DAY });
    await store.history({ ...WHOLE, agriId: 'x'.repeat(300_000) as AgriId });
    await store.buckets({ agriId: FACTOR, from: NOW, to: NOW, intervalMs: 1 });
    expect(fake.statements).toHaveLength(3);
  });

  it('report what a query scanned and what it is billed', async () => {
    const events: StoreEvent[] = [];
    const { store } = await openFake({}, { clock, onEvent: (event) => events.push(event) });
    await store.write(series(100));
    await store.latest('d-1000-abcd' as AgriId);
    expect(events.at(-1)).toEqual({
      kind: 'query',
      operation: 'latest',
      bytesScanned: 6_000,
      bytesMetered: 10_000_000,
      pages: 2,
      durationMs: expect.any(Number),
    });
  });

  it('stop and cancel the query when the signal fires between its pages', async () => {
    const { fake, store } = await openFake({ pageRows: 5 }, { clock });
    await store.write(series(100));
    const controller = new AbortController();
    fake.fault = ({ operation, nth }) => {
      if (operation === 'Query' && nth === 2) controller.abort();
      return undefined;
    };
    await expect(store.latest('d-1000-abcd' as AgriId, controller.signal)).rejects.toThrow(StoreAbortedError);
    await expect.poll(() => fake.cancelled).toEqual(['QUERY1']);
  });

  it('stop waiting for an answer when the signal fires', async () => {
    const { fake, store } = await openFake({}, { clock });
    const controller = new AbortController();
    fake.fault = () => {
      setTimeout(() => controller.abort(), 5);
      return { kind: 'delay', ms: 2_000 };
    };
    const startedAt = performance.now();
    await expect(store.history(WHOLE, controller.signal)).rejects.toThrow(StoreAbortedError);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it.each([
    ['a throttle', throttle, StoreBusyError, true],
    ['an inner failure', innerFailure, StoreUnavailableError, true],
    ['a broken connection', { kind: 'drop' } as const, StoreUnavailableError, true],
    ['a missing permission', denied('Select'), StoreSetupError, false],
  ])('reject for %s with the error that says what to do', async (_, fault, type, retryable) => {
    const { fake, store } = await openFake({}, { clock });
    await store.write([point()]);
    fake.fault = () => fault;
    const reading = store.history(WHOLE);
    await expect(reading).rejects.toThrow(type);
    await expect(reading).rejects.toMatchObject({ retryable });
  });

  it.each([
    ['furrow', 'other'],
    ['other', 'points'],
  ])('name a table that is not there: %s, %s', async (database, table) => {
    const { store } = await openFake({ database, table }, { clock });
    await expect(store.history(WHOLE)).rejects.toThrow(/table points of database furrow is missing/);
  });

  it('check the query before they ask', async () => {
    const { fake, store } = await openFake({}, { clock });
    await expect(store.history({ ...WHOLE, page: 0 })).rejects.toThrow(BadQueryError);
    expect(fake.calls).toEqual([]);
  });

  it('leave out rows that something else wrote into the table', async () => {
    const { fake, store } = await openFake({}, { clock });
    fake.table.write({
      Records: [
        {
          Dimensions: [{ Name: 'agri_id', Value: FACTOR }],
          MeasureName: 'x',
          MeasureValue: '1',
          Time: String(NOW),
        },
      ],
    });
    await store.write([point({ t: NOW - 1 })]);
    expect((await store.history(WHOLE)).points.map(({ t }) => t)).toEqual([NOW - 1]);
    expect(await store.latest(FACTOR)).toEqual([point({ t: NOW - 1 })]);
  });

  it('show one value for a key that was written under two descriptions, the one of the higher version', async () => {
    const { fake, store } = await openFake({}, { clock });
    await store.write([point({ version: 2, value: 2, theType: 'humi' })]);
    await store.write([point({ version: 1, value: 1, theType: 'temp' })]);
    expect(fake.table.rows.size).toBe(2);
    expect(await store.history(WHOLE)).toEqual({ total: 1, points: [{ t: NOW, value: 2, version: 2 }] });
    const [bucket] = await store.buckets({ agriId: FACTOR, from: NOW, to: NOW + 1, intervalMs: 1 });
    expect(bucket).toMatchObject({ count: 1, last: 2 });
    expect((await store.latest(FACTOR)).map(({ theType, value }) => [theType, value])).toEqual([['humi', 2]]);
  });
});

describe('javaDouble', () => {
  it.each([
    [21.5, '21.5'],
    [100, '100.0'],
    [-0, '-0.0'],
    [1e10, '1.0E10'],
    [5e-324, '4.9E-324'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
  ])('writes %s like the service', (value, text) => {
    expect(javaDouble(value)).toBe(text);
    expect(Object.is(Number(text), value)).toBe(true);
  });
});
