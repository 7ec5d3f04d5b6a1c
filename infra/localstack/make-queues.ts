import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { probeQueue } from '@furrow/queue';
import type { TemplateQueue } from './template-queues.ts';

/**
 * Makes queues on a server without CloudFormation, or sets the attributes of those that are there; messages on them stay. Returns their URLs
 * by name. The dead letters must come before the queues that point to them. Rejects with the SDK's error.
 */
export async function makeQueues(
  client: SQSClient,
  queues: readonly TemplateQueue[],
): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const { name, attributes, deadLetter } of queues) {
    const Attributes = {
      ...attributes,
      ...(deadLetter && { RedrivePolicy: await redrivePolicy(deadLetter) }),
    };
    const existing = await findQueue(client, name);
    if (existing === undefined) {
      const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      urls.set(name, QueueUrl);
    } else {
      await client.send(new SetQueueAttributesCommand({ QueueUrl: existing, Attributes }));
      urls.set(name, existing);
    }
  }
  return urls;

  async function redrivePolicy({ name, maxReceiveCount }: NonNullable<TemplateQueue['deadLetter']>) {
    const { arn } = await probeQueue({ client, queueUrl: urls.get(name) ?? '', name });
    return JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
  }
}

async function findQueue(client: SQSClient, name: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  } catch (error) {
    if (error instanceof Error && /NonExistentQueue|QueueDoesNotExist/.test(error.name)) return undefined;
    throw error;
  }
}
