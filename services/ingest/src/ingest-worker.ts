import type { Reject, Uplink } from '@furrow/contracts';
import {
  ConsumerStoppedError,
  messageTrace,
  type Outcome,
  type Quarantine,
  QuarantineFailedError,
  QueueConsumer,
  type QueueConsumerOptions,
  type ReceivedMessage,
  type Refusal,
} from '@furrow/queue';
import type { ContactLog, PlanCache, PlanSource, Registry } from '@furrow/registry';
import {
  inSpan,
  type Liveness,
  LogDigest,
  type Logger,
  type MetricsRegistry,
  type Readiness,
} from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import type { CoalescingWriterOptions } from './coalescing-writer.ts';
import { createContactMetrics } from './contact-metrics.ts';
import { FairRoom } from './fair-room.ts';
import { held } from './held-work.ts';
import { type HeldWrite, HeldWriter } from './held-writer.ts';
import { type Dependency, IntakeBreaker } from './intake-breaker.ts';
import type { LedgerTotals } from './ledger.ts';
import { MessageBooks } from './message-books.ts';
import { observeMessages } from './message-observer.ts';
import { messageSender } from './message-sender.ts';
import { createIngestMetrics, type IngestMetrics } from './metrics.ts';
import { noteContacts } from './note-contacts.ts';
import type { FindOwner } from './pipeline/authorize.ts';
import { findOwners } from './pipeline/find-owners.ts';
import { readMessage } from './pipeline/read-message.ts';
import { createPlanMetrics } from './plan-metrics.ts';
import { refusalStage } from './refusal-stage.ts';
import { RejectBudget } from './reject-budget.ts';
import { DEFAULT_LIMITS, type WorkerLimits } from './worker-limits.ts';

export interface IngestWorkerOptions {
  readonly client: QueueConsumerOptions['client'];
  readonly queueUrl: string;
  readonly quarantine: Quarantine;
  /** Resolves when the quarantine answers. */
  readonly probeQuarantine: () => Promise<void>;
  readonly registry: Pick<Registry, 'probe'> & {
    readonly plans: PlanSource & Partial<Pick<PlanCache, 'status' | 'takeOldestUseMs'>>;
    /** Told which devices were heard of, and when; nobody when left out. */
    readonly contacts?: Pick<ContactLog, 'note' | 'failures'>;
  };
  readonly store: Pick<PointStore, 'write' | 'probe'>;
  readonly readiness: Readiness;
  /** Takes the watchdog over the pollers; nobody watches when left out. */
  readonly liveness?: Liveness;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly pollers: number;
  readonly writer: Omit<CoalescingWriterOptions, 'onWrite'>;
  /** What is left out is as in {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<WorkerLimits>;
  /** Milliseconds since 1970 UTC; `Date.now` when left out. */
  readonly clock?: () => number;
  readonly waitTimeSeconds?: number;
}

/** Waits between two probes of a part that does not answer, in milliseconds. */
const PROBE_WAITS = { firstWaitMs: 1_000, longestWaitMs: 60_000 } as const;

/** Messages that may wait for plans nobody has, while the others go on with plans from memory. */
const TOLERATED_WITHOUT_PLAN = 20;

/** How often a message may be put off for the sake of other devices: two of the five receives that SQS grants it. */
const MAX_DEFERRALS = 2;

/** Pollers that gave no sign of life for so long hang: a long poll and its time limit are over in a third of it. */
const HANG_AFTER_MS = 120_000;

/**
 * The uplink consumer: takes messages off the queue, runs the pipeline over each, writes the points of all of them together, and
 * acknowledges a message once each of its readings is stored, already stored, or in quarantine with its reason. While store, registry or
 * quarantine are out, messages in hand are held, intake pauses and readiness says why.
 */
export class IngestWorker {
  readonly #options: IngestWorkerOptions;
  readonly #limits: WorkerLimits;
  readonly #books = new MessageBooks();
  readonly #metrics: IngestMetrics;
  readonly #writer: HeldWriter;
  readonly #consumer: QueueConsumer;
  readonly #breaker: IntakeBreaker;
  readonly #room: FairRoom;
  readonly #rejectBudget: RejectBudget;
  readonly #digest: LogDigest;
  readonly #parts: Readonly<Record<'store' | 'registry' | 'quarantine', Dependency>>;
  #running = false;

