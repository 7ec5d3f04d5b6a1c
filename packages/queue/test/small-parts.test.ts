import { describe, expect, it } from 'vitest';
import { readAwsFailure } from '../src/aws-failure.ts';
import { backoffMs } from '../src/backoff.ts';
import { rejectedEntries } from '../src/batch-reply.ts';
import { clampDelaySeconds, retryDelaySeconds } from '../src/consumer/outcome.ts';
import { readReceivedMessage } from '../src/consumer/received-message.ts';
import { untilAborted } from '../src/until-aborted.ts';
import { awsError } from './fixtures/faults.ts';

describe('readAwsFailure', () => {
  it.each([
    ['AccessDenied', awsError('AccessDenied', 403), false],
    ['QueueDoesNotExist', awsError('com.amazonaws.sqs#QueueDoesNotExist', 400), false],
    ['RequestThrottled', awsError('RequestThrottled', 403), true],
    ['ThrottlingException', awsError('ThrottlingException', 429), true],
    ['ServiceUnavailable', awsError('ServiceUnavailable', 503), true],
    ['ECONNREFUSED', Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), true],
    ['TimeoutError', Object.assign(new Error('slow'), { name: 'TimeoutError' }), true],
    [
      'CredentialsProviderError',
      Object.assign(new Error('none'), { name: 'CredentialsProviderError' }),
      false,
    ],
    ['Unknown', 'text', true],
    ['Unknown', undefined, true],
  ])('reads %s', (code, error, retryable) => {
    expect(readAwsFailure(error)).toMatchObject({ code, retryable });
  });
});

describe('backoffMs', () => {
  it.each([
    [1, 50, 100],
    [2, 100, 200],
    [4, 400, 800],
    [50, 500, 1000],
  ])('after attempt %i is %i to %i ms', (attempt, least, most) => {
    const policy = { baseMs: 100, maxMs: 1000 };
    expect(backoffMs(policy, attempt, () => 0)).toBe(least);
    expect(backoffMs(policy, attempt, () => 1)).toBe(most);
  });
});

describe('retryDelaySeconds', () => {
  it.each([
    [1, 1, 2],
    [2, 2, 4],
    [5, 16, 32],
    [1000, 450, 900],
  ])('after delivery %i is %i to %i s', (receiveCount, least, most) => {
    expect(retryDelaySeconds(receiveCount, () => 0)).toBe(least);
    expect(retryDelaySeconds(receiveCount, () => 1)).toBe(most);
  });
});

describe('clampDelaySeconds', () => {
  it.each([
    [0, 0],
    [-3, 0],
    [Number.NaN, 0],
    [0.2, 1],
    [17, 17],
    [1e9, 43_200],
  ])('makes %f to %i', (wish, seconds) => {
    expect(clampDelaySeconds(wish)).toBe(seconds);
  });
});

describe('rejectedEntries', () => {
  it('names what failed and what the answer does not mention', () => {
    const reply = {
      Successful: [{ Id: '0' }],
      Failed: [
        { Id: '2', Code: 'InternalError', SenderFault: false },
        { Id: '3', SenderFault: true },
      ],
    };
    expect(rejectedEntries(reply, 4)).toEqual([
      { index: 1, code: 'NoAnswer', message: 'the answer does not mention the entry', retryable: true },
      { index: 2, code: 'InternalError', message: 'InternalError', retryable: true },
      { index: 3, code: 'Unknown', message: 'Unknown', retryable: false },
    ]);
  });

  it('believes an entry failed that is named twice', () => {
    const reply = { Successful: [{ Id: '0' }], Failed: [{ Id: '0', Code: 'InternalError' }] };
    expect(rejectedEntries(reply, 1)).toHaveLength(1);
  });

  it('takes an empty answer for no acknowledgement', () => {
    expect(rejectedEntries({}, 2)).toHaveLength(2);
  });
});

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

describe('untilAborted', () => {
  it('gives the result of the work', async () => {
    expect(await untilAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
  });

  it('ends with the reason of the signal although the work goes on', async () => {
    const aborter = new AbortController();
    const waiting = untilAborted(new Promise(() => {}), aborter.signal);
    aborter.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(untilAborted(Promise.reject(new Error('late')), aborter.signal)).rejects.toThrow();
  });
});
