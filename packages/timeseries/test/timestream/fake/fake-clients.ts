import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import type { RetryPolicy } from '@furrow/timeseries/timestream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { FakeTimestream } from './fake-timestream.ts';
import { CREDENTIALS } from './signature.ts';

/** Waits of a few milliseconds, so that tests of failures end soon. */
export const QUICK: RetryPolicy = { attempts: 4, baseMs: 10, maxMs: 40, deadlineMs: 5_000 };

export interface FakeClientOptions {
  /** Attempts of the SDK itself; 1 by default, because its waits before the next are long for a test. */
  readonly maxAttempts?: number;
  readonly requestTimeoutMs?: number;
}

/** The SDK's clients on a fake, with a custom endpoint. */
export function fakeClients(fake: Pick<FakeTimestream, 'endpoint'>, options: FakeClientOptions = {}) {
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
