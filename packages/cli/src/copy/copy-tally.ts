import type { Point } from '@furrow/contracts';

/** Points that the destination refused for one reason. */
export interface Refusals {
  count: number;
  /** The first few, as `agri_id at time`. */
  readonly examples: string[];
}

const MOST_EXAMPLES = 3;
/** Reasons may name the point they are about: beyond this many, further ones are counted together. */
const MOST_REASONS = 20;
const OTHER_REASONS = 'other reasons';

/** What became of the points that were read. */
export class CopyTally {
  stored = 0;
  alreadyStored = 0;
  /** Refused because they grew older than the retention. */
  expired = 0;
  readonly refused = new Map<string, Refusals>();

  get points(): number {
    return this.stored + this.alreadyStored + this.expired + this.refusedPoints;
  }

  get refusedPoints(): number {
    return [...this.refused.values()].reduce((sum, { count }) => sum + count, 0);
  }

  refuse(point: Point, message: string): void {
    const refusals = this.#refusals(message);
    refusals.count += 1;
    if (refusals.examples.length < MOST_EXAMPLES) {
      refusals.examples.push(`${point.agriId} at ${new Date(point.t).toISOString()}`);
    }
  }

  add(other: CopyTally): void {
    this.stored += other.stored;
    this.alreadyStored += other.alreadyStored;
    this.expired += other.expired;
    for (const [message, { count, examples }] of other.refused) {
      const refusals = this.#refusals(message);
      refusals.count += count;
      refusals.examples.push(...examples.slice(0, MOST_EXAMPLES - refusals.examples.length));
    }
  }

  #refusals(message: string): Refusals {
    const reason = this.refused.has(message) || this.refused.size < MOST_REASONS ? message : OTHER_REASONS;
    const refusals = this.refused.get(reason) ?? { count: 0, examples: [] };
    this.refused.set(reason, refusals);
    return refusals;
  }
}
