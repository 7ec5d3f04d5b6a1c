import type { Message } from '@aws-sdk/client-sqs';
import { type RedriveMark, readRedriveMark } from '../quarantine/redrive-mark.ts';
import { DEVICE_ATTRIBUTE } from '../sqs-limits.ts';

/** What SQS says about a message. Times are milliseconds since 1970 UTC. */
export interface MessageFacts {
  /** When the queue took the message; the same at every delivery, and after a redrive too. */
  readonly sentAt: number;
  /** When it was delivered for the first time. */
  readonly firstReceivedAt?: number;
  /** How often it has been delivered, this time included; from 1. */
  readonly receiveCount: number;
  /** What makes the queue fair: the organization, where the producer named one. */
  readonly messageGroupId?: string;
}

/** A message attribute as it was sent. */
export interface ReceivedAttribute {
  readonly name: string;
  /** `String`, `Number` or `Binary`, with the sender's suffix if it has one. */
  readonly type: string;
  /** The text; base64 where the type is binary. */
  readonly value: string;
}

/** A message as a handler sees it. */
export interface ReceivedMessage {
  readonly messageId: string;
  /** The body as sent, never parsed here; empty when the message has none. */
  readonly body: string;
  readonly attributes: MessageFacts;
  /** The message attribute `device_agri_id`, unproven. */
  readonly deviceAgriId?: string;
  /** What it was before, when it was sent again out of the quarantine or the dead letters. */
  readonly redriven?: RedriveMark;
  /** Every message attribute, `device_agri_id` too. */
  readonly messageAttributes: readonly ReceivedAttribute[];
  /** When this process received it, milliseconds since 1970 UTC. */
  readonly receivedAt: number;
}

/** Reads what the SDK delivers. Whatever a server leaves out is replaced by the nearest thing that is known. */
export function readReceivedMessage(message: Message, receivedAt: number): ReceivedMessage {
  const facts = message.Attributes ?? {};
  const messageAttributes = readAttributes(message.MessageAttributes);
  const firstReceivedAt = readTime(facts.ApproximateFirstReceiveTimestamp);
  const receiveCount = Number(facts.ApproximateReceiveCount);
  const redriven = readRedriveMark(messageAttributes);
  const sentAt = readTime(facts.SentTimestamp) ?? firstReceivedAt ?? receivedAt;
  const deviceAgriId = messageAttributes.find(({ name }) => name === DEVICE_ATTRIBUTE)?.value;
  return {
    messageId: message.MessageId ?? message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      sentAt: redriven ? Math.min(redriven.sentAt, sentAt) : sentAt,
      ...(firstReceivedAt === undefined ? {} : { firstReceivedAt }),
      receiveCount: Number.isInteger(receiveCount) && receiveCount > 0 ? receiveCount : 1,
      ...(facts.MessageGroupId === undefined ? {} : { messageGroupId: facts.MessageGroupId }),
    },
    ...(deviceAgriId === undefined ? {} : { deviceAgriId }),
    ...(redriven === undefined ? {} : { redriven }),
    messageAttributes,
    receivedAt,
  };
}

/** The W3C trace headers that a message was sent with. */
export function messageTrace({ messageAttributes }: ReceivedMessage): Readonly<Record<string, string>> {
  const headers = messageAttributes.filter(({ name }) => name === 'traceparent' || name === 'tracestate');
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

/** What a message takes in memory, nearly: the characters of its body and of its attributes. */
export function messageBytes({ body, messageAttributes }: ReceivedMessage): number {
  return messageAttributes.reduce((sum, { name, value }) => sum + name.length + value.length, body.length);
}

function readAttributes(attributes: Message['MessageAttributes']): ReceivedAttribute[] {
  return Object.entries(attributes ?? {}).map(([name, attribute]) => ({
    name,
    type: attribute.DataType ?? 'String',
    value: attribute.StringValue ?? Buffer.from(attribute.BinaryValue ?? []).toString('base64'),
  }));
}

function readTime(text: string | undefined): number | undefined {
  const time = Number(text);
  return text !== undefined && Number.isFinite(time) && time > 0 ? time : undefined;
}
