import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { MAX_BATCH_ENTRIES } from '../sqs-limits.ts';

export interface PollerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Resolves when the next receive may begin; rejects when no more is wanted. */
  readonly beforeReceive: () => Promise<void>;
  readonly visibilityTimeoutSeconds: number;
  readonly waitTimeSeconds: number;
  /** Takes the messages of one receive, 1 to 10; must never throw. The next receive does not wait for what becomes of them. */
  readonly onBatch: (messages: readonly Message[]) => void;
  /** A long poll ended without a message. */
  readonly onEmpty: () => void;
  readonly onError: (error: Error) => void;
}

/**
 * One sqs-consumer, reduced to asking for messages. It neither deletes nor extends nor times out: in version 15 a batch handler
 * that throws returns all ten, one MessageId that comes twice fails the whole delete, and `stop` followed by `start` during a long
 * poll runs two loops. So its handler never throws, and pausing happens in `beforeReceive`.
 */
export function createPoller(options: PollerOptions): { start(): void; stop(): void } {
  const consumer = Consumer.create({
    sqs: options.client,
    queueUrl: options.queueUrl,
    batchSize: MAX_BATCH_ENTRIES,
    visibilityTimeout: options.visibilityTimeoutSeconds,
    waitTimeSeconds: options.waitTimeSeconds,
    messageSystemAttributeNames: ['All'],
    messageAttributeNames: ['All'],
    shouldDeleteMessages: false,
    // The gate waits after errors, longer each time; a fixed wait on top of it would only blur that.
    authenticationErrorTimeout: 0,
    suppressFifoWarning: true,
    preReceiveMessageCallback: () => options.beforeReceive(),
    handleMessageBatch: async (messages) => {
      options.onBatch(messages);
      return [];
    },
  });
  consumer.on('empty', () => options.onEmpty());
  // Without a listener an `error` event would end the process.
  consumer.on('error', (error) => options.onError(causeOf(error)));
  return {
    start: () => consumer.start(),
    stop: () => consumer.stop({ abort: true }),
  };
}

/** sqs-consumer wraps what the SDK rejected with; the original says more. */
function causeOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}
