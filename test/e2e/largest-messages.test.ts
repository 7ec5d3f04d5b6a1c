import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { expect, it, onTestFinished, vi } from 'vitest';
import { DEVICE, GREENHOUSE } from '../support/all-in-one.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MIB = 1_048_576;
const MESSAGES = 40;

/**
 * What forty of the largest messages may add to the memory of an idle worker. In hand are at most 16 MiB; a receive of 10 MiB takes about four
 * times that for a moment, while SDK and JSON copy it; at work are at most 4 MiB, ten times as large once parsed and decoded; DuckDB has 64 MB.
 */
const MOST_GROWTH_MIB = 256;

it(`takes ${MESSAGES} messages of the largest size within ${MOST_GROWTH_MIB} MiB`, {
  timeout: 120_000,
}, async () => {
  const folder = await tempFolder();
  const sqs = await startEmbeddedSqs();
  onTestFinished(() => sqs.close());
  const registry = `pglite:${join(folder, 'registry')}`;
  await writeFile(join(folder, 'fleet.json'), JSON.stringify(GREENHOUSE));
  const seed = new FurrowProcess(['seed', join(folder, 'fleet.json')], {
    FURROW_REGISTRY: registry,
  });
  expect(await seed.exited(), seed.output).toBe(0);
  const queueUrl = sqs.queueUrl('furrow-uplinks');
  const client = new SQSClient(sqs.clientConfig);
  onTestFinished(() => client.destroy());
  const worker = new FurrowProcess(['ingest'], {
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    FURROW_UPLINK_QUEUE_URL: queueUrl,
    FURROW_QUARANTINE_QUEUE_URL: sqs.queueUrl('furrow-quarantine'),
    FURROW_STORE: `duckdb:${join(folder, 'points.duckdb')}?memory_limit=64MB`,
    FURROW_REGISTRY: registry,
    FURROW_HTTP: '127.0.0.1:0',
  });
  onTestFinished(() => worker.destroy());
  const [, operations = ''] = await worker.printed(/"operations":"([^"]+)"/);
  const before = await residentMib(worker.pid);
  const bodies = Array.from({ length: MESSAGES }, (_, index) => largestBody(index));
  for (const MessageBody of bodies)
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  let peak = 0;
  await vi.waitFor(
    async () => {
      peak = Math.max(peak, await residentMib(worker.pid));
      const metrics = await (await fetch(`${operations}/metrics`)).text();
      expect(metrics).toMatch(
        new RegExp(`furrow_ledger_messages\\{entry="acked",service="ingest"\\} ${MESSAGES}\\b`),
      );
    },
    { timeout: 90_000, interval: 50 },
  );
  expect(peak - before).toBeLessThan(MOST_GROWTH_MIB);
});

/** Nearly 1 MiB of good readings, tens of thousands, each at a time of its own. */
function largestBody(index: number): string {
  const head = `{"v":1,"org_id":"yanji-lab","project_id":"greenhouse-alpha","device":"${DEVICE}","received_at":${Date.now()},"items":[`;
  const start = Math.floor(Date.now() / 1000) - (index + 1) * 30_000;
  const items: string[] = [];
  let bytes = head.length + 2;
  for (let count = 0; ; count += 1) {
    const item = `{"agri_id":"${DEVICE}-1-00","value":${count % 500},"t":${start + count}}`;
    bytes += item.length + 1;
    if (bytes > MIB - 1024) break;
    items.push(item);
  }
  return `${head}${items.join(',')}]}`;
}

/** Memory of a process that is in RAM now. */
async function residentMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
