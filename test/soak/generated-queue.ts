import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GeneratedQueueOptions {
  /** Messages that wait at the start. */
  readonly messages: number;
  /** The body of a message, made when it is received. */
  readonly bodyOf: (number: number) => string;
}

/** A queue of which the messages exist as numbers only, so that a backlog of any length costs no memory. */
export interface GeneratedQueue {
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Messages that were deleted; each counts once. */
  deleted(): number;
  /** Messages that were given back. */
  returned(): number;
  close(): Promise<void>;
}

type Answer = Record<string, unknown>;
interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

/**
 * Speaks as much of the JSON protocol of SQS as a worker uses: receive, delete and change visibility in batches, and attributes. A message
 * given back comes again at once; leases do not run out.
 */
export async function startGeneratedQueue({
  messages,
  bodyOf,
}: GeneratedQueueOptions): Promise<GeneratedQueue> {
  let next = 0;
  let deleted = 0;
  let returned = 0;
  const again: number[] = [];
  const inFlight = new Set<number>();
  const succeed = (entries: readonly Entry[], act: (entry: Entry) => void): Answer => {
    for (const entry of entries) act(entry);
    return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
  };
  const receive = (most: number): Answer => {
    const batch: Answer[] = [];
    while (batch.length < most && (again.length > 0 || next < messages)) {
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
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = actions[String(request.headers['x-amz-target']).replace('AmazonSQS.', '')];
    const answer = action?.(JSON.parse(Buffer.concat(chunks).toString() || '{}') as never);
    const body = JSON.stringify(answer ?? { __type: 'com.amazonaws.sqs#UnsupportedOperation' });
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    // An empty receive waits, as a long poll does.
    const empty = action === actions['ReceiveMessage'] && answer && !('Messages' in answer);
    setTimeout(() => response.writeHead(answer ? 200 : 400, headers).end(body), empty ? 500 : 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    queueUrl: `${endpoint}/000000000000/generated`,
    deleted: () => deleted,
    returned: () => returned,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
