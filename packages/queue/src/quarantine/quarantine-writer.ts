import type { SQSClient } from '@aws-sdk/client-sqs';
import { ProducerClosedError, QuarantineFailedError } from '../errors.ts';
import type { OutgoingMessage } from '../outgoing-message.ts';
import { RequestBatcher } from '../request-batcher.ts';
import { sendBatch } from '../send-batch.ts';
import { utf8Bytes } from '../sqs-json.ts';
import { ATTRIBUTE_RESERVE_BYTES, DEVICE_ATTRIBUTE, GROUP_ID } from '../sqs-limits.ts';
import { textAttributes } from '../text-attributes.ts';
import { untilAborted } from '../until-aborted.ts';
import { packRefusal } from './pack-refusal.ts';
import type { Quarantine, Refusal } from './quarantine.ts';

export interface QuarantineWriterOptions {
  readonly client: SQSClient;
  /** The quarantine queue. */
  readonly queueUrl: string;
  /** Milliseconds since 1970 UTC; the system's clock by default. */
  readonly now?: () => number;
}

/**
 * The quarantine as an SQS queue. Envelopes that are put at the same time share requests. Their messages carry `stage`, the first
 * `reason` and `device_agri_id` as attributes, and the MessageGroupId of the original.
 */
export class QuarantineWriter implements Quarantine {
  readonly #options: QuarantineWriterOptions;
  readonly #batcher: RequestBatcher<OutgoingMessage>;

  constructor(options: QuarantineWriterOptions) {
    this.#options = options;
    this.#batcher = new RequestBatcher<OutgoingMessage>({
      request: sendBatch(options.client, options.queueUrl),
      bytesOf: (envelope) => envelope.bytes,
      lingerMs: 5,
      maxInFlight: 4,
      maxAttempts: 4,
      requestTimeoutMs: 10_000,
      backoff: { baseMs: 100, maxMs: 2_000 },
    });
  }

  /** Resolves when the queue has accepted every part of the envelope; rejects with QuarantineFailedError otherwise. */
  async put(refusal: Refusal, signal?: AbortSignal): Promise<void> {
    const envelopes = await this.#envelopesOf(refusal);
    const adding = Promise.all(envelopes.map((envelope) => this.#batcher.add(envelope)));
    const results = await (signal ? untilAborted(adding, signal) : adding);
    for (const result of results) {
      if (result.ok) continue;
      const { code, message, retryable, cause } = result.failure;
      throw new QuarantineFailedError(refusal.message.messageId, `${code}: ${message}`, retryable, { cause });
    }
  }

  /** Gives up what is still under way; its `put` rejects. */
  close(): void {
    this.#batcher.abort(new ProducerClosedError());
  }

  async #envelopesOf(refusal: Refusal): Promise<OutgoingMessage[]> {
    const bodies = await packRefusal(refusal, this.#options.now?.() ?? Date.now());
    const { attributes, deviceAgriId } = refusal.message;
    const group = attributes.messageGroupId;
    return bodies.map((body) => ({
      body,
      bytes: utf8Bytes(body) + ATTRIBUTE_RESERVE_BYTES,
      groupId: group !== undefined && GROUP_ID.test(group) ? group : undefined,
      attributes: textAttributes({
        stage: refusal.stage,
        ...(refusal.rejects[0] ? { reason: refusal.rejects[0].reason } : {}),
        ...(deviceAgriId === undefined || !GROUP_ID.test(deviceAgriId)
          ? {}
          : { [DEVICE_ATTRIBUTE]: deviceAgriId }),
      }),
    }));
  }
}
