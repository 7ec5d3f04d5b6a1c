import { EmbeddedSqsError } from '../errors.ts';

/** A message inside fauxqs: the fields of its own store. */
export interface FauxqsMessage {
  readonly messageId: string;
  readonly body: string;
  approximateReceiveCount: number;
  approximateFirstReceiveTimestamp?: number;
}

/** What a fauxqs queue calls when something changes; the port that its own SQLite persistence fills. */
export interface FauxqsPersistence {
  insertQueue(queue: FauxqsQueue): void;
  deleteQueue(name: string): void;
  updateQueueAttributes(name: string, attributes: Readonly<Record<string, string>>): void;
  updateQueueSequenceCounter(name: string, counter: number): void;
  insertMessage(queueName: string, message: FauxqsMessage): void;
  deleteMessage(messageId: string): void;
  updateMessageInflight(
    messageId: string,
    receiptHandle: string,
    visibilityDeadline: number,
    receiveCount: number,
    firstReceivedAt: number | undefined,
  ): void;
  updateMessageReady(messageId: string): void;
  deleteQueueMessages(queueName: string): void;
}

export interface FauxqsQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: Record<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly inflightMessages: ReadonlyMap<string, { readonly message: FauxqsMessage }>;
  sequenceCounter: number;
  persistence?: FauxqsPersistence;
  enqueue(message: FauxqsMessage): void;
  changeVisibility(receiptHandle: string, seconds: number): void;
}

export interface FauxqsStore {
  persistence?: FauxqsPersistence;
  createQueue(
    name: string,
    url: string,
    arn: string,
    attributes: Record<string, string>,
    tags: Record<string, string>,
  ): FauxqsQueue;
  allQueues(): Iterable<FauxqsQueue>;
  getQueue(url: string): FauxqsQueue | undefined;
}

type BuildApp = typeof import('fauxqs').buildApp;
type Stores = NonNullable<NonNullable<Parameters<BuildApp>[0]>['stores']>;

export interface Fauxqs {
  readonly store: FauxqsStore;
  /** The HTTP application over the store, not listening yet. */
  readonly app: ReturnType<BuildApp>;
}

/**
 * Loads fauxqs and puts its application and its store together by hand. `startFauxqs` would listen on all interfaces whatever its
 * `host` says, and its persistence (2.4.1) loses a message whose visibility is set to 0, commits every message on its own, and
 * forgets a queue's messages when the queue is created again. The store's module is not among the package's exports, so it is
 * imported by its place in this room's node_modules, where a bundler finds it too.
 */
export async function loadFauxqs(): Promise<Fauxqs> {
  const { buildApp } = await import('fauxqs');
  const store = createStore(await import('../../node_modules/fauxqs/dist/sqs/sqsStore.js'));
  // The stores of SNS and S3 may be left out at run time, whatever the type says.
  const stores = { sqsStore: store } as unknown as Stores;
  return { store, app: buildApp({ logger: false, stores }) };
}

const STORE_METHODS = ['createQueue', 'allQueues', 'getQueue'] as const;

function createStore(module: unknown): FauxqsStore {
  const SqsStore: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'SqsStore') : undefined;
  if (typeof SqsStore === 'function') {
    const store: object = Reflect.construct(SqsStore, []);
    if (STORE_METHODS.every((name) => typeof Reflect.get(store, name) === 'function')) {
      return store as FauxqsStore;
    }
  }
  throw new EmbeddedSqsError('the installed fauxqs has another store than the one this release was made for');
}
