import { serverAt } from '../../../packages/timeseries/test/influx/server.ts';
import { FakeTimestream } from '../../../packages/timeseries/test/timestream/fake/fake-timestream.ts';
import { CREDENTIALS } from '../../../packages/timeseries/test/timestream/fake/signature.ts';
import { type ContainerEngine, startContainer } from './container-engine.ts';
import type { OpenEngine } from './open-engine.ts';

/** A store of points that several processes share. */
export interface StoreEngine extends OpenEngine {
  /** An empty place for points that no other test has, as the variables by which a process finds it. */
  createStore(): Promise<Readonly<Record<string, string>>>;
}

export const INFLUX: ContainerEngine = {
  variable: 'FURROW_INFLUX_IMAGE',
  image: 'influxdb:1.11-alpine',
  port: 8086,
  create: async (image) => {
    const { GenericContainer, Wait } = await import('testcontainers');
    return new GenericContainer(image)
      .withExposedPorts(8086)
      .withWaitStrategy(Wait.forHttp('/ping', 8086).forStatusCode(204));
  },
  url: (address) => `influx+http://${address}`,
};

/** The InfluxDB that FURROW_TEST_INFLUX names, else one in a container, else the fake of Timestream. */
export async function openStoreEngine(): Promise<StoreEngine> {
  const given = process.env['FURROW_TEST_INFLUX'];
  if (given) return influxAt(given, 'the InfluxDB of FURROW_TEST_INFLUX', async () => {});
  const answer = await startContainer(INFLUX);
  if (answer.kind === 'started') return influxAt(answer.url, answer.from, answer.stop);
  const fakes: FakeTimestream[] = [];
  return {
    from: `the fake of Timestream (${answer.why})`,
    createStore: async () => {
      const fake = await FakeTimestream.start();
      fakes.push(fake);
      return {
        FURROW_STORE: 'timestream://furrow/points',
        AWS_ENDPOINT_URL_TIMESTREAM_WRITE: fake.endpoint,
        AWS_ENDPOINT_URL_TIMESTREAM_QUERY: fake.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      };
    },
    close: async () => {
      await Promise.all(fakes.map((fake) => fake.close()));
    },
  };
}

function influxAt(url: string, from: string, stop: () => Promise<void>): StoreEngine {
  const server = serverAt(new URL(url));
  const drops: (() => Promise<void>)[] = [];
  return {
    from,
    createStore: async () => {
      const database = await server.createDatabase();
      drops.push(() => database.drop());
      return { FURROW_STORE: database.url };
    },
    close: async () => {
      for (const drop of drops.splice(0)) await drop();
      await stop();
    },
  };
}
