import { parseArgs } from 'node:util';

/** How a run is made. */
export interface ChaosOptions {
  /** How long load is on. */
  readonly loadMs: number;
  readonly seed: number;
  readonly workers: number;
  /** Readings a second. */
  readonly rate: number;
  /** When load and faults are over: the longest wait without progress for the queue to be empty. */
  readonly drainMs: number;
  /** After how long a message that its receiver lost comes again; undefined leaves it to the visibility timeout of a minute. */
  readonly orphanMs: number | undefined;
}

export interface ChaosCommand {
  readonly options: ChaosOptions;
  /** Print the schedule and end. */
  readonly plan: boolean;
  /** File for the result. */
  readonly json: string | undefined;
  /** Folder for what the processes print; a temporary one when undefined. */
  readonly logs: string | undefined;
}

export const USAGE = `npm run chaos -- [--minutes 5] [--seed <number>] [--workers 2] [--rate 300] [--short] [--plan] [--json <file>] [--logs <folder>]

  --minutes  how long load and faults are on
  --seed     what faults and load are made from: the same seed, the same schedule and the same messages
  --workers  1 to 8
  --rate     readings a second, 10 to 5000
  --short    ten seconds, in which lost messages come again after 2 s instead of a minute
  --plan     print the schedule and end
  --json     write the result to a file
  --logs     keep what the processes print in this folder`;

/** Throws an Error whose message lists all that is wrong with the arguments. */
export function readChaosCommand(args: readonly string[], newSeed: () => number): ChaosCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      workers: { type: 'string', default: '2' },
      rate: { type: 'string', default: '300' },
      short: { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
      json: { type: 'string' },
      logs: { type: 'string' },
    },
  });
  const problems: string[] = [];
  const number = (name: string, text: string, least: number, most: number, whole: boolean): number => {
    const value = Number(text);
    if (text === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      problems.push(
        `--${name} is a ${whole ? 'whole ' : ''}number from ${least} to ${most} (received "${text}")`,
      );
    return value;
  };
  const minutes = number('minutes', values.minutes, 0.1, 24 * 60, false);
  const options: ChaosOptions = {
    loadMs: values.short ? 10_000 : minutes * 60_000,
    seed: values.seed === undefined ? newSeed() : number('seed', values.seed, 1, 2 ** 31 - 1, true),
    workers: number('workers', values.workers, 1, 8, true),
    rate: number('rate', values.rate, 10, 5_000, true),
    drainMs: values.short ? 60_000 : 180_000,
    orphanMs: values.short ? 2_000 : undefined,
  };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { options, plan: values.plan, json: values.json, logs: values.logs };
}
