import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { parser } from '@aws-lambda-powertools/batch/parser';
import { JSONStringified } from '@aws-lambda-powertools/parser/helpers';
import { SqsRecordSchema } from '@aws-lambda-powertools/parser/schemas/sqs';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import type { z } from 'zod';
import { uplinkSchema, writeAsCommon } from './as-written.ts';
import { POLLERS, type SideOptions, sdkClient, serveSide } from './side.ts';

const recordSchema = SqsRecordSchema.extend({ body: JSONStringified(uplinkSchema) });
type UplinkRecord = z.output<typeof recordSchema>;

/**
 * What a user would write: a Powertools batch handler whose parser validates each record, writing each message by itself. Around it, for what
 * the event source mapping of Lambda does: as many pollers as Furrow has, each with a handler of its own.
 */
await serveSide(async (options) => {
  const write = await writeAsCommon(options.store);
  const stopping = new AbortController();
  let polls: Promise<void>[] = [];
  return {
    start: () => {
      polls = Array.from({ length: POLLERS }, () => poll(options, handlerOf(write), stopping.signal));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(polls);
    },
  };
}, sdkClient);

function handlerOf(write: (uplink: UplinkRecord['body']) => Promise<void>) {
  const processor = new BatchProcessor(EventType.SQS, { parser, schema: recordSchema });
  const recordHandler = async ({ body }: UplinkRecord): Promise<void> => write(body);
  return (event: SQSEvent, context: Context) =>
    processPartialResponse(event, recordHandler, processor, { context });
}

async function poll(
  { client, queueUrl }: SideOptions,
  handler: ReturnType<typeof handlerOf>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) continue;
    const { batchItemFailures } = await handler({ Records: Messages.map(recordOf) }, {} as Context);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = Messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
    await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }
}

/** A message as Lambda hands it over. */
function recordOf(message: Message): SQSRecord {
  const facts = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody ?? '',
    attributes: {
      ApproximateReceiveCount: facts.ApproximateReceiveCount ?? '1',
      SentTimestamp: facts.SentTimestamp ?? '0',
      ApproximateFirstReceiveTimestamp: facts.SentTimestamp ?? '0',
      SenderId: 'bench',
    },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:generated',
    awsRegion: 'us-east-1',
  };
}
