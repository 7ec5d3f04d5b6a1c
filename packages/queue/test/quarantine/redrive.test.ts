import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReceivedMessage } from '../../src/consumer/received-message.ts';
import {
  QuarantineWriter,
  QueueScan,
  REDRIVE_ATTRIBUTE,
  Redrive,
  type RedriveOptions,
  type Refusal,
  readQuarantineEnvelope,
} from '../../src/index.ts';
import { awsError, failedAt, injectFault, watch } from '../fixtures/faults.ts';
import { countsOf, incompressible, receiveOne, refusal, SENT_AT, sendBody } from '../fixtures/kept.ts';
import { openSqsRoom, receiveAll, type SqsRoom, sendBodies } from '../fixtures/sqs-room.ts';

let room: SqsRoom;
beforeAll(async () => {
  room = await openSqsRoom();
});
afterAll(() => room.close());

async function quarantineOf(refusals: readonly Refusal[]) {
  const [queueUrl, uplinkQueueUrl] = [await room.newQueue(), await room.newQueue()];
  const writer = new QuarantineWriter({ client: room.client, queueUrl });
  await Promise.all(refusals.map((each) => writer.put(each)));
  return { queueUrl, uplinkQueueUrl, writer };
}

function redriveOf(options: Partial<RedriveOptions> & Pick<RedriveOptions, 'queueUrl' | 'uplinkQueueUrl'>) {
  return new Redrive({
    client: room.client,
    queue: 'quarantine',
    filter: {},
    limit: 10_000,
    ratePerSecond: 10_000,
    ...options,
  });
}

/** Sends, gives back and reports. */
async function run(options: Parameters<typeof redriveOf>[0]) {
  const redrive = redriveOf(options);
  try {
    return await redrive.send();
  } finally {
    await redrive.close();
  }
}

