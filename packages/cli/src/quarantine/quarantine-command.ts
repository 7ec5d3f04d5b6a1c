import type { Command } from 'commander';
import { addFilterFlags, type FilterFlags, wholeNumber } from './quarantine-flags.ts';

/** The flags of `furrow quarantine list`. */
export interface ListFlags extends FilterFlags {
  readonly limit: number;
  readonly json?: boolean;
}

/** The flags of `furrow quarantine show`. */
export interface ShowFlags {
  readonly deadLetter?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** The flags of `furrow quarantine redrive`. */
export interface RedriveFlags extends FilterFlags {
  readonly limit: number;
  readonly rate: number;
  /** Seconds. */
  readonly wait: number;
  readonly dryRun?: boolean;
  readonly moveTask?: boolean;
}

/** The flags of `furrow quarantine discard`. */
export interface DiscardFlags extends FilterFlags {
  readonly limit: number;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly to?: string;
}

const MOST_MESSAGES = 100_000;

const SETTINGS = `
The queues are those of the worker: FURROW_UPLINK_QUEUE_URL and FURROW_QUARANTINE_QUEUE_URL, with the AWS SDK's own variables.
The dead-letter queue is the one in the uplink queue's redrive policy, or FURROW_DEAD_LETTER_QUEUE_URL.
While npm start runs, its settings are in data/env:  . data/env && npm run --silent furrow -- quarantine list

SQS cannot be browsed. To look at a message is to receive it: it is hidden from others while the command runs, and its receive
count rises. A command that is killed gives its messages back after two minutes.

Exit codes: 0 done; 1 a flag, a setting or a queue is wrong, or something could not be done; 130 stopped by Ctrl-C.`;

const REDRIVE_HELP = `
A message goes back as it was, with its attributes and the time at which it was received first; a mark (the attribute
furrow_redrive) carries that time and the id of this run. It leaves the quarantine only after SQS has accepted it. Readings of it that
are stored already stay as they are.

Then the command waits: what is refused again comes back to the quarantine with the id of this run, and when the uplink queue
reads empty the others have passed. The counts of SQS are approximate and can lag by a minute; with live traffic the queue may
never read empty, and then the command says how many passed at most. list --redrive-id <id> finds what came back later.

--move-task lets SQS move all dead letters by itself (StartMessageMoveTask), fast, but with a new time of sending: by it a
reading without a time moves to now, and an old reading of the flat form replaces its newer correction. So it is not the default.

Exit codes: 0 all that matched was sent; 1 something was wrong or could not be sent; 2 some came back; 130 stopped by Ctrl-C.`;

/** Adds `furrow quarantine` with its four verbs to the program. */
export function addQuarantineCommand(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('look at refused messages and dead letters, send them through again, or discard them')
    .addHelpText('after', SETTINGS);
  addListCommand(quarantine);
  addShowCommand(quarantine);
  addRedriveCommand(quarantine);
  addDiscardCommand(quarantine);
  for (const command of quarantine.commands) command.showHelpAfterError(false);
}

function addListCommand(quarantine: Command): void {
  addFilterFlags(
    quarantine.command('list').description('what lies there, by reason, organization, device and day'),
  )
    .option('--limit <n>', 'look at this many messages at most', wholeNumber(1, MOST_MESSAGES), 1_000)
    .option('--json', 'a line of JSON for each message')
    .addHelpText('after', SETTINGS)
    .action(async (flags: ListFlags) => (await import('../commands/quarantine.ts')).list(flags));
}

function addShowCommand(quarantine: Command): void {
  quarantine
    .command('show')
    .description('everything about one message: why, where, what was received, and the message itself')
    .argument('<id>', 'its id, or how it begins, as list shows it')
    .option('--dead-letter', 'the dead-letter queue instead of the quarantine')
    .option('--limit <n>', 'look for it among this many messages', wholeNumber(1, MOST_MESSAGES), 10_000)
    .option('--json', 'one line of JSON with the whole message')
    .addHelpText('after', SETTINGS)
    .action(async (id: string, flags: ShowFlags) =>
      (await import('../commands/quarantine.ts')).show(id, flags),
    );
}

function addRedriveCommand(quarantine: Command): void {
  addFilterFlags(
    quarantine.command('redrive').description('send messages through the pipeline again, after a fix'),
  )
    .option('--limit <n>', 'send this many at most', wholeNumber(1, MOST_MESSAGES), 10_000)
    .option(
      '--rate <n>',
      'messages a second, so that live readings are not held up',
      wholeNumber(1, 1_000),
      100,
    )
    .option(
      '--wait <seconds>',
      'watch what becomes of them for this long; 0 does not',
      wholeNumber(0, 86_400),
      120,
    )
    .option('--dry-run', 'only say what would be sent')
    .option('--move-task', 'with --dead-letter and no filter: let SQS move them')
    .addHelpText('after', REDRIVE_HELP)
    .action(async (flags: RedriveFlags) => (await import('../commands/quarantine.ts')).redrive(flags));
}

function addDiscardCommand(quarantine: Command): void {
  addFilterFlags(quarantine.command('discard').description('delete messages for good'))
    .option('--all', 'all of them, where no filter is given')
    .option('--limit <n>', 'delete this many at most', wholeNumber(1, MOST_MESSAGES), 10_000)
    .option('--to <file.ndjson>', 'write them to this new file first')
    .option('--dry-run', 'only say what would be deleted')
    .option('--yes', 'do not ask')
    .addHelpText('after', SETTINGS)
    .action(async (flags: DiscardFlags) => (await import('../commands/quarantine.ts')).discard(flags));
}
