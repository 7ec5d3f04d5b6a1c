import type { AgriId } from '@furrow/contracts';
import { type PointStore, retentionFloor } from '@furrow/timeseries';
import type { Block } from './blocks.ts';
import { Checksum } from './checksum.ts';
import { compareFactors, type FactorDifference } from './compare-factors.ts';
import { type PatienceLimits, patiently } from './patience.ts';

/** Two stores that are being compared. */
export interface VerifyRun {
  readonly from: Pick<PointStore, 'scan'>;
  readonly to: Pick<PointStore, 'scan'>;
  readonly limits: PatienceLimits;
  readonly signal: AbortSignal;
}

/** What the comparison of one block found. */
export interface BlockVerdict {
  readonly factors: number;
  /** Points of the source that were compared. */
  readonly points: number;
  /** Factors whose counts or checksums differ, the harmless ones among them. */
  readonly differences: readonly FactorDifference[];
}

/** Points that expire this soon are not compared: one store might hide them before the other is read. */
const EXPIRES_SOON_MS = 15 * 60_000;
/** Points of both stores that are compared one by one at a time. */
const MOST_COMPARED = 200_000;

/**
 * Compares a block in both stores by count and checksum of each factor, and point by point where these differ. The source is read
 * first, so that a point which is written to the source alone shows as missing at the next time, not now.
 */
export async function verifyBlock(run: VerifyRun, { day, factors }: Block): Promise<BlockVerdict> {
  const { limits, signal } = run;
  const floor = retentionFloor(Date.now()) + EXPIRES_SOON_MS;
  const agriIds = factors.map(({ agriId }) => agriId);
  const read = (what: string, store: VerifyRun['from'], ids: readonly AgriId[]) =>
    patiently(
      `the ${what} cannot be read`,
      () => checksums(store, { day, agriIds: ids }, floor, signal),
      limits,
      signal,
    );
  const source = await read('source', run.from, agriIds);
  const destination = await read('destination', run.to, agriIds);
  let points = 0;
  let part: AgriId[] = [];
  let partPoints = 0;
  const differences: FactorDifference[] = [];
  const compare = async () => {
    const ids = part;
    part = [];
    partPoints = 0;
    if (ids.length === 0) return;
    const trouble = 'a store cannot be read';
    const found = await patiently(
      trouble,
      () => compareFactors(run, { day, agriIds: ids }, floor),
      limits,
      signal,
    );
    differences.push(...found);
  };
  for (const agriId of agriIds) {
    const [expected, found] = [source.get(agriId), destination.get(agriId)];
    points += expected?.count ?? 0;
    if (expected === undefined || found === undefined || expected.equals(found)) continue;
    const size = expected.count + found.count;
    if (partPoints + size > MOST_COMPARED) await compare();
    part.push(agriId);
    partPoints += size;
  }
  await compare();
  return { factors: factors.length, points, differences };
}

async function checksums(
  store: VerifyRun['from'],
  query: { readonly day: number; readonly agriIds: readonly AgriId[] },
  floor: number,
  signal: AbortSignal,
): Promise<Map<AgriId, Checksum>> {
  const sums = new Map(query.agriIds.map((agriId) => [agriId, new Checksum()]));
  for await (const chunk of store.scan(query, signal)) {
    for (const point of chunk) if (point.t >= floor) sums.get(point.agriId)?.add(point);
  }
  return sums;
}
