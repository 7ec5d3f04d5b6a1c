import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AgriId, agriId, type Point } from '@furrow/contracts';
import {
  openStore,
  StoreAbortedError,
  StoreBusyError,
  StoreSetupError,
  StoreUnavailableError,
} from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeInflux, type FakeOptions } from './fake-influx.ts';

const NOW = Date.UTC(2026, 1, 16, 12);
const TOKEN = { kind: 'token', token: 's3cret' } as const;

const point = (t: number, id = 'd-1-0'): Point => ({
  agriId: agriId(id),
  t,
  value: t % 100,
  version: NOW,
  device: agriId('d-1'),
  orgId: 'yanji-lab',
  projectId: 'greenhouse-alpha',
  theType: 'temp',
});
const points = (count: number) => Array.from({ length: count }, (_, i) => point(NOW - i));
const history = (id: AgriId = agriId('d-1-0')) => ({ agriId: id, page: 1, pageSize: 100, minT: 0 });

async function openOn(url: string) {
  const store = await openStore(url, { clock: () => NOW, credentials: TOKEN });
  onTestFinished(() => store.close());
  return store;
}

async function fakeOf(options: Partial<FakeOptions> = {}) {
  return FakeInflux.start({ generation: 3, token: 's3cret', database: 'furrow', ...options });
}

