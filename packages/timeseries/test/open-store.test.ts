import { openStore, StoreConfigError } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';

describe('openStore', () => {
  it.each(['', 'points.duckdb', 'mysql://host/db', 'constructor:x', '__proto__:x', ':memory:'])(
    'refuses %j and names the schemes it knows',
    async (url) => {
      const opening = openStore(url);
      await expect(opening).rejects.toThrow(StoreConfigError);
      await expect(opening).rejects.toThrow(/duckdb:/);
      await expect(opening).rejects.toMatchObject({ code: 'store_config', retryable: false });
    },
  );

  it('opens by the scheme in either case, with the machine clock by default', async () => {
    const store = await openStore('DuckDB::memory:');
    await expect(store.probe()).resolves.toBeUndefined();
    await store.close();
  });
});
