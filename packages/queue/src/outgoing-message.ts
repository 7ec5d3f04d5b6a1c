import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { ReceivedAttribute } from './consumer/received-message.ts';
import { utf8Bytes } from './sqs-json.ts';
import { GROUP_ID, MAX_MESSAGE_ATTRIBUTES, MAX_MESSAGE_BYTES } from './sqs-limits.ts';

/** A message as it is to lie on the queue, whatever its body says. */
export interface MessageText {
  readonly body: string;
  /** `value` is base64 where `type` begins with `Binary`. */
  readonly attributes: readonly ReceivedAttribute[];
  /** The MessageGroupId; one that SQS does not take is left out. */
  readonly groupId?: string | undefined;
}

/** A message in the form of the SDK, with what it counts against the limits of SQS. */
export interface OutgoingMessage {
  readonly body: string;
  readonly bytes: number;
  readonly groupId: string | undefined;
  readonly attributes: Record<string, MessageAttributeValue>;
}

/** The message for the SDK, or the sentence why SQS could not take it. Of two attributes with one name the last counts. */
export function outgoingMessage(text: MessageText): OutgoingMessage | { readonly refused: string } {
  const attributes: Record<string, MessageAttributeValue> = Object.create(null);
  for (const { name, type, value } of text.attributes) attributes[name] = attributeValue(type, value);
  const names = Object.keys(attributes);
  if (names.length > MAX_MESSAGE_ATTRIBUTES) {
    const rule = `a message has at most ${MAX_MESSAGE_ATTRIBUTES} attributes`;
    return { refused: `it has ${names.length} attributes, and ${rule}` };
  }
  const bytes = names.reduce(
    (sum, name) => sum + utf8Bytes(name) + attributeBytes(attributes[name]),
    utf8Bytes(text.body),
  );
  if (bytes > MAX_MESSAGE_BYTES) {
    return { refused: `it has ${bytes} bytes, and a message has at most ${MAX_MESSAGE_BYTES}` };
  }
  const groupId = text.groupId !== undefined && GROUP_ID.test(text.groupId) ? text.groupId : undefined;
  return { body: text.body, bytes, groupId, attributes: { ...attributes } };
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
