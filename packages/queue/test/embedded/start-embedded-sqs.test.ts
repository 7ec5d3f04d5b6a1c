import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ChangeMessageVisibilityCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedSqs, type EmbeddedSqsOptions, startEmbeddedSqs } from '../../src/embedded/index.ts';
import { createSqsClient, EmbeddedSqsError, probeQueue } from '../../src/index.ts';
import { receiveAll, sendBodies } from '../fixtures/sqs-room.ts';

let dataDir: string;
const opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'furrow-queue-'));
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function open(
  options: EmbeddedSqsOptions = {},
): Promise<{ sqs: EmbeddedSqs; client: SQSClient; queueUrl: string }> {
  const sqs = await startEmbeddedSqs({ queues: [{ name: 'q' }], ...options });
  opened.push(sqs);
  const client = createSqsClient(sqs.clientConfig);
  return { sqs, client, queueUrl: sqs.queueUrl('q') };
}

const bodiesOf = (messages: readonly { Body?: string | undefined }[]) =>
  messages.map(({ Body }) => Body ?? '');
const modes = [
  ['in memory', false],
  ['persistent', true],
] as const;
const modeOptions = (persistent: boolean): EmbeddedSqsOptions => (persistent ? { dataDir } : {});

describe('startEmbeddedSqs', () => {
  it('makes the queues of Furrow by default', async () => {
    const sqs = await startEmbeddedSqs();
    opened.push(sqs);
    const client = createSqsClient(sqs.clientConfig);
    const facts = await probeQueue({ client, queueUrl: sqs.queueUrl('furrow-uplinks') });
    expect(facts.deadLetter?.arn).toMatch(/furrow-dead-letter$/);
    await probeQueue({ client, queueUrl: sqs.queueUrl('furrow-quarantine') });
  });

  it('listens on loopback only', async () => {
    const { sqs } = await open();
    const { port } = new URL(sqs.endpoint);
    expect(sqs.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => address.family === 'IPv4' && !address.internal);
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${port}/health`)).rejects.toThrow();
    }
  });

  it('says so when its port is taken', async () => {
    const { sqs } = await open();
    const port = Number(new URL(sqs.endpoint).port);
    await expect(startEmbeddedSqs({ port })).rejects.toBeInstanceOf(EmbeddedSqsError);
  });

  it.each(modes)('gives a message back at visibility 0 (%s)', async (_, persistent) => {
    const { client, queueUrl } = await open(modeOptions(persistent));
    await sendBodies(client, queueUrl, ['m']);
    const [message] = await receiveAll(client, queueUrl);
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    const [again] = await receiveAll(client, queueUrl);
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it.each(modes)('keeps a message for others when a long poll is given up (%s)', async (_, persistent) => {
    const { client, queueUrl } = await open(modeOptions(persistent));
    const aborter = new AbortController();
    const polling = client
      .send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }), {
        abortSignal: aborter.signal,
      })
      .catch(() => undefined);
    await delay(50);
    aborter.abort();
    await polling;
    await delay(50);
    await sendBodies(client, queueUrl, ['m']);
    const [message] = await receiveAll(client, queueUrl);
    expect(message).toMatchObject({ Body: 'm', Attributes: { ApproximateReceiveCount: '1' } });
  });

  it('has its messages again after a restart, on whatever port', async () => {
    const first = await open({ dataDir });
    await sendBodies(first.client, first.queueUrl, ['a', 'b', 'c']);
    const [held] =
      (
        await first.client.send(
          new ReceiveMessageCommand({ QueueUrl: first.queueUrl, MaxNumberOfMessages: 1 }),
        )
      ).Messages ?? [];
    await first.sqs.close();
    await first.sqs.close();
    const second = await open({ dataDir });
    const messages = await receiveAll(second.client, second.queueUrl);
    expect(bodiesOf(messages)).toEqual(['a', 'b', 'c']);
    expect(messages[0]).toMatchObject({
      MessageId: held?.MessageId,
      MD5OfBody: held?.MD5OfBody,
      Attributes: { ApproximateReceiveCount: '2' },
    });
  });

  it('counts deliveries over restarts, so that a crash loop ends in the dead letters', async () => {
    const queues = [{ name: 'q', deadLetter: { name: 'dead', maxReceiveCount: 2 } }];
    for (let round = 0; round < 3; round += 1) {
      const { sqs, client, queueUrl } = await open({ dataDir, queues });
      if (round === 0) await sendBodies(client, queueUrl, ['poison']);
      expect(await receiveAll(client, queueUrl)).toHaveLength(round < 2 ? 1 : 0);
      if (round === 2) expect(bodiesOf(await receiveAll(client, sqs.queueUrl('dead')))).toEqual(['poison']);
      await sqs.close();
    }
    const { client, sqs } = await open({ dataDir, queues });
    expect(bodiesOf(await receiveAll(client, sqs.queueUrl('dead')))).toEqual(['poison']);
  });

  it('refuses a folder that another server uses', async () => {
    await open({ dataDir });
    await expect(startEmbeddedSqs({ dataDir })).rejects.toThrow(/another process uses the queues in/);
  });

  it('has every acknowledged message after kill -9', async () => {
    const program = join(import.meta.dirname, 'killed-process.ts');
    const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const sent = new Set<string>();
    const deleting = new Set<string>();
    const deleted = new Set<string>();
    const lists = { sent, deleting, deleted };
    for await (const line of createInterface({ input: child.stdout })) {
      const [verb = '', body = ''] = line.split(' ');
      if (verb in lists) lists[verb as keyof typeof lists].add(body);
      if (sent.size >= 500 && deleted.size >= 50) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const { client, queueUrl } = await open({ dataDir });
    const found = new Set(bodiesOf(await receiveAll(client, queueUrl)));
    expect([...sent].filter((body) => !deleting.has(body) && !found.has(body))).toEqual([]);
    expect([...deleted].filter((body) => found.has(body))).toEqual([]);
  });
});
