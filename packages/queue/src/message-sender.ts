import type { SQSClient } from '@aws-sdk/client-sqs';
import { ProducerClosedError } from './errors.ts';
import { type MessageText, type OutgoingMessage, outgoingMessage } from './outgoing-message.ts';
import { type EntryResult, RequestBatcher } from './request-batcher.ts';
import { sendBatch } from './send-batch.ts';

export interface MessageSenderOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** SendMessageBatch requests at a time. */
  readonly maxInFlight: number;
  /** How long a message waits for others to share its request; 4 ms by default. */
  readonly lingerMs?: number;
  /** How often a message is tried in all; 10 by default, over about 12 s. */
  readonly maxAttempts?: number;
}

/**
 * Puts messages on a queue as they are, good or not: for replaying what was recorded. Messages sent within a few milliseconds share
 * requests; a throttled or failed one is tried again. What waits is bounded by whoever sends.
 */
export class MessageSender {
  readonly #batcher: RequestBatcher<OutgoingMessage>;

  constructor({ client, queueUrl, maxInFlight, lingerMs = 4, maxAttempts = 10 }: MessageSenderOptions) {
    this.#batcher = new RequestBatcher<OutgoingMessage>({
      request: sendBatch(client, queueUrl),
      bytesOf: ({ bytes }) => bytes,
      lingerMs,
      maxInFlight,
      maxAttempts,
      requestTimeoutMs: 20_000,
      backoff: { baseMs: 100, maxMs: 2_000 },
    });
  }

  /** Resolves once SQS has taken or refused the message; never rejects. A message that breaks a limit of SQS is not sent. */
  async send(text: MessageText): Promise<EntryResult> {
    const outgoing = outgoingMessage(text);
    if (!('refused' in outgoing)) return await this.#batcher.add(outgoing);
    const failure = { code: 'MessageTooLarge', message: outgoing.refused, retryable: false, attempts: 0 };
    return { ok: false, failure: { ...failure, cause: undefined } };
  }

  /** Gives up what is unsent. Safe to call again. */
  close(): void {
    this.#batcher.abort(new ProducerClosedError());
  }
}
