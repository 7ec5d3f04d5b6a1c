import {
  formatIssues,
  type ParseResult,
  type Point,
  parseUplink,
  type Reject,
  type Uplink,
} from '@furrow/contracts';
import {
  type ConsumerObserver,
  type Outcome,
  type Quarantine,
  QueueConsumer,
  type QueueConsumerOptions,
  type ReceivedMessage,
} from '@furrow/queue';
import type { PlanSource, Registry } from '@furrow/registry';
import type { Logger, MetricsRegistry, Readiness } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import {
  CoalescingWriter,
  type CoalescingWriterOptions,
  type WriteObservation,
  type WriteOutcome,
} from './coalescing-writer.ts';
import { type Dependency, IntakeBreaker } from './intake-breaker.ts';
import { Ledger, type LedgerTotals, type MessageAccount } from './ledger.ts';
import { createIngestMetrics, type IngestMetrics } from './metrics.ts';
import type { FindOwner } from './pipeline/authorize.ts';
import { findOwners } from './pipeline/find-owners.ts';
import { processUplink } from './pipeline/process-uplink.ts';
import { refusalStage } from './refusal-stage.ts';

export interface IngestWorkerOptions {
  readonly client: QueueConsumerOptions['client'];
  readonly queueUrl: string;
  readonly quarantine: Quarantine;
  /** Resolves when the quarantine answers. */
  readonly probeQuarantine: () => Promise<void>;
  readonly registry: Pick<Registry, 'probe'> & { readonly plans: PlanSource };
  readonly store: Pick<PointStore, 'write' | 'probe'>;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly pollers: number;
  readonly writer: Omit<CoalescingWriterOptions, 'onWrite'>;
  /** Milliseconds since 1970 UTC; `Date.now` when left out. */
  readonly clock?: () => number;
  readonly waitTimeSeconds?: number;
}

/** Waits between two probes of a part that does not answer, in milliseconds. */
const PROBE_WAITS = { firstWaitMs: 1_000, longestWaitMs: 60_000 } as const;

/**
 * The uplink consumer: takes messages off the queue, runs the pipeline over each, writes the points of all of them together, and
 * acknowledges a message once each of its readings is stored, already stored, or in quarantine with its reason. While store, registry or
 * quarantine are out, intake pauses and readiness says why.
 */
export class IngestWorker {
  readonly #options: IngestWorkerOptions;
  readonly #ledger = new Ledger();
  readonly #accounts = new Map<string, MessageAccount>();
  readonly #metrics: IngestMetrics;
  readonly #writer: CoalescingWriter;
  readonly #consumer: QueueConsumer;
  readonly #breaker: IntakeBreaker;
  readonly #parts: Readonly<Record<'store' | 'registry' | 'quarantine', Dependency>>;

