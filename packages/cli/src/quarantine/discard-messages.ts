import { createInterface } from 'node:readline/promises';
import { discardKept, type KeptFilter } from '@furrow/queue';
import { UsageError } from '../errors.ts';
import { countText, KeptSummary } from './kept-lines.ts';
import { MessageArchive } from './message-archive.ts';
import type { DiscardFlags } from './quarantine-command.ts';
import {
  type Look,
  lookLine,
  lookThrough,
  print,
  progressOf,
  type QuarantineRun,
} from './run-with-queues.ts';

const MAX_EXAMINED = 100_000;

/** Deletes what matches, or says what would be deleted. Resolves to the exit code. */
export async function discardMessages(
  run: QuarantineRun,
  filter: KeptFilter,
  flags: DiscardFlags,
): Promise<number> {
  const asks = !flags.yes && !flags.dryRun;
  if (asks && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw new UsageError(
      'there is no terminal to ask on; --yes discards without asking, --dry-run shows what would go',
    );
  }
  if (asks || flags.dryRun) {
    const look = await preview(run, filter, flags.limit);
    if (flags.dryRun) return 0;
    if (run.signal.aborted || look.matched === 0 || !(await confirmed(run.signal))) {
      await print(['Nothing was discarded.']);
      return 0;
    }
  }
  const archive = flags.to === undefined ? undefined : await MessageArchive.create(flags.to);
  const progress = progressOf('messages discarded', Math.min(flags.limit, run.kept.messagesVisible));
  try {
    const { discarded, deleteFailures, examined, end } = await discardKept({
      client: run.client,
      queue: run.queue,
      queueUrl: run.kept.queueUrl,
      filter,
      limit: flags.limit,
      maxExamined: MAX_EXAMINED,
      signal: run.signal,
      ...(archive && { archive: (messages) => archive.add(messages) }),
      onProgress: ({ discarded }) => progress.update(discarded),
    }).finally(() => progress.stop());
    const where = archive && discarded > 0 ? `; they are in ${flags.to}` : '';
    const stopped = end === 'aborted' ? ' before it was stopped' : '';
    await print([`Discarded ${countText(discarded)} of ${countText(examined)} looked at${stopped}${where}.`]);
    if (deleteFailures === 0) return 0;
    console.error(`furrow: SQS did not delete ${countText(deleteFailures)} more that match; run it again.`);
    return 1;
  } finally {
    await archive?.close();
  }
}

async function preview(run: QuarantineRun, filter: KeptFilter, limit: number): Promise<Look> {
  const summary = new KeptSummary();
  const look = await lookThrough(run, filter, MAX_EXAMINED, async (message) => {
    summary.add(message);
    return summary.messages < limit;
  });
  await print([
    lookLine(run, look),
    '',
    ...summary.lines(),
    `${countText(summary.messages)} would be discarded. Nothing was changed.`,
  ]);
  return look;
}

async function confirmed(signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('Discard them for good? Type yes: ', { signal });
    return answer.trim().toLowerCase() === 'yes';
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
