import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { readOriginalMessage, readQuarantineEnvelope } from '@furrow/queue';
import { describe, expect, it, vi } from 'vitest';
import { DEVICE, startGreenhouse } from '../support/all-in-one.ts';
import { sharedEngine } from '../support/engines/open-engine.ts';
import { openSqsEngine, type QueueVariables, sqsClientOf } from '../support/engines/sqs-engine.ts';

const TEMP = `${DEVICE}-1-00`;
const HUMI = `${DEVICE}-1-01`;

/** A thousand readings, one a second, of which forty cannot be stored and ten have no time. */
function thousandItems(newest: number) {
  const items: Record<string, unknown>[] = Array.from({ length: 1000 }, (_, index) => ({
    agri_id: index % 2 === 0 ? TEMP : HUMI,
    value: index - 500,
    t: newest - index,
  }));
  const change = (from: number, changes: (index: number) => Record<string, unknown>): void => {
    for (let index = from; index < from + 10; index += 1)
      items[index] = { ...items[index], ...changes(index) };
  };
  change(100, (index) => ({ agri_id: index % 2 ? `d-1000-abcde-1-00` : 'd-2000-zzzz-1-00' }));
  change(200, () => ({ agri_id: `${DEVICE}-7-77` }));
  change(300, (index) => ({ t: newest + 3600 + index }));
  change(400, (index) => ({ t: undefined, agri_id: index % 2 ? TEMP : HUMI, value: index }));
  change(500, (index) => ({ value: index % 2 ? null : 'abc' }));
  return items;
}

describe('a thousand items of which forty cannot be stored', () => {
  const sqs = sharedEngine('SQS', openSqsEngine);

  it('answers 200, stores 960, names the forty by reason, and quarantines what a person needs', {
    timeout: 120_000,
  }, async () => {
    const queues = await (await sqs()).createQueues();
    const { furrow, call, dataPath } = await startGreenhouse({ queues });
    const newest = Math.floor(Date.now() / 1000) - 60;
    const items = thousandItems(newest);

    const answer = await call(dataPath, { method: 'POST', body: JSON.stringify(items) });
    expect(answer).toMatchObject({
      status: 200,
      json: { success: true, data: { received: 1000 }, error: null },
    });
    await vi.waitFor(() => expect(furrow.ledger().readings.received).toBe(1000), 10_000);
    await vi.waitFor(() => expect(furrow.ledger().messages.inFlight).toBe(0), 10_000);

    const totals = furrow.ledger();
    expect(totals.readings).toMatchObject({ stored: 960, rejected: 40, inFlight: 0, imbalance: 0 });
    expect(totals.readings.rejectedByReason).toEqual({
      prefix_mismatch: 10,
      unknown_factor: 10,
      in_future: 10,
      no_reading: 5,
      schema_invalid: 5,
    });
    expect(await readable(call, TEMP)).toHaveLength(480);
    const readings = [...(await readable(call, TEMP)), ...(await readable(call, HUMI))];
    expect(readings).toHaveLength(960);
    const fine = items.filter(({ t, value }) => typeof t === 'number' && typeof value === 'number');
    for (const { agri_id, value, t } of fine.slice(600)) {
      expect(readings).toContainEqual({ agri_id, v: Number(value) / 10, t });
    }

    const rejects = await quarantined(queues);
    expect(rejects).toHaveLength(40);
    expect(rejects).toContainEqual(
      expect.objectContaining({
        reason: 'prefix_mismatch',
        agri_id: 'd-1000-abcde-1-00',
        message: `d-1000-abcde-1-00 does not begin with ${DEVICE}-`,
      }),
    );
    expect(rejects).toContainEqual(expect.objectContaining({ reason: 'schema_invalid', received: '"abc"' }));
  });
});

type Call = Awaited<ReturnType<typeof startGreenhouse>>['call'];

/** Every reading of a factor, page by page, as a client reads it. */
async function readable(call: Call, agriId: string): Promise<{ agri_id: string; v: number; t: number }[]> {
  const readings: { agri_id: string; v: number; t: number }[] = [];
  for (let page = 1; ; page += 1) {
    const { json } = await call(`/api/v2/factors/${agriId}/data/?page=${page}&page_size=100`);
    const { total, data } = json.data as { total: number; data: typeof readings };
    readings.push(...data);
    if (data.length === 0 || readings.length >= total) return readings;
  }
}

/** All rejects on the quarantine queue, and a look at every original message. */
async function quarantined(queues: QueueVariables) {
  const client = sqsClientOf(queues);
  const QueueUrl = queues.FURROW_QUARANTINE_QUEUE_URL;
  const rejects = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const envelope = readQuarantineEnvelope(Body);
      rejects.push(...envelope.rejects);
      const original = await readOriginalMessage([envelope]);
      expect(JSON.parse(original.body)).toMatchObject({ v: 1, org_id: 'yanji-lab', device: DEVICE });
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  client.destroy();
  return rejects;
}
