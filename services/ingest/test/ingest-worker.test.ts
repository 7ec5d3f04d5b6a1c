import type { AgriId } from '@furrow/contracts';
import {
  type createSqsClient,
  QueueConsumer,
  REDRIVE_ATTRIBUTE,
  readQuarantineEnvelope,
} from '@furrow/queue';
import { PlanCache } from '@furrow/registry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { devicePlan } from './device-plans.ts';
import { DEVICE, OTHER_DEVICE, startWorker } from './worker-room.ts';

const WRITER = { maxBatchPoints: 100, maxPendingPoints: 1000, writeTimeoutMs: 5000 };

describe('IngestWorker', () => {
  it.each(['store', 'registry'] as const)(
    'pauses intake while the %s is out, holds what is in hand, says why, and goes on by itself',
    async (part) => {
      const { worker, readiness, down, stored, send, waiting, deadLetterUrl } = await startWorker();
      down.add(part);
      await send(30);
      await vi.waitFor(
        () => expect(readiness.report().waitingFor).toEqual({ [part]: `${part} is down` }),
        5000,
      );
      await vi.waitFor(() => expect(worker.ledger.messages.received).toBe(30), 5000);
      await send(30);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(worker.ledger.messages.received).toBeLessThanOrEqual(30 + 20);
      expect(worker.ledger.messages.returned).toBe(0);
      expect(stored.size).toBe(0);
      down.clear();
      await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 25_000, interval: 200 });
      expect(stored.size).toBe(30);
      expect(await waiting(deadLetterUrl)).toBe(0);
      expect(readiness.report().ready).toBe(true);
      expect(worker.ledger.readings).toMatchObject({ stored: 60, rejected: 0, inFlight: 0, imbalance: 0 });
      expect(worker.ledger.messages).toMatchObject({ received: 60, acked: 60, returned: 0 });
    },
  );

  it('writes what waits for company when it stops', async () => {
    const { worker, stored, send, waiting } = await startWorker({
      writer: { ...WRITER, maxDelayMs: 9_000 },
    });
    await send(3);
    await vi.waitFor(() => expect(worker.ledger.readings.inFlight).toBe(3), 5000);
    await worker.stop(5000);
    expect(stored.size).toBe(3);
    expect(worker.ledger.messages).toMatchObject({ acked: 3, returned: 0, inFlight: 0 });
    expect(await waiting()).toBe(0);
  });

  it('keeps a refused message on its queue while the quarantine takes nothing', async () => {
    const { worker, readiness, down, send, waiting, quarantineUrl } = await startWorker();
    down.add('quarantine');
    await send(3, null);
    await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty('quarantine'), 5000);
    expect(worker.ledger.readings.rejected).toBe(0);
    expect(await waiting()).toBe(3);
    down.clear();
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 25_000, interval: 200 });
    expect(await waiting(quarantineUrl)).toBe(3);
    expect(worker.ledger.readings).toMatchObject({
      rejected: 3,
      rejectedByReason: { no_reading: 3 },
      imbalance: 0,
    });
  });

  it.each(['store', 'quarantine'] as const)(
    'costs a message one receive, however long the %s answers probes and fails at its work',
    async (part) => {
      const { worker, readiness, failing, stored, send, waiting, deadLetterUrl, finished } =
        await startWorker();
      failing.add(part);
      await send(15, part === 'store' ? 243 : null);
      await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty(part), 5000);
      // One second, then two: two trials fail.
      await new Promise((resolve) => setTimeout(resolve, 3500));
      expect(worker.ledger.messages).toMatchObject({ received: 15, returned: 0, inFlight: 15 });
      failing.clear();
      await finished(15);
      expect(worker.ledger.messages).toMatchObject({ received: 15, returned: 0, imbalance: 0 });
      expect(stored.size).toBe(part === 'store' ? 15 : 0);
      expect(await waiting()).toBe(0);
      expect(await waiting(deadLetterUrl)).toBe(0);
    },
  );

  it('gives held messages back at once when it stops', async () => {
    const { worker, readiness, down, send, waiting } = await startWorker();
    down.add('store');
    await send(5);
    await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty('store'), 5000);
    const startedAt = performance.now();
    await worker.stop(10_000);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(worker.ledger.messages).toMatchObject({ returned: 5, inFlight: 0, imbalance: 0 });
    expect(await waiting()).toBe(5);
  });

  it('gives a message back that the store takes never, while it works for the others', async () => {
    const poison = 4321;
    const { worker, send, values } = await startWorker({
      store: {
        probe: async () => {},
        write: async (points) => {
          if (points.some(({ value }) => value === poison / 10)) throw new Error('breaks the store');
          return { stored: points.length, alreadyStored: 0, rejected: [], keep: [] };
        },
      },
    });
    await send(1, poison);
    await send(4);
    await vi.waitFor(() => expect(worker.ledger.messages).toMatchObject({ acked: 4 }), 25_000);
    // That the store works for others shows only while others come.
    await vi.waitFor(
      async () => {
        await send(1, 243, OTHER_DEVICE);
        expect(worker.ledger.messages.returned).toBeGreaterThanOrEqual(1);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(worker.ledger.messages.imbalance).toBe(0);
    expect(values()).toEqual([]);
  });

  it('lets a quiet device have its turn between the large messages of a noisy one', async () => {
    const gate = Promise.withResolvers<void>();
    const plansFor = async () => {
      await gate.promise;
      return new Map(
        [DEVICE, OTHER_DEVICE].map((id) => [id, devicePlan(id, [{ data_factor: 0.1 }])] as const),
      );
    };
    const { worker, send, sendBody, stored } = await startWorker({
      writer: { ...WRITER, maxBatchPoints: 5_000, maxPendingPoints: 100_000, maxDelayMs: 5 },
      registry: { probe: async () => {}, plans: { plansFor, ownersOf: plansFor } },
    });
    const now = Date.now();
    const large = (number: number) =>
      JSON.stringify(
        Array.from({ length: 9_000 }, (_, index) => ({
          ...{ agri_id: `${DEVICE}-1-00`, value: 243, t: now - (number * 9_000 + index) * 10 },
          ...{ project_id: 'greenhouse-alpha', org_id: 'yanji-lab' },
        })),
      );
    for (let number = 0; number < 9; number += 1) await sendBody(large(number));
    await send(1, 243, OTHER_DEVICE);
    await vi.waitFor(() => expect(worker.ledger.messages.received).toBe(10), 10_000);
    gate.resolve();
    await vi.waitFor(() => expect(stored.size).toBe(9 * 9_000 + 1), { timeout: 25_000, interval: 20 });
    const quiet = [...stored.keys()].findIndex((key) => key.startsWith(OTHER_DEVICE));
    expect(quiet).toBeLessThan(7 * 9_000);
  });

  it('counts the refusals of a device over its budget, quarantines a part of them that says so, and keeps the books', async () => {
    const { worker, send, finished, waiting, quarantineUrl, metrics, client } = await startWorker({
      limits: { rejectBudget: 5, rejectKeepOneIn: 10 },
    });
    await send(35, null);
    await send(3, null, OTHER_DEVICE);
    await finished(38);
    expect(await waiting(quarantineUrl)).toBe(5 + 3 + 3);
    expect(worker.ledger.messages).toMatchObject({ quarantined: 11, acked: 27, imbalance: 0 });
    expect(worker.ledger.readings).toMatchObject({ rejectedByReason: { no_reading: 38 }, imbalance: 0 });
    expect(await metrics.metrics()).toContain(
      'furrow_ingest_sampled_out_total{unit="messages",service="test"} 27',
    );
    const shares = await envelopes(client, quarantineUrl);
    expect(shares.filter((share) => share === '1 in 10')).toHaveLength(3);
  });

  it('keeps every redriven message that is refused again, whatever the budget of its device', async () => {
    const { worker, sendBody, finished, waiting, quarantineUrl } = await startWorker({
      limits: { rejectBudget: 1, rejectKeepOneIn: 1000 },
    });
    const mark = { [REDRIVE_ATTRIBUTE]: `1 run-1 ${Date.now()} first-id` };
    for (let number = 0; number < 6; number += 1) await sendBody(`{"redriven": ${number}}`, mark);
    for (let number = 0; number < 6; number += 1) await sendBody(`{"new": ${number}}`);
    await finished(12);
    expect(worker.ledger.messages).toMatchObject({ quarantined: 6 + 1, acked: 5, imbalance: 0 });
    expect(await waiting(quarantineUrl)).toBe(6 + 1);
  });

  it('goes on with the plans it has while the registry is out, and holds only what needs others', async () => {
    let down = false;
    const answer = async <T>(value: T): Promise<T> => {
      if (down) throw new Error('registry is down');
      return value;
    };
    const families = new Map(
      [DEVICE, OTHER_DEVICE].map((id) => {
        const { device, plan } = devicePlan(id, [{ data_factor: 0.1 }]);
        const factor = plan.find(`${id}-1-00`)?.factor;
        return [id, { device, factors: factor ? [factor] : [], subDevices: [] }] as const;
      }),
    );
    const among = <T>(ids: readonly AgriId[], of: (id: AgriId) => T) =>
      answer(new Map(ids.filter((id) => families.has(id)).map((id) => [id, of(id)] as const)));
    const plans = new PlanCache(
      {
        fingerprints: (ids) => among(ids, () => 'same'),
        families: (ids) => answer(new Map([...families].filter(([id]) => ids.includes(id)))),
        registeredAmong: (ids) => answer(new Set(ids.filter((id) => families.has(id)))),
      },
      { freshMs: 0, pauseMs: 10 },
    );
    const { worker, send, finished, readiness, metrics, values } = await startWorker({
      registry: { plans, probe: () => answer(undefined) },
    });
    await send(1);
    await finished(1);
    down = true;
    await send(1, 100, OTHER_DEVICE);
    await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty('registry'), 5000);
    await send(10);
    await vi.waitFor(() => expect(worker.ledger.messages.acked).toBe(11), 5000);
    expect(worker.ledger.messages).toMatchObject({ inFlight: 1, returned: 0 });
    const exposition = await metrics.metrics();
    expect(exposition).toMatch(/furrow_plan_cache_answers\{kind="stale",service="test"\} [1-9]/);
    expect(exposition).toContain('furrow_ingest_held_messages{part="registry",service="test"} 1');
    down = false;
    await finished(12);
    expect(values()).toContain(10);
    expect(worker.ledger.messages).toMatchObject({ received: 12, acked: 12, returned: 0 });
  });

  it('has a watchdog that names pollers which hang', async () => {
    const { liveness, worker, finished, send } = await startWorker();
    await send(1);
    await finished(1);
    expect(liveness.report()).toEqual({});
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 130_000);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(liveness.report()).toMatchObject({
      queue: expect.stringMatching(/^no receive began or ended for 1[23]\d s/),
    });
    await worker.stop(0);
    expect(liveness.report()).toEqual({});
  });
});

/** What each envelope on the quarantine queue says about sampling. */
async function envelopes(
  client: ReturnType<typeof createSqsClient>,
  queueUrl: string,
): Promise<(string | undefined)[]> {
  const shares: (string | undefined)[] = [];
  const consumer = new QueueConsumer({
    client,
    queueUrl,
    quarantine: { put: async () => {} },
    waitTimeSeconds: 1,
    handle: async ({ body }) => {
      shares.push(readQuarantineEnvelope(body).context['sampled']);
      return { kind: 'ack' };
    },
  });
  consumer.start();
  await vi.waitFor(() => expect(shares).toHaveLength(11), 5000);
  await consumer.stop({ deadlineMs: 0 });
  return shares;
}
