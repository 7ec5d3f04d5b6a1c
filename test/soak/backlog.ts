import { benchMessages } from '../bench/end-to-end/bench-messages.ts';
import { startBareWorker, startDeployedWorker, type WatchedWorker } from './backlog-worker.ts';
import { startGeneratedQueue } from './generated-queue.ts';

export interface BacklogOptions {
  readonly messages: number;
  /** Ten readings each, in every message. */
  readonly reads: number;
  readonly limitMib: number;
  /** The file of a worker as it is deployed; without it, a worker from source between plans in memory and a store that takes everything. */
  readonly program?: string;
  /** Options of Node.js for the worker, such as `--max-semi-space-size=2`. */
  readonly nodeOptions?: readonly string[];
  readonly onProgress: (line: string) => void;
}

/** What a worker's way through a backlog came to. */
export interface BacklogReport {
  readonly messages: number;
  readonly deleted: number;
  readonly returned: number;
  readonly seconds: number;
  readonly idleMib: number;
  readonly peakMib: number;
  readonly imbalance: number;
  /** Empty when every message was deleted, the books balanced, and memory stayed under the limit. */
  readonly problems: readonly string[];
}

const SAMPLES_A_LINE = 10;
/** The readings begin so long ago that a million messages end before now. */
const FIRST_SECONDS_AGO = 80 * 86_400;

/** Puts a worker, as a process of its own, before a backlog that exists as numbers only. */
export async function soakBacklog(options: BacklogOptions): Promise<BacklogReport> {
  const { messages, reads, limitMib, program, nodeOptions = [], onProgress } = options;
  const { bodyOf } = benchMessages(reads, FIRST_SECONDS_AGO);
  const queue = await startGeneratedQueue({ messages, bodyOf });
  let worker: WatchedWorker | undefined;
  try {
    worker = await (program === undefined
      ? startBareWorker(queue, nodeOptions)
      : startDeployedWorker(queue, program, nodeOptions));
    const startedAt = performance.now();
    const secondsSoFar = () => (performance.now() - startedAt) / 1000;
    const seen = { idleMib: Number.NaN, peakMib: 0, imbalance: 0 };
    let samples = 0;
    for await (const { imbalance, rssMib } of worker.samples()) {
      if (samples === 0) seen.idleMib = rssMib;
      seen.peakMib = Math.max(seen.peakMib, rssMib);
      seen.imbalance = Math.max(seen.imbalance, Math.abs(imbalance));
      samples += 1;
      if (samples % SAMPLES_A_LINE === 0) {
        const rate = Math.round(queue.deleted() / secondsSoFar());
        onProgress(`${queue.deleted()} of ${messages} messages, ${rate}/s, ${Math.round(rssMib)} MiB`);
      }
      if (queue.deleted() >= messages) break;
    }
    const seconds = secondsSoFar();
    await worker.stop();
    const figures = { messages, deleted: queue.deleted(), returned: queue.returned(), seconds, ...seen };
    return { ...figures, problems: problemsOf(figures, limitMib) };
  } finally {
    await worker?.stop();
    await queue.close();
  }
}

function problemsOf(
  { messages, deleted, imbalance, peakMib }: Omit<BacklogReport, 'problems'>,
  limitMib: number,
): string[] {
  return [
    ...(deleted === messages ? [] : [`${messages - deleted} messages were not finished`]),
    ...(imbalance === 0 ? [] : [`the ledger was out by ${imbalance}`]),
    ...(peakMib <= limitMib ? [] : [`memory rose to ${Math.round(peakMib)} MiB; the limit is ${limitMib}`]),
  ];
}

/** The report for people. */
export function backlogSummary(report: BacklogReport): string {
  const { deleted, messages, seconds, returned, idleMib, peakMib, imbalance, problems } = report;
  return [
    `${deleted} of ${messages} messages in ${Math.round(seconds)} s; ${returned} returned; ` +
      `memory ${Math.round(idleMib)} MiB idle, ${Math.round(peakMib)} MiB at the most; ledger imbalance ${imbalance}`,
    ...problems.map((problem) => `PROBLEM: ${problem}`),
  ].join('\n');
}
