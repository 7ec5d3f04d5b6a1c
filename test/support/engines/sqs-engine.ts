import { randomBytes } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient, ensureQueues, STANDARD_QUEUES } from '@furrow/queue';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { type ContainerEngine, startContainer } from './container-engine.ts';
import type { OpenEngine } from './open-engine.ts';

/** An SQS server for the processes of a test. */
export interface SqsEngine extends OpenEngine {
  readonly endpoint: string;
  /** New queues like the standard ones, under names that no other test has, as the variables by which a process of Furrow finds them. */
  createQueues(): Promise<QueueVariables>;
}

export type QueueVariables = Readonly<
  Record<
    | 'AWS_ENDPOINT_URL_SQS'
    | 'AWS_REGION'
    | 'AWS_ACCESS_KEY_ID'
    | 'AWS_SECRET_ACCESS_KEY'
    | 'FURROW_UPLINK_QUEUE_URL'
    | 'FURROW_QUARANTINE_QUEUE_URL'
    | 'FURROW_COMMAND_QUEUE_URL',
    string
  >
>;

const LOCALSTACK: ContainerEngine = {
  variable: 'FURROW_LOCALSTACK_IMAGE',
  // The last that starts without a token.
  image: 'localstack/localstack:4.14.0',
  port: 4566,
  create: async (image) => {
    const { LocalstackContainer } = await import('@testcontainers/localstack');
    return new LocalstackContainer(image).withEnvironment({ SERVICES: 'sqs' });
  },
  url: (address) => `http://${address}`,
};

const ACCESS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** The server that AWS_ENDPOINT_URL names, else LocalStack in a container, else the embedded one. */
export async function openSqsEngine(): Promise<SqsEngine> {
  const given = process.env['AWS_ENDPOINT_URL'];
  if (given) return engineAt(given, `${given} (AWS_ENDPOINT_URL)`, async () => {});
  const answer = await startContainer(LOCALSTACK);
  if (answer.kind === 'started') return engineAt(answer.url, answer.from, answer.stop);
  const sqs = await startEmbeddedSqs();
  return engineAt(sqs.endpoint, `the embedded server (${answer.why})`, () => sqs.close());
}

/** A client for the server and with the credentials of these variables. */
export function sqsClientOf(variables: Readonly<Record<string, string>>): SQSClient {
  return createSqsClient({
    endpoint: variables['AWS_ENDPOINT_URL_SQS'] ?? '',
    region: variables['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
}

function engineAt(endpoint: string, from: string, close: () => Promise<void>): SqsEngine {
  return { endpoint, from, close, createQueues: () => createQueues(endpoint) };
}

async function createQueues(endpoint: string): Promise<QueueVariables> {
  const suffix = `-${randomBytes(4).toString('hex')}`;
  const access = { AWS_ENDPOINT_URL_SQS: endpoint, ...ACCESS };
  const client = sqsClientOf(access);
  try {
    const urls = await ensureQueues(
      client,
      STANDARD_QUEUES.map(({ name, deadLetter, ...rest }) => ({
        ...rest,
        name: name + suffix,
        ...(deadLetter && { deadLetter: { ...deadLetter, name: deadLetter.name + suffix } }),
      })),
    );
    const [uplinks = '', quarantine = '', commands = ''] = STANDARD_QUEUES.map(
      ({ name }) => urls.get(name + suffix) ?? '',
    );
    return {
      ...access,
      FURROW_UPLINK_QUEUE_URL: uplinks,
      FURROW_QUARANTINE_QUEUE_URL: quarantine,
      FURROW_COMMAND_QUEUE_URL: commands,
    };
  } finally {
    client.destroy();
  }
}
