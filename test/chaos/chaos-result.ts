import { markdownTable } from '../bench/table.ts';
import type { PointDifferences } from './audit-points.ts';
import type { QuarantineDifferences } from './audit-quarantine.ts';
import type { ChaosOptions } from './chaos-options.ts';
import type { SqsFaultCounts } from './sqs-faults.ts';

/** What a run has found. Lists hold a line for each finding. */
export interface ChaosResult {
  readonly options: ChaosOptions;
  readonly registry: string;
  readonly faults: number;
  /** Readings, messages, and how often something had to be sent again. */
  readonly sent: number;
  readonly messages: number;
  readonly poison: number;
  readonly repeated: number;
  /** Points in the store in the end, whatever their factor. */
  readonly stored: number;
  readonly points: PointDifferences;
  /** Where the API's answers for a sample of the factors differ from what was sent. */
  readonly apiDifferences: readonly string[];
  readonly apiPoints: number;
  readonly quarantine: QuarantineDifferences;
  /** Messages that were still on the queue when the time for draining was over, and posts that were never taken. */
  readonly stuck: number;
  readonly refusals: readonly string[];
  readonly sqs: SqsFaultCounts;
  readonly imbalance: number;
  readonly ledgerSamples: number;
  readonly longestStallMs: number;
  readonly longestStallEndMs: number;
  readonly drainedAfterMs: number;
  readonly peakBytes: Readonly<Record<string, number>>;
  readonly processes: Readonly<
    Record<string, { starts: number; failedStarts: number; crashes: number; uncleanStops: number }>
  >;
}

const SHOWN = 5;

/** Why the run has failed, a line each; empty when it passed. */
export function failuresOf(result: ChaosResult): string[] {
  const { points, quarantine, processes } = result;
  const lists: [string, readonly string[]][] = [
    ['missing', points.missing],
    ['wrong', points.wrong],
    ['duplicates visible', points.duplicates],
    ['never sent', points.phantoms],
    ['differences in the API', result.apiDifferences],
    ['astray', quarantine.astray],
    ['in the dead-letter queue', quarantine.deadLetters],
    ['refused by the API', result.refusals],
  ];
  const failures = lists.flatMap(([name, list]) =>
    list.length === 0
      ? []
      : [`${list.length} ${name}:`, ...list.slice(0, SHOWN).map((line) => `  ${line}`), ...more(list)],
  );
  if (result.stuck > 0)
    failures.unshift(`${result.stuck} messages did not come to an end; what they hold counts as missing`);
  if (result.imbalance !== 0) failures.push(`a ledger was out of balance by ${result.imbalance}`);
  if (result.ledgerSamples === 0) failures.push('no ledger could be read');
  for (const [name, { crashes }] of Object.entries(processes))
    if (crashes > 0) failures.push(`${name} ended by itself ${crashes} times`);
  return failures;
}

/** The result as a table for people. */
export function chaosTable(result: ChaosResult): string {
  const { points, quarantine, sqs, processes } = result;
  const rejected = Object.entries(quarantine.rejectedByReason).sort(([, a], [, b]) => b - a);
  const sum = (pick: (counts: (typeof processes)[string]) => number): string =>
    count(Object.values(processes).reduce((total, counts) => total + pick(counts), 0));
  const rows: [string, string][] = [
    ['faults', count(result.faults)],
    ['sent: readings', count(result.sent)],
    ['sent: messages', `${count(result.messages)}, of them ${count(result.poison)} poison`],
    ['stored', count(result.stored)],
    ['rejected', rejected.map(([reason, times]) => `${count(times)} ${reason}`).join(', ')],
    ['missing', count(points.missing.length)],
    ['wrong', count(points.wrong.length)],
    ['duplicates visible', count(points.duplicates.length)],
    ['never sent', count(points.phantoms.length)],
    ['astray', count(quarantine.astray.length)],
    ['in the dead-letter queue', count(quarantine.deadLetters.length)],
    ['stuck', count(result.stuck)],
    [
      'read through the API',
      `${count(result.apiPoints)}, ${count(result.apiDifferences.length)} differences`,
    ],
    ['ledger imbalance', `${count(result.imbalance)} in ${count(result.ledgerSamples)} samples`],
    [
      'redeliveries',
      `${count(sqs.redelivered)} of ${count(sqs.delivered)}; ${count(sqs.duplicated)} made on purpose`,
    ],
    ['most deliveries of a message', count(sqs.mostDeliveries)],
    ['sent again', count(result.repeated)],
    ['failed requests of SQS', count(sqs.failedRequests)],
    ['answers of SQS lost or cut', count(sqs.lostAnswers + sqs.cutReceives)],
    ['receipts expired', count(sqs.expiredReceipts)],
    ['quarantined again', count(quarantine.repeated)],
    ['longest stall', `${seconds(result.longestStallMs)}, to ${seconds(result.longestStallEndMs)}`],
    ['queue empty after', seconds(result.drainedAfterMs)],
    ['processes started', sum(({ starts }) => starts)],
    ['starts that failed', sum(({ failedStarts }) => failedStarts)],
    ['stops that were not clean', sum(({ uncleanStops }) => uncleanStops)],
    ...Object.entries(result.peakBytes).map(([name, bytes]): [string, string] => [
      `peak memory: ${name}`,
      `${Math.round(bytes / 2 ** 20)} MiB`,
    ]),
  ];
  return markdownTable(['', `seed ${result.options.seed}, registry on ${result.registry}`], rows);
}

function more(list: readonly string[]): string[] {
  return list.length > SHOWN ? [`  and ${list.length - SHOWN} more`] : [];
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
