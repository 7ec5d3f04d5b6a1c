import { setTimeout as sleep } from 'node:timers/promises';
import { compareHistory, type Difference, type FactorComparison } from './compare-history.ts';
import type { ExpectedHistories } from './expectations.ts';
import type { HistoryReader } from './history-reader.ts';

/** Factors that are read at a time. */
const READERS = 8;
/** Pause before what is missing is read again. */
const AGAIN_MS = 500;

/** What reading everything back found: the sums over all factors, and the first difference of each kind. */
export interface Verification extends FactorComparison {
  /** Where the points were read. */
  readonly from: string;
  readonly factors: number;
}

export interface VerifyOptions {
  readonly expectations: ExpectedHistories;
  readonly reader: HistoryReader;
  /** How long missing points are waited for, milliseconds. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/**
 * Reads every expected point back. Factors of which points are missing are read again until they are there or the patience is over, for
 * the last readings may still be on their way. Rejects when reading fails.
 */
export async function verifyPoints(options: VerifyOptions): Promise<Verification> {
  const { expectations, reader, signal } = options;
  const until = performance.now() + options.patienceMs;
  const results = new Map<string, FactorComparison>();
  let left = expectations.factors;
  for (;;) {
    await eachOf(left, READERS, async (factor) => {
      signal.throwIfAborted();
      const pages = reader.read(factor, expectations.oldestOf(factor) ?? 0, signal);
      results.set(factor, await compareHistory(factor, expectations.pointsOf(factor), pages));
    });
    left = left.filter((factor) => (results.get(factor)?.missing ?? 0) > 0);
    if (left.length === 0 || performance.now() >= until) break;
    await sleep(AGAIN_MS, undefined, { signal });
  }
  return sumUp(reader.description, [...results.values()]);
}

function sumUp(from: string, results: readonly FactorComparison[]): Verification {
  const sum = { expected: 0, read: 0, right: 0, missing: 0, wrong: 0, duplicate: 0, others: 0, contested: 0 };
  const first: { firstMissing?: Difference; firstWrong?: Difference; firstDuplicate?: Difference } = {};
  for (const result of results) {
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += result[name];
    if (result.firstMissing) first.firstMissing ??= result.firstMissing;
    if (result.firstWrong) first.firstWrong ??= result.firstWrong;
    if (result.firstDuplicate) first.firstDuplicate ??= result.firstDuplicate;
  }
  return { from, factors: results.length, ...sum, ...first };
}

/** Runs `work` on every item, `width` at a time. Rejects with the first error. */
async function eachOf<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items.values();
  const worker = async (): Promise<void> => {
    for (const item of iterator) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
