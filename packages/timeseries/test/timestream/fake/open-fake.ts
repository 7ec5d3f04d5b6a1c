import type { StoreOptions } from '@furrow/timeseries';
import { type RetryPolicy, TimestreamStore } from '@furrow/timeseries/timestream';
import { onTestFinished } from 'vitest';
import { CONFIG, type FakeClientOptions, fakeClients, QUICK } from './fake-clients.ts';
import { type FakeOptions, FakeTimestream } from './fake-timestream.ts';

/** A fake and a store on it, closed when the running test is over. */
export async function openFake(
  options: FakeOptions & FakeClientOptions & { readonly retry?: RetryPolicy; readonly writers?: number } = {},
  storeOptions: StoreOptions = {},
): Promise<{ fake: FakeTimestream; store: TimestreamStore }> {
  const now = options.now ?? storeOptions.clock;
  const fake = await FakeTimestream.start({ ...options, ...(now === undefined ? {} : { now }) });
  const config = { ...CONFIG, writers: options.writers ?? CONFIG.writers };
  const store = new TimestreamStore(
    fakeClients(fake, options),
    config,
    { ...(now === undefined ? {} : { clock: now }), ...storeOptions },
    options.retry ?? QUICK,
  );
  onTestFinished(async () => {
    await store.close();
    await fake.close();
  });
  return { fake, store };
}
