import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CommandMessage } from '@furrow/contracts';
import { readAwsFailure } from './aws-failure.ts';
import { SendFailedError } from './errors.ts';
import { textAttributes } from './text-attributes.ts';

export interface CommandSenderOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Limit of one request; 5 s by default: somebody waits for the answer. */
  readonly requestTimeoutMs?: number;
  /** Text attributes of a message, such as a `traceparent`: asked for each command. */
  readonly attributesOf?: () => Readonly<Record<string, string>>;
}

/** Puts commands on their queue, each in a request of its own: they are few, and somebody waits. */
export class CommandSender {
  readonly #options: CommandSenderOptions;

  constructor(options: CommandSenderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when SQS has the message. Rejects with SendFailedError; the message may be on the queue all the same, when the answer
   * was lost.
   */
  async send(message: CommandMessage): Promise<void> {
    const { client, queueUrl, requestTimeoutMs = 5_000, attributesOf } = this.#options;
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      MessageGroupId: message.org_id,
      MessageAttributes: textAttributes(attributesOf?.() ?? {}),
    });
    try {
      await client.send(command, { abortSignal: AbortSignal.timeout(requestTimeoutMs) });
    } catch (error) {
      const { code: reason, message: text, retryable } = readAwsFailure(error);
      throw new SendFailedError(
        { queueUrl, acceptedParts: 0, failedParts: 1, reason, message: text, retryable },
        { cause: error },
      );
    }
  }
}
