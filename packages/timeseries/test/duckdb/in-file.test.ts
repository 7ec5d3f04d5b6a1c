import { join } from 'node:path';
import { openStore } from '@furrow/timeseries';
import { describePointStore } from '@furrow/timeseries/conformance';
import { makeFolder, removeFolder } from './temp-folder.ts';

describePointStore('DuckDB in a file', async (options) => {
  const folder = await makeFolder();
  const url = `duckdb:${join(folder, 'points.duckdb')}?threads=1`;
  let store = await openStore(url, options);
  return {
    store,
    async reopen() {
      await store.close();
      store = await openStore(url, options);
      return store;
    },
    async dispose() {
      await store.close();
      await removeFolder(folder);
    },
  };
});
