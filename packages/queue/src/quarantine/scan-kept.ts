import type { KeptFilter } from './kept-filter.ts';
import { matchesKept } from './kept-filter.ts';
import type { KeptMessage, KeptQueue } from './kept-message.ts';
import { KeptReader } from './kept-reader.ts';
import type { QueueScan } from './queue-scan.ts';

export interface KeptScan {
  readonly scan: QueueScan;
  readonly queue: KeptQueue;
  readonly filter: KeptFilter;
  /** Looks at no more messages than this, ten give or take. */
  readonly maxExamined: number;
  readonly signal?: AbortSignal;
  /** Told after each receive how many messages have been looked at. */
  readonly onProgress?: (examined: number) => void;
  /** Gets the matching messages of one receive; false ends the scan. */
  readonly visit: (found: readonly KeptMessage[]) => Promise<boolean>;
}

/** Why a scan ended: the queue had no more; as many were looked at as may be; its visitor or its signal ended it. */
export type ScanEnd = 'empty' | 'examined' | 'visitor' | 'aborted';

export interface KeptScanReport {
  readonly examined: number;
  readonly end: ScanEnd;
}

/**
 * Goes through a queue and shows the visitor what matches. Messages of which a part was not seen are shown last, unless the scan was
 * aborted. Rejects with QueueCheckError.
 */
export async function scanKept(options: KeptScan): Promise<KeptScanReport> {
  const { scan, filter, visit } = options;
  const reader = new KeptReader(options.queue);
  const show = async (messages: readonly KeptMessage[]): Promise<boolean> => {
    const found = messages.filter((message) => matchesKept(message, filter));
    return found.length === 0 || (await visit(found));
  };
  let examined = 0;
  let end: ScanEnd | undefined;
  while (end === undefined) {
    if (options.signal?.aborted) return { examined, end: 'aborted' };
    const messages = await scan.next();
    examined += messages.length;
    const read: KeptMessage[] = [];
    for (const message of messages) {
      const kept = await reader.read(message);
      if (kept) read.push(kept);
    }
    if (!(await show(read))) return { examined, end: options.signal?.aborted ? 'aborted' : 'visitor' };
    options.onProgress?.(examined);
    if (messages.length === 0) end = 'empty';
    else if (examined >= options.maxExamined) end = 'examined';
  }
  await show(await reader.incomplete());
  return { examined, end };
}
