import { formatIssues, parseUplink, type Reject } from '@furrow/contracts';
import {
  type Outcome,
  type Quarantine,
  QueueConsumer,
  type QueueConsumerOptions,
  type ReceivedMessage,
} from '@furrow/queue';
import type { PlanSource } from '@furrow/registry';
import type { Logger, MetricsRegistry } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import { CoalescingWriter, type CoalescingWriterOptions, type WriteOutcome } from './coalescing-writer.ts';
import { Ledger, type LedgerTotals, type MessageAccount } from './ledger.ts';
import { createIngestMetrics, type IngestMetrics } from './metrics.ts';
import { findOwners } from './pipeline/find-owners.ts';
import { processUplink } from './pipeline/process-uplink.ts';
import { refusalStage } from './refusal-stage.ts';

export interface IngestWorkerOptions {
  readonly client: QueueConsumerOptions['client'];
  readonly queueUrl: string;
  readonly quarantine: Quarantine;
  readonly plans: PlanSource;
  readonly store: Pick<PointStore, 'write'>;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly pollers: number;
  readonly writer: Omit<CoalescingWriterOptions, 'onWrite'>;
  /** Milliseconds since 1970 UTC; `Date.now` when left out. */
  readonly clock?: () => number;
  readonly waitTimeSeconds?: number;
}

/**
 * The uplink consumer: takes messages off the queue, runs the pipeline over each, writes the points of all of them together, and
 * acknowledges a message once each of its readings is stored, already stored, or in quarantine with its reason.
 */
export class IngestWorker {
  readonly #options: IngestWorkerOptions;
  readonly #clock: () => number;
  readonly #ledger = new Ledger();
  readonly #accounts = new Map<string, MessageAccount>();
  readonly #metrics: IngestMetrics;
  readonly #writer: CoalescingWriter;
  readonly #consumer: QueueConsumer;

  constructor(options: IngestWorkerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#metrics = createIngestMetrics(options.metrics, this.#ledger);
    this.#writer = new CoalescingWriter(options.store, {
      ...options.writer,
      onWrite: (write) => {
        this.#ledger.written(write);
        this.#metrics.wrote(write);
        if (write.failure !== undefined)
          options.logger.warn({ points: write.points, failure: write.failure }, 'store kept points back');
      },
    });
    this.#consumer = this.#createConsumer();
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
    await this.#consumer.stop({ deadlineMs });
  }

  async #handle(message: ReceivedMessage, signal: AbortSignal): Promise<Outcome> {
    const account = this.#accounts.get(message.messageId);
    const parsed = parseUplink(message.body, {
      deviceAgriId: message.deviceAgriId,
      sentAt: message.attributes.sentAt,
    });
    if (!parsed.ok) {
      account?.found(1);
      const [first] = parsed.issues;
      const received = first?.received ?? '';
      const reject: Reject = {
        reason: parsed.reason,
        message: formatIssues(parsed.issues),
        path: first?.path ?? '',
        received,
      };
      return { kind: 'quarantine', stage: 'parse', rejects: [reject] };
    }
    const uplink = parsed.value;
    const findOwner = await findOwners(uplink, this.#options.plans, signal);
    const processed = processUplink(uplink, findOwner, this.#clock());
    const { readings, points, rejects, notes } = processed;
    this.#metrics.processed(processed);
    if (notes.length > 0)
      this.#options.logger.debug({ messageId: message.messageId, notes }, 'frames held more than answers');
    account?.found(readings);
    const written = await this.#writer.write(points, signal, ({ durable }) => account?.durable(durable));
    if (written.kept > 0)
      return { kind: 'retry', reason: written.keepReason ?? 'the store kept points back' };
    const refused = [
      ...rejects,
      ...storeRejects(
        written,
        points.map(({ agriId }) => agriId),
      ),
    ];
    return refused.length === 0
      ? { kind: 'ack' }
      : { kind: 'quarantine', stage: refusalStage(refused), rejects: refused };
  }

  #createConsumer(): QueueConsumer {
    const { client, queueUrl, quarantine, pollers, logger, waitTimeSeconds } = this.#options;
    const settle = (message: ReceivedMessage, ...end: Parameters<MessageAccount['settle']>): void => {
      this.#accounts.get(message.messageId)?.settle(...end);
      this.#accounts.delete(message.messageId);
    };
    return new QueueConsumer({
      client,
      queueUrl,
      quarantine,
      pollers,
      ...(waitTimeSeconds !== undefined && { waitTimeSeconds }),
      handle: (message, signal) => this.#handle(message, signal),
      observer: {
        received: (message) => this.#accounts.set(message.messageId, this.#ledger.receive()),
        acked: (message) => settle(message, 'acked'),
        quarantined: (message, { rejects }) => settle(message, 'quarantined', rejects),
        retried: (message, reason, delaySeconds) => {
          settle(message, 'returned');
          logger.warn(
            { messageId: message.messageId, reason, delaySeconds },
            'message returned to the queue',
          );
        },
        pollFailed: (error, waitMs) => {
          this.#metrics.pollFailed();
          logger.warn({ err: error, waitMs }, 'receive failed');
        },
        deleteFailed: (message, failure) => {
          this.#metrics.deleteFailed();
          logger.warn(
            { messageId: message.messageId, failure },
            'delete failed; the message will come again and change nothing',
          );
        },
        quarantineFailed: (message, error) => {
          this.#metrics.quarantineFailed();
          logger.error(
            { messageId: message.messageId, err: error },
            'quarantine failed; the message stays on the queue',
          );
        },
      },
    });
  }
}

function storeRejects(written: WriteOutcome, agriIds: readonly Reject['agriId'][]): Reject[] {
  return written.rejected.map(({ index, message }) => {
    const agriId = agriIds[index];
    return { reason: 'store_rejected', message, path: '', ...(agriId && { agriId }) };
  });
}
