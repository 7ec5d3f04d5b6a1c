import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POISON } from './poison.ts';
import { Sender } from './sender.ts';
import { SentLedger } from './sent-ledger.ts';
import { emptyQueue } from './sqs-wire.ts';

let sqs: EmbeddedSqs;

beforeAll(async () => {
  sqs = await startEmbeddedSqs({ queues: [{ name: 'uplinks' }] });
});
afterAll(() => sqs.close());

describe('Sender', () => {
  it('puts every kind of poison on the queue as the ledger has it, a byte that is no UTF-8 too', async () => {
    const ledger = new SentLedger();
    const queueUrl = sqs.queueUrl('uplinks');
    const sender = new Sender({
      messages: POISON.map((poison, n) => ({ kind: 'poison', atMs: 0, poison, device: 0, n, tMs: n })),
      ledger,
      apiUrl: 'http://127.0.0.1:9',
      devicePks: new Map(),
      sqsEndpoint: sqs.endpoint,
      queueUrl,
    });
    await sender.play(Date.now(), new AbortController().signal);
    while (sender.pending > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sender.refusals).toEqual([]);
    const bodies = (await emptyQueue(sqs.endpoint, queueUrl)).map(({ Body }) => Body);
    expect(bodies.sort()).toEqual([...ledger.poison.keys()].sort());
    expect(bodies).toHaveLength(POISON.length);
    expect(bodies.filter((body) => body.includes('\ufffd'))).toHaveLength(1);
    await sender.stop();
  });
});
