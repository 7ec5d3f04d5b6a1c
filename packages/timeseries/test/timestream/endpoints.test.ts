import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { openStore } from '@furrow/timeseries';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONFIG, fakeClients, QUICK } from './fake/fake-clients.ts';
import { FakeTimestream } from './fake/fake-timestream.ts';
import { denied } from './fake/faults.ts';
import { openFake } from './fake/open-fake.ts';
import { CREDENTIALS } from './fake/signature.ts';
import { FACTOR, point } from './points.ts';

afterEach(() => vi.unstubAllEnvs());

const HISTORY = { agriId: FACTOR, page: 1, pageSize: 5, minT: 0 };
const cell = 'ingest-cell2.timestream.us-east-1.amazonaws.com';

/** The SDK's clients without a custom endpoint; every request goes to the fake, and the host it was meant for is written down. */
async function withDiscovery() {
  const fake = await FakeTimestream.start({ cellAddress: cell });
  const hosts: string[] = [];
  class Redirect extends NodeHttpHandler {
    override handle(...[request, options]: Parameters<NodeHttpHandler['handle']>) {
      hosts.push(`${request.hostname} ${request.headers['x-amz-target']?.split('.')[1]}`);
      const local = Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
        protocol: 'http:',
        hostname: '127.0.0.1',
        port: fake.port,
      });
      return super.handle(local, options);
    }
  }
  const settings = {
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler: new Redirect(),
  };
  const clients = { write: new TimestreamWriteClient(settings), query: new TimestreamQueryClient(settings) };
  const store = new TimestreamStore(clients, CONFIG, {}, QUICK);
  onTestFinished(async () => {
    await store.close();
    await fake.close();
  });
  return { fake, store, hosts };
}

describe('endpoints of the SDK', () => {
  it('are discovered once, and the prepared calls go to the cell that the service names', async () => {
    const { store, hosts } = await withDiscovery();
    const now = Date.now();
    for (const t of [now, now - 1, now - 2])
      expect(await store.write([point({ t })])).toMatchObject({ stored: 1 });
    await store.history(HISTORY);
    expect(hosts.slice(0, 5)).toEqual([
      'ingest.timestream.us-east-1.amazonaws.com DescribeEndpoints',
      `${cell} WriteRecords`,
      `${cell} WriteRecords`,
      `${cell} WriteRecords`,
      'query.timestream.us-east-1.amazonaws.com DescribeEndpoints',
    ]);
    expect(new Set(hosts.slice(5))).toEqual(new Set([`${cell} Query`]));
  });

  it('name the permission of discovery when that is what is missing', async () => {
    const { fake, store } = await withDiscovery();
    fake.fault = ({ operation }) =>
      operation === 'DescribeEndpoints' ? denied('DescribeEndpoints') : undefined;
    await expect(store.probe()).rejects.toThrow(/the permission timestream:DescribeEndpoints/);
    const report = await store.write([point({ t: Date.now() })]);
    expect(report).toMatchObject({
      keep: [0],
      keepReason: expect.stringMatching(/timestream:DescribeEndpoints/),
    });
  });

  it('come from the SDK variables of each service, which switches discovery off', async () => {
    const fake = await FakeTimestream.start();
    vi.stubEnv('AWS_ENDPOINT_URL_TIMESTREAM_WRITE', fake.endpoint);
    vi.stubEnv('AWS_ENDPOINT_URL_TIMESTREAM_QUERY', fake.endpoint);
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
    const store = await openStore('timestream://furrow/points');
    onTestFinished(async () => {
      await store.close();
      await fake.close();
    });
    await store.probe();
    const t = Date.now();
    expect(await store.write([point({ t })])).toMatchObject({ stored: 1 });
    expect(await store.history(HISTORY)).toMatchObject({ total: 1, points: [{ t }] });
    expect(fake.count('DescribeEndpoints')).toBe(0);
  });
});

describe('what the SDK adds to a prepared call', () => {
  it('is a signature over the prepared body', async () => {
    const { fake, store } = await openFake();
    expect(await store.write([point({ t: Date.now() })])).toMatchObject({ stored: 1 });
    expect(JSON.parse(fake.bodies[0] ?? '')).toMatchObject({
      Records: [{ MeasureValues: [{ Value: '21.5' }, {}] }],
    });
    const wrong = { ...fakeClients(fake), write: wrongKey(fake) };
    const stranger = new TimestreamStore(wrong, CONFIG, {}, QUICK);
    expect((await stranger.write([point({ t: Date.now() })])).keepReason).toMatch(
      /InvalidSignatureException/,
    );
    await stranger.close();
  });
});

function wrongKey(fake: FakeTimestream): TimestreamWriteClient {
  return new TimestreamWriteClient({
    endpoint: fake.endpoint,
    region: 'us-east-1',
    credentials: { ...CREDENTIALS, secretAccessKey: 'another' },
    maxAttempts: 1,
  });
}
