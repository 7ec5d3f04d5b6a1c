import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReceivedMessage } from '../../src/consumer/received-message.ts';
import {
  discardKept,
  findDeadLetterQueue,
  type KeptFilter,
  type KeptMessage,
  QuarantineWriter,
  QueueScan,
  type Refusal,
  scanKept,
} from '../../src/index.ts';
import { matchesKept } from '../../src/quarantine/kept-filter.ts';
import { KeptReader } from '../../src/quarantine/kept-reader.ts';
import { packRefusal } from '../../src/quarantine/pack-refusal.ts';
import { formatRedriveMark, REDRIVE_ATTRIBUTE, readRedriveMark } from '../../src/quarantine/redrive-mark.ts';
import { countsOf, incompressible, receiveOne, refusal, SENT_AT } from '../fixtures/kept.ts';
import { openSqsRoom, type SqsRoom, sendBodies } from '../fixtures/sqs-room.ts';

const NOW = 1_708_080_000_000;

let room: SqsRoom;
beforeAll(async () => {
  room = await openSqsRoom();
});
afterAll(() => room.close());

async function quarantineOf(refusals: readonly Refusal[], now = NOW): Promise<string> {
  const queueUrl = await room.newQueue();
  const writer = new QuarantineWriter({ client: room.client, queueUrl, now: () => now });
  await Promise.all(refusals.map((each) => writer.put(each)));
  return queueUrl;
}

async function keptOf(details: Parameters<typeof refusal>[0] = {}): Promise<KeptMessage> {
  const [body = ''] = await packRefusal(refusal(details), NOW);
  const kept = await new KeptReader('quarantine').read({ ...refusal().message, body });
  if (!kept) throw new Error('a part is missing');
  return kept;
}

describe('readRedriveMark', () => {
  it('reads what formatRedriveMark wrote', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-f]{12}$/),
        fc.uuid(),
        fc.integer({ min: 1e12, max: 1e13 - 1 }),
        (runId, messageId, sentAt) => {
          const value = formatRedriveMark({ runId, messageId, sentAt });
          const mark = readRedriveMark([{ name: REDRIVE_ATTRIBUTE, type: 'String', value }]);
          expect(mark).toEqual({ runId, messageId, sentAt });
        },
      ),
    );
  });

  it.each(['', '2 run 1708070401123 m', '1 run 17 m', '1 run 1708070401123 m m', '1 RUN 1708070401123 m'])(
    'takes %j for no mark',
    (value) => {
      expect(readRedriveMark([{ name: REDRIVE_ATTRIBUTE, type: 'String', value }])).toBeUndefined();
    },
  );

  it('never makes a message younger than it is', () => {
    const mark = formatRedriveMark({ runId: 'run', messageId: 'm', sentAt: SENT_AT + 3_600_000 });
    const Attributes = { SentTimestamp: String(SENT_AT) };
    const MessageAttributes = { [REDRIVE_ATTRIBUTE]: { DataType: 'String', StringValue: mark } };
    const message = readReceivedMessage({ MessageId: 'n', Attributes, MessageAttributes }, NOW);
    expect(message.attributes.sentAt).toBe(SENT_AT);
  });
});

describe('KeptReader', () => {
  it.each([
    ['', undefined, undefined],
    ['{"org_id":"a","device":"d-1"}', 'a', 'd-1'],
    ['[{"org_id":"a"}]', 'a', undefined],
    ['{"org_id":7,"device":null}', undefined, undefined],
    [`${'['.repeat(200_000)}`, undefined, undefined],
    ['\u0000\u001b[2J', undefined, undefined],
  ])('finds out who a dead letter says it is from: %.40j', async (body, orgId, device) => {
    const { deviceAgriId: _, ...message } = refusal({ body }).message;
    const facts = { sentAt: SENT_AT, receiveCount: 6 };
    const kept = await new KeptReader('dead_letter').read({
      ...message,
      attributes: facts,
      messageAttributes: [],
    });
    expect(kept).toMatchObject({ kind: 'dead', orgId, device, since: SENT_AT, problem: undefined });
  });

  it('joins parts in any order and does not mix in those of an earlier round', async () => {
    const body = incompressible();
    const { message } = refusal({ body });
    const before = await packRefusal({ ...refusal(), message }, NOW);
    const redriven = { runId: 'run', messageId: message.messageId, sentAt: SENT_AT };
    const after = await packRefusal(
      { ...refusal(), message: { ...message, messageId: 'again', redriven } },
      NOW,
    );
    const reader = new KeptReader('quarantine');
    const read = (text: string | undefined) => reader.read({ ...message, body: text ?? '' });
    expect(await read(before[0])).toBeUndefined();
    expect(await read(after[1])).toBeUndefined();
    expect(await read(after[1])).toBeUndefined();
    const whole = await read(after[0]);
    expect(whole?.original?.body === body).toBe(true);
    expect(whole?.queued).toHaveLength(3);
    const [left, ...none] = await reader.incomplete();
    expect(left).toMatchObject({
      problem: expect.stringContaining('1 of 2 parts are missing'),
      original: undefined,
    });
    expect(none).toEqual([]);
  });
});

