import type { AgriId } from '@furrow/contracts';
import type { ScannedPoint, ScanQuery } from '@furrow/timeseries';
import type { VerifyRun } from './verify-block.ts';

/** How a factor's day at the destination differs from the source, in points. */
export interface FactorDifference {
  readonly agriId: AgriId;
  readonly day: number;
  /** At the source only. */
  missing: number;
  /** Another value under the same version, or an older version. */
  wrong: number;
  /** At the destination in a newer version. No fault: somebody writes there already. */
  newer: number;
  /** At the destination only. No fault either. */
  more: number;
  /** The first point that is missing or wrong, for people. */
  example: string | undefined;
}

/** Compares factors point by point; those in which nothing differs any more are left out. Holds the source's points in memory. */
export async function compareFactors(
  { from, to, signal }: Pick<VerifyRun, 'from' | 'to' | 'signal'>,
  query: ScanQuery,
  floor: number,
): Promise<FactorDifference[]> {
  const expected = new Map(query.agriIds.map((agriId) => [agriId, new Map<number, ScannedPoint>()]));
  for await (const chunk of from.scan(query, signal)) {
    for (const point of chunk) if (point.t >= floor) expected.get(point.agriId)?.set(point.t, point);
  }
  const differences = new Map(query.agriIds.map((agriId) => [agriId, noDifference(agriId, query.day)]));
  for await (const chunk of to.scan(query, signal)) {
    for (const point of chunk) {
      const difference = differences.get(point.agriId);
      const points = expected.get(point.agriId);
      if (point.t < floor || difference === undefined || points === undefined) continue;
      judge(difference, points.get(point.t), point);
      points.delete(point.t);
    }
  }
  for (const [agriId, points] of expected) {
    const difference = differences.get(agriId);
    if (difference === undefined) continue;
    difference.missing += points.size;
    const [first] = points.values();
    if (first !== undefined) difference.example ??= `${timeOf(first)} is missing`;
  }
  return [...differences.values()].filter((one) => one.missing + one.wrong + one.newer + one.more > 0);
}

function noDifference(agriId: AgriId, day: number): FactorDifference {
  return { agriId, day, missing: 0, wrong: 0, newer: 0, more: 0, example: undefined };
}

function judge(difference: FactorDifference, expected: ScannedPoint | undefined, found: ScannedPoint): void {
  if (expected === undefined) difference.more += 1;
  else if (found.version > expected.version) difference.newer += 1;
  else if (found.version < expected.version) {
    difference.wrong += 1;
    difference.example ??= `${timeOf(found)} is an older version, ${found.version} for ${expected.version}`;
  } else if (!Object.is(found.value, expected.value)) {
    difference.wrong += 1;
    difference.example ??= `${timeOf(found)} is ${show(found.value)} for ${show(expected.value)}`;
  }
}

function timeOf({ t }: ScannedPoint): string {
  return new Date(t).toISOString();
}

function show(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
