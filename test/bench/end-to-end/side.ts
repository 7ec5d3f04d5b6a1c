import { parseArgs } from 'node:util';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient, type SqsClientOptions } from '@furrow/queue';
import { servePart } from './part.ts';

/** What every side of the comparison is started with. */
export interface SideOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly endpoint: string;
  /** Where points go: `influx+http:` of the sink, or `duckdb:`. */
  readonly store: string;
}

/** What a side of the comparison is: something that can begin to consume and stop. */
export interface Side {
  start(): void;
  stop(): Promise<void>;
}

/** What a side says of itself. */
export interface SideUsage {
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

/** Receives at a time, of every side that has several. */
export const POLLERS = 8;

/**
 * Runs one side as a process of its own: opens it, begins when asked, says what it used, stops when asked. Its client of SQS is Furrow's, or
 * what `connect` makes.
 */
export async function serveSide(
  open: (options: SideOptions) => Promise<Side>,
  connect: (options: SqsClientOptions) => SQSClient = createSqsClient,
): Promise<void> {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({ options: { endpoint: text, queue: text, store: text } });
  const client = connect({
    endpoint: values.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const side = await open({
    client,
    queueUrl: values.queue,
    endpoint: values.endpoint,
    store: values.store,
  });
  const usage = (): SideUsage => {
    const { user, system } = process.cpuUsage();
    return { cpuSeconds: (user + system) / 1e6, rssMib: process.memoryUsage.rss() / 2 ** 20 };
  };
  servePart('ready', { start: () => side.start(), usage, stop: () => side.stop() }, async () =>
    client.destroy(),
  );
}

/** The SDK's own client, as everybody makes it. */
export function sdkClient({ endpoint, region, credentials }: SqsClientOptions): SQSClient {
  return new SQSClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}
