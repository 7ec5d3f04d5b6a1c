import { type Command, InvalidArgumentError } from 'commander';
import { parseSince } from './selection.ts';

/** The flags of `furrow copy`. */
export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  /** `project_id` or `org_id/project_id`; empty means all. */
  readonly project: readonly string[];
  /** A UTC day; undefined means everything that is kept. */
  readonly since?: number;
  readonly state?: string;
  readonly dryRun?: boolean;
  readonly verifyOnly?: boolean;
  readonly patience: number;
}

const DEFAULT_PATIENCE_SECONDS = 300;
const MOST_PATIENCE_SECONDS = 86_400;

const HELP = `
Points keep their versions, so that a worker may write to the destination meanwhile: what is newer there stays. Copying a point twice
changes nothing. A journal (--state) says what is done; the same command goes on from there after an interruption, and copies again what
grew at the source or was found to differ. A DuckDB file belongs to one process: stop the worker that has it open.

When all is copied, both stores are read and compared by count and checksum per factor and UTC day. Points that only the destination has,
or has in a newer version, are told apart and are no fault.

Credentials: FURROW_COPY_FROM_TOKEN, or FURROW_COPY_FROM_USERNAME and FURROW_COPY_FROM_PASSWORD; FURROW_COPY_TO_… for the other store.
Timestream takes region and credentials from the AWS SDK's own variables and files.

Exit code: 0 when every point is at the destination (points that grew older than 90 days on the way aside), and for --dry-run. 1 when
some are missing, wrong or refused, when the copy had to stop, or when a flag is wrong. 130 when it was interrupted.`;

/** Adds `furrow copy` to the program. */
export function addCopyCommand(program: Command): void {
  program
    .command('copy')
    .description('copy the points of one store to another, and verify that all of them are there')
    .requiredOption('--from <store>', 'where the points are, as for FURROW_STORE')
    .requiredOption('--to <store>', 'where they go')
    .option('--project <project>', 'only this project_id or org_id/project_id; may be repeated', collect, [])
    .option('--since <time>', 'only from this UTC day on: 2026-01-31, or any time on it', parseDay)
    .option('--state <file>', 'journal of what is done (default: furrow-copy-<from>--<to>.journal here)')
    .option('--dry-run', 'only show what would be copied')
    .option('--verify-only', 'only compare the stores')
    .option(
      '--patience <seconds>',
      'how long a store may take nothing before the copy stops',
      parsePatience,
      DEFAULT_PATIENCE_SECONDS,
    )
    .addHelpText('after', HELP)
    .showHelpAfterError(false)
    .action(async (options: CopyOptions) => (await import('../commands/copy.ts')).copy(options));
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function parseDay(text: string): number {
  const day = parseSince(text);
  if (day === undefined) throw new InvalidArgumentError('It is a UTC date (2026-01-31) or a time.');
  return day;
}

function parsePatience(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds < 1 || seconds > MOST_PATIENCE_SECONDS) {
    throw new InvalidArgumentError(`It is a whole number of seconds from 1 to ${MOST_PATIENCE_SECONDS}.`);
  }
  return seconds;
}
