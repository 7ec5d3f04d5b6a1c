import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { KeptFilter } from './kept-filter.ts';
import type { KeptMessage, KeptQueue } from './kept-message.ts';
import { QueueScan } from './queue-scan.ts';
import { type ScanEnd, scanKept } from './scan-kept.ts';

export interface DiscardOptions {
  readonly client: SQSClient;
  readonly queue: KeptQueue;
  readonly queueUrl: string;
  readonly filter: KeptFilter;
  /** Deletes at most this many kept messages. */
  readonly limit: number;
  readonly maxExamined: number;
  /** Keeps the messages elsewhere; they are deleted only after it has resolved. */
  readonly archive?: (messages: readonly ReceivedMessage[]) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly examined: number; readonly discarded: number }) => void;
}

export interface DiscardReport {
  readonly examined: number;
  readonly discarded: number;
  /** Matched, but SQS did not delete them. */
  readonly deleteFailures: number;
  readonly end: ScanEnd;
}

/** Deletes kept messages for good, each with all its parts. Rejects with QueueCheckError, or with what `archive` rejects with. */
export async function discardKept(options: DiscardOptions): Promise<DiscardReport> {
  const { client, queue, queueUrl, filter, limit, maxExamined, archive, signal, onProgress } = options;
  const scan = new QueueScan({ client, queueUrl });
  let discarded = 0;
  let deleteFailures = 0;
  const discard = async (found: readonly KeptMessage[]): Promise<boolean> => {
    const wanted = found.slice(0, limit - discarded - deleteFailures);
    await archive?.(wanted.flatMap(({ queued }) => queued));
    for (const ok of await Promise.all(wanted.map((message) => deleteAll(scan, message)))) {
      if (ok) discarded += 1;
      else deleteFailures += 1;
    }
    return discarded + deleteFailures < limit;
  };
  try {
    const { examined, end } = await scanKept({
      scan,
      queue,
      filter,
      maxExamined,
      ...(signal && { signal }),
      visit: discard,
      onProgress: (seen) => onProgress?.({ examined: seen, discarded }),
    });
    return { examined, discarded, deleteFailures, end };
  } finally {
    await scan.close();
  }
}

async function deleteAll(scan: QueueScan, { queued }: KeptMessage): Promise<boolean> {
  const results = await Promise.all(queued.map(({ messageId }) => scan.delete(messageId)));
  return results.every(({ ok }) => ok);
}
