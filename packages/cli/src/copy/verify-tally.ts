import type { FactorDifference } from './compare-factors.ts';
import type { BlockVerdict } from './verify-block.ts';

/** Factor-days that a report names; the others are counted. */
const MOST_NAMED = 10;

/** The sum of what the comparison of two stores found. */
export class VerifyTally {
  /** Factors' days that were compared, and the source's points in them. */
  factorDays = 0;
  points = 0;
  missing = 0;
  wrong = 0;
  /** Points of which the destination has a newer version, and points that it alone has. */
  newer = 0;
  more = 0;
  /** Factors' days with missing or wrong points. */
  faultyFactorDays = 0;
  readonly named: FactorDifference[] = [];

  get ok(): boolean {
    return this.faultyFactorDays === 0;
  }

  add({ factors, points, differences }: BlockVerdict): void {
    this.factorDays += factors;
    this.points += points;
    for (const difference of differences) {
      this.missing += difference.missing;
      this.wrong += difference.wrong;
      this.newer += difference.newer;
      this.more += difference.more;
      if (!isFaulty(difference)) continue;
      this.faultyFactorDays += 1;
      if (this.named.length < MOST_NAMED) this.named.push(difference);
    }
  }
}

/** True when the destination lacks something that the source has. */
export function isFaulty({ missing, wrong }: FactorDifference): boolean {
  return missing + wrong > 0;
}