describe.concurrent('Redrive', () => {
  it('sends a message as it was, with the time at which it came first', async () => {
    const attributes = [
      { name: 'device_agri_id', type: 'String', value: 'd-1000-abcd' },
      { name: 'bytes', type: 'Binary', value: 'AQI=' },
      { name: 'traceparent', type: 'String', value: '00-1-2-01' },
    ];
    const first = refusal({ messageAttributes: attributes });
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([first]);
    const client = room.newClient();
    const requests = watch(client, 'SendMessageBatch');
    const report = await run({ client, queueUrl, uplinkQueueUrl });
    expect(requests[0].Entries[0].MessageGroupId).toBe('yanji-lab');
    expect(report).toMatchObject({ matched: 1, sent: 1, deleteFailures: 0, end: 'empty' });
    const message = await receiveOne(room.client, uplinkQueueUrl);
    expect(message).toMatchObject({
      body: first.message.body,
      deviceAgriId: 'd-1000-abcd',
      attributes: { sentAt: SENT_AT },
      redriven: { runId: report.runId, messageId: first.message.messageId, sentAt: SENT_AT },
    });
    const sent = message.messageAttributes.filter(({ name }) => name !== REDRIVE_ATTRIBUTE);
    expect(sent.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      attributes[1],
      attributes[0],
      attributes[2],
    ]);
    expect(await countsOf(room.client, queueUrl)).toEqual([0, 0]);
  });

  it('lets a message that is refused again and again be known as the same one', async () => {
    const first = refusal();
    const { queueUrl, uplinkQueueUrl, writer } = await quarantineOf([first]);
    const ids = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { runId } = await run({ queueUrl, uplinkQueueUrl });
      const worker = new QueueScan({ client: room.client, queueUrl: uplinkQueueUrl });
      const [again] = await worker.next();
      if (!again) throw new Error('nothing was sent');
      await worker.delete(again.messageId);
      await writer.put({ ...refusal(), message: again });
      const quarantine = new QueueScan({ client: room.client, queueUrl });
      const envelope = readQuarantineEnvelope((await quarantine.next())[0]?.body ?? '');
      await quarantine.close();
      expect(envelope).toMatchObject({
        redrive_id: runId,
        sent_at: SENT_AT,
        message_id: first.message.messageId,
      });
      ids.add(envelope.id);
    }
    expect(ids.size).toBe(1);
  });

  it('moves thousands, and gives back those that were not meant', { timeout: 60_000 }, async () => {
    const refusals = Array.from({ length: 2_000 }, (_, index) =>
      refusal({ orgId: index % 4 === 0 ? 'other-lab' : 'yanji-lab' }),
    );
    const { queueUrl, uplinkQueueUrl } = await quarantineOf(refusals);
    const seen: number[] = [];
    const report = await run({
      queueUrl,
      uplinkQueueUrl,
      filter: { orgId: 'other-lab' },
      onProgress: ({ sent }) => seen.push(sent),
    });
    expect(report).toMatchObject({ examined: 2_000, sent: 500, deleteFailures: 0 });
    expect(seen.at(-1)).toBe(500);
    expect(await countsOf(room.client, queueUrl)).toEqual([1_500, 0]);
    expect(await countsOf(room.client, uplinkQueueUrl)).toEqual([500, 0]);
  });

  it('sends no more than its limit, no faster than its rate', async () => {
    const { queueUrl, uplinkQueueUrl } = await quarantineOf(Array.from({ length: 30 }, () => refusal()));
    const began = performance.now();
    expect(await run({ queueUrl, uplinkQueueUrl, limit: 25, ratePerSecond: 50 })).toMatchObject({
      sent: 25,
      end: 'visitor',
    });
    expect(performance.now() - began).toBeGreaterThan(380);
    expect(await countsOf(room.client, queueUrl)).toEqual([5, 0]);
  });

  it('never takes up again what comes back from itself, and counts it', async () => {
    const { queueUrl, uplinkQueueUrl, writer } = await quarantineOf([refusal(), refusal()]);
    const redrive = redriveOf({ queueUrl, uplinkQueueUrl, filter: { reasons: ['unknown_factor'] } });
    const sending = redrive.send();
    let again = await receiveAll(room.client, uplinkQueueUrl);
    while (again.length === 0) again = await receiveAll(room.client, uplinkQueueUrl);
    const message = readReceivedMessage(again[0] ?? {}, 0);
    await writer.put({ ...refusal({ reason: 'too_old' }), message });
    expect(await sending).toMatchObject({ sent: 2 });
    const returns = await redrive.watch({ timeoutMs: 10, settleMs: 0 });
    expect([...returns.cameBack.values()]).toEqual([{ too_old: 1 }]);
    expect(returns.settled).toBe(false);
    await redrive.close();
    expect(await countsOf(room.client, queueUrl)).toEqual([1, 0]);
  });

  it('says that the rest has passed once the uplink queue is empty', async () => {
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([refusal()]);
    const redrive = redriveOf({ queueUrl, uplinkQueueUrl });
    await redrive.send();
    const worker = new QueueScan({ client: room.client, queueUrl: uplinkQueueUrl });
    for (const { messageId } of await worker.next()) await worker.delete(messageId);
    const settled: number[] = [];
    const returns = await redrive.watch({
      timeoutMs: 20_000,
      settleMs: 1,
      onProgress: (n) => settled.push(n),
    });
    expect(returns).toEqual({ cameBack: new Map(), settled: true });
    expect(settled.at(-1)).toBe(1);
    await redrive.close();
  });

  it('sends two copies of one message once', async () => {
    const twice = refusal();
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([twice, twice]);
    expect(await run({ queueUrl, uplinkQueueUrl })).toMatchObject({ matched: 2, sent: 1 });
    expect(await countsOf(room.client, queueUrl)).toEqual([0, 0]);
  });

  it('does not take for a copy what a forged mark names like another message', async () => {
    const honest = refusal();
    const forged = refusal({
      redriven: { runId: 'forged', messageId: honest.message.messageId, sentAt: SENT_AT },
      messageAttributes: [{ name: 'device_agri_id', type: 'String', value: 'd-9999-evil' }],
    });
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([honest, forged]);
    expect(await run({ queueUrl, uplinkQueueUrl })).toMatchObject({ sent: 2 });
  });

  it('joins a message in several parts, and leaves one alone of which a part is missing', async () => {
    const whole = refusal({ body: incompressible() });
    const { queueUrl, uplinkQueueUrl, writer } = await quarantineOf([whole]);
    const client = room.newClient();
    injectFault(client, 'SendMessageBatch', async (input, proceed, call) =>
      call === 1 ? proceed(input) : failedAt(input, [0], true),
    );
    await expect(
      new QuarantineWriter({ client, queueUrl }).put(refusal({ body: incompressible() })),
    ).rejects.toThrow('could not be quarantined');
    const report = await run({ queueUrl, uplinkQueueUrl });
    expect(report.sent).toBe(1);
    expect([...report.notSent.values()]).toEqual([expect.stringContaining('1 of 2 parts are missing')]);
    expect((await receiveOne(room.client, uplinkQueueUrl)).body === whole.message.body).toBe(true);
    expect(await countsOf(room.client, queueUrl)).toEqual([1, 0]);
    writer.close();
  });

  it('leaves alone what is no envelope, and what SQS cannot take', async () => {
    const tenAttributes = Array.from({ length: 10 }, (_, n) => ({
      name: `a${n}`,
      type: 'String',
      value: 'x',
    }));
    const tooBig = 'x'.repeat(1_048_576);
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([
      refusal({ messageAttributes: tenAttributes }),
      refusal({ body: tooBig, messageAttributes: [] }),
    ]);
    await sendBodies(room.client, queueUrl, ['hello', '{"v":1}', '\u0009']);
    const { sent, notSent } = await run({ queueUrl, uplinkQueueUrl });
    expect(sent).toBe(0);
    const reasons = [...notSent.values()];
    expect(
      reasons.filter((reason) => reason.startsWith("it is no message of Furrow's quarantine")),
    ).toHaveLength(3);
    expect(reasons).toContain(
      'with its redrive mark it has 11 attributes, and a message has at most 10 attributes',
    );
    expect(reasons).toContainEqual(
      expect.stringMatching(
        /^with its redrive mark it has 1048\d+ bytes, and a message has at most 1048576$/,
      ),
    );
    expect(await countsOf(room.client, queueUrl)).toEqual([5, 0]);
  });

  it('keeps a message that SQS does not accept', async () => {
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([refusal()]);
    const client = room.newClient();
    injectFault(client, 'SendMessageBatch', async () => {
      throw awsError('AccessDenied', 403);
    });
    const report = await run({ client, queueUrl, uplinkQueueUrl });
    expect([...report.notSent.values()]).toEqual(['AccessDenied: AccessDenied on purpose']);
    expect(await countsOf(room.client, queueUrl)).toEqual([1, 0]);
  });

  it('tells of messages that were sent and not deleted', async () => {
    const { queueUrl, uplinkQueueUrl } = await quarantineOf([refusal()]);
    const client = room.newClient();
    injectFault(client, 'DeleteMessageBatch', async (input) => failedAt(input, [0], true));
    expect(await run({ client, queueUrl, uplinkQueueUrl })).toMatchObject({ sent: 1, deleteFailures: 1 });
    expect(await countsOf(room.client, queueUrl)).toEqual([1, 0]);
  });

  it('stops at its signal and gives everything back', async () => {
    const { queueUrl, uplinkQueueUrl } = await quarantineOf(Array.from({ length: 40 }, () => refusal()));
    const stop = new AbortController();
    const report = await run({
      queueUrl,
      uplinkQueueUrl,
      ratePerSecond: 20,
      signal: stop.signal,
      onProgress: ({ sent }) => sent >= 10 && stop.abort(),
    });
    expect(report).toMatchObject({ sent: 10, end: 'aborted' });
    expect(await countsOf(room.client, queueUrl)).toEqual([30, 0]);
  });

  it('sends dead letters with the time at which they came first', async () => {
    const [queueUrl, uplinkQueueUrl] = [await room.newQueue(), await room.newQueue()];
    await sendBody(room.client, queueUrl, '[]');
    const { sentAt } = (await receiveOne(room.client, queueUrl)).attributes;
    await sendBody(room.client, queueUrl, 'not JSON');
    const client = room.newClient();
    const requests = watch(client, 'SendMessageBatch');
    expect(await run({ client, queue: 'dead_letter', queueUrl, uplinkQueueUrl })).toMatchObject({ sent: 1 });
    expect(requests[0].Entries[0].MessageBody).toBe('not JSON');
    const message = await receiveOne(room.client, uplinkQueueUrl);
    expect(message.redriven?.sentAt).toBeGreaterThanOrEqual(sentAt);
    expect(message.attributes.sentAt).toBe(message.redriven?.sentAt);
  });
});
