import { type AgriId, agriId, type Point, RETENTION_MS } from '@furrow/contracts';
import {
  openStore,
  type PointStore,
  type StoreCredentials,
  type StoreEvent,
  StoreSetupError,
} from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { livePoint } from '../live-point.ts';
import { FakeInflux, type FakeOptions } from './fake-influx.ts';

const NOW = Date.UTC(2026, 1, 16, 12);
const TOKEN: StoreCredentials = { kind: 'token', token: 's3cret==' };

const point = (changes: Partial<Point> = {}): Point => livePoint({ t: NOW, version: NOW, ...changes });

async function openOn(
  options: Partial<FakeOptions> & Pick<FakeOptions, 'generation'>,
  credentials: StoreCredentials | undefined = TOKEN,
  parameters = '',
) {
  const fake = await FakeInflux.start({ token: 's3cret==', database: 'furrow', ...options });
  const events: StoreEvent[] = [];
  const store = await openStore(fake.url('furrow', parameters), {
    clock: () => NOW,
    onEvent: (event) => events.push(event),
    ...(credentials && { credentials }),
  });
  onTestFinished(() => store.close());
  return { fake, store, events };
}

const history = (store: PointStore, id: AgriId = agriId('d-1-0')) =>
  store.history({ agriId: id, page: 1, pageSize: 100, minT: 0 });

