import { UsageError } from '../../errors.ts';
import type { LiveLines } from '../../terminal/live-lines.ts';
import type { ReplayFlags } from '../replay-options.ts';
import type { ReplaySource } from '../source/source-message.ts';
import { findSpan } from './find-span.ts';

/** Messages between two looks at the terminal. */
const SHOW_EVERY = 50_000;

/** By how much times are moved, milliseconds, and how many messages there are, where that is known. */
export interface Shift {
  readonly shiftMs: number;
  readonly messages: number | undefined;
}

/**
 * Works out by how much times move: not at all, or so that the newest is now. For that the newest time is told by the source or by
 * `--newest`, or the source is read once before. Throws UsageError when standard input would have to be read twice, or has no times.
 */
export async function findShift(
  source: ReplaySource,
  { time, newest }: ReplayFlags,
  synthetic: boolean,
  live: LiveLines,
  signal: AbortSignal,
): Promise<Shift> {
  const { messages } = source;
  if ((time ?? (synthetic ? 'now' : 'recorded')) === 'recorded') return { shiftMs: 0, messages };
  const known = newest ?? source.newest;
  if (known !== undefined) return { shiftMs: Date.now() - known, messages };
  if (!source.repeatable)
    throw new UsageError('standard input cannot be read twice: --time now needs --newest <time> with it');
  console.error(`Reading ${source.description} for its newest time; --newest <time> spares this.`);
  const show = (read: number): void => {
    if (read % SHOW_EVERY === 0) live.show([`  ${read.toLocaleString('en-US')} messages looked at`]);
  };
  const span = await findSpan(source, show, signal);
  live.end();
  if (!span) throw new UsageError(`${source.description} has no times that could be moved`);
  return { shiftMs: Date.now() - span.newest, messages: span.messages };
}
