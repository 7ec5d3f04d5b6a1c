import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { checkedCall } from '../checked-call.ts';
import { type ReceivedMessage, readReceivedMessage } from '../consumer/received-message.ts';
import type { EntryResult } from '../request-batcher.ts';
import { MAX_BATCH_ENTRIES } from '../sqs-limits.ts';
import { MessageLeases } from './message-leases.ts';

export interface QueueScanOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** What errors call the queue; its URL by default. */
  readonly name?: string;
  /** How long a killed scan keeps its messages from others; 120 by default. A living one renews it. */
  readonly visibilityTimeoutSeconds?: number;
  /** How long the receive waits that finds the queue empty, 1 to 20; 1 by default. */
  readonly waitTimeSeconds?: number;
}

/**
 * Looks through a queue. SQS cannot be browsed: to see a message is to receive it, which hides it from others and raises its receive
 * count. A scan holds every message that it has seen, so that each is seen once, until it is deleted or `close` gives all the
 * others back.
 */
export class QueueScan {
  readonly #options: QueueScanOptions;
  readonly #leases: MessageLeases;

  constructor(options: QueueScanOptions) {
    this.#options = options;
    this.#leases = new MessageLeases(options.client, options.queueUrl, this.#visibilitySeconds);
  }

  /** How many messages the scan holds. */
  get held(): number {
    return this.#leases.size;
  }

  /**
   * Up to ten messages that this scan has not seen before; empty when the queue has no others (a long poll asks every server of SQS).
   * Rejects with QueueCheckError.
   */
  async next(): Promise<readonly ReceivedMessage[]> {
    for (;;) {
      const delivered = await this.#receive();
      const receivedAt = Date.now();
      const fresh = delivered.filter(({ MessageId = '', ReceiptHandle = '' }) =>
        this.#leases.take(MessageId, ReceiptHandle),
      );
      if (fresh.length > 0 || delivered.length === 0) {
        return fresh.map((message) => readReceivedMessage(message, receivedAt));
      }
    }
  }

  /** Deletes a message that `next` gave. A delete that SQS does not accept leaves the message on the queue. */
  async delete(messageId: string): Promise<EntryResult> {
    return await this.#leases.delete(messageId);
  }

  /** Gives back every message that was not deleted. Never rejects. */
  async close(): Promise<void> {
    await this.#leases.close();
  }

  async #receive() {
    const { client, queueUrl, name } = this.#options;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: MAX_BATCH_ENTRIES,
      VisibilityTimeout: this.#visibilitySeconds,
      WaitTimeSeconds: this.#options.waitTimeSeconds ?? 1,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const answer = await checkedCall(name ?? queueUrl, 'sqs:ReceiveMessage', () => client.send(command));
    return answer.Messages ?? [];
  }

  get #visibilitySeconds(): number {
    return this.#options.visibilityTimeoutSeconds ?? 120;
  }
}
