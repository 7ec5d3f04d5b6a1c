import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { probeQueue } from '@furrow/queue';
import type { EmbeddedSqs } from '@furrow/queue/embedded';
import { CREDENTIALS } from '../../packages/timeseries/test/timestream/fake/signature.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { SoakLoad } from './load.ts';
import type { WorkerWatch } from './worker-watch.ts';

const DRAIN_DEADLINE_SECONDS = 600;

/** Starts `furrow ingest` for the load's fleet, on a registry in `folder` and the store that `env` names. Says where its metrics are. */
export async function startSoakWorker(
  folder: string,
  sqs: EmbeddedSqs,
  env: Readonly<Record<string, string>>,
): Promise<{ worker: FurrowProcess; operations: string }> {
  const registry = `pglite:${join(folder, 'registry')}`;
  const fleetFile = join(folder, 'fleet.json');
  await writeFile(fleetFile, JSON.stringify(SoakLoad.fleet()));
  const seed = new FurrowProcess(['seed', fleetFile], { FURROW_REGISTRY: registry });
  if ((await seed.exited()) !== 0) throw new Error(`the fleet could not be seeded:\n${seed.output}`);
  const worker = new FurrowProcess(['ingest'], {
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    FURROW_UPLINK_QUEUE_URL: sqs.queueUrl('furrow-uplinks'),
    FURROW_QUARANTINE_QUEUE_URL: sqs.queueUrl('furrow-quarantine'),
    FURROW_REGISTRY: registry,
    FURROW_HTTP: '127.0.0.1:0',
    ...env,
  });
  try {
    const [, operations = ''] = await worker.printed(/"operations":"([^"]+)"/);
    return { worker, operations };
  } catch (error) {
    await worker.destroy();
    throw error;
  }
}

/** Waits until nothing is on the queue and nothing in the worker's hands, and says how long that took, in seconds. */
export async function drained(client: SQSClient, sqs: EmbeddedSqs, watch: WorkerWatch): Promise<number> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  for (;;) {
    const queue = await probeQueue({ client, queueUrl: sqs.queueUrl('furrow-uplinks') });
    const { readings } = await watch.sample();
    const left = queue.messagesVisible + queue.messagesInFlight + queue.messagesDelayed;
    if (left + readings.in_flight === 0) return elapsed();
    if (elapsed() > DRAIN_DEADLINE_SECONDS) {
      throw new Error(`after ${DRAIN_DEADLINE_SECONDS} s ${left} messages are still on the queue`);
    }
    await sleep(200);
  }
}

/** Asks the worker to end; what was wrong with how it did, nothing by default. */
export async function stopped(worker: FurrowProcess): Promise<string[]> {
  worker.kill('SIGTERM');
  const code = await worker.exited();
  return code === 0 ? [] : [`the worker ended with ${code}:\n${worker.output.slice(-2_000)}`];
}
