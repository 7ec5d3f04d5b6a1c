import type { AgriId } from '@furrow/contracts';
import { pointKey, type SentLedger } from './sent-ledger.ts';

/** A point as a read shows it. */
export interface ShownPoint {
  /** Milliseconds since 1970 UTC. */
  readonly t: number;
  readonly value: number;
}

/** What is wrong with the points that reads show; a line each, every list empty when all is well. */
export interface PointDifferences {
  /** Sent, not refused, and not shown. */
  readonly missing: readonly string[];
  /** Shown with another value than was sent. */
  readonly wrong: readonly string[];
  /** Keys that are shown more than once. */
  readonly duplicates: readonly string[];
  /** Shown and never sent, or sent and to be refused. */
  readonly phantoms: readonly string[];
}

/**
 * Compares every point that was sent with every point that reads show of the same factors. `shown` holds a list for each factor that
 * was read; a factor that is not in it counts as empty, one that was never sent to as phantoms.
 */
export function auditPoints(
  sent: Pick<SentLedger, 'points'>,
  shown: ReadonlyMap<AgriId, readonly ShownPoint[]>,
): PointDifferences {
  const missing: string[] = [];
  const wrong: string[] = [];
  const duplicates: string[] = [];
  const phantoms: string[] = [];
  for (const agriId of new Set([...sent.points.keys(), ...shown.keys()])) {
    const expected = sent.points.get(agriId) ?? new Map<number, number>();
    const seen = new Set<number>();
    for (const { t, value } of shown.get(agriId) ?? []) {
      const key = pointKey(agriId, t);
      const right = expected.get(t);
      if (seen.has(t)) duplicates.push(`${key} is shown again, with ${value}`);
      else if (right === undefined) phantoms.push(`${key} has ${value} and was never sent`);
      else if (!Object.is(value, right)) wrong.push(`${key} has ${value} instead of ${right}`);
      seen.add(t);
    }
    for (const [t, value] of expected)
      if (!seen.has(t)) missing.push(`${pointKey(agriId, t)} with ${value} is missing`);
  }
  return { missing, wrong, duplicates, phantoms };
}
