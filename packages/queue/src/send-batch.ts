import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { positionalId, rejectedEntries } from './batch-reply.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import type { RejectedEntry } from './request-batcher.ts';

/** What a batcher asks of a queue to which it sends messages: one SendMessageBatch of 1 to 10. */
export function sendBatch(
  client: SQSClient,
  queueUrl: string,
): (messages: readonly OutgoingMessage[], abortSignal: AbortSignal) => Promise<readonly RejectedEntry[]> {
  return async (messages, abortSignal) => {
    const Entries = messages.map(({ body, groupId, attributes }, index) => ({
      Id: positionalId(index),
      MessageBody: body,
      MessageGroupId: groupId,
      MessageAttributes: attributes,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    return rejectedEntries(await client.send(command, { abortSignal }), messages.length);
  };
}
