import type { AgriId } from '@furrow/contracts';
import type { FactorDay } from '@furrow/timeseries';

/** A piece of the work: neighbouring factors, in the order of their agri_ids, and their points of one UTC day. */
export interface Block {
  readonly day: number;
  /** At least one. */
  readonly factors: readonly FactorDay[];
  readonly points: number;
}

/** Above either limit a block is full; a single factor with more points is a block alone. */
const MOST_FACTORS = 500;
const MOST_POINTS = 50_000;

/** Splits a day's factors, in order, into blocks. A factor that is done is in none, and no block reaches over one. */
export function blocksOf(
  day: number,
  factors: readonly FactorDay[],
  done: ReadonlySet<AgriId> = new Set(),
): Block[] {
  const blocks: Block[] = [];
  let open: FactorDay[] = [];
  let points = 0;
  const close = () => {
    if (open.length > 0) blocks.push({ day, factors: open, points });
    open = [];
    points = 0;
  };
  for (const factor of factors) {
    if (done.has(factor.agriId)) {
      close();
      continue;
    }
    if (open.length >= MOST_FACTORS || points + factor.points > MOST_POINTS) close();
    open.push(factor);
    points += factor.points;
  }
  close();
  return blocks;
}
