import {
  type KeptFilter,
  moveDeadLetters,
  probeQueue,
  Redrive,
  type RedriveReport,
  type RedriveReturns,
} from '@furrow/queue';
import { alignColumns } from '../terminal/columns.ts';
import { safeCell } from '../terminal/safe-text.ts';
import { countText, KeptSummary, messagesText } from './kept-lines.ts';
import type { RedriveFlags } from './quarantine-command.ts';
import { lookLine, lookThrough, print, progressOf, type QuarantineRun } from './run-with-queues.ts';

const EXIT_CAME_BACK = 2;

/** How long the uplink queue must read empty before what did not come back is said to have passed. */
const SETTLE_MS = 3_000;
const SHOWN_FAILURES = 10;

/** Sends what matches, or says what would be sent, and waits for what becomes of it. Resolves to the exit code. */
export async function redriveMessages(
  run: QuarantineRun,
  filter: KeptFilter,
  flags: RedriveFlags,
): Promise<number> {
  if (flags.dryRun) return await previewRedrive(run, filter, flags.limit);
  const progress = progressOf('messages sent', Math.min(flags.limit, run.kept.messagesVisible));
  const redrive = new Redrive({
    client: run.client,
    queue: run.queue,
    queueUrl: run.kept.queueUrl,
    uplinkQueueUrl: run.uplinkQueueUrl ?? '',
    ...(run.quarantineQueueUrl !== undefined && { quarantineQueueUrl: run.quarantineQueueUrl }),
    filter,
    limit: flags.limit,
    ratePerSecond: flags.rate,
    signal: run.signal,
    onProgress: ({ sent }) => progress.update(sent),
  });
  try {
    const report = await redrive.send().finally(() => progress.stop());
    await print(sentLines(report));
    if (report.sent === 0 || flags.wait === 0 || run.signal.aborted) return report.notSent.size > 0 ? 1 : 0;
    return await followUp(redrive, report, flags.wait);
  } finally {
    await redrive.close();
  }
}

async function followUp(redrive: Redrive, report: RedriveReport, waitSeconds: number): Promise<number> {
  console.error(`Waiting up to ${waitSeconds} s for the worker; Ctrl-C ends the waiting, not the work.`);
  const progress = progressOf('messages worked on', report.sent);
  const returns = await redrive
    .watch({
      timeoutMs: waitSeconds * 1000,
      settleMs: SETTLE_MS,
      onProgress: (settled) => progress.update(settled),
    })
    .finally(() => progress.stop());
  await print(returnLines(report, returns));
  if (report.notSent.size > 0) return 1;
  return returns.cameBack.size > 0 ? EXIT_CAME_BACK : 0;
}

async function previewRedrive(run: QuarantineRun, filter: KeptFilter, limit: number): Promise<number> {
  const summary = new KeptSummary();
  let stuck = 0;
  const look = await lookThrough(run, filter, 100_000, async (message) => {
    summary.add(message);
    if (message.problem !== undefined) stuck += 1;
    return summary.messages - stuck < limit;
  });
  await print([
    lookLine(run, look),
    '',
    ...summary.lines(),
    `${countText(summary.messages - stuck)} would be sent, ${countText(stuck)} could not. Nothing was changed.`,
  ]);
  return 0;
}

function sentLines({ runId, examined, sent, notSent, deleteFailures, end }: RedriveReport): string[] {
  const stopped = end === 'aborted' ? ' Stopped: the others are where they were.' : '';
  const failures = [...notSent].slice(0, SHOWN_FAILURES);
  return [
    `Redrive ${runId}: looked at ${countText(examined)}, sent ${messagesText(sent)}, left ${countText(notSent.size)} that cannot be sent.${stopped}`,
    ...alignColumns(failures.map(([id, reason]) => [`  ${safeCell(id, 40)}`, safeCell(reason, 120)])),
    ...(notSent.size > failures.length ? [`  and ${countText(notSent.size - failures.length)} more`] : []),
    ...(deleteFailures > 0
      ? [`${messagesText(deleteFailures)} sent but not deleted here: sending them again changes nothing.`]
      : []),
  ];
}

function returnLines({ runId, sent }: RedriveReport, { cameBack, settled }: RedriveReturns): string[] {
  const passed = Math.max(0, sent - cameBack.size);
  const reasons = new Map<string, number>();
  for (const counts of cameBack.values()) {
    const names = Object.keys(counts);
    for (const reason of names.length > 0 ? names : ['dead letter']) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  return [
    settled
      ? `${countText(passed)} passed, ${countText(cameBack.size)} came back.`
      : `The uplink queue is not empty yet: ${countText(cameBack.size)} came back so far, at most ${countText(passed)} passed.`,
    ...alignColumns(
      [...reasons].map(([reason, times]) => [`  ${safeCell(reason, 40)}`, messagesText(times)]),
    ),
    ...(cameBack.size > 0 || !settled ? [`See furrow quarantine list --redrive-id ${runId}`] : []),
  ];
}

/**
 * Lets SQS move all dead letters. Resolves to the exit code; to undefined, after a line about it, when the server has no such tasks, so
 * that the messages must be sent one by one.
 */
export async function moveByTask(run: QuarantineRun, ratePerSecond: number): Promise<number | undefined> {
  const uplinks = await probeQueue({ client: run.client, queueUrl: run.uplinkQueueUrl ?? '' });
  const progress = progressOf('messages moved', run.kept.messagesVisible);
  const end = await moveDeadLetters({
    client: run.client,
    sourceArn: run.kept.arn,
    destinationArn: uplinks.arn,
    ratePerSecond,
    signal: run.signal,
    onProgress: ({ moved }) => progress.update(moved),
  }).finally(() => progress.stop());
  if (end.kind === 'unsupported') {
    console.error(
      `This server cannot move messages by itself (${safeCell(end.reason, 200)}); sending them one by one.`,
    );
    return undefined;
  }
  const failed = end.kind === 'failed' ? `; the task failed: ${safeCell(end.reason, 300)}` : '';
  await print([
    `SQS moved about ${messagesText(end.moved)} to the uplink queue${end.kind === 'cancelled' ? ', then it was stopped' : failed}.`,
  ]);
  return end.kind === 'failed' ? 1 : 0;
}
