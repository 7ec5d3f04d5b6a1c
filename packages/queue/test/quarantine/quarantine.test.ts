import { randomBytes } from 'node:crypto';
import { agriId, type Reject } from '@furrow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  LISTED_REJECTS,
  MAX_BODY_BYTES,
  QuarantineFailedError,
  QuarantineUnreadableError,
  QuarantineWriter,
  type Refusal,
  readOriginalMessage,
  readQuarantineEnvelope,
} from '../../src/index.ts';
import { packRefusal } from '../../src/quarantine/pack-refusal.ts';
import { awsError, injectFault, watch } from '../fixtures/faults.ts';
import { openSqsRoom, receiveAll, type SqsRoom } from '../fixtures/sqs-room.ts';

const NOW = 1_708_070_500_000;
const unknownFactor: Reject = {
  reason: 'unknown_factor',
  message: 'd-1000-abcd has no factor d-1000-abcd-9-99',
  path: 'items[3].agri_id',
  agriId: agriId('d-1000-abcd-9-99'),
  received: '"d-1000-abcd-9-99"',
};
const inFuture: Reject = { reason: 'in_future', message: 'in 3 hours', path: 'items[4].t' };

function refusalOf(body: string, details: Partial<Refusal> = {}): Refusal {
  return {
    message: {
      messageId: 'e5b2c9b0-3f0a-4c3e-9f3b-2a6b1f0f7c11',
      body,
      attributes: {
        sentAt: 1_708_070_401_123,
        firstReceivedAt: 1_708_070_402_000,
        receiveCount: 2,
        messageGroupId: 'yanji-lab',
      },
      deviceAgriId: 'd-1000-abcd',
      messageAttributes: [
        { name: 'device_agri_id', type: 'String', value: 'd-1000-abcd' },
        { name: '__proto__', type: 'Binary', value: 'AQI=' },
      ],
      receivedAt: 1_708_070_403_000,
    },
    stage: 'mixed',
    rejects: [inFuture, unknownFactor, unknownFactor],
    context: { factors_version: '17' },
    ...details,
  };
}

/** Text that even compressed is larger than one SQS message: 95 characters at random. */
const incompressible = () =>
  Buffer.from(randomBytes(1_040_000).map((byte) => 32 + (byte % 95))).toString('latin1');

describe('packRefusal', () => {
  it('says what was refused, when, and why, and keeps the message as it was', async () => {
    const [body, ...more] = await packRefusal(refusalOf('[{"v":1}]'), NOW);
    expect(more).toEqual([]);
    expect(readQuarantineEnvelope(body ?? '')).toEqual({
      v: 1,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      quarantined_at: NOW,
      stage: 'mixed',
      reasons: { unknown_factor: 2, in_future: 1 },
      summary:
        '2 × unknown_factor: The device has no factor with this agri_id. 1 × in_future: The time of the reading is more than 15 minutes ahead.',
      rejects_total: 3,
      rejects: [
        { reason: 'in_future', message: 'in 3 hours', path: 'items[4].t' },
        expect.objectContaining({ reason: 'unknown_factor', agri_id: 'd-1000-abcd-9-99' }),
        expect.objectContaining({ path: 'items[3].agri_id', received: '"d-1000-abcd-9-99"' }),
      ],
      context: { factors_version: '17' },
      message_id: 'e5b2c9b0-3f0a-4c3e-9f3b-2a6b1f0f7c11',
      sent_at: 1_708_070_401_123,
      first_received_at: 1_708_070_402_000,
      receive_count: 2,
      message_group_id: 'yanji-lab',
      device_agri_id: 'd-1000-abcd',
      original: {
        encoding: 'plain',
        message: { body: '[{"v":1}]', attributes: refusalOf('').message.messageAttributes },
      },
    });
  });

  it('lists some rejects and counts all', async () => {
    const rejects = Array.from({ length: 20_000 }, () => ({ ...unknownFactor, message: 'x'.repeat(5_000) }));
    const [body] = await packRefusal(refusalOf('[]', { rejects }), NOW);
    const envelope = readQuarantineEnvelope(body ?? '');
    expect(envelope.rejects).toHaveLength(LISTED_REJECTS);
    expect(envelope).toMatchObject({ rejects_total: 20_000, reasons: { unknown_factor: 20_000 } });
    expect(envelope.rejects[0]?.message).toHaveLength(300);
  });

  it('gives the same message the same id, and another message another', async () => {
    const idOf = async (body: string, at: number) =>
      readQuarantineEnvelope((await packRefusal(refusalOf(body), at))[0] ?? '').id;
    expect(await idOf('a', NOW)).toBe(await idOf('a', NOW + 1));
    expect(await idOf('a', NOW)).not.toBe(await idOf('b', NOW));
  });

  it.each([
    ['plain', 1, '{"items":[]}'],
    ['gzip', 1, '"{\\"'.repeat(250_000)],
    ['gzip_part', 2, incompressible()],
  ])('keeps a message whole as %s in %i envelope(s)', async (encoding, count, body) => {
    const bodies = await packRefusal(refusalOf(body), NOW);
    expect(bodies).toHaveLength(count);
    for (const each of bodies) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    const envelopes = bodies.map(readQuarantineEnvelope);
    expect(envelopes.map((envelope) => envelope.original.encoding)).toEqual(
      Array.from({ length: count }, () => encoding),
    );
    const original = await readOriginalMessage([...envelopes, ...envelopes].reverse());
    expect(original.body === body).toBe(true);
    expect(original.attributes).toEqual(refusalOf('').message.messageAttributes);
  });

  it('keeps any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (body) => {
        const envelopes = (await packRefusal(refusalOf(body), NOW)).map(readQuarantineEnvelope);
        expect((await readOriginalMessage(envelopes)).body).toBe(body);
      }),
    );
  });

  it('refuses reasons that no message can hold', async () => {
    const context = { note: 'x'.repeat(MAX_BODY_BYTES) };
    await expect(packRefusal(refusalOf('[]', { context }), NOW)).rejects.toBeInstanceOf(
      QuarantineFailedError,
    );
  });
});

