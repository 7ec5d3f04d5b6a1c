import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../quarantine/quarantine-flags.ts';

/** The flags of every list. */
export interface ListFlags {
  readonly page: number;
  readonly limit: number;
  readonly json?: boolean;
}

/** A project as it stands on a command line: `org/project`. */
export interface ProjectArgument {
  readonly org: string;
  readonly project: string;
}

const MOST_ROWS = 10_000;

/** What the help of every command for operators ends with. */
export const OPERATE_HELP = `
Works on FURROW_REGISTRY (default: pglite:./data/registry). A PGlite directory belongs to one process: stop npm start first.

Exit codes: 0 done; 1 refused, not there, or a flag or a setting is wrong; 2 the registry is in use or does not answer, try again later.`;

/** Adds the flags of a list. */
export function addListFlags(command: Command): Command {
  return command
    .option('--limit <n>', 'rows of a page', wholeNumber(1, MOST_ROWS), 50)
    .option('--page <n>', 'which page, from 1', wholeNumber(1, 1_000_000), 1)
    .option('--json', 'a line of JSON for each row');
}

/** Adds the help and the ways of every command for operators to those of a group. */
export function finishGroup(group: Command): void {
  group.addHelpText('after', OPERATE_HELP);
  for (const command of group.commands) command.addHelpText('after', OPERATE_HELP).showHelpAfterError(false);
}

/** `org/project` in its parts; what they may be made of is checked with the rest. */
export function parseProject(text: string): ProjectArgument {
  const [org = '', project = '', ...rest] = text.split('/');
  if (org === '' || project === '' || rest.length > 0)
    throw new InvalidArgumentError('a project is written org/project, such as yanji-lab/greenhouse-alpha');
  return { org, project };
}

/** Gathers a flag that may be repeated. */
export function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const DAYS = /^(\d{1,4})d$/;
const DAY_MS = 86_400_000;
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** `90d` from now, a UTC date, or a time with its offset; it lies in the future. */
export function parseExpiry(text: string): Date {
  const [, days] = DAYS.exec(text) ?? [];
  const at = days === undefined ? instantOf(text) : Date.now() + Number(days) * DAY_MS;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError(
      'an expiry is a number of days (90d), a UTC date (2027-01-31) or a time with its offset',
    );
  }
  if (at <= Date.now()) throw new InvalidArgumentError('an expiry lies in the future');
  return new Date(at);
}

function instantOf(text: string): number {
  return INSTANT.test(text) ? Date.parse(text) : Number.NaN;
}
