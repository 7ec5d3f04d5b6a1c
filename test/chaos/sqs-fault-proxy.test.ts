import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from '../bench/random.ts';
import { SqsFaultProxy } from './sqs-fault-proxy.ts';
import { SqsFaults } from './sqs-faults.ts';
import { callSqs, emptyQueue, type WireMessage } from './sqs-wire.ts';

let sqs: EmbeddedSqs;
let proxy: SqsFaultProxy;
let faults: SqsFaults;
let QueueUrl: string;

beforeAll(async () => {
  sqs = await startEmbeddedSqs({ queues: [{ name: 'uplinks', visibilityTimeoutSeconds: 600 }] });
  QueueUrl = sqs.queueUrl('uplinks');
});
afterAll(() => sqs.close());

beforeEach(async () => {
  faults = new SqsFaults(seededRandom(3));
  proxy = await SqsFaultProxy.start({ endpoint: sqs.endpoint, faults, orphanMs: 10 });
});
afterEach(async () => {
  await proxy.close();
  await callSqs(sqs.endpoint, 'PurgeQueue', { QueueUrl });
});

const send = (MessageBody = 'hello') => callSqs(proxy.endpoint, 'SendMessage', { QueueUrl, MessageBody });
const receive = async (WaitTimeSeconds = 0): Promise<WireMessage[]> => {
  const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds, AttributeNames: ['All'] };
  return ((await callSqs(proxy.endpoint, 'ReceiveMessage', input))['Messages'] ?? []) as WireMessage[];
};
const remove = (...messages: WireMessage[]) =>
  callSqs(proxy.endpoint, 'DeleteMessageBatch', {
    QueueUrl,
    Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
  });
const onServer = () => emptyQueue(sqs.endpoint, QueueUrl);

describe('SqsFaultProxy', () => {
  it('passes calls on unchanged while there is no fault', async () => {
    await send();
    const [message, ...more] = await receive();
    expect(message?.Body).toBe('hello');
    expect(more).toEqual([]);
    expect(await remove(message as WireMessage)).toMatchObject({ Successful: [{ Id: '0' }] });
    expect(await onServer()).toEqual([]);
    expect(faults.counts).toMatchObject({ delivered: 1, redelivered: 0, failedRequests: 0 });
  });

  it.each([
    ['errors', '500', 'InternalFailure'],
    ['throttles', '400', 'RequestThrottled'],
  ] as const)('answers %s instead of passing a call on', async (kind, status, code) => {
    faults.set(kind, 1);
    await expect(send()).rejects.toThrow(new RegExp(`${status}.*${code}`));
    expect(await onServer()).toEqual([]);
    expect(faults.counts.failedRequests).toBe(1);
  });

  it('passes everything on after calm, and still delivers twice', async () => {
    for (const kind of ['errors', 'throttles', 'lostSends', 'duplicates'] as const) faults.set(kind, 1);
    faults.stall();
    faults.calm();
    await send();
    expect(await receive()).toHaveLength(2);
  });

  it('holds calls while SQS stalls, and passes them on afterwards', async () => {
    faults.stall();
    const sent = send();
    const first = await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 100, 'held'))]);
    expect(first).toBe('held');
    faults.goOn();
    await sent;
    expect(await onServer()).toHaveLength(1);
  });

  it('delivers a message twice: in one answer, or again while it is in hand', async () => {
    await Promise.all([send('a'), send('b')]);
    faults.set('duplicates', 1);
    const first = await receive();
    faults.set('duplicates', 0);
    expect(first).toHaveLength(3);
    expect(new Set(first.map(({ MessageId }) => MessageId)).size).toBe(2);
    expect(await receive(5)).toHaveLength(1);
    expect(faults.counts).toMatchObject({ duplicated: 2, redelivered: 1 });
  });

  it('refuses a delete by an expired receipt, and delivers the message again', async () => {
    await send();
    faults.set('expiredReceipts', 1);
    const [message] = (await receive()) as [WireMessage];
    expect(await remove(message)).toMatchObject({
      Successful: [],
      Failed: [{ Id: '0', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }],
    });
    faults.set('expiredReceipts', 0);
    const [again] = (await receive(5)) as [WireMessage];
    expect(again.MessageId).toBe(message.MessageId);
    expect(await remove(again)).toMatchObject({ Successful: [{ Id: '0' }] });
    expect(await onServer()).toEqual([]);
  });

  it('carries a delete out and loses its answer', async () => {
    await send();
    const [message] = (await receive()) as [WireMessage];
    faults.set('lostDeletes', 1);
    await expect(remove(message)).rejects.toThrow();
    proxy.abandon();
    expect(await receive(1)).toEqual([]);
  });

  it('carries a send out and loses its answer', async () => {
    faults.set('lostSends', 1);
    await expect(send()).rejects.toThrow();
    expect(await onServer()).toHaveLength(1);
  });

  it('breaks a receive off in the middle, and the message comes again', async () => {
    await send();
    faults.set('cutReceives', 1);
    await expect(receive()).rejects.toThrow();
    faults.set('cutReceives', 0);
    expect(await receive(5)).toHaveLength(1);
    expect(faults.counts).toMatchObject({ cutReceives: 1, redelivered: 1 });
  });

  it('gives out again what a process had in hand when it died', async () => {
    await send();
    expect(await receive()).toHaveLength(1);
    proxy.abandon();
    expect(await receive(5)).toHaveLength(1);
  });

  it('lets a long poll go when its client goes', async () => {
    const controller = new AbortController();
    const poll = fetch(proxy.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
      body: JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 }),
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 50);
    await expect(poll).rejects.toThrow();
    await vi.waitFor(async () => {
      await send();
      expect((await receive(1)).length).toBeGreaterThan(0);
    }, 5_000);
  });
});
