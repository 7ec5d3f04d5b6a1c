import { ensureQueues, type QueueSpec, STANDARD_QUEUES } from '../ensure-queues.ts';
import { EmbeddedSqsError } from '../errors.ts';
import { createSqsClient } from '../sqs-client.ts';
import { type Fauxqs, type FauxqsStore, loadFauxqs } from './fauxqs.ts';
import { QueueJournal } from './queue-journal.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const LOOPBACK = '127.0.0.1';

export interface EmbeddedSqsOptions {
  /** Folder that keeps queues and messages over restarts; without it they live in memory. */
  readonly dataDir?: string;
  /** Address to listen on; loopback by default. The server asks nobody who they are: another address is for a container's own network. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The queues to create; uplinks, quarantine and dead letters by default ({@link STANDARD_QUEUES}). */
  readonly queues?: readonly QueueSpec[];
}

/** What an SQS client needs to talk to the embedded server; the credentials are dummies. */
export interface EmbeddedClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface EmbeddedSqs {
  readonly endpoint: string;
  readonly clientConfig: EmbeddedClientConfig;
  /** The URL of a queue by its name, whether it exists or not. */
  queueUrl(name: string): string;
  /** Ends the server and closes the journal. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Starts a real SQS server (fauxqs) on loopback in this process, for development and tests: the AWS protocol, no authentication. With
 * `dataDir` every message that a request acknowledged is there after the process was killed, and messages that were in hand are
 * visible at once. All messages are held in memory too. Rejects with EmbeddedSqsError.
 */
export async function startEmbeddedSqs(options: EmbeddedSqsOptions = {}): Promise<EmbeddedSqs> {
  const fauxqs = await loadFauxqs();
  const journal = options.dataDir === undefined ? undefined : new QueueJournal(options.dataDir);
  const close = once(async () => {
    await fauxqs.app.close();
    journal?.close();
  });
  try {
    journal?.restore(fauxqs.store);
    addHooks(fauxqs, journal);
    const endpoint = await listen(fauxqs.app, options.host ?? LOOPBACK, options.port ?? 0);
    const clientConfig = embeddedClientConfig(endpoint);
    await createQueues(clientConfig, options.queues ?? STANDARD_QUEUES);
    return { endpoint, clientConfig, close, queueUrl: (name) => `${endpoint}/${ACCOUNT}/${name}` };
  } catch (error) {
    await close();
    throw error;
  }
}

function embeddedClientConfig(endpoint: string): EmbeddedClientConfig {
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded' };
  return { endpoint, region: REGION, credentials };
}

async function listen(app: Fauxqs['app'], host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EmbeddedSqsError(`the embedded SQS cannot listen on port ${port}: ${reason}`, { cause: error });
  }
}

async function createQueues(config: EmbeddedClientConfig, queues: readonly QueueSpec[]): Promise<void> {
  const client = createSqsClient(config);
  try {
    await ensureQueues(client, queues);
  } finally {
    client.destroy();
  }
}

function addHooks({ app, store }: Fauxqs, journal: QueueJournal | undefined): void {
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (reply.raw.destroyed) giveBack(store, request.body, payload);
    return payload;
  });
  if (!journal) return;
  app.addHook('onSend', async (_request, _reply, payload) => {
    journal.commit();
    return payload;
  });
}

/**
 * Gives back what a long poll collected for a client that is gone: fauxqs does not notice that, and would hide the messages for a
 * whole visibility timeout.
 */
function giveBack(store: FauxqsStore, request: unknown, answer: unknown): void {
  const queueUrl = property(request, 'QueueUrl');
  const messages = property(answer, 'Messages');
  const queue = typeof queueUrl === 'string' ? store.getQueue(queueUrl) : undefined;
  if (!queue || !Array.isArray(messages)) return;
  for (const delivered of messages) {
    const receiptHandle = String(property(delivered, 'ReceiptHandle'));
    const held = queue.inflightMessages.get(receiptHandle);
    if (!held) continue;
    held.message.approximateReceiveCount -= 1;
    queue.changeVisibility(receiptHandle, 0);
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
