import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { checkedCall } from './checked-call.ts';

/** What a queue says about itself. Counts are SQS's approximations. */
export interface QueueFacts {
  readonly queueUrl: string;
  readonly arn: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly maxMessageBytes: number;
  /** Where messages go that nobody could finish; undefined when the queue has no redrive policy. */
  readonly deadLetter: { readonly arn: string; readonly maxReceiveCount: number } | undefined;
  readonly messagesVisible: number;
  readonly messagesInFlight: number;
  readonly messagesDelayed: number;
}

export interface QueueToCheck {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** What messages call the queue; its URL by default. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/**
 * Asks the queue for its attributes: the cheapest proof that it exists, that it answers, and that the credentials may read it.
 * Rejects with QueueCheckError, which names the queue and what is missing.
 */
export async function probeQueue({ client, queueUrl, name, signal }: QueueToCheck): Promise<QueueFacts> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  const answer = await checkedCall(name ?? queueUrl, 'sqs:GetQueueAttributes', () =>
    client.send(command, signal ? { abortSignal: signal } : {}),
  );
  const attributes = answer.Attributes ?? {};
  return {
    queueUrl,
    arn: attributes.QueueArn ?? '',
    visibilityTimeoutSeconds: Number(attributes.VisibilityTimeout ?? 30),
    retentionSeconds: Number(attributes.MessageRetentionPeriod ?? 345_600),
    maxMessageBytes: Number(attributes.MaximumMessageSize ?? 262_144),
    deadLetter: readRedrivePolicy(attributes.RedrivePolicy),
    messagesVisible: Number(attributes.ApproximateNumberOfMessages ?? 0),
    messagesInFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    messagesDelayed: Number(attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

function readRedrivePolicy(text: string | undefined): QueueFacts['deadLetter'] {
  if (!text) return undefined;
  try {
    const policy: unknown = JSON.parse(text);
    if (typeof policy !== 'object' || policy === null) return undefined;
    const arn: unknown = Reflect.get(policy, 'deadLetterTargetArn');
    const maxReceiveCount = Number(Reflect.get(policy, 'maxReceiveCount'));
    return typeof arn === 'string' ? { arn, maxReceiveCount } : undefined;
  } catch {
    return undefined;
  }
}
