import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type QuarantineEnvelope, readOriginalMessage, readQuarantineEnvelope } from '@furrow/queue';
import type { SoakLoad } from './load.ts';
import { REFUSAL } from './unreliable-timestream.ts';

const MOST_NAMED = 5;

export interface QuarantineCheck {
  readonly envelopes: number;
  /** Rejects in all envelopes, repeated messages included. */
  readonly rejects: number;
  /** Different points that the service refuses. */
  readonly refused: number;
  /** Empty when each refused point is there with its reason and the service's words, and no other point is. */
  readonly problems: readonly string[];
}

/** Empties the quarantine queue and compares what it held with what the service refuses. */
export async function checkQuarantine(
  client: SQSClient,
  queueUrl: string,
  load: SoakLoad,
): Promise<QuarantineCheck> {
  const due = new Map<number, string>();
  let refused = 0;
  for (let number = 0; number < load.messages; number += 1) {
    const agriIds = load.points(number).flatMap((point) => (point.refused ? [point.agriId] : []));
    refused += agriIds.length;
    if (agriIds.length > 0) due.set(number, agriIds.sort().join(' '));
  }
  const problems: string[] = [];
  const seen = new Set<number>();
  let [envelopes, rejects] = [0, 0];
  for await (const envelope of emptied(client, queueUrl)) {
    envelopes += 1;
    rejects += envelope.rejects_total;
    const number = await numberOf(envelope, load);
    seen.add(number);
    const found = envelope.rejects.map((reject) => reject.agri_id ?? '?').sort();
    if (found.join(' ') !== due.get(number)) {
      problems.push(
        `message ${number}: ${due.get(number) ?? 'nothing'} was refused, ${found} is in quarantine`,
      );
    }
    const other = envelope.rejects.find(
      ({ reason, message }) => reason !== 'store_rejected' || !message.includes(REFUSAL),
    );
    if (other) problems.push(`message ${number}: refused as ${other.reason}, "${other.message}"`);
  }
  const missing = [...due.keys()].filter((number) => !seen.has(number));
  if (missing.length > 0) {
    problems.push(
      `${missing.length} messages with refused points are not in quarantine: ${missing.slice(0, 3)}`,
    );
  }
  const more = problems.length - MOST_NAMED;
  const named = problems.slice(0, MOST_NAMED);
  return { envelopes, rejects, refused, problems: more > 0 ? [...named, `… and ${more} more`] : named };
}

async function* emptied(client: SQSClient, queueUrl: string): AsyncGenerator<QuarantineEnvelope> {
  for (;;) {
    const receive = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
    });
    const { Messages: messages = [] } = await client.send(receive);
    if (messages.length === 0) return;
    for (const { Body: body = '' } of messages) yield readQuarantineEnvelope(body);
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** Which message of the load an envelope holds. */
async function numberOf(envelope: QuarantineEnvelope, load: SoakLoad): Promise<number> {
  const { body } = await readOriginalMessage([envelope]);
  const { device, items, frames } = JSON.parse(body) as {
    readonly device: string;
    readonly items?: readonly { readonly t: number }[];
    readonly frames?: readonly { readonly t: number }[];
  };
  return load.numberOf(device, (items ?? frames)?.[0]?.t ?? Number.NaN);
}
