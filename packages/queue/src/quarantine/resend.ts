import { setTimeout as sleep } from 'node:timers/promises';
import { type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { positionalId, rejectedEntries } from '../batch-reply.ts';
import { ProducerClosedError } from '../errors.ts';
import { RequestBatcher } from '../request-batcher.ts';
import { utf8Bytes } from '../sqs-json.ts';
import { GROUP_ID, MAX_MESSAGE_ATTRIBUTES, MAX_MESSAGE_BYTES } from '../sqs-limits.ts';
import type { KeptMessage } from './kept-message.ts';
import type { OriginalMessage } from './quarantine-envelope.ts';
import { formatRedriveMark, REDRIVE_ATTRIBUTE } from './redrive-mark.ts';

interface Outgoing {
  readonly body: string;
  readonly bytes: number;
  readonly groupId: string | undefined;
  readonly attributes: Record<string, MessageAttributeValue>;
}

/** Whether SQS has the message, or the sentence why not. */
export type Resent = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Puts kept messages on the uplink queue again, as they were, at a bounded rate. */
export class Resender {
  readonly #runId: string;
  readonly #ratePerSecond: number;
  readonly #batcher: RequestBatcher<Outgoing>;
  #nextAt = 0;

  constructor(client: SQSClient, uplinkQueueUrl: string, runId: string, ratePerSecond: number) {
    this.#runId = runId;
    this.#ratePerSecond = ratePerSecond;
    this.#batcher = new RequestBatcher<Outgoing>({
      request: async (messages, abortSignal) => {
        const Entries = messages.map(({ body, groupId, attributes }, index) => ({
          Id: positionalId(index),
          MessageBody: body,
          MessageGroupId: groupId,
          MessageAttributes: attributes,
        }));
        const command = new SendMessageBatchCommand({ QueueUrl: uplinkQueueUrl, Entries });
        return rejectedEntries(await client.send(command, { abortSignal }), messages.length);
      },
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
): Outgoing | { readonly refused: string } {
  const attributes: Record<string, MessageAttributeValue> = Object.create(null);
  for (const { name, type, value } of original.attributes) attributes[name] = attributeValue(type, value);
  const mark = formatRedriveMark({ runId, messageId, sentAt });
  attributes[REDRIVE_ATTRIBUTE] = attributeValue('String', mark);
  const names = Object.keys(attributes);
  if (names.length > MAX_MESSAGE_ATTRIBUTES) {
    const rule = `a message has at most ${MAX_MESSAGE_ATTRIBUTES} attributes`;
    return { refused: `with its redrive mark it has ${names.length} attributes, and ${rule}` };
  }
  const bytes = names.reduce(
    (sum, name) => sum + utf8Bytes(name) + attributeBytes(attributes[name]),
    utf8Bytes(original.body),
  );
  if (bytes > MAX_MESSAGE_BYTES) {
    const rule = `a message has at most ${MAX_MESSAGE_BYTES}`;
    return { refused: `with its redrive mark it has ${bytes} bytes, and ${rule}` };
  }
  const groupId = messageGroupId !== undefined && GROUP_ID.test(messageGroupId) ? messageGroupId : undefined;
  return { body: original.body, bytes, groupId, attributes: { ...attributes } };
}

function attributeValue(type: string, value: string): MessageAttributeValue {
  return type.startsWith('Binary')
    ? { DataType: type, BinaryValue: Buffer.from(value, 'base64') }
    : { DataType: type, StringValue: value };
}

function attributeBytes(attribute: MessageAttributeValue | undefined): number {
  const { DataType = '', StringValue = '', BinaryValue } = attribute ?? {};
  return utf8Bytes(DataType) + utf8Bytes(StringValue) + (BinaryValue?.byteLength ?? 0);
}