  constructor(options: IngestWorkerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#digest = new LogDigest(options.logger);
    const store = { name: 'store', probe: () => options.store.probe() };
    this.#parts = {
      store,
      registry: {
        name: 'registry',
        tolerated: TOLERATED_WITHOUT_PLAN,
        probe: () => options.registry.probe(),
      },
      quarantine: { name: 'quarantine', probe: () => options.probeQuarantine() },
    };
    this.#breaker = new IntakeBreaker({
      ...PROBE_WAITS,
      pause: () => this.#consumer.pause(),
      resume: () => this.#consumer.resume(),
      onChange: (name, reason) => this.#partChanged(name, reason),
    });
    this.#consumer = this.#createConsumer();
    this.#room = new FairRoom({
      maxMessages: this.#consumer.maxMessages,
      maxBytes: this.#limits.maxBytesAtWork,
    });
    this.#rejectBudget = this.#createRejectBudget();
    this.#metrics = this.#createMetrics();
    this.#writer = new HeldWriter({
      breaker: this.#breaker,
      store: { ...store, write: (points, signal) => options.store.write(points, signal) },
      writer: {
        ...options.writer,
        onWrite: (write) => {
          this.#books.ledger.written(write);
          this.#metrics.wrote(write);
        },
      },
    });
    options.liveness?.watch('queue', () => this.#hangReason());
  }

  /** The books since the worker was made. */
  get ledger(): LedgerTotals {
    return this.#books.ledger.totals();
  }

  start(): void {
    this.#running = true;
    this.#consumer.start();
  }

  /** Stops intake, finishes the messages in hand within the deadline and gives the others back to the queue. Idempotent. */
  async stop(deadlineMs: number): Promise<void> {
    this.#running = false;
    this.#breaker.close(new ConsumerStoppedError());
    void this.#writer.flush();
    await this.#consumer.stop({ deadlineMs });
    this.#rejectBudget.close();
    this.#digest.flush();
  }

  /** A message's way through the worker, when its device has room for it. */
  async #handle(message: ReceivedMessage, signal: AbortSignal): Promise<Outcome> {
    const { messageId, body, attributes } = message;
    const device = messageSender(message);
    const lane = device ?? messageId;
    if (attributes.receiveCount <= MAX_DEFERRALS && this.#room.isOverShare(lane)) {
      this.#metrics.deferred();
      const reason = 'its device has more than its share in hand';
      return { kind: 'retry', reason, delaySeconds: 5 + Math.round(10 * Math.random()) };
    }
    const leave = await this.#room.enter(lane, body.length, signal);
    try {
      const options = {
        kind: 'consumer',
        from: messageTrace(message),
        attributes: { 'messaging.message.id': messageId },
      } as const;
      return await inSpan('ingest.handle', options, () => this.#judge(message, device, signal));
    } finally {
      leave();
    }
  }

  async #judge(message: ReceivedMessage, device: string | undefined, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#books.of(message);
    // What is sent again out of the quarantine stands there no more: to count it only would be to lose it.
    const charged = message.redriven === undefined ? device : undefined;
    const clock = this.#options.clock ?? Date.now;
    const reading = await readMessage(message, (uplink) => this.#findOwners(uplink, signal), clock);
    const { sender, findOwner, points, rejects, notes } = reading;
    entry?.account.found(reading.readings);
    if (sender === undefined) return this.#refuse(charged, rejects, {});
    this.#metrics.processed(reading);
    const { messageId } = message;
    if (notes.length > 0) this.#options.logger.debug({ messageId, notes }, 'more than answers in frames');
    const written = await this.#writer.write(points, signal, (durable) => entry?.account.durable(durable));
    if (written.kind === 'failed') return { kind: 'retry', reason: written.reason };
    this.#metrics.stored(Date.now() - message.receivedAt);
    if (entry) entry.storedAt = Date.now();
    noteContacts(this.#options.registry.contacts, sender, points, findOwner);
    const refused = [...rejects, ...refusedByStore(written)];
    if (refused.length === 0) return { kind: 'ack' };
    const owner = sender.device && findOwner(sender.device);
    return this.#refuse(charged, refused, owner ? { device_version: String(owner.device.version) } : {});
  }

  /** The outcome of a message with refused readings: kept in quarantine, unless the device it is charged to is over its budget. */
  #refuse(
    charged: string | undefined,
    rejects: readonly Reject[],
    facts: Readonly<Record<string, string>>,
  ): Outcome {
    const share = this.#rejectBudget.spend(charged, rejects.length);
    if (share.kind === 'count') return { kind: 'ack', countedOnly: rejects };
    const context = share.kind === 'sample' ? { ...facts, sampled: share.keptShare } : facts;
    return { kind: 'quarantine', stage: refusalStage(rejects), rejects, context };
  }

  async #findOwners(uplink: Uplink, signal: AbortSignal): Promise<FindOwner> {
    const { plans } = this.#options.registry;
    return await held(this.#breaker, this.#parts.registry, signal, () => findOwners(uplink, plans, signal));
  }

  /** Holds a message while the quarantine is out; reasons that fit no message are not mended by waiting. */
  async #quarantine(refusal: Refusal, signal: AbortSignal): Promise<void> {
    const put = async (): Promise<void> => {
      try {
        await this.#options.quarantine.put(refusal, signal);
      } catch (error) {
        this.#metrics.callFailed('quarantine');
        throw error;
      }
    };
    const isFinal = (error: unknown) => error instanceof QuarantineFailedError && !error.retryable;
    await held(this.#breaker, this.#parts.quarantine, signal, put, isFinal);
  }

  #partChanged(name: string, reason: string | undefined): void {
    const { readiness, logger } = this.#options;
    if (reason === undefined) {
      readiness.ready(name);
      logger.info({ part: name }, 'answers again');
    } else {
      readiness.notReady(name, reason);
      logger.error({ part: name, reason }, 'does not answer; messages in hand are held');
    }
  }

  /** Why the pollers hang; undefined while they move, or have a reason not to. */
  #hangReason(): string | undefined {
    if (!this.#running || this.#consumer.paused) return undefined;
    const { lastPollActivityMs, inHand } = this.#consumer.counters;
    const silentMs = performance.now() - lastPollActivityMs;
    if (silentMs < HANG_AFTER_MS) return undefined;
    return `no receive began or ended for ${Math.round(silentMs / 1000)} s; ${inHand} messages are in hand`;
  }

  #createRejectBudget(): RejectBudget {
    const { rejectBudget, rejectKeepOneIn, rejectWindowMs } = this.#limits;
    return new RejectBudget({
      messages: rejectBudget,
      keepOneIn: rejectKeepOneIn,
      windowMs: rejectWindowMs,
      onSampledOut: (report) =>
        this.#options.logger.warn(
          report,
          'devices over their budget of refusals: these were counted, and not quarantined',
        ),
    });
  }

  #createMetrics(): IngestMetrics {
    const { metrics, registry } = this.#options;
    const { plans } = registry;
    if (plans.status && plans.takeOldestUseMs) createPlanMetrics(metrics, plans as PlanCache);
    if (registry.contacts) createContactMetrics(metrics, registry.contacts);
    return createIngestMetrics(metrics, {
      ledger: this.#books.ledger,
      lastPollAt: () => this.#consumer.counters.lastPollAt,
      bytesInHand: () => this.#consumer.bytesInHand,
      waitingForRoom: () => this.#room.waiting,
      parts: () =>
        Object.fromEntries(Object.values(this.#parts).map((part) => [part.name, this.#breaker.status(part)])),
    });
  }

  #createConsumer(): QueueConsumer {
    const { client, queueUrl, pollers, waitTimeSeconds, readiness } = this.#options;
    return new QueueConsumer({
      client,
      queueUrl,
      quarantine: {
        put: (refusal, signal = new AbortController().signal) => this.#quarantine(refusal, signal),
      },
      pollers,
      maxBytes: this.#limits.maxBytesInHand,
      handleTimeoutMs: this.#limits.holdMs,
      ...(waitTimeSeconds !== undefined && { waitTimeSeconds }),
      handle: (message, signal) => this.#handle(message, signal),
      observer: observeMessages({
        books: this.#books,
        digest: this.#digest,
        readiness,
        metrics: () => this.#metrics,
      }),
    });
  }
}

function refusedByStore({ refused }: Extract<HeldWrite, { kind: 'done' }>): Reject[] {
  return refused.map(({ point, message }) => ({
    reason: 'store_rejected',
    message,
    path: '',
    agriId: point.agriId,
  }));
}
