import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GeneratedQueueOptions {
  /** Messages that wait at the start. */
  readonly messages: number;
  /** The body of a message, made when it is received. */
  readonly bodyOf: (number: number) => string;
  /** How many messages have arrived so far, the deleted ones too; all by default. */
  readonly available?: () => number;
}

/** What SQS would bill: a request for each 64 KiB of payload that it carries, at least one. */
export interface QueueBill {
  /** Requests by action. */
  readonly requests: Readonly<Record<string, number>>;
  /** Units of 64 KiB, of all requests. */
  readonly chunks: number;
}

/** A queue of which the messages exist as numbers only, so that a backlog of any length costs no memory. */
export interface GeneratedQueue {
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Messages that were deleted; each counts once. */
  deleted(): number;
  /** Messages that were received at least once. */
  received(): number;
  /** Messages that were given back. */
  returned(): number;
  bill(): QueueBill;
  close(): Promise<void>;
}

const CHUNK_BYTES = 65_536;
/** How long an empty receive waits, as a long poll does. */
const EMPTY_WAIT_MS = 500;
/** The same where messages come as time goes: a long poll ends when one is there. */
const COMING_WAIT_MS = 20;

type Answer = Record<string, unknown>;
interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

/**
 * Speaks as much of the JSON protocol of SQS as consumers use: receive, delete and change visibility (in batches), and attributes. A message
 * given back comes again at once; leases do not run out.
 */
export async function startGeneratedQueue({
  messages,
  bodyOf,
  available,
}: GeneratedQueueOptions): Promise<GeneratedQueue> {
  let next = 0;
  let deleted = 0;
  let returned = 0;
  const emptyWaitMs = available === undefined ? EMPTY_WAIT_MS : COMING_WAIT_MS;
  let chunks = 0;
  const requests: Record<string, number> = {};
  const again: number[] = [];
  const inFlight = new Set<number>();
  const succeed = (entries: readonly Entry[], act: (entry: Entry) => void): Answer => {
    for (const entry of entries) act(entry);
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  };
  const receive = (most: number): Answer => {
    const batch: Answer[] = [];
    const end = Math.min(messages, available?.() ?? messages);
    while (batch.length < most && (again.length > 0 || next < end)) {
      const number = again.pop() ?? next++;
      inFlight.add(number);
      const Body = bodyOf(number);
      batch.push({
        MessageId: `m-${number}`,
        ReceiptHandle: String(number),
        Body,
        MD5OfBody: createHash('md5').update(Body).digest('hex'),
        Attributes: { SentTimestamp: String(Date.now()), ApproximateReceiveCount: '1' },
      });
    }
    return batch.length > 0 ? { Messages: batch } : {};
  };
  const actions: Readonly<Record<string, (input: never) => Answer>> = {
    ReceiveMessage: (input: { MaxNumberOfMessages?: number }) => receive(input.MaxNumberOfMessages ?? 1),
    DeleteMessage: ({ ReceiptHandle }: Entry) => {
      if (inFlight.delete(Number(ReceiptHandle))) deleted += 1;
      return {};
    },
    DeleteMessageBatch: ({ Entries }: { Entries: Entry[] }) =>
      succeed(Entries, ({ ReceiptHandle }) => {
        if (inFlight.delete(Number(ReceiptHandle))) deleted += 1;
      }),
    ChangeMessageVisibilityBatch: ({ Entries }: { Entries: Entry[] }) =>
      succeed(Entries, ({ ReceiptHandle, VisibilityTimeout = 0 }) => {
        if (VisibilityTimeout >= 60 || !inFlight.delete(Number(ReceiptHandle))) return;
        returned += 1;
        again.push(Number(ReceiptHandle));
      }),
    GetQueueAttributes: () => ({ Attributes: { QueueArn: 'arn:aws:sqs:us-east-1:000000000000:generated' } }),
  };
  const server = createServer(async (request, response) => {
    const inputs: Buffer[] = [];
    for await (const input of request) inputs.push(input as Buffer);
    const name = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const answer = actions[name]?.(JSON.parse(Buffer.concat(inputs).toString() || '{}') as never);
    const body = JSON.stringify(answer ?? { __type: 'com.amazonaws.sqs#UnsupportedOperation' });
    requests[name] = (requests[name] ?? 0) + 1;
    chunks += Math.max(1, Math.ceil(payloadBytes(answer) / CHUNK_BYTES));
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    const isEmpty = name === 'ReceiveMessage' && answer !== undefined && !('Messages' in answer);
    const reply = (): void => void response.writeHead(answer ? 200 : 400, headers).end(body);
    const waitMs = isEmpty ? emptyWaitMs : 0;
    if (waitMs === 0) reply();
    else setTimeout(reply, waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    queueUrl: `${endpoint}/000000000000/generated`,
    deleted: () => deleted,
    received: () => next,
    returned: () => returned,
    bill: () => ({ requests: { ...requests }, chunks }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The messages that a request carried; the others carry nothing that is billed by size. */
function payloadBytes(answer: Answer | undefined): number {
  const messages = (answer?.['Messages'] ?? []) as readonly { readonly Body: string }[];
  return messages.reduce((bytes, { Body }) => bytes + Buffer.byteLength(Body), 0);
}