describe.each([2, 3] as const)('openInfluxStore on a fake of InfluxDB %s.x', (generation) => {
  it('writes gzipped lines in milliseconds and reads them back', async () => {
    const { fake, store, events } = await openOn({ generation });
    const points = [point(), point({ t: NOW - 1, value: 0.1 })];
    expect(await store.write(points)).toEqual({ stored: 2, alreadyStored: 0, rejected: [], keep: [] });
    expect(await history(store)).toEqual({
      total: 2,
      points: points.map(({ t, value, version }) => ({ t, value, version })),
    });
    expect(await store.latest(agriId('d-1'))).toEqual([points[0]]);
    const writes = fake.requests.filter(({ path }) => path === '/write');
    expect(writes).toHaveLength(2);
    for (const { headers, parameters } of writes) {
      expect(headers['content-encoding']).toBe('gzip');
      expect(parameters).toEqual({
        db: 'furrow',
        precision: 'ms',
        ...(generation === 3 && { accept_partial: 'true' }),
      });
    }
    expect(events.filter(({ kind }) => kind === 'write')).toHaveLength(2);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'query', operation: 'latest' }));
  });

  it('keeps versions in order, also for a store that was opened anew', async () => {
    const { fake, store } = await openOn({ generation });
    await store.write([point({ version: 5, value: 5 })]);
    expect(await store.write([point({ version: 4, value: 4 })])).toMatchObject({
      stored: 0,
      alreadyStored: 1,
    });
    const again = await openStore(fake.url(), { clock: () => NOW, credentials: TOKEN });
    onTestFinished(() => again.close());
    expect(await again.write([point({ version: 3, value: 3 }), point({ t: NOW + 1 })])).toMatchObject({
      stored: 1,
      alreadyStored: 1,
    });
    expect(await again.write([point({ version: 6, value: 6 })])).toMatchObject({ stored: 1 });
    expect((await history(again)).points.map(({ value }) => value)).toEqual([21.5, 6]);
  });

  it.each([
    ['a token', TOKEN, 'Token s3cret=='],
    ['a password', { kind: 'password', username: 'ü', password: 's3cret==' }, 'Basic w7w6czNjcmV0PT0='],
  ] as const)('logs in with %s', async (_, credentials, header) => {
    const { fake, store } = await openOn({ generation }, credentials);
    await store.probe();
    expect(new Set(fake.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([header]));
  });

  it.each([
    ['none were given', undefined, /wants credentials .* none were given/],
    ['others were given', { kind: 'token', token: 'wr0ng' }, /wants credentials .* refused those given/],
  ] as const)('says at the probe that it wants credentials when %s', async (_, credentials, words) => {
    const fake = await FakeInflux.start({ generation, token: 's3cret==', database: 'furrow' });
    const store = await openStore(fake.url(), { clock: () => NOW, ...(credentials && { credentials }) });
    onTestFinished(() => store.close());
    const probe = store.probe();
    await expect(probe).rejects.toThrow(StoreSetupError);
    await expect(probe).rejects.toThrow(words);
    await expect(probe).rejects.not.toThrow(/wr0ng/);
    const kept = await store.write([point(), point({ value: Number.NaN })]);
    expect(kept).toMatchObject({ stored: 0, keep: [0], keepReason: expect.stringMatching(words) });
    expect(kept.rejected.map(({ index }) => index)).toEqual([1]);
  });

  it('names the database that is missing, and how to make it', async () => {
    const { store } = await openOn({ generation, database: undefined });
    await expect(store.probe()).rejects.toThrow(StoreSetupError);
    await expect(store.probe()).rejects.toThrow(
      /has no database "furrow".*dbrp create.*create database --retention/,
    );
    expect(await store.write([point()])).toMatchObject({ keep: [0] });
  });

  it('says at the probe that points are not kept for 90 days', async () => {
    const { store } = await openOn({ generation, keepsFrom: NOW - RETENTION_MS / 2 });
    await expect(store.probe()).rejects.toThrow(StoreSetupError);
    await expect(store.probe()).rejects.toThrow(/does not keep points of database "furrow" for 90 days/);
    const { store: enough } = await openOn({ generation, keepsFrom: NOW - RETENTION_MS });
    await expect(enough.probe()).resolves.toBeUndefined();
  });

  it('maps the refused lines of a partial write to their points', async () => {
    const refuses: FakeOptions['refuses'] = ({ fields }) =>
      Number(fields['value']) < 0 ? 'points of another colour' : undefined;
    const { store } = await openOn({ generation, refuses });
    const values = [1, -2, 3, -4, 5];
    const report = await store.write(values.map((value, i) => point({ t: NOW - i, value })));
    expect(report).toMatchObject({ stored: 3, alreadyStored: 0, keep: [] });
    expect(report.rejected.map(({ index }) => index)).toEqual([1, 3]);
    expect(report.rejected.every(({ message }) => message.includes('points of another colour'))).toBe(true);
    expect((await history(store)).points.map(({ value }) => value)).toEqual([1, 3, 5]);
    expect(await store.write([point({ t: NOW - 1, value: 2 })])).toMatchObject({ stored: 1 });
  });

  it('keeps points that are refused for what the measurement is', async () => {
    const reason =
      generation === 2 ? 'field type conflict: input field' : "invalid column type for column 'value'";
    const refuses: FakeOptions['refuses'] = ({ measurement }) =>
      measurement === 'points' ? reason : undefined;
    const { store } = await openOn({ generation, refuses });
    expect(await store.write([point(), point({ t: NOW - 1 })])).toMatchObject({
      stored: 0,
      rejected: [],
      keep: [0, 1],
      keepReason: expect.stringContaining(reason),
    });
  });

  it('finds the line for which a whole request is refused', async () => {
    const refuses: FakeOptions['refuses'] = ({ fields }) =>
      fields['value'] === '13' ? "unable to parse 'points value=13'" : undefined;
    const { store } = await openOn({ generation, refuses });
    const report = await store.write(Array.from({ length: 40 }, (_, i) => point({ t: NOW - i, value: i })));
    expect(report).toMatchObject({ stored: 39, keep: [] });
    expect(report.rejected).toEqual([{ index: 13, message: expect.stringContaining('unable to parse') }]);
  });

  it('writes again what the server had no time for, and says that it was slowed down', async () => {
    const { store, events } = await openOn({ generation });
    await store.probe();
    const busy = await openOn({
      generation,
      failures: [{ status: 503 }, { status: 429, headers: { 'retry-after': '0' } }, { status: 500 }],
    });
    expect(await busy.store.write([point()])).toMatchObject({ stored: 1 });
    expect(busy.events.filter(({ kind }) => kind === 'throttled')).toHaveLength(2);
    expect(events.filter(({ kind }) => kind === 'throttled')).toHaveLength(0);
  });
});
