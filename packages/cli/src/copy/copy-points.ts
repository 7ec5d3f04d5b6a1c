import type { PointStore } from '@furrow/timeseries';
import { type Block, blocksOf } from './blocks.ts';
import { copyBlock } from './copy-block.ts';
import { factorsOn } from './copy-plan.ts';
import type { CopyTally } from './copy-tally.ts';
import { inParallel } from './in-parallel.ts';
import type { Journal } from './journal.ts';
import type { PatienceLimits } from './patience.ts';
import { isSelected, type Selection } from './selection.ts';
import { verifyBlock } from './verify-block.ts';
import { isFaulty, VerifyTally } from './verify-tally.ts';

/** Blocks that are under way at once: enough that reading and writing overlap, and a bound for what is in memory. */
const BLOCKS_AT_ONCE = 4;

/** Two stores, what of them is meant, and how to stop. */
export interface CopyJob {
  readonly from: Pick<PointStore, 'factorsOn' | 'scan'>;
  readonly to: Pick<PointStore, 'write' | 'scan'>;
  readonly selection: Selection;
  /** Days with points, oldest first. */
  readonly days: readonly number[];
  readonly limits: PatienceLimits;
  /** Fires to stop; the job fires it itself after an error. */
  readonly stop: AbortController;
  /** Told how many points are dealt with so far. */
  readonly onProgress: (points: number) => void;
}

/**
 * Copies every block that the journal does not have, and enters it there. Rejects with the first error after all that was under way has
 * ended; the tally then has what was copied until then.
 */
export async function copyPoints(job: CopyJob, journal: Journal, tally: CopyTally): Promise<void> {
  let done = 0;
  const onPoints = (points: number) => {
    done += points;
    job.onProgress(done);
  };
  const { from, to, limits, stop } = job;
  const run = { from, to, limits, signal: stop.signal, onPoints };
  await inParallel(
    blocks(job, journal, onPoints),
    BLOCKS_AT_ONCE,
    async (block) => {
      const copied = await copyBlock(run, block);
      await journal.done(block, copied.points);
      tally.add(copied);
    },
    stop,
  );
}

/** Compares every block in both stores. What is missing or wrong is entered into the journal as to be copied again. */
export async function verifyPoints(job: CopyJob, journal: Journal | undefined): Promise<VerifyTally> {
  const tally = new VerifyTally();
  const { from, to, limits, stop } = job;
  const run = { from, to, limits, signal: stop.signal };
  await inParallel(
    blocks(job),
    BLOCKS_AT_ONCE,
    async (block) => {
      const verdict = await verifyBlock(run, block);
      tally.add(verdict);
      if (verdict.differences.some(isFaulty)) await journal?.again(block);
      job.onProgress(tally.points);
    },
    stop,
  );
  return tally;
}

/** The blocks of all days, without those that the journal has as done. */
async function* blocks(
  { from, selection, days, limits, stop }: CopyJob,
  journal?: Journal,
  onDone?: (points: number) => void,
): AsyncGenerator<Block> {
  for (const day of days) {
    const all = await factorsOn({ from, limits, signal: stop.signal }, day);
    const factors = all.filter((factor) => isSelected(selection, factor));
    const done = journal?.doneOf(day, factors);
    onDone?.(factors.reduce((sum, { agriId, points }) => sum + (done?.has(agriId) ? points : 0), 0));
    yield* blocksOf(day, factors, done);
  }
}
