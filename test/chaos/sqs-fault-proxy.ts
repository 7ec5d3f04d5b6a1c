import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqsFaults } from './sqs-faults.ts';
import { callSqs, type WireMessage } from './sqs-wire.ts';

export interface SqsFaultProxyOptions {
  /** The SQS server behind the proxy. */
  readonly endpoint: string;
  readonly faults: SqsFaults;
  /** After how long a message that its receiver lost comes again, in milliseconds; undefined leaves it to the visibility timeout. */
  readonly orphanMs?: number | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

const TARGET = /^AmazonSQS\.(\w+)$/;
/** How soon a message is given out once more that is to be delivered twice, and one whose receipt expires. */
const AGAIN_AFTER_MS = 50;
const EXPIRES_AFTER_MS = 300;

/** SQS as one process sees it on a bad day: passes its calls on in the AWS JSON protocol, and does to them what `SqsFaults` says. */
export class SqsFaultProxy {
  readonly #options: SqsFaultProxyOptions;
  readonly #server: Server;
  /** Receipt handles that were given out and not used up, with their queue. */
  readonly #held = new Map<string, string>();
  readonly #expired = new Set<string>();
  readonly #closing = new AbortController();

  private constructor(options: SqsFaultProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: SqsFaultProxyOptions): Promise<SqsFaultProxy> {
    const proxy = new SqsFaultProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The process behind this proxy died with all that it had in hand. */
  abandon(): void {
    for (const [receipt, queueUrl] of this.#held) this.#orphan(receipt, queueUrl);
    this.#held.clear();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { faults } = this.#options;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const operation = TARGET.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    await faults.passed();
    if (faults.hits('errors')) return this.#fail(response, 500, 'InternalFailure', 'Something went wrong.');
    if (faults.hits('throttles'))
      return this.#fail(response, 400, 'RequestThrottled', 'The request was throttled.');
    switch (operation) {
      case 'ReceiveMessage':
        return await this.#receive(request, body, response);
      case 'DeleteMessageBatch':
      case 'ChangeMessageVisibilityBatch':
        return await this.#settle(request, body, response, operation);
      default:
        return await this.#pass(request, body, response, operation);
    }
  }

  async #pass(
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    operation: string,
  ): Promise<void> {
    const answer = await this.#forward(request, body, response);
    const isSend = operation === 'SendMessage' || operation === 'SendMessageBatch';
    if (isSend && this.#options.faults.hits('lostSends')) return this.#lose(response);
    reply(response, answer);
  }

  async #receive(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { faults } = this.#options;
    const answer = await this.#forward(request, body, response);
    const { Messages } = JSON.parse(answer.body.toString() || '{}') as { Messages?: WireMessage[] };
    if (answer.status !== 200 || Messages === undefined || Messages.length === 0)
      return reply(response, answer);
    const { QueueUrl } = JSON.parse(body.toString()) as { QueueUrl: string };
    faults.counts.delivered += Messages.length;
    for (const { Attributes } of Messages) {
      const deliveries = Number(Attributes?.['ApproximateReceiveCount']);
      if (deliveries > 1) faults.counts.redelivered += 1;
      faults.counts.mostDeliveries = Math.max(faults.counts.mostDeliveries, deliveries);
    }
    const text = JSON.stringify({ Messages: this.#withFaults(Messages, QueueUrl) });
    if (faults.hits('cutReceives')) {
      faults.counts.cutReceives += 1;
      for (const { ReceiptHandle } of Messages) this.#orphan(ReceiptHandle, QueueUrl);
      response.writeHead(200, { ...answer.headers, 'content-length': String(Buffer.byteLength(text)) });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    for (const { ReceiptHandle } of Messages) this.#held.set(ReceiptHandle, QueueUrl);
    reply(response, { ...answer, body: Buffer.from(text) });
  }

  /** Some messages stand twice in the answer, some will soon be delivered once more, and some receipts will mean nothing. */
  #withFaults(messages: readonly WireMessage[], queueUrl: string): WireMessage[] {
    const { faults } = this.#options;
    const given = [...messages];
    messages.forEach((message, index) => {
      if (faults.hits('duplicates')) {
        faults.counts.duplicated += 1;
        if (index % 2 === 0 && given.length < 10) given.push(message);
        else this.#giveOutAgain(message.ReceiptHandle, queueUrl, AGAIN_AFTER_MS);
      } else if (faults.hits('expiredReceipts')) {
        faults.counts.expiredReceipts += 1;
        this.#expired.add(message.ReceiptHandle);
        this.#giveOutAgain(message.ReceiptHandle, queueUrl, EXPIRES_AFTER_MS);
      }
    });
    return given;
  }

  /** Deletes and visibility changes; entries with an expired receipt are refused as SQS refuses them, and not passed on. */
  async #settle(
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    operation: string,
  ): Promise<void> {
    const { faults } = this.#options;
    const input = JSON.parse(body.toString()) as { QueueUrl: string; Entries: Entry[] };
    const [refused, good] = [true, false].map((expired) =>
      input.Entries.filter(({ ReceiptHandle }) => this.#expired.has(ReceiptHandle) === expired),
    ) as [Entry[], Entry[]];
    if (operation === 'DeleteMessageBatch')
      for (const { ReceiptHandle } of input.Entries) this.#held.delete(ReceiptHandle);
    const Failed = refused.map(({ Id, ReceiptHandle }) => {
      this.#expired.delete(ReceiptHandle);
      const Message = 'The receipt handle has expired.';
      return { Id, SenderFault: true, Code: 'ReceiptHandleIsInvalid', Message };
    });
    let answer: Answer = { status: 200, headers: {}, body: Buffer.from('{"Successful":[],"Failed":[]}') };
    if (good.length > 0) {
      const passedOn = Buffer.from(JSON.stringify({ ...input, Entries: good }));
      answer = await this.#forward(request, passedOn, response);
    }
    if (operation === 'DeleteMessageBatch' && faults.hits('lostDeletes')) return this.#lose(response);
    if (Failed.length === 0 || answer.status !== 200) return reply(response, answer);
    const told = JSON.parse(answer.body.toString()) as { Successful?: unknown[]; Failed?: unknown[] };
    const text = JSON.stringify({
      Successful: told.Successful ?? [],
      Failed: [...(told.Failed ?? []), ...Failed],
    });
    reply(response, { ...answer, body: Buffer.from(text) });
  }

  /** The server's own answer. A client that goes away takes its call with it, so that a long poll gathers nothing for nobody. */
  #forward(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const upstream = httpRequest(this.#options.endpoint, {
        method: request.method,
        path: request.url,
        headers: { ...headers, 'content-length': body.length },
      });
      response.once('close', () => upstream.destroy());
      upstream.on('error', reject);
      upstream.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('error', reject);
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const type = incoming.headers['content-type'];
          resolve({
            status: incoming.statusCode ?? 500,
            headers: type === undefined ? {} : { 'content-type': type },
            body: Buffer.concat(chunks),
          });
        });
      });
      upstream.end(body);
    });
  }

  #fail(response: ServerResponse, status: number, code: string, message: string): void {
    this.#options.faults.counts.failedRequests += 1;
    const body = Buffer.from(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }));
    reply(response, { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
  }

  #lose(response: ServerResponse): void {
    this.#options.faults.counts.lostAnswers += 1;
    response.destroy();
  }

  #orphan(receiptHandle: string, queueUrl: string): void {
    const { orphanMs } = this.#options;
    if (orphanMs !== undefined) this.#giveOutAgain(receiptHandle, queueUrl, orphanMs);
  }

  /** Makes the message visible before its time. One that is deleted meanwhile stays deleted. */
  #giveOutAgain(ReceiptHandle: string, QueueUrl: string, afterMs: number): void {
    const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    sleep(afterMs, undefined, { signal: this.#closing.signal })
      .then(() => callSqs(this.#options.endpoint, 'ChangeMessageVisibility', input))
      .catch(() => undefined);
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.end(body);
}
