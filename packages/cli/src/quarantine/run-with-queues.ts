import type { KeptFilter, KeptMessage } from '@furrow/queue';
import { QueueScan, type ScanEnd, scanKept } from '@furrow/queue';
import type { Environment } from '@furrow/runtime';
import { type Progress, startProgress } from '../terminal/progress.ts';
import { writeText } from '../terminal/write-text.ts';
import { countText, messagesText } from './kept-lines.ts';
import { type OpenQueues, openQueues } from './quarantine-config.ts';

/** Exit code of a command that Ctrl-C stopped: 128 + SIGINT. */
export const EXIT_STOPPED = 130;

/** Below this a command is over before a bar would be read. */
const LEAST_FOR_PROGRESS = 200;

/** What a verb works with. */
export interface QuarantineRun extends OpenQueues {
  /** Aborts at the first SIGINT or SIGTERM; the second ends the process. */
  readonly signal: AbortSignal;
}

/**
 * Opens the queues, runs the verb on them and closes them. The verb's number becomes the exit code, 130 when a signal came. Rejects with
 * ConfigError, QueueCheckError or UsageError.
 */
export async function runWithQueues(
  env: Environment,
  needs: { readonly deadLetter?: boolean | undefined; readonly uplink: boolean },
  verb: (run: QuarantineRun) => Promise<number>,
): Promise<void> {
  const queues = await openQueues(env, needs);
  const stopped = new AbortController();
  const stop = (): void => {
    if (stopped.signal.aborted) process.exit(EXIT_STOPPED);
    console.error('Stopping; what is looked at goes back to its queue. Ctrl-C again ends at once.');
    stopped.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const code = await verb({ ...queues, signal: stopped.signal });
    process.exitCode = stopped.signal.aborted ? EXIT_STOPPED : code;
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    queues.client.destroy();
  }
}

/** How a look through the queue went. */
export interface Look {
  readonly examined: number;
  readonly matched: number;
  readonly end: ScanEnd;
}

/** Shows `visit` what matches, with progress on standard error, and gives everything back. A visitor that answers false ends it. */
export async function lookThrough(
  run: QuarantineRun,
  filter: KeptFilter,
  maxExamined: number,
  visit: (message: KeptMessage) => Promise<boolean>,
): Promise<Look> {
  const scan = new QueueScan({ client: run.client, queueUrl: run.kept.queueUrl });
  const progress = progressOf('messages looked at', Math.min(maxExamined, run.kept.messagesVisible));
  let matched = 0;
  try {
    const report = await scanKept({
      scan,
      queue: run.queue,
      filter,
      maxExamined,
      signal: run.signal,
      onProgress: (examined) => progress.update(examined),
      visit: async (found) => {
        for (const message of found) {
          matched += 1;
          if (!(await visit(message))) return false;
        }
        return true;
      },
    });
    return { ...report, matched };
  } finally {
    progress.stop();
    await scan.close();
  }
}

/** Progress on standard error, so that standard output holds the answer alone; none where there is little to do. */
export function progressOf(what: string, total: number): Progress {
  if (total < LEAST_FOR_PROGRESS) return { update: () => {}, stop: () => {} };
  return startProgress(what, total, process.stderr);
}

const MORE: Readonly<Record<ScanEnd, string>> = {
  empty: '',
  examined: ' (there may be more: --limit looks further)',
  visitor: ' (and not at the rest)',
  aborted: ' before it was stopped',
};

/** What the queue holds by SQS's counts, and how many of it were looked at. */
export function lookLine({ title, kept }: QuarantineRun, { examined, matched, end }: Look): string {
  const hidden =
    kept.messagesInFlight > 0 ? ` (and ${countText(kept.messagesInFlight)} hidden by other readers)` : '';
  const held = `${title}: about ${messagesText(kept.messagesVisible)}${hidden}`;
  const more = MORE[end];
  return `${held}; looked at ${countText(examined)}${more}, ${countText(matched)} match.`;
}

/** Writes lines to standard output. */
export async function print(lines: readonly string[]): Promise<boolean> {
  return await writeText(process.stdout, `${lines.join('\n')}\n`);
}
