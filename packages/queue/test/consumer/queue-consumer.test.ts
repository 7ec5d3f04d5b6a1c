import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ConsumerCounters,
  ConsumerStoppedError,
  type Outcome,
  probeQueue,
  type Quarantine,
  QuarantineWriter,
  QueueConsumer,
  type QueueConsumerOptions,
  type Refusal,
  readOriginalMessage,
  readQuarantineEnvelope,
} from '../../src/index.ts';
import { awsError, failedAt, injectFault, watch } from '../fixtures/faults.ts';
import { openSqsRoom, receiveAll, type SqsRoom, sendBodies } from '../fixtures/sqs-room.ts';

let room: SqsRoom;
const running: QueueConsumer[] = [];
beforeAll(async () => {
  room = await openSqsRoom();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop({ deadlineMs: 0 })));
});
afterAll(() => room.close());

const ack: Outcome = { kind: 'ack' };
const refuse: Outcome = {
  kind: 'quarantine',
  stage: 'parse',
  rejects: [{ reason: 'malformed_json', message: 'no JSON', path: '' }],
};
const eventually = (check: () => unknown | Promise<unknown>) =>
  vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** The law of the counters. */
function imbalance(counters: Readonly<ConsumerCounters>): number {
  const { received, acked, quarantined, returned, inHand } = counters;
  return received - acked - quarantined - returned - inHand;
}

function listQuarantine(): Quarantine & { readonly refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  return {
    refusals,
    put: async (refusal) => {
      refusals.push(refusal);
    },
  };
}

async function setUp(
  bodies: readonly string[],
  options: Partial<QueueConsumerOptions> & Pick<QueueConsumerOptions, 'handle'>,
) {
  const client = options.client ?? room.newClient();
  const queueUrl = await room.newQueue();
  await sendBodies(room.client, queueUrl, bodies);
  const consumer = new QueueConsumer({
    client,
    queueUrl,
    quarantine: listQuarantine(),
    pollers: 1,
    waitTimeSeconds: 1,
    ...options,
  });
  running.push(consumer);
  return { client, queueUrl, consumer, facts: () => probeQueue({ client: room.client, queueUrl }) };
}

const names = (length: number) => Array.from({ length }, (_, index) => `m${index}`);

