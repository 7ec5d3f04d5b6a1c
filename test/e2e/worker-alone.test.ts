import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { agriId } from '@furrow/contracts';
import { openStore } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEVICE, GREENHOUSE } from '../support/all-in-one.ts';
import { sharedEngine } from '../support/engines/open-engine.ts';
import { openSqsEngine, type QueueVariables, sqsClientOf } from '../support/engines/sqs-engine.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const TEMP = agriId(`${DEVICE}-1-00`);
const HUMI = agriId(`${DEVICE}-1-01`);

describe('furrow ingest', () => {
  const sqs = sharedEngine('SQS', openSqsEngine);

  it('takes both forms from any SQS endpoint that the AWS variables give, and stops cleanly', {
    timeout: 90_000,
  }, async () => {
    const folder = await tempFolder();
    const queues = await (await sqs()).createQueues();
    const registry = `pglite:${join(folder, 'registry')}`;
    const store = `duckdb:${join(folder, 'points.duckdb')}`;
    await writeFile(join(folder, 'fleet.json'), JSON.stringify(GREENHOUSE));
    const seed = new FurrowProcess(['seed', join(folder, 'fleet.json')], { FURROW_REGISTRY: registry });
    expect(await seed.exited(), seed.output).toBe(0);

    const worker = new FurrowProcess(['ingest'], {
      ...queues,
      FURROW_STORE: store,
      FURROW_REGISTRY: registry,
      FURROW_HTTP: '127.0.0.1:0',
    });
    onTestFinished(() => worker.destroy());
    const [, operations] = await worker.printed(/"operations":"([^"]+)"/);

    const now = Math.floor(Date.now() / 1000);
    await sendBothForms(queues, now);
    const metrics = async () => await (await fetch(`${operations}/metrics`)).text();
    await vi.waitFor(async () => {
      expect(await metrics()).toMatch(/furrow_ledger_messages\{entry="(acked)",service="ingest"\} 4/);
    }, 20_000);
    expect(await metrics()).toMatch(/furrow_ledger_messages\{entry="quarantined",service="ingest"\} 1/);
    expect(await metrics()).toMatch(/furrow_ledger_imbalance\{unit="readings",service="ingest"\} 0/);

    worker.kill('SIGTERM');
    expect(await worker.exited(), worker.output).toBe(0);
    expect(worker.output).toMatch(/"imbalance":0/);
    expect(await stored(store)).toEqual([
      [HUMI, now - 1, 51.2],
      [HUMI, now - 2, 50.3],
      [TEMP, now - 1, 24.5],
      [TEMP, now - 2, 24.4],
      [TEMP, now - 3, 24.3],
    ]);
  });

  it('says all that is wrong with its configuration at once, and exits with 1', async () => {
    const worker = new FurrowProcess(['ingest'], {
      FURROW_POLLERS: 'many',
      FURROW_UPLINK_QUEUE_URL: 'not a url',
    });
    onTestFinished(() => worker.destroy());
    expect(await worker.exited()).toBe(1);
    for (const name of [
      'FURROW_POLLERS',
      'FURROW_UPLINK_QUEUE_URL',
      'FURROW_QUARANTINE_QUEUE_URL',
      'FURROW_STORE',
      'FURROW_REGISTRY',
    ]) {
      expect(worker.output).toContain(`  - ${name}: `);
    }
    expect(worker.output).not.toMatch(/^\s+at /m);
  });

  it('does not start without its queue, and names it', { timeout: 60_000 }, async () => {
    const folder = await tempFolder();
    const queues = await (await sqs()).createQueues();
    const worker = new FurrowProcess(['ingest'], {
      ...queues,
      FURROW_UPLINK_QUEUE_URL: queues.FURROW_UPLINK_QUEUE_URL.replace('uplinks', 'nowhere'),
      FURROW_STORE: `duckdb:${join(folder, 'points.duckdb')}`,
      FURROW_REGISTRY: `pglite:${join(folder, 'registry')}`,
      FURROW_HTTP: '127.0.0.1:0',
    });
    onTestFinished(() => worker.destroy());
    expect(await worker.exited(), worker.output).toBe(1);
    expect(worker.output).toContain('nowhere');
  });
});

/** Four messages that are fine, in every accepted way to say who sent them, and one that nobody can read. */
async function sendBothForms(queues: QueueVariables, now: number): Promise<void> {
  const client = sqsClientOf(queues);
  const QueueUrl = queues.FURROW_UPLINK_QUEUE_URL;
  const origin = { project_id: 'greenhouse-alpha', org_id: 'yanji-lab' };
  const flat = (agri_id: string, value: number, t: number, the_type: string) => ({
    agri_id,
    value,
    t,
    the_type,
    ...origin,
  });
  const envelope = { v: 1, ...origin, device: DEVICE, received_at: Date.now() };
  const frame = {
    unit: 1,
    modbus_type: 'holding',
    address: 0,
    framing: 'registers',
    hex: '00f501ff',
    t: now - 1,
  };
  const bodies = [
    { ...envelope, items: [{ agri_id: TEMP, value: 243, t: now - 3 }] },
    [flat(TEMP, 244, now - 2, 'temp')],
    [flat(HUMI, 503, now - 2, 'humi')],
    { ...envelope, frames: [{ ...frame, hex: '00f50200' }] },
  ];
  const Entries = bodies.map((body, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(body),
    ...(index === 1 && {
      MessageAttributes: { device_agri_id: { DataType: 'String', StringValue: DEVICE } },
    }),
  }));
  await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"v":1,"items":[' }));
  client.destroy();
}

async function stored(url: string): Promise<[string, number, number][]> {
  const store = await openStore(url);
  try {
    const readings: [string, number, number][] = [];
    for (const factor of [HUMI, TEMP]) {
      const { points } = await store.history({ agriId: factor, page: 1, pageSize: 100, minT: 0 });
      readings.push(...points.map(({ t, value }): [string, number, number] => [factor, t / 1000, value]));
    }
    return readings;
  } finally {
    await store.close();
  }
}
