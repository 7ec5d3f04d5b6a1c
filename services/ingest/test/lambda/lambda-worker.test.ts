import { type AgriId, agriId, type Point } from '@furrow/contracts';
import type { Refusal } from '@furrow/queue';
import type { DevicePlan } from '@furrow/registry';
import { createLogger } from '@furrow/runtime';
import type { WriteReport } from '@furrow/timeseries';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLambdaWorker } from '../../src/lambda/lambda-worker.ts';
import { handler } from '../../src/lambda.ts';
import { devicePlan } from '../device-plans.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const DEVICE = agriId('d-1000-abcd');
const FACTOR = 'd-1000-abcd-1-00';
const PLAN = devicePlan(DEVICE, [{ data_factor: 0.1 }]);

interface Faults {
  readonly registry?: string;
  readonly quarantine?: string;
  readonly write?: (points: readonly Point[]) => Partial<WriteReport>;
}

function workerWith({ registry, quarantine, write = () => ({}) }: Faults = {}) {
  const stored: Point[] = [];
  const quarantined: Refusal[] = [];
  const lines: string[] = [];
  const plansFor = async () => {
    if (registry !== undefined) throw new Error(registry);
    return new Map<AgriId, DevicePlan>([[DEVICE, PLAN]]);
  };
  const work = createLambdaWorker({
    parts: {
      plans: { plansFor, ownersOf: plansFor },
      store: {
        write: async (points) => {
          stored.push(...points);
          return { stored: points.length, alreadyStored: 0, rejected: [], keep: [], ...write(points) };
        },
      },
      quarantine: {
        put: async (refusal) => {
          if (quarantine !== undefined) throw new Error(quarantine);
          quarantined.push(refusal);
        },
      },
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
    metricsNamespace: 'Furrow/test',
    print: (line) => lines.push(line),
    clock: () => NOW,
  });
  const call = async (...records: SQSRecord[]): Promise<string[]> => {
    const answer = await work({ Records: records }, { getRemainingTimeInMillis: () => 60_000 });
    return answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { call, stored, quarantined, lines };
}

function record(messageId: string, items: unknown, device = 'd-1000-abcd'): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt-${messageId}`,
    body: typeof items === 'string' ? items : JSON.stringify(items),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(NOW - 1_000),
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: String(NOW - 10),
    },
    messageAttributes: { device_agri_id: { dataType: 'String', stringValue: device } },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:furrow-uplinks',
    awsRegion: 'eu-central-1',
  };
}

const item = (value: number, agri_id = FACTOR) => ({
  agri_id,
  value,
  t: NOW / 1000 - 60,
  project_id: 'greenhouse-alpha',
  org_id: 'yanji-lab',
});

function metricsOf(lines: readonly string[], metric: string): Record<string, number> {
  const found = lines
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => metric in line);
  return Object.fromEntries(
    found.map((line) => [String(line['unit'] ?? line['entry'] ?? line['reason']), Number(line[metric])]),
  );
}

describe('createLambdaWorker', () => {
  it('writes the points of the whole batch and gives no message back', async () => {
    let writes = 0;
    const { call, stored, lines } = workerWith({
      write: () => {
        writes += 1;
        return {};
      },
    });
    expect(await call(record('a', [item(243)]), record('b', [item(250)]))).toEqual([]);
    expect(stored.map(({ value, version }) => [value, version])).toEqual([
      [24.3, NOW - 1_000],
      [25, NOW - 1_000],
    ]);
    expect(writes).toBe(1);
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
    expect(metricsOf(lines, 'furrow_ledger_readings')).toMatchObject({ received: 2, stored: 2 });
  });

  it('has what is refused in quarantine before the message counts as done, and stores the rest of it', async () => {
    const { call, stored, quarantined, lines } = workerWith();
    const failed = await call(
      record('mixed', [item(243), item(1, 'd-9999-zzzz-1-00')]),
      record('text', 'no JSON'),
    );
    expect(failed).toEqual([]);
    expect(stored).toHaveLength(1);
    expect(
      quarantined.map(({ message, stage, rejects }) => [
        message.messageId,
        stage,
        rejects.map(({ reason }) => reason),
      ]),
    ).toEqual([
      ['mixed', 'authorize', ['prefix_mismatch']],
      ['text', 'parse', ['malformed_json']],
    ]);
    expect(metricsOf(lines, 'furrow_ledger_rejected_readings')).toEqual({
      prefix_mismatch: 1,
      malformed_json: 1,
    });
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
  });

  it.each<[string, Faults]>([
    [
      'the store fails',
      {
        write: () => {
          throw new Error('away');
        },
      },
    ],
    ['the registry does not answer', { registry: 'away' }],
  ])('gives every message back when %s', async (_what, faults) => {
    const { call, lines } = workerWith(faults);
    expect(await call(record('a', [item(1)]), record('b', [item(2)]))).toEqual(['a', 'b']);
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
  });

  it('gives back only the message whose point the store kept', async () => {
    const { call, lines } = workerWith({ write: () => ({ stored: 2, keep: [1], keepReason: 'throttled' }) });
    const failed = await call(record('a', [item(1)]), record('b', [item(2)]), record('c', [item(3)]));
    expect(failed).toEqual(['b']);
    expect(metricsOf(lines, 'furrow_ledger_readings')).toMatchObject({ received: 3, stored: 2, returned: 1 });
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
  });

  it('quarantines the point that the store refused for good', async () => {
    const rejected = [{ index: 1, message: 'too many dimensions' }];
    const { call, quarantined, lines } = workerWith({ write: () => ({ stored: 1, rejected }) });
    expect(await call(record('a', [item(1)]), record('b', [item(2)]))).toEqual([]);
    expect(quarantined.map(({ message, stage }) => [message.messageId, stage])).toEqual([['b', 'write']]);
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
  });

  it('gives a message back whose refusal the quarantine does not take', async () => {
    const { call, lines } = workerWith({ quarantine: 'away' });
    expect(await call(record('good', [item(1)]), record('text', '{'))).toEqual(['text']);
    expect(metricsOf(lines, 'furrow_ledger_imbalance')).toEqual({ readings: 0, messages: 0 });
  });
});

describe('handler', () => {
  it('rejects with every problem of its configuration, so that the messages come again', async () => {
    for (const name of ['FURROW_STORE', 'FURROW_REGISTRY', 'FURROW_QUARANTINE_QUEUE_URL'])
      vi.stubEnv(name, '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const call = handler({ Records: [] }, { getRemainingTimeInMillis: () => 60_000 });
    await expect(call).rejects.toThrow(/FURROW_STORE.*FURROW_REGISTRY.*FURROW_QUARANTINE_QUEUE_URL/s);
  });
});
