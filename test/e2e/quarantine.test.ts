import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ensureQueues, findDeadLetterQueue, probeQueue, STANDARD_QUEUES } from '@furrow/queue';
import { parseFleet } from '@furrow/registry';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DEVICE, GREENHOUSE, startGreenhouse } from '../support/all-in-one.ts';
import { sharedEngine } from '../support/engines/open-engine.ts';
import { openSqsEngine, sqsClientOf } from '../support/engines/sqs-engine.ts';
import { FurrowProcess } from '../support/furrow-process.ts';

const PRESSURE = `${DEVICE}-1-02`;
const CRASHING = resolve(import.meta.dirname, '../support/crashing-consumer.ts');

/** Deliveries after which the standard uplink queue gives a message up. */
const MAX_DELIVERIES = STANDARD_QUEUES[0]?.deadLetter?.maxReceiveCount ?? 0;

/** SQS moves dead letters by itself and is not waited for; on a server without such tasks `furrow` sends them, and waits for the worker. */
const MOVED_OR_SENT =
  /^SQS moved about 1 message to the uplink queue\.$|cannot move messages by itself[\s\S]*^1 passed, 0 came back\.$/m;

type Greenhouse = Awaited<ReturnType<typeof openGreenhouse>>;

const sqs = sharedEngine('SQS', openSqsEngine);

/** The greenhouse on queues of its own, of whichever server there is. */
async function openGreenhouse() {
  const queues = await (await sqs()).createQueues();
  return { queues, ...(await startGreenhouse({ queues })) };
}

/** `furrow quarantine` as a process of its own, on the queues of a running all-in-one. */
async function quarantine({ queues }: Greenhouse, ...args: string[]) {
  const command = new FurrowProcess(['quarantine', ...args], queues);
  onTestFinished(() => command.destroy());
  return { code: await command.exited(), output: command.output };
}

/** The greenhouse with one more factor, a pressure. */
function withPressure() {
  const fleet = structuredClone(GREENHOUSE);
  const [device] = fleet.orgs[0]?.projects[0]?.devices ?? [];
  const [temperature] = device?.factors ?? [];
  if (temperature) device?.factors.push({ ...temperature, data_index: 2, the_type: 'pres' });
  return parseFleet(fleet);
}

async function post(greenhouse: Greenhouse, items: readonly object[]): Promise<void> {
  const answer = await greenhouse.call(greenhouse.dataPath, { method: 'POST', body: JSON.stringify(items) });
  expect(answer.status).toBe(200);
}

async function history({ call }: Greenhouse, factor: string) {
  const { json } = await call(`/api/v2/factors/${factor}/data/?page_size=10`, {
    headers: { 'cache-control': 'no-cache' },
  });
  return JSON.stringify(json.data);
}

describe('furrow quarantine redrive', () => {
  it('makes a refused reading readable once its factor is there, and leaves stored ones as they are', {
    timeout: 180_000,
  }, async () => {
    const greenhouse = await openGreenhouse();
    const { furrow } = greenhouse;
    const now = Math.floor(Date.now() / 1000);
    await post(greenhouse, [
      { agri_id: `${DEVICE}-1-00`, value: 243, t: now - 60 },
      { agri_id: PRESSURE, value: 10_132, t: now - 60 },
    ]);
    await vi.waitFor(() => expect(furrow.ledger().messages.quarantined).toBe(1), 10_000);

    const early = await quarantine(greenhouse, 'redrive', '--reason', 'unknown_factor');
    expect(early.code, early.output).toBe(2);
    expect(early.output).toContain('0 passed, 1 came back.\n  unknown_factor  1 message\n');

    await furrow.registry.applyFleet(withPressure());
    await vi.waitFor(async () => {
      const redrive = await quarantine(greenhouse, 'redrive', '--reason', 'unknown_factor');
      expect(redrive.output).toContain('1 passed, 0 came back.');
      expect(redrive.code).toBe(0);
    }, 60_000);
    expect(await history(greenhouse, PRESSURE)).toContain(`"v":1013.2,"t":${now - 60}`);
    expect(await history(greenhouse, `${DEVICE}-1-00`)).toContain(`"v":24.3,"t":${now - 60}`);
    expect(furrow.ledger().readings).toMatchObject({ stored: 2, imbalance: 0 });
    expect((await quarantine(greenhouse, 'list')).output).toContain('looked at 0, 0 match');
  });

  it('gives a reading without a time the time at which it came first, not that of the redrive', {
    timeout: 180_000,
  }, async () => {
    const greenhouse = await openGreenhouse();
    const { furrow } = greenhouse;
    await sendFlat(greenhouse.queues, [{ agri_id: PRESSURE, value: 10_132 }]);
    const sent = Date.now();
    await vi.waitFor(() => expect(furrow.ledger().messages.quarantined).toBe(1), 10_000);
    await furrow.registry.applyFleet(withPressure());
    await new Promise((later) => setTimeout(later, 1_500));
    const redrive = await quarantine(greenhouse, 'redrive');
    expect(redrive.output).toContain('1 passed, 0 came back.');
    const [, t = '0'] = /"t":([\d.]+)/.exec(await history(greenhouse, PRESSURE)) ?? [];
    expect(Math.abs(Number(t) * 1000 - sent)).toBeLessThan(1_000);
  });
});

