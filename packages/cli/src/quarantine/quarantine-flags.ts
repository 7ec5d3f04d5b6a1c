import { type Command, InvalidArgumentError } from 'commander';

/** The flags that say which messages are meant. */
export interface FilterFlags {
  readonly deadLetter?: boolean;
  readonly reason?: readonly string[];
  readonly org?: string;
  readonly device?: string;
  /** Milliseconds. */
  readonly olderThan?: number;
  /** Milliseconds. */
  readonly newerThan?: number;
  readonly redriveId?: string;
}

/** Adds the flags that say which messages are meant. */
export function addFilterFlags(command: Command): Command {
  return command
    .option('--dead-letter', 'the dead-letter queue instead of the quarantine')
    .option(
      '--reason <code>',
      'refused for this reason, "unknown" for what is no envelope; may be repeated',
      addReason,
    )
    .option('--org <slug>', 'sent for this organization')
    .option('--device <agri_id>', 'sent by this device')
    .option('--older-than <age>', 'refused longer ago than this: 90s, 30m, 6h, 7d', parseAge)
    .option('--newer-than <age>', 'refused within this time', parseAge)
    .option('--redrive-id <id>', 'came back from this redrive');
}

const AGE = /^(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `6h`, `7d` in milliseconds. */
export function parseAge(text: string): number {
  const [, count = '', unit = ''] = AGE.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined)
    throw new InvalidArgumentError('an age is a whole number with s, m, h or d: 90s, 30m, 6h, 7d');
  return Number(count) * unitMs;
}

/** A parser of whole numbers within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,9}$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };
}

function addReason(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
