import { isOpenFilter } from '@furrow/queue';
import { UsageError } from '../errors.ts';
import { discardMessages } from '../quarantine/discard-messages.ts';
import { filterOf } from '../quarantine/filter-of.ts';
import { KeptSummary, keptJson } from '../quarantine/kept-lines.ts';
import type { DiscardFlags, ListFlags, RedriveFlags, ShowFlags } from '../quarantine/quarantine-command.ts';
import { moveByTask, redriveMessages } from '../quarantine/redrive-messages.ts';
import { lookLine, lookThrough, print, runWithQueues } from '../quarantine/run-with-queues.ts';
import { storyJson, storyLines } from '../quarantine/story-lines.ts';

const LEAST_ID_LENGTH = 4;

/** `furrow quarantine list`: counts what matches, or prints a line of JSON for each message. */
export async function list(flags: ListFlags): Promise<void> {
  const filter = filterOf(flags, Date.now());
  await runWithQueues(process.env, { deadLetter: flags.deadLetter, uplink: false }, async (run) => {
    const summary = new KeptSummary();
    const look = await lookThrough(run, filter, flags.limit, async (message) => {
      if (flags.json) return await print([keptJson(message)]);
      summary.add(message);
      return true;
    });
    if (flags.json) console.error(lookLine(run, look));
    else await print([lookLine(run, look), ...spaced(summary.lines())]);
    return 0;
  });
}

/** `furrow quarantine show`: prints the story of one message; exit code 1 when it was not found. */
export async function show(id: string, flags: ShowFlags): Promise<void> {
  if (id.length < LEAST_ID_LENGTH)
    throw new UsageError(`give at least ${LEAST_ID_LENGTH} characters of the id`);
  await runWithQueues(process.env, { deadLetter: flags.deadLetter, uplink: false }, async (run) => {
    let found = false;
    const look = await lookThrough(run, { id }, flags.limit, async (message) => {
      found = true;
      await print(flags.json ? [storyJson(message)] : storyLines(message));
      return false;
    });
    if (found) return 0;
    console.error(
      `furrow: no message with an id that begins with ${JSON.stringify(id)}. ${lookLine(run, look)}`,
    );
    return 1;
  });
}

/** `furrow quarantine redrive`: sends what matches through the pipeline again and says what became of it. */
export async function redrive(flags: RedriveFlags): Promise<void> {
  const filter = filterOf(flags, Date.now());
  if (flags.moveTask && !(flags.deadLetter && isOpenFilter(filter) && !flags.dryRun)) {
    throw new UsageError('--move-task goes with --dead-letter alone: SQS moves all messages or none');
  }
  await runWithQueues(process.env, { deadLetter: flags.deadLetter, uplink: true }, async (run) => {
    const moved = flags.moveTask ? await moveByTask(run, flags.rate) : undefined;
    return moved ?? (await redriveMessages(run, filter, flags));
  });
}

/** `furrow quarantine discard`: deletes what matches, after asking. */
export async function discard(flags: DiscardFlags): Promise<void> {
  const filter = filterOf(flags, Date.now());
  if (isOpenFilter(filter) === (flags.all !== true)) {
    throw new UsageError('say which messages with filters, or --all for every one');
  }
  await runWithQueues(process.env, { deadLetter: flags.deadLetter, uplink: false }, async (run) =>
    discardMessages(run, filter, flags),
  );
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
