import { randomBytes } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type KeptFilter, matchesKept } from './kept-filter.ts';
import type { KeptMessage, KeptQueue } from './kept-message.ts';
import { QueueScan } from './queue-scan.ts';
import { type RedriveReturns, watchReturns } from './redrive-watch.ts';
import { Resender } from './resend.ts';
import { type ScanEnd, scanKept } from './scan-kept.ts';

export interface RedriveOptions {
  readonly client: SQSClient;
  /** The queue that is emptied, and which of the two it is. */
  readonly queue: KeptQueue;
  readonly queueUrl: string;
  readonly uplinkQueueUrl: string;
  /** For dead letters: where messages go that are refused this time; without it nobody looks there. */
  readonly quarantineQueueUrl?: string;
  readonly filter: KeptFilter;
  /** Sends at most this many messages. */
  readonly limit: number;
  /** Looks at no more messages than this; 100,000 by default. */
  readonly maxExamined?: number;
  readonly ratePerSecond: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly examined: number; readonly sent: number }) => void;
  /** How long a killed run keeps its messages from others; 120 by default. */
  readonly visibilityTimeoutSeconds?: number;
}

/** What a run has done. Messages that were not sent are on their queue as before. */
export interface RedriveReport {
  /** What marks this run's messages; envelopes that come back carry it as `redrive_id`. */
  readonly runId: string;
  readonly examined: number;
  readonly matched: number;
  /** Accepted by SQS on the uplink queue. */
  readonly sent: number;
  /** Matched and left where they are, each with the sentence why; unknown messages and incomplete ones too. */
  readonly notSent: ReadonlyMap<string, string>;
  /** Sent, but not deleted from their queue: they will be found again, and sending them again changes nothing. */
  readonly deleteFailures: number;
  readonly end: ScanEnd;
}

/** A run remembers what it looked at; this bounds its memory to about 100 MB, and stays under the 120,000 messages that SQS lets be held. */
const MAX_EXAMINED = 100_000;

/**
 * Sends kept messages through the pipeline again. A message is deleted from its queue only after SQS has accepted it on the uplink queue,
 * so a run that dies loses nothing; what it had sent and not deleted is sent twice, which changes nothing. A run never sends what
 * came back from itself. Call `send`, then `watch` if wanted, then `close`.
 */
export class Redrive {
  readonly runId = randomBytes(6).toString('hex');
  readonly #options: RedriveOptions;
  readonly #scan: QueueScan;
  readonly #resender: Resender;
  readonly #notSent = new Map<string, string>();
  readonly #sentIds = new Set<string>();
  readonly #cameBack = new Map<string, Readonly<Record<string, number>>>();
  #examined = 0;
  #matched = 0;
  #sent = 0;
  #deleteFailures = 0;

  constructor(options: RedriveOptions) {
    const { client, queueUrl, visibilityTimeoutSeconds } = options;
    this.#options = options;
    this.#scan = new QueueScan({
      client,
      queueUrl,
      ...(visibilityTimeoutSeconds !== undefined && { visibilityTimeoutSeconds }),
    });
    this.#resender = new Resender(client, options.uplinkQueueUrl, this.runId, options.ratePerSecond);
  }

  /** Sends what matches, until the queue is at its end, the limit is reached or the signal aborts. Rejects with QueueCheckError. */
  async send(): Promise<RedriveReport> {
    const { queue, maxExamined = MAX_EXAMINED, signal } = this.#options;
    const { examined, end } = await scanKept({
      scan: this.#scan,
      queue,
      // Not the run's own filter: what comes back while the run still sends must be seen, whatever it was refused for.
      filter: {},
      maxExamined,
      ...(signal && { signal }),
      visit: (found) => this.#take(found),
      onProgress: (seen) => this.#progressed(seen),
    });
    return {
      runId: this.runId,
      examined,
      matched: this.#matched,
      sent: this.#sent,
      notSent: this.#notSent,
      deleteFailures: this.#deleteFailures,
      end,
    };
  }

  /**
   * Watches what becomes of what was sent, for `timeoutMs` at most: counts what comes back, until the uplink queue reads empty for
   * `settleMs`. Rejects with QueueCheckError.
   */
  async watch(options: {
    readonly timeoutMs: number;
    readonly settleMs: number;
    readonly onProgress?: (settled: number) => void;
  }): Promise<RedriveReturns> {
    const { client, uplinkQueueUrl, quarantineQueueUrl, queue, signal } = this.#options;
    const other =
      queue === 'dead_letter' && quarantineQueueUrl !== undefined
        ? new QueueScan({ client, queueUrl: quarantineQueueUrl })
        : undefined;
    try {
      return await watchReturns({
        client,
        uplinkQueueUrl,
        runId: this.runId,
        sent: this.#sent,
        cameBack: this.#cameBack,
        places: [
          { queue, scan: this.#scan },
          ...(other ? [{ queue: 'quarantine' as const, scan: other }] : []),
        ],
        ...(signal && { signal }),
        ...options,
      });
    } finally {
      await other?.close();
    }
  }

  /** Gives back every message that the run looked at and did not send. Never rejects. */
  async close(): Promise<void> {
    this.#resender.close();
    await this.#scan.close();
  }

  async #take(found: readonly KeptMessage[]): Promise<boolean> {
    const { filter, limit, signal } = this.#options;
    const returned = found.filter(({ redriveId }) => redriveId === this.runId);
    for (const { id, reasons } of returned) this.#cameBack.set(id, reasons);
    const left = limit - (this.#matched - this.#notSent.size);
    const wanted = found
      .filter((message) => !returned.includes(message) && matchesKept(message, filter))
      .slice(0, left);
    if (wanted.length === 0) return true;
    await this.#resender.pace(wanted.length, signal);
    if (signal?.aborted) return false;
    this.#matched += wanted.length;
    const sendable = wanted.filter((message) => this.#isSendable(message));
    await Promise.all(sendable.map((message) => this.#move(message)));
    return this.#matched - this.#notSent.size < limit;
  }

  #isSendable({ id, kind, problem }: KeptMessage): boolean {
    if (problem === undefined) return true;
    this.#notSent.set(
      id,
      kind === 'unknown' ? `it is no message of Furrow's quarantine: ${problem}` : problem,
    );
    return false;
  }

  async #move(message: KeptMessage): Promise<void> {
    // The same message can lie there twice, when a worker died between quarantining and deleting it: it is sent once.
    if (!this.#sentIds.has(message.id)) {
      this.#sentIds.add(message.id);
      const resent = await this.#resender.send(message);
      if (!resent.ok) {
        this.#sentIds.delete(message.id);
        this.#notSent.set(message.id, resent.reason);
        return;
      }
      this.#sent += 1;
      this.#progressed(this.#examined);
    }
    const results = await Promise.all(message.queued.map(({ messageId }) => this.#scan.delete(messageId)));
    if (results.some(({ ok }) => !ok)) this.#deleteFailures += 1;
  }

  #progressed(examined: number): void {
    this.#examined = examined;
    this.#options.onProgress?.({ examined, sent: this.#sent });
  }
}
