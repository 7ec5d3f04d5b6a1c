import { writeSync } from 'node:fs';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { startEmbeddedSqs } from '../../src/embedded/index.ts';
import { createSqsClient } from '../../src/index.ts';

/**
 * Run as a process of its own: sends, receives and deletes on a persistent server as fast as it can, and writes one line for
 * everything that was acknowledged (`sent <body>`) or that it was about to delete (`deleting <body>`), until it is killed.
 */
const sqs = await startEmbeddedSqs({ dataDir: process.argv[2] ?? '', queues: [{ name: 'q' }] });
const client = createSqsClient(sqs.clientConfig);
const QueueUrl = sqs.queueUrl('q');

const say = (lines: readonly string[]): void => {
  writeSync(1, `${lines.join('\n')}\n`);
};

async function sendForEver(): Promise<never> {
  for (let batch = 0; ; batch += 1) {
    const bodies = Array.from({ length: 10 }, (_, index) => `b${batch}-${index}`);
    const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
    const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    say(Successful.map(({ Id }) => `sent ${bodies[Number(Id)]}`));
  }
}

/** Takes ten, deletes five of them, keeps the others in hand. */
async function receiveForEver(): Promise<never> {
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
        VisibilityTimeout: 3600,
      }),
    );
    const half = Messages.slice(0, 5);
    if (half.length === 0) continue;
    say(half.map(({ Body }) => `deleting ${Body}`));
    const Entries = half.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    say(half.map(({ Body }) => `deleted ${Body}`));
  }
}

await Promise.all([sendForEver(), receiveForEver()]);
