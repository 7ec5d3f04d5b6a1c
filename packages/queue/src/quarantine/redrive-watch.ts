import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { probeQueue } from '../probe-queue.ts';
import type { KeptQueue } from './kept-message.ts';
import type { QueueScan } from './queue-scan.ts';
import { scanKept } from './scan-kept.ts';

export interface WatchOptions {
  readonly client: SQSClient;
  readonly uplinkQueueUrl: string;
  readonly runId: string;
  readonly sent: number;
  /** What came back already; more is added. */
  readonly cameBack: Map<string, Readonly<Record<string, number>>>;
  /** The queues that messages come back to. A scan that has been through its queue sees only what is new there. */
  readonly places: readonly { readonly queue: KeptQueue; readonly scan: QueueScan }[];
  readonly timeoutMs: number;
  /** How long the uplink queue must read empty. */
  readonly settleMs: number;
  readonly signal?: AbortSignal;
  /** Told how many of the messages sent are off the uplink queue, as far as its counts say. */
  readonly onProgress?: (settled: number) => void;
}

/** What became of a run's messages. */
export interface RedriveReturns {
  /** The ids that were refused again, each with its reasons and their numbers, or that went to the dead letters (no reasons). */
  readonly cameBack: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /**
   * True when all that was sent has left the uplink queue, by SQS's approximate counts: then whatever did not come back has passed.
   * False when the time was over first: then that many passed at most.
   */
  readonly settled: boolean;
}

/** Looks at no more messages than this at a time, for what came back among them. */
const MAX_EXAMINED = 20_000;
const POLL_MS = 500;

/** Waits until nothing of a run is left on the uplink queue and counts what came back. Rejects with QueueCheckError. */
export async function watchReturns(options: WatchOptions): Promise<RedriveReturns> {
  const { sent, cameBack, timeoutMs, settleMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  let emptySince: number | undefined;
  while (performance.now() < deadline && !signal?.aborted) {
    const waiting = await countWaiting(options);
    const now = performance.now();
    emptySince = waiting === 0 ? (emptySince ?? now) : undefined;
    // Looked at after the count: what came back before the queue was empty is there by now.
    await collect(options);
    options.onProgress?.(Math.max(cameBack.size, sent - waiting));
    if (cameBack.size >= sent || (emptySince !== undefined && now - emptySince >= settleMs)) {
      return { cameBack, settled: true };
    }
    await sleep(POLL_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
  return { cameBack, settled: false };
}

async function countWaiting({ client, uplinkQueueUrl }: WatchOptions): Promise<number> {
  const facts = await probeQueue({ client, queueUrl: uplinkQueueUrl });
  return facts.messagesVisible + facts.messagesInFlight + facts.messagesDelayed;
}

async function collect({ places, runId, cameBack, signal }: WatchOptions): Promise<void> {
  for (const { queue, scan } of places) {
    await scanKept({
      scan,
      queue,
      filter: { redriveId: runId },
      maxExamined: MAX_EXAMINED,
      ...(signal && { signal }),
      visit: async (found) => {
        for (const { id, reasons } of found) cameBack.set(id, reasons);
        return true;
      },
    });
  }
}
