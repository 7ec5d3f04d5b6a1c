import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { TimestreamConfig } from './config.ts';

/** What the engine needs of the SDK's write client. */
export type WriteClient = Pick<TimestreamWriteClient, 'send' | 'middlewareStack' | 'destroy'>;
/** What the engine needs of the SDK's query client. */
export type QueryClient = Pick<TimestreamQueryClient, 'send' | 'destroy'>;

/** The two services that one store talks to. */
export interface TimestreamClients {
  readonly write: WriteClient;
  readonly query: QueryClient;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A write takes some ten milliseconds; what lasts this long has stalled, and sending it again is harmless. */
const WRITE_TIMEOUT_MS = 5_000;
/** The service itself gives a query up after 60 s: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html */
const QUERY_TIMEOUT_MS = 65_000;

/**
 * The SDK's clients with the SDK's defaults: region, credentials, retries and endpoints come from its own variables and files. Without
 * a custom endpoint each client asks `DescribeEndpoints` for the cell it shall talk to, as the service demands, and asks again when the
 * answer runs out; a custom endpoint (variable, profile or `endpoint`) is used as it is and switches that off. The SDK decides between
 * the two before its discovery middleware runs, so neither needs a setting here.
 */
export function createTimestreamClients(
  config: Pick<TimestreamConfig, 'writers' | 'readers'>,
): TimestreamClients {
  const handler = (maxSockets: number, requestTimeout: number) => {
    const agent = { keepAlive: true, maxSockets };
    return new NodeHttpHandler({
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout,
      throwOnRequestTimeout: true,
    });
  };
  return {
    // One socket more than calls, for DescribeEndpoints and DescribeTable.
    write: new TimestreamWriteClient({ requestHandler: handler(config.writers + 1, WRITE_TIMEOUT_MS) }),
    // Twice as many, so that a query can be cancelled while all are busy.
    query: new TimestreamQueryClient({ requestHandler: handler(config.readers * 2, QUERY_TIMEOUT_MS) }),
  };
}
