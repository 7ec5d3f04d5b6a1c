import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { StoreOptions } from '@furrow/timeseries';
import { type RetryPolicy, TimestreamStore } from '@furrow/timeseries/timestream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { onTestFinished } from 'vitest';
import { type FakeOptions, FakeTimestream } from './fake-timestream.ts';
import { CREDENTIALS } from './signature.ts';

/** Waits of a few milliseconds, so that tests of failures end soon. */
export const QUICK: RetryPolicy = { attempts: 4, baseMs: 10, maxMs: 40, deadlineMs: 5_000 };

export interface FakeClientOptions {
  /** Attempts of the SDK itself; 1 by default, because its waits before the next are long for a test. */
  readonly maxAttempts?: number;
  readonly requestTimeoutMs?: number;
}

/** The SDK's clients on a fake, with a custom endpoint. */
export function fakeClients(fake: FakeTimestream, options: FakeClientOptions = {}) {
  const { maxAttempts = 1, requestTimeoutMs = 5_000 } = options;
  const settings = {
    endpoint: fake.endpoint,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 64 },
    }),
  };
  return { write: new TimestreamWriteClient(settings), query: new TimestreamQueryClient(settings) };
}

export const CONFIG = { database: 'furrow', table: 'points', writers: 16, readers: 4 };

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