describe('matchesKept', () => {
  it.each<[KeptFilter, boolean]>([
    [{}, true],
    [{ reasons: ['too_old', 'unknown_factor'] }, true],
    [{ reasons: ['too_old'] }, false],
    [{ reasons: ['toString'] }, false],
    [{ reasons: ['unknown'] }, false],
    [{ orgId: 'yanji-lab' }, true],
    [{ orgId: 'yanji' }, false],
    [{ device: 'd-1000-abcd' }, true],
    [{ device: 'd-1000' }, false],
    [{ before: NOW }, false],
    [{ before: NOW + 1, after: NOW }, true],
    [{ after: NOW + 1 }, false],
    [{ redriveId: 'x' }, false],
    [{ orgId: 'yanji-lab', device: 'd-2' }, false],
  ])('finds by %j: %s', async (filter, found) => {
    expect(matchesKept(await keptOf(), filter)).toBe(found);
  });

  it('finds by the beginning of an id', async () => {
    const kept = await keptOf();
    expect(matchesKept(kept, { id: kept.id.slice(0, 8) })).toBe(true);
    expect(matchesKept(kept, { id: 'zz' })).toBe(false);
  });

  it('finds what is no envelope by its own reason', async () => {
    const kept = await new KeptReader('quarantine').read({ ...refusal().message, body: 'hello' });
    expect(kept && matchesKept(kept, { reasons: ['unknown'] })).toBe(true);
    expect(kept && matchesKept(kept, { reasons: ['too_old'] })).toBe(false);
  });
});

describe('QueueScan', () => {
  it('sees each message once, and gives all back', async () => {
    const queueUrl = await quarantineOf(Array.from({ length: 35 }, () => refusal()));
    const scan = new QueueScan({ client: room.client, queueUrl });
    const ids = new Set<string>();
    for (let batch = await scan.next(); batch.length > 0; batch = await scan.next()) {
      for (const { messageId } of batch) ids.add(messageId);
    }
    expect([ids.size, scan.held]).toEqual([35, 35]);
    expect(await countsOf(room.client, queueUrl)).toEqual([0, 35]);
    await scan.close();
    expect(await countsOf(room.client, queueUrl)).toEqual([35, 0]);
  });

  it('holds messages for longer than their visibility timeout', async () => {
    const queueUrl = await quarantineOf([refusal()]);
    const scan = new QueueScan({ client: room.client, queueUrl, visibilityTimeoutSeconds: 1 });
    await scan.next();
    await sleep(1_600);
    expect(await countsOf(room.client, queueUrl)).toEqual([0, 1]);
    await scan.close();
    expect(await countsOf(room.client, queueUrl)).toEqual([1, 0]);
  });

  it('names the queue and what is missing', async () => {
    const scan = new QueueScan({ client: room.client, queueUrl: room.sqs.queueUrl('nowhere') });
    await expect(scan.next()).rejects.toMatchObject({ problem: 'missing', action: 'sqs:ReceiveMessage' });
    await scan.close();
  });
});

describe('scanKept', () => {
  it('ends at the number of messages that it may look at', async () => {
    const queueUrl = await quarantineOf(Array.from({ length: 25 }, () => refusal()));
    const scan = new QueueScan({ client: room.client, queueUrl });
    const seen: string[] = [];
    const report = await scanKept({
      scan,
      queue: 'quarantine',
      filter: {},
      maxExamined: 20,
      visit: async (found) => seen.push(...found.map(({ id }) => id)) > 0,
    });
    await scan.close();
    expect(report).toEqual({ examined: 20, end: 'examined' });
    expect(seen).toHaveLength(20);
  });
});

describe('discardKept', () => {
  const options = { queue: 'quarantine', limit: 100, maxExamined: 1_000 } as const;

  it('deletes what matches, every part of it, after it was written elsewhere', async () => {
    const queueUrl = await quarantineOf([
      refusal({ body: incompressible() }),
      refusal({ reason: 'too_old' }),
    ]);
    await sendBodies(room.client, queueUrl, ['foreign']);
    const written: string[] = [];
    const report = await discardKept({
      ...options,
      client: room.client,
      queueUrl,
      filter: { reasons: ['unknown_factor'] },
      archive: async (messages) => {
        expect(await countsOf(room.client, queueUrl)).toEqual([0, 4]);
        written.push(...messages.map(({ body }) => body));
      },
    });
    expect(report).toEqual({ examined: 4, discarded: 1, deleteFailures: 0, end: 'empty' });
    expect(written).toHaveLength(2);
    expect(await countsOf(room.client, queueUrl)).toEqual([2, 0]);
  });

  it('deletes nothing that could not be written', async () => {
    const queueUrl = await quarantineOf([refusal(), refusal()]);
    const archive = async () => {
      throw new Error('no space left on device');
    };
    await expect(
      discardKept({ ...options, client: room.client, queueUrl, filter: {}, archive }),
    ).rejects.toThrow('no space left');
    expect(await countsOf(room.client, queueUrl)).toEqual([2, 0]);
  });

  it('deletes no more than its limit', async () => {
    const queueUrl = await quarantineOf(Array.from({ length: 15 }, () => refusal()));
    const report = await discardKept({ ...options, limit: 12, client: room.client, queueUrl, filter: {} });
    expect(report).toMatchObject({ discarded: 12, end: 'visitor' });
    expect(await countsOf(room.client, queueUrl)).toEqual([3, 0]);
  });
});

describe('findDeadLetterQueue', () => {
  it('finds the queue of the redrive policy', async () => {
    const name = `dead-${Date.now()}`;
    const uplinks = await room.newQueue({ deadLetter: { name, maxReceiveCount: 1 } });
    expect(await findDeadLetterQueue(room.client, uplinks)).toMatch(new RegExp(`/${name}$`));
  });

  it('says that there is none', async () => {
    await expect(findDeadLetterQueue(room.client, await room.newQueue())).rejects.toThrow(
      'it has no RedrivePolicy',
    );
    await expect(receiveOne(room.client, await room.newQueue())).rejects.toThrow('empty');
  });
});
