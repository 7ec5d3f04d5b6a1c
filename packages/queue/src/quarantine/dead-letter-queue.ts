import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { checkedCall } from '../checked-call.ts';
import { QueueCheckError } from '../errors.ts';
import { probeQueue } from '../probe-queue.ts';

/** The URL of the queue where an uplink queue's redrive policy sends what nobody could finish. Rejects with QueueCheckError. */
export async function findDeadLetterQueue(client: SQSClient, uplinkQueueUrl: string): Promise<string> {
  const { deadLetter } = await probeQueue({ client, queueUrl: uplinkQueueUrl });
  const [, , , , account, name] = deadLetter?.arn.split(':') ?? [];
  if (account === undefined || name === undefined) {
    throw new QueueCheckError({
      queue: uplinkQueueUrl,
      problem: 'missing',
      action: 'sqs:GetQueueAttributes',
      message: 'it has no RedrivePolicy, so there are no dead letters',
      retryable: false,
    });
  }
  const command = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
  const found = await checkedCall(name, 'sqs:GetQueueUrl', () => client.send(command));
  return found.QueueUrl ?? '';
}
