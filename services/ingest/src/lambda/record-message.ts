import { type ReceivedMessage, readReceivedMessage } from '@furrow/queue';
import type { SQSRecord } from 'aws-lambda';

/** A message of the event source as the worker's own consumer would have received it. */
export function recordMessage(record: SQSRecord, receivedAt: number): ReceivedMessage {
  const attributes = Object.entries(record.messageAttributes).map(([name, attribute]) => [
    name,
    {
      DataType: attribute.dataType,
      StringValue: attribute.stringValue,
      // The event carries bytes as base64.
      BinaryValue:
        attribute.binaryValue === undefined ? undefined : Buffer.from(attribute.binaryValue, 'base64'),
    },
  ]);
  return readReceivedMessage(
    {
      MessageId: record.messageId,
      Body: record.body,
      Attributes: Object.fromEntries(Object.entries(record.attributes)),
      MessageAttributes: Object.fromEntries(attributes),
    },
    receivedAt,
  );
}
