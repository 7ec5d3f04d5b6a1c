import type { AgriId } from '@furrow/contracts';
import type { InfluxDatabase } from './database.ts';
import { FACTOR_TAG, FACTORS_PER_QUERY, isFactor, rowsByFactor } from './factor-rows.ts';
import { timeRange } from './influxql.ts';

/** The stored versions of keys: by factor, by time. */
export type StoredVersions = ReadonlyMap<AgriId, ReadonlyMap<number, number>>;

/** Rows that one statement may give, over all its factors. */
const ROWS_PER_QUERY = 100_000;
/** Factors go together whose next times are this near: every one's rows are read from the earliest of them on. */
const TOGETHER_MS = 86_400_000;

/** One factor's times that are still to be looked up, rising, from position `at` on. */
interface Search {
  readonly agriId: AgriId;
  readonly times: readonly number[];
  at: number;
}

/**
 * The versions that are stored under these keys; keys without one are left out. Reads ranges, for a statement cannot name many times:
 * factors with like times go together, each gets a bounded number of rows, and one with more in its range goes on at its next wanted time.
 */
export async function readVersions(
  database: InfluxDatabase,
  keys: ReadonlyMap<AgriId, readonly number[]>,
  signal?: AbortSignal,
): Promise<StoredVersions> {
  const found = new Map<AgriId, Map<number, number>>();
  let searches: Search[] = [...keys].map(([agriId, times]) => {
    return { agriId, times: [...new Set(times)].sort((a, b) => a - b), at: 0 };
  });
  while (searches.length > 0) {
    searches.sort((a, b) => nextTime(a) - nextTime(b));
    for (const part of partsOf(searches)) await readPart(database, part, found, signal);
    searches = searches.filter(({ times, at }) => at < times.length);
  }
  return found;
}

/** Splits searches, sorted by their next time, into those that one statement serves well. */
function partsOf(searches: readonly Search[]): Search[][] {
  const parts: Search[][] = [];
  for (const search of searches) {
    const part = parts.at(-1);
    const [first] = part ?? [];
    const fits = first !== undefined && nextTime(search) < nextTime(first) + TOGETHER_MS;
    if (part !== undefined && fits && part.length < FACTORS_PER_QUERY) part.push(search);
    else parts.push([search]);
  }
  return parts;
}

async function readPart(
  database: InfluxDatabase,
  searches: readonly Search[],
  found: Map<AgriId, Map<number, number>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limit = Math.floor(ROWS_PER_QUERY / searches.length);
  const from = Math.min(...searches.map(nextTime));
  const to = Math.max(...searches.map(({ times }) => times.at(-1) ?? from));
  const factors = isFactor(searches.map(({ agriId }) => agriId));
  const rows = rowsByFactor(
    await database.select(
      `SELECT "version" FROM ${database.points} WHERE ${factors} AND ${timeRange(from, to)} GROUP BY "${FACTOR_TAG}" LIMIT ${limit}`,
      signal,
    ),
  );
  for (const search of searches) {
    const { agriId, times } = search;
    const stored = rows.get(agriId) ?? [];
    const wanted = new Set(times);
    const versions = found.get(agriId) ?? new Map<number, number>();
    for (const { time, version } of stored) {
      if (wanted.has(Number(time))) versions.set(Number(time), Number(version ?? Number.NEGATIVE_INFINITY));
    }
    found.set(agriId, versions);
    const seenUntil = stored.length < limit ? to : Number(stored.at(-1)?.['time'] ?? to);
    while (search.at < times.length && nextTime(search) <= seenUntil) search.at += 1;
  }
}

function nextTime({ times, at }: Search): number {
  return times[at] ?? Number.POSITIVE_INFINITY;
}
