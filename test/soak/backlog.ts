import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { benchUplink } from '../bench/fleet.ts';
import { startGeneratedQueue } from './generated-queue.ts';

export interface BacklogOptions {
  readonly messages: number;
  /** Ten readings each, in every message. */
  readonly reads: number;
  readonly limitMib: number;
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

const LINES_A_REPORT = 10;

/** Puts a worker, as a process of its own, before a backlog that exists as numbers only. */
export async function soakBacklog({
  messages,
  reads,
  limitMib,
  onProgress,
}: BacklogOptions): Promise<BacklogReport> {
  const newestT = Math.floor(Date.now() / 1000) - 60;
  // One lap of the bench's fleet; every further message is the same again, which the worker cannot know.
  const bodies = Array.from({ length: 1_000 }, (_, number) =>
    JSON.stringify(benchUplink(number, 'items', reads, newestT)),
  );
  const bodyOf = (number: number) => bodies[number % bodies.length] ?? '';
  const queue = await startGeneratedQueue({ messages, bodyOf });
  const script = resolve(import.meta.dirname, 'bare-worker.ts');
  const child = spawn(process.execPath, [script, '--endpoint', queue.endpoint, '--queue', queue.queueUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let [idleMib, peakMib, imbalance, lines]: [number | undefined, number, number, number] = [
    undefined,
    0,
    0,
    0,
  ];
  for await (const line of createInterface(child.stdout)) {
    const report = JSON.parse(line) as { acked: number; imbalance: number; rssMib: number };
    idleMib ??= report.rssMib;
    peakMib = Math.max(peakMib, report.rssMib);
    imbalance = Math.max(imbalance, Math.abs(report.imbalance));
    lines += 1;
    if (lines % LINES_A_REPORT === 0) {
      const rate = Math.round(report.acked / secondsSoFar());
      onProgress(`${report.acked} of ${messages} messages, ${rate}/s, ${Math.round(report.rssMib)} MiB`);
    }
    if (queue.deleted() >= messages && child.exitCode === null) child.kill('SIGTERM');
  }
  if (child.exitCode === null) await once(child, 'close');
  await queue.close();
  const figures = {
    ...{ messages, deleted: queue.deleted(), returned: queue.returned(), seconds: secondsSoFar() },
    ...{ idleMib: idleMib ?? 0, peakMib, imbalance },
  };
  return { ...figures, problems: problemsOf(figures, limitMib) };
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
