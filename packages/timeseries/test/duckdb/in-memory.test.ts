import { openStore } from '@furrow/timeseries';
import { describePointStore } from '@furrow/timeseries/conformance';

describePointStore(
  'DuckDB in memory',
  async (options) => {
    const store = await openStore('duckdb::memory:?threads=1', options);
    return { store, reopen: async () => store, dispose: () => store.close() };
  },
  { survivesReopen: false },
);
