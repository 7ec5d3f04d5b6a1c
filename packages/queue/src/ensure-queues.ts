import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { checkedCall } from './checked-call.ts';
import { QueueCheckError } from './errors.ts';
import { probeQueue } from './probe-queue.ts';

/** A queue that should be there, and how it should be set. */
export interface QueueSpec {
  readonly name: string;
  /** How long a received message stays hidden; 60 s by default. */
  readonly visibilityTimeoutSeconds?: number;
  /** How long a message is kept; 14 days by default, the most SQS allows. */
  readonly retentionSeconds?: number;
  /** The queue for messages that were received `maxReceiveCount` times and never finished. It is created too. */
  readonly deadLetter?: { readonly name: string; readonly maxReceiveCount: number };
}

/**
 * The queues of Furrow. A message that killed its worker five times goes to the dead letters of its queue; one that names a command
 * may be given back more often, because it waits for its turn at the device, for a minute or so in all.
 */
export const STANDARD_QUEUES: readonly QueueSpec[] = [
  { name: 'furrow-uplinks', deadLetter: { name: 'furrow-dead-letter', maxReceiveCount: 5 } },
  { name: 'furrow-quarantine' },
  { name: 'furrow-commands', deadLetter: { name: 'furrow-commands-dead-letter', maxReceiveCount: 20 } },
];

const DEFAULT_VISIBILITY_SECONDS = 60;
const FOURTEEN_DAYS_SECONDS = 1_209_600;

/**
 * Creates the queues that are missing and sets the attributes of those that are there; messages on them stay. Returns each queue's
 * URL by its name, dead-letter queues included. For development and tests: in production the infrastructure does this. Rejects
 * with QueueCheckError.
 */
export async function ensureQueues(
  client: SQSClient,
  queues: readonly QueueSpec[] = STANDARD_QUEUES,
): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const queue of queues) {
    const policy = queue.deadLetter && (await ensureDeadLetter(client, queue.deadLetter, urls));
    urls.set(queue.name, await ensureQueue(client, queue, policy));
  }
  return urls;
}

async function ensureDeadLetter(
  client: SQSClient,
  deadLetter: NonNullable<QueueSpec['deadLetter']>,
  urls: Map<string, string>,
): Promise<string> {
  const { name, maxReceiveCount } = deadLetter;
  const queueUrl = urls.get(name) ?? (await ensureQueue(client, { name }, undefined));
  urls.set(name, queueUrl);
  const { arn } = await probeQueue({ client, queueUrl, name });
  return JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
}

async function ensureQueue(
  client: SQSClient,
  spec: QueueSpec,
  redrivePolicy: string | undefined,
): Promise<string> {
  const attributes: Partial<Record<QueueAttributeName, string>> = {
    VisibilityTimeout: String(spec.visibilityTimeoutSeconds ?? DEFAULT_VISIBILITY_SECONDS),
    MessageRetentionPeriod: String(spec.retentionSeconds ?? FOURTEEN_DAYS_SECONDS),
    ...(redrivePolicy === undefined ? {} : { RedrivePolicy: redrivePolicy }),
  };
  const existing = await findQueue(client, spec.name);
  if (existing !== undefined) {
    const command = new SetQueueAttributesCommand({ QueueUrl: existing, Attributes: attributes });
    await checkedCall(spec.name, 'sqs:SetQueueAttributes', () => client.send(command));
    return existing;
  }
  const command = new CreateQueueCommand({ QueueName: spec.name, Attributes: attributes });
  const created = await checkedCall(spec.name, 'sqs:CreateQueue', () => client.send(command));
  return created.QueueUrl ?? '';
}

async function findQueue(client: SQSClient, name: string): Promise<string | undefined> {
  try {
    const command = new GetQueueUrlCommand({ QueueName: name });
    const found = await checkedCall(name, 'sqs:GetQueueUrl', () => client.send(command));
    return found.QueueUrl;
  } catch (error) {
    if (error instanceof QueueCheckError && error.problem === 'missing') return undefined;
    throw error;
  }
}
