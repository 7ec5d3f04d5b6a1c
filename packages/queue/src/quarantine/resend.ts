import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { ProducerClosedError } from '../errors.ts';
import { type OutgoingMessage, outgoingMessage } from '../outgoing-message.ts';
import { RequestBatcher } from '../request-batcher.ts';
import { sendBatch } from '../send-batch.ts';
import type { KeptMessage } from './kept-message.ts';
import type { OriginalMessage } from './quarantine-envelope.ts';
import { formatRedriveMark, REDRIVE_ATTRIBUTE } from './redrive-mark.ts';

/** Whether SQS has the message, or the sentence why not. */
export type Resent = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Puts kept messages on the uplink queue again, as they were, at a bounded rate. */
export class Resender {
  readonly #runId: string;
  readonly #ratePerSecond: number;
  readonly #batcher: RequestBatcher<OutgoingMessage>;
  #nextAt = 0;

  constructor(client: SQSClient, uplinkQueueUrl: string, runId: string, ratePerSecond: number) {
    this.#runId = runId;
    this.#ratePerSecond = ratePerSecond;
    this.#batcher = new RequestBatcher<OutgoingMessage>({
      request: sendBatch(client, uplinkQueueUrl),
      bytesOf: ({ bytes }) => bytes,
      lingerMs: 5,
      maxInFlight: 2,
      maxAttempts: 6,
      requestTimeoutMs: 10_000,
      backoff: { baseMs: 100, maxMs: 2_000 },
    });
  }

  /** Resolves once SQS has answered; never rejects. */
  async send(message: KeptMessage): Promise<Resent> {
    const { original, problem } = message;
    if (!original) return { ok: false, reason: problem ?? 'its original is not known' };
    const outgoing = outgoingOf(message, original, this.#runId);
    if ('refused' in outgoing) return { ok: false, reason: outgoing.refused };
    const result = await this.#batcher.add(outgoing);
    return result.ok ? result : { ok: false, reason: `${result.failure.code}: ${result.failure.message}` };
  }

  /** Waits until `count` more messages are within the rate; ends early, without an error, when the signal aborts. */
  async pace(count: number, signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now();
    const wait = Math.max(0, this.#nextAt - now);
    this.#nextAt = Math.max(this.#nextAt, now) + (count * 1000) / this.#ratePerSecond;
    if (wait > 0) await sleep(wait, undefined, signal ? { signal } : {}).catch(() => undefined);
  }

  close(): void {
    this.#batcher.abort(new ProducerClosedError());
  }
}

/** The message to send: body and attributes as they were, with the mark. Or why SQS could not take it. */
function outgoingOf(
  { messageId, sentAt, messageGroupId }: KeptMessage,
  original: OriginalMessage,
  runId: string,
): OutgoingMessage | { readonly refused: string } {
  const mark = formatRedriveMark({ runId, messageId, sentAt });
  const outgoing = outgoingMessage({
    body: original.body,
    attributes: [...original.attributes, { name: REDRIVE_ATTRIBUTE, type: 'String', value: mark }],
    groupId: messageGroupId,
  });
  return 'refused' in outgoing ? { refused: `with its redrive mark ${outgoing.refused}` } : outgoing;
}