/** A server that does what it is told with each request, and its port. */
async function serve(listener: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(listener ?? (() => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('openInfluxStore', () => {
  it('opens while its server is away, and works once it is there', async () => {
    const fake = await fakeOf({ failures: [{ status: 502 }, { status: 502 }] });
    const store = await openOn(fake.url('furrow', 'attempts=1'));
    await expect(store.write(points(1))).rejects.toThrow(StoreUnavailableError);
    await expect(store.probe()).rejects.toMatchObject({ code: 'store_unavailable', retryable: true });
    expect(await store.write(points(1))).toMatchObject({ stored: 1 });
  });

  it('names the server that does not answer, and nothing of the credentials', async () => {
    const port = await serve((request) => request.destroy());
    const store = await openOn(`influx+http://127.0.0.1:${port}/furrow?attempts=2`);
    const probe = store.probe();
    await expect(probe).rejects.toThrow(StoreUnavailableError);
    await expect(probe).rejects.toThrow(`InfluxDB at http://127.0.0.1:${port} does not answer`);
    await expect(probe).rejects.not.toThrow(/s3cret/);
  });

  it('gives up on a server that hangs after its time limit', async () => {
    const port = await serve(() => undefined);
    const store = await openOn(`influx+http://127.0.0.1:${port}/furrow?timeout=1&attempts=1`);
    await expect(store.history(history())).rejects.toThrow(/does not answer/);
  });

  it('ends a read, and a write that has sent nothing yet, when the signal fires while the server hangs', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/ping') response.writeHead(200, { 'x-influxdb-version': '3.2.1' }).end();
    });
    const store = await openOn(`influx+http://127.0.0.1:${port}/furrow`);
    const controller = new AbortController();
    const reads = [1, 2, 3].map(() => store.history(history(), controller.signal));
    controller.abort(new Error('enough'));
    for (const read of reads) await expect(read).rejects.toThrow(StoreAbortedError);
    const write = store.write(points(1), AbortSignal.timeout(20));
    await expect(write).rejects.toThrow(StoreAbortedError);
  });

  it.each([
    ['no version', {}],
    ['a version of the future', { 'x-influxdb-version': '4.0.0' }],
    ['something else', { 'x-influxdb-version': 'relay\n'.trim() }],
  ])('refuses a server whose ping gives %s', async (_, headers) => {
    const port = await serve((_request, response) => response.writeHead(204, headers).end());
    const store = await openOn(`influx+http://127.0.0.1:${port}/furrow`);
    await expect(store.probe()).rejects.toThrow(StoreSetupError);
    await expect(store.probe()).rejects.toThrow(/is no InfluxDB 1.x, 2.x or 3.x/);
  });

  it('carries its credentials to no other server', async () => {
    const seen: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const port = await serve((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/ping` }).end(),
    );
    const store = await openOn(`influx+http://127.0.0.1:${port}/furrow?attempts=1`);
    await expect(store.probe()).rejects.toThrow(StoreUnavailableError);
    expect(seen).toEqual([]);
  });

  it('sends many points in requests of its size', async () => {
    const fake = await fakeOf();
    const store = await openOn(fake.url('furrow', 'batch_lines=40'));
    expect(await store.write(points(100))).toMatchObject({ stored: 100 });
    const sizes = fake.requests
      .filter(({ path }) => path === '/write')
      .map(({ body }) => body.split('\n').length);
    expect(sizes).toEqual([1, 40, 40, 20]);
  });

  it('sends smaller requests when the server finds them too large', async () => {
    const fake = await fakeOf();
    const store = await openOn(fake.url());
    await store.write([point(NOW - 5_000)]);
    fake.failNext({ status: 413, body: '{"error":"Request Entity Too Large"}' });
    expect(await store.write(points(9))).toMatchObject({ stored: 9, keep: [] });
    expect(fake.requests.slice(-2).map(({ body }) => body.split('\n').length)).toEqual([5, 4]);
  });

  it('keeps what it could not send, stores the rest, and stores all when it is sent again', async () => {
    const fake = await fakeOf();
    const store = await openOn(fake.url('furrow', 'batch_lines=10&attempts=1'));
    await store.write([point(NOW - 5_000)]);
    fake.failNext(undefined, { status: 500, body: '{"error":"engine: disk full"}' });
    const report = await store.write(points(30));
    expect(report).toMatchObject({
      stored: 10,
      rejected: [],
      keepReason: expect.stringContaining('disk full'),
    });
    expect(report.keep).toEqual(Array.from({ length: 20 }, (_, i) => i + 10));
    expect(await store.write(points(30))).toMatchObject({ stored: 20, alreadyStored: 10, keep: [] });
  });

  it('knows what arrived although its answer got lost', async () => {
    const fake = await fakeOf();
    const store = await openOn(fake.url('furrow', 'attempts=1'));
    await store.write([point(NOW - 5_000)]);
    fake.failNext({ status: 504, afterwards: true });
    expect(await store.write(points(3))).toMatchObject({ stored: 0, keep: [0, 1, 2] });
    expect(await store.write(points(4))).toMatchObject({ stored: 1, alreadyStored: 3 });
  });

  it('sends no further request when its signal fires between two', async () => {
    const fake = await fakeOf();
    const store = await openOn(fake.url('furrow', 'batch_lines=10'));
    await store.write(points(30));
    const stopped = await store.write(
      points(30).map((one) => ({ ...one, version: NOW + 1 })),
      abortedBy(fake, 1),
    );
    expect(stopped).toMatchObject({ stored: 10, keepReason: expect.stringContaining('aborted') });
    expect(stopped.keep).toHaveLength(20);
  });

  it('turns calls away when too many wait', async () => {
    const port = await serve(() => undefined);
    const store = await openStore(`influx+http://127.0.0.1:${port}/furrow?timeout=1&attempts=1`);
    const calls = Array.from({ length: 70 }, () => store.write(points(1)));
    const closing = store.close();
    const outcomes = await Promise.allSettled(calls);
    const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason);
    expect(reasons.filter((reason) => reason instanceof StoreBusyError)).toHaveLength(5);
    await closing;
  });

  it('reads group tags that stand as columns, as the first releases of 3.x gave them', async () => {
    const fake = await fakeOf({ tagsAsColumns: true });
    const store = await openOn(fake.url());
    const written = [point(NOW, 'd-1-1'), point(NOW, 'd-1-0'), point(NOW, 'd-10-0')];
    await store.write(written);
    expect(await store.latest(agriId('d-1'))).toEqual([written[1], written[0]]);
    expect(await store.write([point(NOW - 1, 'd-1-0'), point(NOW, 'd-1-1')])).toMatchObject({
      stored: 1,
      alreadyStored: 1,
    });
  });
});

/** A signal that fires when the server has received so many further write requests. */
function abortedBy(fake: FakeInflux, writes: number): AbortSignal {
  const controller = new AbortController();
  fake.onWrite(writes, () => controller.abort());
  return controller.signal;
}