describe('readQuarantineEnvelope', () => {
  it.each([
    ['no JSON', '{', /the body is not JSON/],
    ['another version', '{"v":2}', /v: v is 1, the only version/],
    ['an array', '[]', /received an array of 0/],
    [
      'more parts than can be',
      '{"v":1,"original":{"encoding":"gzip_part","part":0,"parts":4000000000,"data":""}}',
      /original\.parts/,
    ],
  ])('refuses %s', (_, body, rule) => {
    expect(() => readQuarantineEnvelope(body)).toThrow(QuarantineUnreadableError);
    expect(() => readQuarantineEnvelope(body)).toThrow(rule);
  });
});

describe('readOriginalMessage', () => {
  it('names missing parts', async () => {
    const [first] = (await packRefusal(refusalOf(incompressible()), NOW)).map(readQuarantineEnvelope);
    await expect(readOriginalMessage(first ? [first] : [])).rejects.toThrow('1 of 2 parts are missing');
  });

  it('refuses envelopes of several messages, and none', async () => {
    const [a] = (await packRefusal(refusalOf('a'), NOW)).map(readQuarantineEnvelope);
    const [b] = (await packRefusal(refusalOf('b'), NOW)).map(readQuarantineEnvelope);
    await expect(readOriginalMessage(a && b ? [a, b] : [])).rejects.toThrow('expected one id, received 2');
    await expect(readOriginalMessage([])).rejects.toThrow('expected one id, received 0');
  });

  it('refuses damaged data and bombs', async () => {
    const [plain] = (await packRefusal(refusalOf('a'), NOW)).map(readQuarantineEnvelope);
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' ')).toString('base64');
    for (const data of ['AAAA', bomb]) {
      const damaged = plain ? [{ ...plain, original: { encoding: 'gzip' as const, data } }] : [];
      await expect(readOriginalMessage(damaged)).rejects.toThrow('the compressed message is damaged');
    }
  });
});

describe('QuarantineWriter', () => {
  let room: SqsRoom;
  beforeAll(async () => {
    room = await openSqsRoom();
  });
  afterAll(() => room.close());

  it('writes an envelope with attributes and group for people and tools', async () => {
    const client = room.newClient();
    const queueUrl = await room.newQueue();
    const requests = watch(client, 'SendMessageBatch');
    await new QuarantineWriter({ client, queueUrl, now: () => NOW }).put(refusalOf('[]'));
    const [message] = await receiveAll(room.client, queueUrl);
    expect(readQuarantineEnvelope(message?.Body ?? '').quarantined_at).toBe(NOW);
    expect(message?.MessageAttributes).toEqual({
      stage: { DataType: 'String', StringValue: 'mixed' },
      reason: { DataType: 'String', StringValue: 'in_future' },
      device_agri_id: { DataType: 'String', StringValue: 'd-1000-abcd' },
    });
    expect(requests[0].Entries[0].MessageGroupId).toBe('yanji-lab');
  });

  it('writes every part of a large message', async () => {
    const queueUrl = await room.newQueue();
    const body = incompressible();
    await new QuarantineWriter({ client: room.client, queueUrl }).put(refusalOf(body));
    const envelopes = (await receiveAll(room.client, queueUrl)).map((message) =>
      readQuarantineEnvelope(message.Body ?? ''),
    );
    expect((await readOriginalMessage(envelopes)).body === body).toBe(true);
  });

  it('rejects when the queue does not take it', async () => {
    const client = room.newClient();
    injectFault(client, 'SendMessageBatch', async () => {
      throw awsError('AccessDenied', 403);
    });
    const writer = new QuarantineWriter({ client, queueUrl: await room.newQueue() });
    await expect(writer.put(refusalOf('[]'))).rejects.toMatchObject({
      code: 'quarantine_failed',
      retryable: false,
      messageId: refusalOf('').message.messageId,
    });
  });

  it('gives up at its signal and when closed', async () => {
    const client = room.newClient();
    injectFault(client, 'SendMessageBatch', () => new Promise(() => {}));
    const writer = new QuarantineWriter({ client, queueUrl: await room.newQueue() });
    await expect(writer.put(refusalOf('[]'), AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    const putting = writer.put(refusalOf('[]'));
    writer.close();
    await expect(putting).rejects.toBeInstanceOf(QuarantineFailedError);
  });
});
