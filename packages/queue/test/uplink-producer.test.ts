import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ItemTooLargeError,
  ProducerClosedError,
  ProducerOverloadedError,
  SendFailedError,
  UplinkProducer,
  type UplinkProducerOptions,
} from '../src/index.ts';
import { awsError, failedAt, injectFault, watch } from './fixtures/faults.ts';
import { openSqsRoom, receiveAll, type SqsRoom, uplinkOf } from './fixtures/sqs-room.ts';

let room: SqsRoom;
beforeAll(async () => {
  room = await openSqsRoom();
});
afterAll(() => room.close());

async function newProducer(options: Partial<UplinkProducerOptions> = {}) {
  const client = room.newClient();
  const queueUrl = await room.newQueue();
  const producer = new UplinkProducer({ client, queueUrl, ...options });
  return { client, queueUrl, producer, received: () => receiveAll(room.client, queueUrl) };
}

describe('UplinkProducer', () => {
  it('puts an uplink on the queue with its device and its organization', async () => {
    const { client, producer, received } = await newProducer({
      attributesOf: () => ({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
    });
    const requests = watch(client, 'SendMessageBatch');
    const uplink = uplinkOf(2);
    await producer.send(uplink);
    const [message, ...others] = await received();
    expect(others).toEqual([]);
    expect(JSON.parse(message?.Body ?? '')).toEqual(uplink);
    expect(message?.MessageAttributes).toMatchObject({
      device_agri_id: { DataType: 'String', StringValue: 'd-1000-abcd' },
      traceparent: { DataType: 'String' },
    });
    expect(requests[0].Entries[0].MessageGroupId).toBe('yanji-lab');
  });

  it('carries text of every script unharmed', async () => {
    const { producer, received } = await newProducer();
    const uplink = { ...uplinkOf(0), items: [{ note: '温室 🌱 \ufffe \u0000 \ud800' }] };
    await producer.send(uplink);
    const [message] = await received();
    expect(JSON.parse(message?.Body ?? '')).toEqual(uplink);
  });

  it('packs sends that come together into requests of ten', async () => {
    const { client, producer, received } = await newProducer();
    const requests = watch(client, 'SendMessageBatch');
    await Promise.all(Array.from({ length: 25 }, () => producer.send(uplinkOf(1))));
    expect(requests.map((request) => request.Entries.length)).toEqual([10, 10, 5]);
    expect(await received()).toHaveLength(25);
    expect(producer.pendingBytes).toBe(0);
  });

  it('sends the largest messages, alone in their requests', async () => {
    const { client, producer, received } = await newProducer();
    const requests = watch(client, 'SendMessageBatch');
    const large = { ...uplinkOf(0), items: ['x'.repeat(1_047_000), 'y'.repeat(1_047_000)] };
    await producer.send(large);
    expect(requests.map((request) => request.Entries.length)).toEqual([1, 1]);
    const items: string[] = (await received()).flatMap((message) => JSON.parse(message.Body ?? '').items);
    expect(items.map((item) => `${item[0]} × ${item.length}`).sort()).toEqual(['x × 1047000', 'y × 1047000']);
  });

  it('resolves only when every part is accepted, and repeats those that are not', async () => {
    const { client, producer, received } = await newProducer();
    const requests = injectFault(client, 'SendMessageBatch', async (input, proceed, call) => {
      if (call > 1) return proceed();
      await proceed({ ...input, Entries: [input.Entries[0]] });
      return failedAt(input, [1, 2]);
    });
    await producer.send(uplinkOf(3_000));
    expect(requests.map((request) => request.Entries.length)).toEqual([3, 2]);
    const items = (await received()).flatMap((message) => JSON.parse(message.Body ?? '').items);
    expect(items.map((item) => item.value).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 3_000 }, (_, index) => index),
    );
  });

  it("reports a sender's fault at once, with what was accepted", async () => {
    const { client, producer, queueUrl } = await newProducer();
    const requests = injectFault(client, 'SendMessageBatch', async (input) => failedAt(input, [1], true));
    const error = await producer.send(uplinkOf(3_000)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SendFailedError);
    expect(error).toMatchObject({
      code: 'send_failed',
      retryable: false,
      acceptedParts: 2,
      failedParts: 1,
      reason: 'OnPurpose',
      queueUrl,
    });
    expect(requests).toHaveLength(1);
  });

  it('gives up after its attempts with an error that says to try later', async () => {
    const { client, producer } = await newProducer({ maxAttempts: 3 });
    const requests = injectFault(client, 'SendMessageBatch', async () => {
      throw awsError('RequestThrottled', 403);
    });
    await expect(producer.send(uplinkOf(1))).rejects.toMatchObject({
      code: 'send_failed',
      retryable: true,
      reason: 'RequestThrottled',
    });
    expect(requests).toHaveLength(3);
    expect(producer.pendingBytes).toBe(0);
  });

  it('says that a missing queue is not worth a repetition', async () => {
    const producer = new UplinkProducer({ client: room.client, queueUrl: room.sqs.queueUrl('nowhere') });
    await expect(producer.send(uplinkOf(1))).rejects.toMatchObject({
      retryable: false,
      reason: 'QueueDoesNotExist',
    });
  });

  it('refuses an item that fits no message and sends nothing of the uplink', async () => {
    const { producer, received } = await newProducer();
    const uplink = { ...uplinkOf(0), items: [1, 'x'.repeat(1_100_000)] };
    await expect(producer.send(uplink)).rejects.toBeInstanceOf(ItemTooLargeError);
    expect(await received()).toEqual([]);
  });

  it('refuses what would exceed its pending bytes, and takes it once there is room', async () => {
    const { client, producer } = await newProducer({ maxPendingBytes: 100_000 });
    const gate = Promise.withResolvers<void>();
    injectFault(client, 'SendMessageBatch', async (_, proceed) => {
      await gate.promise;
      return proceed();
    });
    const first = producer.send(uplinkOf(3_000));
    const error = await producer.send(uplinkOf(1)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProducerOverloadedError);
    expect(error).toMatchObject({ retryable: true, limitBytes: 100_000 });
    gate.resolve();
    await first;
    await producer.send(uplinkOf(1));
  });

  it('stops waiting when its signal aborts', async () => {
    const { client, producer } = await newProducer();
    injectFault(client, 'SendMessageBatch', () => new Promise(() => {}));
    const aborter = new AbortController();
    const sending = producer.send(uplinkOf(1), aborter.signal);
    aborter.abort(new Error('client left'));
    await expect(sending).rejects.toThrow('client left');
    await expect(producer.send(uplinkOf(1), aborter.signal)).rejects.toThrow('client left');
    await producer.close(0);
  });

  it('sends what waits when closed, then takes nothing more', async () => {
    const { producer, received } = await newProducer({ lingerMs: 60_000 });
    const sending = producer.send(uplinkOf(1));
    const closing = producer.close();
    expect(producer.close()).toBe(closing);
    await Promise.all([sending, closing]);
    await expect(producer.send(uplinkOf(1))).rejects.toBeInstanceOf(ProducerClosedError);
    expect(await received()).toHaveLength(1);
  });

  it('meets the deadline of close although SQS hangs', async () => {
    const { client, producer } = await newProducer();
    injectFault(client, 'SendMessageBatch', () => new Promise(() => {}));
    const sending = producer.send(uplinkOf(1)).catch((caught: unknown) => caught);
    await delay(10);
    await producer.close(20);
    expect(await sending).toMatchObject({ code: 'send_failed', retryable: true });
  });
});
