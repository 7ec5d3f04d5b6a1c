import type { SQSClient, SQSClientConfig } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { DirectSqsClient } from './direct/direct-sqs-client.ts';
import { MAX_LONG_POLL_SECONDS } from './sqs-limits.ts';

/** Sockets for 8 pollers that wait, 8 sends in flight, and the acknowledgements and heartbeats beside them. */
const DEFAULT_MAX_SOCKETS = 64;
const CONNECT_TIMEOUT_MS = 3_000;
/** A long poll stays open for its whole wait; what lasts longer than that has stalled. */
const REQUEST_TIMEOUT_MS = MAX_LONG_POLL_SECONDS * 1000 + 10_000;

export interface SqsClientOptions {
  /** `http://127.0.0.1:4566`; by default what the SDK finds (`AWS_ENDPOINT_URL_SQS`, then the region's). */
  readonly endpoint?: string;
  /** By default what the SDK finds (`AWS_REGION`, then the profile). */
  readonly region?: string;
  /** By default the SDK's credential chain. */
  readonly credentials?: NonNullable<SQSClientConfig['credentials']>;
  /** Connections at a time, 64 by default: at least the pollers plus the requests in flight. */
  readonly maxSockets?: number;
}

/**
 * The SQS client that all parts of a process share. Connections are kept alive; a request that stalls fails after 30 s instead of
 * waiting for ever. What `options` leaves out is left to the SDK's own variables. Requests go to the client's endpoint, never to
 * the host in a queue URL, so that a URL of an SQS-like server works through whatever address that server has here.
 */
export function createSqsClient(options: SqsClientOptions = {}): SQSClient {
  const maxSockets = options.maxSockets ?? DEFAULT_MAX_SOCKETS;
  const agent = { keepAlive: true, maxSockets };
  return new DirectSqsClient({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    useQueueUrlAsEndpoint: false,
    requestHandler: new NodeHttpHandler({
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
  });
}
