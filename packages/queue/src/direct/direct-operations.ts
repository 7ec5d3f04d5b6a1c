import { hash } from 'node:crypto';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';

/** An operation that is sent without the SDK's layers: the AWS JSON protocol carries its input and output as they are. */
export interface DirectOperation {
  /** `ReceiveMessage`. */
  readonly name: string;
  /** False when this input needs the SDK's serializer. */
  readonly takes: (input: object) => boolean;
  /** Makes of a parsed answer what the SDK would give; throws when a checksum is wrong. */
  readonly read: (output: Answer, input: object) => Answer;
}

/** The fields of an answer that are looked at. */
interface Answer {
  readonly Messages?: readonly Message[];
  readonly Successful?: readonly { readonly Id: string; readonly MD5OfMessageBody: string }[];
}

const AS_IT_IS = { takes: () => true, read: (output: Answer) => output } as const;

const BY_COMMAND: ReadonlyMap<unknown, DirectOperation> = new Map<unknown, DirectOperation>([
  [ReceiveMessageCommand, { name: 'ReceiveMessage', takes: () => true, read: readReceived }],
  [DeleteMessageBatchCommand, { ...AS_IT_IS, name: 'DeleteMessageBatch' }],
  [ChangeMessageVisibilityBatchCommand, { ...AS_IT_IS, name: 'ChangeMessageVisibilityBatch' }],
  [SendMessageBatchCommand, { name: 'SendMessageBatch', takes: isText, read: checkSent }],
]);

/** The operation of a command; undefined for those that only the SDK sends. */
export function directOperation(command: object): DirectOperation | undefined {
  return BY_COMMAND.get(command.constructor);
}

/** Bytes of a binary attribute come as base64, and the MD5 of each body must be that of the message. */
function readReceived(output: Answer): Answer {
  const messages = output.Messages ?? [];
  const broken = messages.filter(({ Body = '', MD5OfBody }) => hash('md5', Body) !== MD5OfBody);
  if (broken.length > 0) throw new ChecksumError(broken.map(({ MessageId = '' }) => MessageId));
  for (const { MessageAttributes } of messages) {
    for (const attribute of Object.values(MessageAttributes ?? {})) {
      const base64: unknown = attribute.BinaryValue;
      if (typeof base64 === 'string') attribute.BinaryValue = Buffer.from(base64, 'base64');
    }
  }
  return output;
}

function isText(input: object): boolean {
  return entriesOf(input).every(({ MessageAttributes, MessageSystemAttributes }) =>
    [...Object.values(MessageAttributes ?? {}), ...Object.values(MessageSystemAttributes ?? {})].every(
      ({ BinaryValue, BinaryListValues }) => BinaryValue === undefined && BinaryListValues === undefined,
    ),
  );
}

function checkSent(output: Answer, input: object): Answer {
  const sent = new Map(entriesOf(input).map(({ Id, MessageBody }) => [Id, MessageBody ?? '']));
  const accepted = output.Successful ?? [];
  const broken = accepted.filter(
    ({ Id, MD5OfMessageBody }) => hash('md5', sent.get(Id) ?? '') !== MD5OfMessageBody,
  );
  if (broken.length > 0) throw new ChecksumError(broken.map(({ Id }) => Id));
  return output;
}

function entriesOf(input: object): readonly SendMessageBatchRequestEntry[] {
  return ('Entries' in input ? input.Entries : []) as readonly SendMessageBatchRequestEntry[];
}

/** What arrived is not what was sent. Not sent again here: the message would only be received or stored twice. */
export class ChecksumError extends Error {
  constructor(ids: readonly string[]) {
    super(`Invalid MD5 checksum on messages: ${ids.join(', ')}`);
    this.name = 'ChecksumError';
  }
}
