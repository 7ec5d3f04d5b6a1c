import type { SQSClient } from '@aws-sdk/client-sqs';
import type { UplinkMessage } from '@furrow/contracts';
import { ProducerClosedError, ProducerOverloadedError, SendFailedError } from './errors.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { packUplinks } from './pack-uplinks.ts';
import { type EntryResult, RequestBatcher } from './request-batcher.ts';
import { sendBatch } from './send-batch.ts';
import { utf8Bytes } from './sqs-json.ts';
import { ATTRIBUTE_RESERVE_BYTES, DEVICE_ATTRIBUTE } from './sqs-limits.ts';
import { textAttributes } from './text-attributes.ts';
import { untilAborted } from './until-aborted.ts';

const MIB = 1_048_576;
const DEFAULT_CLOSE_DEADLINE_MS = 10_000;

export interface UplinkProducerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** How long a message waits for others to share its request; 4 ms by default. */
  readonly lingerMs?: number;
  /** SendMessageBatch requests at a time; 8 by default. */
  readonly maxInFlight?: number;
  /** Bytes of messages that may wait or be under way; 64 MiB by default. One uplink is always taken when nothing waits. */
  readonly maxPendingBytes?: number;
  /** How often a message is tried in all; 6 by default, over about 4 s. */
  readonly maxAttempts?: number;
  /** Limit of one request; 10 s by default. */
  readonly requestTimeoutMs?: number;
  /** Whether to send `org_id` as MessageGroupId, which makes a queue fair between organizations; true by default. */
  readonly groupByOrg?: boolean;
  /** Further text attributes of a message, such as a `traceparent`: asked for each uplink, at most 800 bytes in all. */
  readonly attributesOf?: (uplink: UplinkMessage) => Readonly<Record<string, string>>;
}

/**
 * Puts uplinks on the queue. Sends that come within a few milliseconds of each other share SendMessageBatch requests (at most 10
 * messages and 1 MiB each, several requests at a time). What waits is bounded in bytes.
 */
export class UplinkProducer {
  readonly #options: UplinkProducerOptions;
  readonly #maxPendingBytes: number;
  readonly #batcher: RequestBatcher<OutgoingMessage>;
  #pendingBytes = 0;
  #closing: Promise<void> | undefined;

  constructor(options: UplinkProducerOptions) {
    this.#options = options;
    this.#maxPendingBytes = options.maxPendingBytes ?? 64 * MIB;
    this.#batcher = new RequestBatcher<OutgoingMessage>({
      request: sendBatch(options.client, options.queueUrl),
      bytesOf: (message) => message.bytes,
      lingerMs: options.lingerMs ?? 4,
      maxInFlight: options.maxInFlight ?? 8,
      maxAttempts: options.maxAttempts ?? 6,
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      backoff: { baseMs: 100, maxMs: 2_000 },
    });
  }

  /** Bytes that wait or are under way. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Resolves when SQS has accepted every message of the uplink. Rejects with ItemTooLargeError, ProducerOverloadedError,
   * ProducerClosedError (nothing was sent), or SendFailedError (parts may be on the queue; sending all again is harmless). When
   * `signal` aborts, rejects with its reason; the uplink may be on the queue all the same.
   */
  async send(uplink: UplinkMessage, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closing) throw new ProducerClosedError();
    const messages = this.#messagesOf(uplink);
    const results = Promise.all(this.#takeIn(messages));
    this.#report(await (signal ? untilAborted(results, signal) : results));
  }

  /**
   * Takes nothing more, sends what waits and resolves when every message has its result, at the latest after `deadlineMs` (10 s by
   * default): what is still unsent then is given up with a retryable error. Safe to call again.
   */
  close(deadlineMs = DEFAULT_CLOSE_DEADLINE_MS): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#batcher.abort(new ProducerClosedError()), deadlineMs);
    await this.#batcher.drain();
    clearTimeout(timer);
  }

  #messagesOf(uplink: UplinkMessage): OutgoingMessage[] {
    const attributes = textAttributes({
      ...this.#options.attributesOf?.(uplink),
      [DEVICE_ATTRIBUTE]: uplink.device,
    });
    const groupId = (this.#options.groupByOrg ?? true) ? uplink.org_id : undefined;
    return packUplinks(uplink).map((body) => ({
      body,
      bytes: utf8Bytes(body) + ATTRIBUTE_RESERVE_BYTES,
      groupId,
      attributes,
    }));
  }

  /** Counts the messages as pending until each has its result. */
  #takeIn(messages: readonly OutgoingMessage[]): Promise<EntryResult>[] {
    const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > this.#maxPendingBytes) {
      throw new ProducerOverloadedError(this.#pendingBytes, this.#maxPendingBytes);
    }
    this.#pendingBytes += bytes;
    return messages.map(async (message) => {
      const result = await this.#batcher.add(message);
      this.#pendingBytes -= message.bytes;
      return result;
    });
  }

  #report(results: readonly EntryResult[]): void {
    const failures = results.flatMap((result) => (result.ok ? [] : [result.failure]));
    const [first] = failures;
    if (!first) return;
    throw new SendFailedError(
      {
        queueUrl: this.#options.queueUrl,
        acceptedParts: results.length - failures.length,
        failedParts: failures.length,
        reason: first.code,
        message: first.message,
        retryable: failures.every((failure) => failure.retryable),
      },
      { cause: first.cause },
    );
  }
}
