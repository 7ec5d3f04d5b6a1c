import { openStore } from '@furrow/timeseries';
import { describePointStore } from '@furrow/timeseries/conformance';
import { describe, expect, it } from 'vitest';
import { testServer } from './server.ts';

const server = testServer();

if (server === undefined) {
  describe('PointStore: InfluxDB', () => {
    it('is not tested without a server', () => {
      expect(process.env['FURROW_TEST_ENGINES']).not.toBe('required');
    });
  });
} else {
  describePointStore(
    'InfluxDB',
    async (options) => {
      const database = await server.createDatabase();
      let store = await openStore(database.url, options);
      return {
        store,
        async reopen() {
          await store.close();
          store = await openStore(database.url, options);
          return store;
        },
        async dispose() {
          await store.close();
          await database.drop();
        },
      };
    },
    { dropsExpired: false },
  );
}