describe('a message on which every worker dies', () => {
  it('ends among the dead letters after five deliveries, and passes when it is redriven to a worker that lives', {
    timeout: 180_000,
  }, async () => {
    const greenhouse = await openGreenhouse();
    const variables = greenhouse.queues;
    const client = sqsClientOf(variables);
    onTestFinished(() => client.destroy());
    expect(MAX_DELIVERIES).toBe(5);
    const deadLetters = await findDeadLetterQueue(client, variables.FURROW_UPLINK_QUEUE_URL);
    const crashQueue = await crashLoopQueue(client, deadLetters);
    const body = [{ agri_id: `${DEVICE}-1-00`, value: 243 }];
    await sendFlat({ ...variables, FURROW_UPLINK_QUEUE_URL: crashQueue }, body);
    for (let death = 1; death <= MAX_DELIVERIES; death += 1) {
      const worker = spawn(process.execPath, [CRASHING, variables.AWS_ENDPOINT_URL_SQS, crashQueue]);
      onTestFinished(() => void worker.kill('SIGKILL'));
      const [, signal] = await once(worker, 'exit');
      expect(signal).toBe('SIGKILL');
    }
    const last = spawn(process.execPath, [CRASHING, variables.AWS_ENDPOINT_URL_SQS, crashQueue]);
    onTestFinished(() => void last.kill('SIGKILL'));
    await vi.waitFor(async () => {
      expect((await probeQueue({ client, queueUrl: deadLetters })).messagesVisible).toBe(1);
    }, 20_000);
    last.kill('SIGKILL');

    const list = await quarantine(greenhouse, 'list', '--dead-letter');
    expect(list.output).toMatch(/Dead letters: about 1 message; looked at 1, 1 match\./);
    expect(list.output).toMatch(new RegExp(`^dead +– +${DEVICE} `, 'm'));
    const redrive = await quarantine(greenhouse, 'redrive', '--dead-letter', '--move-task');
    expect(redrive.output).toMatch(MOVED_OR_SENT);
    expect(redrive.code).toBe(0);
    await vi.waitFor(async () => {
      expect(await history(greenhouse, `${DEVICE}-1-00`)).toContain('"v":24.3');
    }, 20_000);
    expect((await quarantine(greenhouse, 'list', '--dead-letter')).output).toContain('looked at 0, 0 match');
  });
});

/** A second uplink queue with the standard limit of five deliveries and the same dead letters, which the living worker does not read. */
async function crashLoopQueue(client: SQSClient, deadLetters: string): Promise<string> {
  const name = `crash-loop-${Date.now()}`;
  const dead = deadLetters.slice(deadLetters.lastIndexOf('/') + 1);
  const urls = await ensureQueues(client, [
    { name, visibilityTimeoutSeconds: 1, deadLetter: { name: dead, maxReceiveCount: MAX_DELIVERIES } },
  ]);
  return urls.get(name) ?? '';
}

/** A message of the flat form, whose readings have the time at which the queue took it. */
async function sendFlat(
  variables: Readonly<Record<string, string>>,
  items: readonly object[],
): Promise<void> {
  const client = sqsClientOf(variables);
  await client.send(
    new SendMessageCommand({
      QueueUrl: variables['FURROW_UPLINK_QUEUE_URL'],
      MessageBody: JSON.stringify(items),
      MessageAttributes: { device_agri_id: { DataType: 'String', StringValue: DEVICE } },
    }),
  );
  client.destroy();
}