describe('QueueConsumer', () => {
  it('hands over every message once and deletes what is acknowledged', async () => {
    const seen: string[] = [];
    const { consumer, facts } = await setUp(names(95), {
      pollers: 4,
      handle: async (message) => {
        seen.push(message.body);
        return ack;
      },
    });
    consumer.start();
    consumer.start();
    await eventually(() => expect(consumer.counters.acked).toBe(95));
    expect(seen.sort()).toEqual(names(95).sort());
    expect(consumer.counters).toMatchObject({ received: 95, inHand: 0, deleteFailures: 0 });
    expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 });
  });

  it('settles each message by its own outcome', async () => {
    const quarantine = listQuarantine();
    const { consumer, facts } = await setUp(['good', 'bad', 'later', 'throws'], {
      quarantine,
      handle: async (message) => {
        if (message.body === 'bad') return refuse;
        if (message.body === 'later') return { kind: 'retry', reason: 'store is down', delaySeconds: 600 };
        if (message.body === 'throws') throw new Error('on purpose');
        return ack;
      },
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.received).toBe(4));
    await eventually(() => expect(consumer.counters.inHand).toBe(0));
    expect(consumer.counters).toMatchObject({ acked: 1, quarantined: 1, returned: 2 });
    expect(quarantine.refusals.map(({ message, stage }) => [message.body, stage])).toEqual([
      ['bad', 'parse'],
    ]);
    expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 2 });
  });

  it('writes a refused message to the quarantine queue whole, then deletes it', async () => {
    const quarantineUrl = await room.newQueue();
    const { consumer, facts } = await setUp(['{"v":1'], {
      quarantine: new QuarantineWriter({ client: room.client, queueUrl: quarantineUrl }),
      handle: async () => refuse,
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.quarantined).toBe(1));
    const envelopes = (await receiveAll(room.client, quarantineUrl)).map(({ Body }) =>
      readQuarantineEnvelope(Body ?? ''),
    );
    expect(envelopes).toMatchObject([{ stage: 'parse', reasons: { malformed_json: 1 }, receive_count: 1 }]);
    expect((await readOriginalMessage(envelopes)).body).toBe('{"v":1');
    expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 });
  });

  it('balances its counters at every event and settles every message, whatever fails', async () => {
    let seed = 7;
    const dice = (sides: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor(seed / 65_536) % sides;
    };
    const client = room.newClient();
    injectFault(client, 'DeleteMessageBatch', async (input, proceed) => {
      if (dice(10) === 0) throw awsError('ServiceUnavailable', 503);
      if (input.Entries.length === 1 || dice(4) > 0) return proceed();
      await proceed({ ...input, Entries: input.Entries.slice(1) });
      return failedAt(input, [0]);
    });
    injectFault(client, 'ReceiveMessage', async (_, proceed) => {
      const output = await proceed();
      const again = dice(3) === 0 ? (output.Messages?.slice(0, 2) ?? []) : [];
      return { ...output, Messages: [...(output.Messages ?? []), ...again] };
    });
    const imbalances = new Set<number>();
    const settled = new Set<string>();
    const check = () => imbalances.add(imbalance(consumer.counters));
    const settle = (message: { readonly messageId: string }) => {
      check();
      settled.add(message.messageId);
    };
    const { consumer, facts } = await setUp(names(200), {
      client,
      pollers: 3,
      observer: { received: check, retried: check, duplicated: check, acked: settle, quarantined: settle },
      handle: async () => {
        await delay(dice(5));
        const outcomes: Outcome[] = [ack, ack, refuse, { kind: 'retry', reason: 'dice', delaySeconds: 0 }];
        return outcomes[dice(4)] ?? ack;
      },
    });
    consumer.start();
    await eventually(() => expect(settled.size).toBe(200));
    await eventually(async () =>
      expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 }),
    );
    expect([...imbalances]).toEqual([0]);
    expect(consumer.counters).toMatchObject({ inHand: 0, deleteFailures: 0 });
    expect(consumer.counters.duplicated).toBeGreaterThan(0);
    expect(consumer.counters.returned).toBeGreaterThan(0);
  });

  it('delivers a retried message again after its delay, with a higher count', async () => {
    const counts: number[] = [];
    const { consumer } = await setUp(['m'], {
      handle: async (message) => {
        counts.push(message.attributes.receiveCount);
        return counts.length < 3 ? { kind: 'retry', reason: 'not yet', delaySeconds: 0 } : ack;
      },
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.acked).toBe(1));
    expect(counts).toEqual([1, 2, 3]);
    expect(imbalance(consumer.counters)).toBe(0);
  });

  it('acknowledges nine messages while the tenth is slow', async () => {
    const slow = Promise.withResolvers<Outcome>();
    const { consumer, facts } = await setUp(names(10), {
      handle: async (message) => (message.body === 'm3' ? slow.promise : ack),
    });
    consumer.start();
    await eventually(async () =>
      expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 1 }),
    );
    expect(consumer.counters).toMatchObject({ acked: 9, inHand: 1 });
    slow.resolve(ack);
    await eventually(() => expect(consumer.counters.acked).toBe(10));
  });

  it('keeps a message hidden for as long as it is in hand', async () => {
    const slow = Promise.withResolvers<Outcome>();
    const { client, consumer, queueUrl } = await setUp(['m'], {
      visibilityTimeoutSeconds: 1,
      handle: () => slow.promise,
    });
    const beats = watch(client, 'ChangeMessageVisibilityBatch');
    consumer.start();
    await delay(2_500);
    expect(await receiveAll(room.client, queueUrl)).toEqual([]);
    expect(beats.length).toBeGreaterThanOrEqual(3);
    expect(consumer.counters).toMatchObject({ received: 1, duplicated: 0, heartbeatFailures: 0 });
    slow.resolve(ack);
    await eventually(() => expect(consumer.counters.acked).toBe(1));
  });

  it('counts failed heartbeats and goes on; a delivery meanwhile is the same message', async () => {
    const slow = Promise.withResolvers<Outcome>();
    const handle = vi.fn(() => slow.promise);
    const { client, consumer, facts } = await setUp(['m'], {
      pollers: 2,
      visibilityTimeoutSeconds: 1,
      handle,
    });
    injectFault(client, 'ChangeMessageVisibilityBatch', async (input) => failedAt(input, [0], true));
    consumer.start();
    await eventually(() => expect(consumer.counters.duplicated).toBeGreaterThan(0));
    expect(consumer.counters.heartbeatFailures).toBeGreaterThan(0);
    slow.resolve(ack);
    await eventually(() => expect(consumer.counters.acked).toBe(1));
    expect(handle).toHaveBeenCalledTimes(1);
    expect(consumer.counters).toMatchObject({ received: 1, inHand: 0 });
    expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 });
  });

  it('handles a message that comes twice in one batch once and deletes it by its newest receipt', async () => {
    const handle = vi.fn(async () => ack);
    const { client, consumer } = await setUp(['a', 'b'], { handle });
    injectFault(client, 'ReceiveMessage', async (_, proceed) => {
      const output = await proceed();
      const [first] = output.Messages ?? [];
      if (!first) return output;
      const again = { ...first, ReceiptHandle: `${first.ReceiptHandle}-newer` };
      return { ...output, Messages: [...output.Messages, again] };
    });
    const deletes = watch(client, 'DeleteMessageBatch');
    consumer.start();
    await eventually(() => expect(consumer.counters.acked).toBe(2));
    const entries = deletes.flatMap((request) => request.Entries);
    expect(entries).toHaveLength(2);
    expect(entries.filter((entry) => entry.ReceiptHandle.endsWith('-newer'))).toHaveLength(1);
    expect(entries.map((entry) => entry.Id)).toEqual(['0', '1']);
    expect(handle).toHaveBeenCalledTimes(2);
    expect(consumer.counters).toMatchObject({ received: 2, duplicated: 1, inHand: 0 });
  });

  it('deletes again what a batch delete reports as failed', async () => {
    const { client, consumer, facts } = await setUp(names(10), { handle: async () => ack });
    const deletes = injectFault(client, 'DeleteMessageBatch', async (input, proceed, call) => {
      if (call > 1) return proceed();
      await proceed({ ...input, Entries: input.Entries.slice(2) });
      return failedAt(input, [0, 1]);
    });
    consumer.start();
    await eventually(async () =>
      expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 }),
    );
    expect(deletes.map((request) => request.Entries.length)).toEqual([10, 2]);
    expect(consumer.counters).toMatchObject({ acked: 10, deleteFailures: 0 });
  });

  it('counts a delete that finally fails and goes on', async () => {
    const deleteFailed = vi.fn();
    const { client, consumer } = await setUp(['m'], { handle: async () => ack, observer: { deleteFailed } });
    injectFault(client, 'DeleteMessageBatch', async () => {
      throw awsError('AccessDenied', 403);
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.deleteFailures).toBe(1));
    expect(consumer.counters).toMatchObject({ received: 1, acked: 1, inHand: 0 });
    expect(deleteFailed.mock.calls[0]?.[1]).toMatchObject({ code: 'AccessDenied', attempts: 1 });
  });

  it('leaves a message on its queue when the quarantine cannot be written', async () => {
    let broken = true;
    const quarantineFailed = vi.fn();
    const quarantine = listQuarantine();
    const { consumer, facts } = await setUp(['m'], {
      quarantine: {
        put: async (refusal) => {
          if (broken) throw new Error('quarantine is down');
          await quarantine.put(refusal);
        },
      },
      observer: { quarantineFailed },
      handle: async () => refuse,
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.returned).toBe(1));
    expect(consumer.counters).toMatchObject({ quarantined: 0, quarantineFailures: 1 });
    expect(quarantineFailed).toHaveBeenCalledTimes(1);
    expect(await facts()).toMatchObject({ messagesInFlight: 1 });
    broken = false;
    await eventually(() => expect(consumer.counters.quarantined).toBe(1));
    expect(quarantine.refusals).toHaveLength(1);
    expect(await facts()).toMatchObject({ messagesVisible: 0, messagesInFlight: 0 });
  });

  it('takes a message back from a handler that hangs', async () => {
    const retried = vi.fn();
    const aborted = vi.fn();
    const { consumer } = await setUp(['m'], {
      handleTimeoutMs: 50,
      observer: { retried },
      handle: (_, signal) => {
        signal.addEventListener('abort', aborted);
        return new Promise(() => {});
      },
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.returned).toBe(1));
    expect(aborted).toHaveBeenCalledTimes(1);
    expect(retried.mock.calls[0]?.[1]).toBe('HandlerTimeoutError: the handler gave no outcome within 50 ms');
  });

  it.each([
    [
      'throws at once',
      (): Promise<Outcome> => {
        throw new Error('on purpose');
      },
    ],
    ['answers nothing', async () => undefined as unknown as Outcome],
    ['answers nonsense', async () => ({ kind: 'shrug' }) as unknown as Outcome],
  ])('retries when the handler %s', async (_, handle) => {
    const { consumer, facts } = await setUp(['m'], { handle });
    consumer.start();
    await eventually(() => expect(consumer.counters.returned).toBe(1));
    expect(consumer.counters).toMatchObject({ received: 1, inHand: 0 });
    expect(await facts()).toMatchObject({ messagesInFlight: 1 });
  });

  it('is not disturbed by an observer that throws', async () => {
    const broken = () => {
      throw new Error('observer');
    };
    const { consumer } = await setUp(names(3), {
      handle: async () => ack,
      observer: { received: broken, acked: broken, polled: broken },
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.acked).toBe(3));
  });

  it('survives failing polls, waits between them, and goes on when SQS is back', async () => {
    const pollFailed = vi.fn();
    const { client, consumer } = await setUp(['m'], { handle: async () => ack, observer: { pollFailed } });
    const polls = injectFault(client, 'ReceiveMessage', async (_, proceed, call) => {
      if (call <= 2) throw awsError('RequestThrottled', 403);
      return proceed();
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.acked).toBe(1));
    expect(pollFailed.mock.calls.map(([error]) => error.name)).toEqual([
      'RequestThrottled',
      'RequestThrottled',
    ]);
    const [first, second] = pollFailed.mock.calls.map(([, waitMs]) => waitMs);
    expect(first).toBeGreaterThanOrEqual(249);
    expect(second).toBeGreaterThanOrEqual(499);
    expect(polls.length).toBeGreaterThanOrEqual(3);
    expect(consumer.counters.lastPollAt).toBeGreaterThan(0);
  });

  it('takes nothing while paused and everything after', async () => {
    const { consumer, facts } = await setUp(names(25), { handle: async () => ack });
    consumer.pause();
    consumer.start();
    expect(consumer.paused).toBe(true);
    await delay(100);
    expect(await facts()).toMatchObject({ messagesVisible: 25, messagesInFlight: 0 });
    consumer.resume();
    await eventually(() => expect(consumer.counters.acked).toBe(25));
  });

  it('still has one poll at a time after being paused and resumed during a long poll', async () => {
    let open = 0;
    let most = 0;
    const { client, consumer, queueUrl } = await setUp([], { handle: async () => ack });
    injectFault(client, 'ReceiveMessage', async (_, proceed) => {
      open += 1;
      most = Math.max(most, open);
      return proceed().finally(() => {
        open -= 1;
      });
    });
    consumer.start();
    for (let round = 0; round < 5; round += 1) {
      consumer.pause();
      await delay(10);
      consumer.resume();
    }
    await sendBodies(room.client, queueUrl, names(30));
    await eventually(() => expect(consumer.counters.acked).toBe(30));
    expect(most).toBe(1);
  });

  it('stops at once when nothing is in hand, even during a long poll', async () => {
    const { consumer, queueUrl } = await setUp([], {
      handle: async () => ack,
      pollers: 8,
      waitTimeSeconds: 20,
    });
    consumer.start();
    await delay(50);
    const before = Date.now();
    const stopping = consumer.stop();
    expect(consumer.stop()).toBe(stopping);
    await stopping;
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(() => consumer.start()).toThrow(ConsumerStoppedError);
    await delay(50);
    await sendBodies(room.client, queueUrl, ['m']);
    expect(await receiveAll(room.client, queueUrl)).toHaveLength(1);
    expect(consumer.counters).toMatchObject({ received: 0, pollFailures: 0 });
  });

  it('waits for messages in hand when stopped, then gives back those that are left', async () => {
    const quick = Promise.withResolvers<Outcome>();
    const retried = vi.fn();
    const signals: AbortSignal[] = [];
    const { consumer, queueUrl } = await setUp(['quick', 'stuck'], {
      observer: { retried },
      handle: (message, signal) => {
        signals.push(signal);
        return message.body === 'quick' ? quick.promise : new Promise(() => {});
      },
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.inHand).toBe(2));
    const stopping = consumer.stop({ deadlineMs: 200 });
    quick.resolve(ack);
    await stopping;
    expect(consumer.counters).toMatchObject({ received: 2, acked: 1, returned: 1, inHand: 0 });
    expect(retried.mock.calls).toMatchObject([[{ body: 'stuck' }, expect.any(String), 0]]);
    expect(signals.filter((signal) => signal.aborted)).toHaveLength(1);
    const back = await receiveAll(room.client, queueUrl);
    expect(back.map((message) => message.Body)).toEqual(['stuck']);
  });

  it('ends although SQS hangs while it stops', async () => {
    const { client, consumer } = await setUp(['m'], { handle: () => new Promise(() => {}) });
    injectFault(client, 'ChangeMessageVisibilityBatch', () => new Promise(() => {}));
    consumer.start();
    await eventually(() => expect(consumer.counters.inHand).toBe(1));
    const before = Date.now();
    await consumer.stop({ deadlineMs: 0 });
    expect(Date.now() - before).toBeLessThan(4_000);
    expect(consumer.counters).toMatchObject({ returned: 1, inHand: 0, releaseFailures: 1 });
  });

  it('can be stopped before it was started', async () => {
    const { consumer } = await setUp([], { handle: async () => ack });
    await consumer.stop();
  });

  it('lets a message that nobody can finish go to the dead letters', async () => {
    const deadLetter = { name: `dead-${Date.now()}`, maxReceiveCount: 2 };
    const queueUrl = await room.newQueue({ deadLetter });
    await sendBodies(room.client, queueUrl, ['poison']);
    const { consumer } = await setUp([], {
      queueUrl,
      handle: async () => ({ kind: 'retry', reason: 'crash', delaySeconds: 0 }),
    });
    consumer.start();
    await eventually(() => expect(consumer.counters.returned).toBe(2));
    const deadLetters = room.sqs.queueUrl(deadLetter.name);
    await eventually(async () => {
      const facts = await probeQueue({ client: room.client, queueUrl: deadLetters });
      expect(facts.messagesVisible).toBe(1);
    });
    expect(consumer.counters.received).toBe(2);
  });
});
