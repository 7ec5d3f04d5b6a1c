import type { AgriId } from '@furrow/contracts';
import type { PointStore } from '@furrow/timeseries';
import type { ExpectedPoint, SoakLoad } from './load.ts';

/** Factors read at a time. */
const READERS = 4;
const PAGE_SIZE = 10_000;
/** Differences that are spelled out; the rest is counted. */
const MOST_NAMED = 5;

export interface StoreCheck {
  readonly expected: number;
  readonly read: number;
  /** Empty when each point that was not refused reads once, with its value, and nothing else does. */
  readonly problems: readonly string[];
}

/** Reads the whole history of every factor and compares it with what was sent. */
export async function checkStore(store: PointStore, load: SoakLoad): Promise<StoreCheck> {
  const byFactor = new Map<AgriId, ExpectedPoint[]>();
  for (let number = 0; number < load.messages; number += 1) {
    for (const point of load.points(number)) {
      if (point.refused) continue;
      const points = byFactor.get(point.agriId);
      if (points === undefined) byFactor.set(point.agriId, [point]);
      else points.push(point);
    }
  }
  const factors = [...byFactor];
  const differences: string[] = [];
  let read = 0;
  const work = async () => {
    for (let next = factors.pop(); next !== undefined; next = factors.pop()) {
      const [agriId, expected] = next;
      const found = await readHistory(store, agriId);
      read += found.length;
      differences.push(...compare(agriId, expected, found));
    }
  };
  await Promise.all(Array.from({ length: READERS }, work));
  const expected = [...byFactor.values()].reduce((sum, points) => sum + points.length, 0);
  const more = differences.length - MOST_NAMED;
  const problems = differences.slice(0, MOST_NAMED);
  return { expected, read, problems: more > 0 ? [...problems, `… and ${more} more`] : problems };
}

type Found = readonly (readonly [t: number, value: number])[];

async function readHistory(store: PointStore, agriId: AgriId): Promise<Found> {
  const found: (readonly [number, number])[] = [];
  for (let page = 1; ; page += 1) {
    const { total, points } = await store.history({ agriId, page, pageSize: PAGE_SIZE, minT: 0 });
    found.push(...points.map(({ t, value }) => [t, value] as const));
    if (found.length >= total || points.length === 0) return found;
  }
}

function compare(agriId: AgriId, expected: readonly ExpectedPoint[], found: Found): string[] {
  const values = new Map(found);
  const differences = expected.flatMap(({ t, value }) => {
    const read = values.get(t);
    if (Object.is(read, value)) return [];
    return [`${agriId} at ${t}: ${value} was sent, ${read ?? 'nothing'} was read`];
  });
  const extra = found.length - expected.length;
  if (differences.length === 0 && extra !== 0) {
    differences.push(`${agriId}: ${extra} points were read that nobody sent, or sent once and read twice`);
  }
  return differences;
}
