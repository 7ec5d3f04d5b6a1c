import { describe, expect, it } from 'vitest';
import { readReceivedMessage } from '../../src/consumer/received-message.ts';

describe('readReceivedMessage', () => {
  it('reads facts and attributes of every type, hostile names too', () => {
    const MessageAttributes = JSON.parse(`{
      "device_agri_id": { "DataType": "String", "StringValue": "d-1000-abcd" },
      "__proto__": { "DataType": "Number.int", "StringValue": "7" }
    }`);
    MessageAttributes.bytes = { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) };
    const message = readReceivedMessage(
      {
        MessageId: 'm',
        Body: '{}',
        Attributes: {
          SentTimestamp: '1708070401123',
          ApproximateFirstReceiveTimestamp: '1708070402000',
          ApproximateReceiveCount: '3',
          MessageGroupId: 'yanji-lab',
        },
        MessageAttributes,
      },
      1_708_070_403_000,
    );
    expect(message).toEqual({
      messageId: 'm',
      body: '{}',
      attributes: {
        sentAt: 1_708_070_401_123,
        firstReceivedAt: 1_708_070_402_000,
        receiveCount: 3,
        messageGroupId: 'yanji-lab',
      },
      deviceAgriId: 'd-1000-abcd',
      messageAttributes: [
        { name: 'device_agri_id', type: 'String', value: 'd-1000-abcd' },
        { name: '__proto__', type: 'Number.int', value: '7' },
        { name: 'bytes', type: 'Binary', value: 'AQI=' },
      ],
      receivedAt: 1_708_070_403_000,
    });
  });

  it('makes do with a server that tells nothing', () => {
    expect(readReceivedMessage({ MessageId: 'm' }, 5)).toEqual({
      messageId: 'm',
      body: '',
      attributes: { sentAt: 5, receiveCount: 1 },
      messageAttributes: [],
      receivedAt: 5,
    });
  });
});