  constructor(options: IngestWorkerOptions) {
    this.#options = options;
    this.#metrics = createIngestMetrics(options.metrics, this.#ledger);
    this.#parts = {
      store: { name: 'store', probe: () => options.store.probe() },
      registry: { name: 'registry', probe: () => options.registry.probe() },
      quarantine: { name: 'quarantine', probe: () => options.probeQuarantine() },
    };
    this.#writer = new CoalescingWriter(options.store, {
      ...options.writer,
      onWrite: (write) => this.#wrote(write),
    });
    this.#consumer = this.#createConsumer();
    this.#breaker = new IntakeBreaker({
      ...PROBE_WAITS,
      pause: () => this.#consumer.pause(),
      resume: () => this.#consumer.resume(),
      onChange: (name, reason) => this.#partChanged(name, reason),
    });
  }

  /** The books since the worker was made. */
  get ledger(): LedgerTotals {
    return this.#ledger.totals();
  }

  start(): void {
    this.#consumer.start();
  }

  /** Stops intake, finishes the messages in hand within the deadline and gives the others back to the queue. Idempotent. */
  async stop(deadlineMs: number): Promise<void> {
    this.#breaker.close();
    void this.#writer.flush();
    await this.#consumer.stop({ deadlineMs });
  }

  async #handle(message: ReceivedMessage, signal: AbortSignal): Promise<Outcome> {
    const account = this.#accounts.get(message.messageId);
    const { deviceAgriId, attributes } = message;
    const parsed = parseUplink(message.body, { deviceAgriId, sentAt: attributes.sentAt });
    if (!parsed.ok) {
      account?.found(1);
      return { kind: 'quarantine', stage: 'parse', rejects: [refusedWhole(parsed)] };
    }
    const findOwner = await this.#findOwners(parsed.value, signal);
    const processed = processUplink(parsed.value, findOwner, this.#options.clock?.() ?? Date.now());
    const { readings, points, rejects, notes } = processed;
    account?.found(readings);
    this.#metrics.processed(processed);
    if (notes.length > 0)
      this.#options.logger.debug({ messageId: message.messageId, notes }, 'more than answers in frames');
    const written = await this.#writer.write(points, signal, ({ durable }) => account?.durable(durable));
    if (written.kept > 0)
      return { kind: 'retry', reason: written.keepReason ?? 'the store kept points back' };
    const refused = [...rejects, ...refusedByStore(written, points)];
    if (refused.length === 0) return { kind: 'ack' };
    return { kind: 'quarantine', stage: refusalStage(refused), rejects: refused };
  }

  async #findOwners(uplink: Uplink, signal: AbortSignal): Promise<FindOwner> {
    try {
      const findOwner = await findOwners(uplink, this.#options.registry.plans, signal);
      this.#breaker.worked(this.#parts.registry);
      return findOwner;
    } catch (error) {
      if (!signal.aborted) this.#breaker.failed(this.#parts.registry, messageOf(error));
      throw error;
    }
  }

  #wrote(write: WriteObservation): void {
    this.#ledger.written(write);
    this.#metrics.wrote(write);
    if (write.failure === undefined) this.#breaker.worked(this.#parts.store);
    else this.#breaker.failed(this.#parts.store, write.failure);
  }

  #partChanged(name: string, reason: string | undefined): void {
    const { readiness, logger } = this.#options;
    if (reason === undefined) {
      readiness.ready(name);
      logger.info({ part: name }, 'answers again');
    } else {
      readiness.notReady(name, reason);
      logger.error({ part: name, reason }, 'does not answer; intake is paused');
    }
  }

  #createConsumer(): QueueConsumer {
    const { client, queueUrl, quarantine, pollers, waitTimeSeconds } = this.#options;
    return new QueueConsumer({
      client,
      queueUrl,
      quarantine,
      pollers,
      ...(waitTimeSeconds !== undefined && { waitTimeSeconds }),
      handle: (message, signal) => this.#handle(message, signal),
      observer: this.#observer(),
    });
  }

  /** Settles each message in the books and counts what failed on the way. */
  #observer(): ConsumerObserver {
    const { logger, readiness } = this.#options;
    const settle = ({ messageId }: ReceivedMessage, ...end: Parameters<MessageAccount['settle']>): void => {
      this.#accounts.get(messageId)?.settle(...end);
      this.#accounts.delete(messageId);
    };
    return {
      polled: () => readiness.ready('queue'),
      received: ({ messageId }) => this.#accounts.set(messageId, this.#ledger.receive()),
      acked: (message) => settle(message, 'acked'),
      quarantined: (message, { rejects }) => {
        this.#breaker.worked(this.#parts.quarantine);
        settle(message, 'quarantined', rejects);
      },
      retried: (message, reason, delaySeconds) => {
        settle(message, 'returned');
        logger.warn({ messageId: message.messageId, reason, delaySeconds }, 'message returned to the queue');
      },
      pollFailed: (error, waitMs) => {
        this.#metrics.pollFailed();
        readiness.notReady('queue', error.message);
        logger.warn({ err: error, waitMs }, 'receive failed');
      },
      deleteFailed: ({ messageId }, failure) => {
        this.#metrics.deleteFailed();
        logger.warn({ messageId, failure }, 'delete failed; the message will come again and change nothing');
      },
      quarantineFailed: ({ messageId }, error) => {
        this.#metrics.quarantineFailed();
        this.#breaker.failed(this.#parts.quarantine, messageOf(error));
        logger.error({ messageId, err: error }, 'quarantine failed; the message stays on the queue');
      },
    };
  }
}

/** The one reject of a message that cannot be read. */
function refusedWhole({ reason, issues }: Extract<ParseResult<never>, { ok: false }>): Reject {
  const [first] = issues;
  return { reason, message: formatIssues(issues), path: first?.path ?? '', received: first?.received ?? '' };
}

function refusedByStore({ rejected }: WriteOutcome, points: readonly Point[]): Reject[] {
  return rejected.map(({ index, message }) => {
    const agriId = points[index]?.agriId;
    return { reason: 'store_rejected', message, path: '', ...(agriId && { agriId }) };
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
