import { openStore } from '@furrow/timeseries';
import { describePointStore } from '@furrow/timeseries/conformance';
import { FakeInflux } from './fake-influx.ts';

for (const generation of [1, 2, 3] as const) {
  describePointStore(
    `InfluxDB ${generation}.x (fake)`,
    async (options) => {
      const fake = await FakeInflux.start({ generation, token: 's3cret==', database: 'furrow' });
      const login = { ...options, credentials: { kind: 'token', token: 's3cret==' } as const };
      let store = await openStore(fake.url(), login);
      return {
        store,
        async reopen() {
          await store.close();
          store = await openStore(fake.url(), login);
          return store;
        },
        dispose: () => store.close(),
      };
    },
    // InfluxDB expires points by itself.
    { dropsExpired: false },
  );
}
