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
 * answer runs out. A custom endpoint is used as it is, without asking.
 */
export async function createTimestreamClients(
  config: Pick<TimestreamConfig, 'writers' | 'readers'>,
): Promise<TimestreamClients> {
  // One socket more than calls, for DescribeEndpoints and DescribeTable.
  const write = { requestHandler: requestHandler(config.writers + 1, WRITE_TIMEOUT_MS) };
  // Twice as many, so that a query can be cancelled while all are busy.
  const query = { requestHandler: requestHandler(config.readers * 2, QUERY_TIMEOUT_MS) };
  return {
    write: await atConfiguredEndpoint((endpoint) => new TimestreamWriteClient({ ...write, ...endpoint })),
    query: await atConfiguredEndpoint((endpoint) => new TimestreamQueryClient({ ...query, ...endpoint })),
  };
}

function requestHandler(maxSockets: number, requestTimeout: number): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets };
  return new NodeHttpHandler({
    httpAgent: agent,
    httpsAgent: agent,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout,
    throwOnRequestTimeout: true,
  });
}

/**
 * A client that takes an endpoint from the SDK's variables and files (`AWS_ENDPOINT_URL_TIMESTREAM_WRITE`, `AWS_ENDPOINT_URL`, a
 * profile's `endpoint_url`) for a custom one. The SDK itself sends requests there but goes on to discover a cell and sends all further
 * ones to that: its endpoint middleware marks the endpoint as custom on a copy of its configuration (@smithy/core 3.41), which the
 * discovery middleware never sees. Given to the constructor, the same endpoint switches discovery off. So a first client is asked what
 * it found, and the endpoint is handed to a second one.
 */
async function atConfiguredEndpoint<Client extends { readonly config: object; destroy(): void }>(
  create: (endpoint: { readonly endpoint?: string }) => Client,
): Promise<Client> {
  const client = create({});
  const endpoint = await configuredEndpoint(client.config);
  return endpoint === undefined ? client : create({ endpoint });
}

async function configuredEndpoint(config: object): Promise<string | undefined> {
  const find = 'serviceConfiguredEndpoint' in config ? config.serviceConfiguredEndpoint : undefined;
  const endpoint: unknown = typeof find === 'function' ? await find() : undefined;
  return typeof endpoint === 'string' && endpoint !== '' ? endpoint : undefined;
}
